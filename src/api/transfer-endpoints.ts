import { Message } from '../base/index.ts';
import { jsError, type ReplySink, type Restored, type Stream } from '../jetstream/index.ts';
import {
  type ByteString,
  EMPTY_BYTES,
  isLiteral,
  isValidSubject,
  toBytes,
  toText,
} from '../subjects/index.ts';
import { decodeConsumerConfig } from './consumer-body.ts';
import { type Endpoint, endpoint, type ResponseBody, SILENT } from './endpoint.ts';
import { errorText, responseText } from './errors.ts';
import { jsonRequired, payloadRaw } from './request-rule.ts';
import { RestoreRequest, SnapshotRequest } from './schemas.ts';
import type { House } from './scope.ts';
import { now, streamReply } from './stream-replies.ts';

/** What ends an upload answers as the creation of a stream does (measured on 2.14.5). */
const CREATED = 'stream_create_response';

/** The rows about copies of whole streams. */
export const TRANSFER_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    subject: '$JS.API.STREAM.SNAPSHOT.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonRequired(SnapshotRequest, 'JSApiStreamSnapshotRequest'),
    response: 'stream_snapshot_response',
    doc: 'Sends a backup of a stream in file storage in chunks to `deliver_subject`, each to be acknowledged.',
    effect: 'full',
    beforeBody({ jetstream }, { stream }) {
      jetstream.stream(stream);
    },
    handle({ jetstream }, call) {
      const { deliver_subject: deliver = '', chunk_size = 0, window_size = 0, no_consumers } = call.body;
      const subject = toBytes(deliver);
      if (subject === EMPTY_BYTES || !isValidSubject(subject) || !isLiteral(subject)) {
        throw jsError('JSSnapshotDeliverSubjectInvalidErr');
      }
      const options = {
        withConsumers: no_consumers !== true,
        chunkSize: chunk_size,
        windowSize: window_size,
      };
      jetstream.transfers.snapshot(call.tokens.stream, options, call.sink(subject), call.client());
      const stream = jetstream.stream(call.tokens.stream);
      return { config: stream.config, state: stream.state() };
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.RESTORE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonRequired(RestoreRequest, 'JSApiStreamRestoreRequest'),
    response: 'stream_restore_response',
    errorFields: { deliver_subject: '' },
    doc: 'Begins to restore a stream from a backup, whose chunks go to the subject in the answer.',
    effect: 'full',
    advisories: ['CVE-2022-26652', 'CVE-2026-33222'],
    handle({ jetstream }, call) {
      const { stream } = call.tokens;
      const config = call.body.config ?? {};
      if ((config.name ?? '') !== '' && toBytes(config.name ?? '') !== stream)
        throw jsError('JSStreamMismatchErr');
      if (/[/\\]/.test(stream)) throw jsError('JSStreamNameContainsPathSeparatorsErr');
      const named = { ...config, name: toText(stream) };
      const id = jetstream.transfers.restore(stream, named, call.client(), decodeConsumerConfig);
      return { deliver_subject: `$JS.SNAPSHOT.RESTORE.${named.name}.${id}` };
    },
  }),
  endpoint({
    subject: '$JS.SNAPSHOT.ACK.<stream>.<id>.<chunk…>',
    door: 'account-subject',
    lives: 'snapshot',
    hot: true,
    scope: 'account',
    request: payloadRaw(),
    doc: 'Acknowledges a chunk of a running backup.',
    effect: 'full',
    handle({ jetstream }, { tokens }) {
      const { stream, id, chunk } = tokens;
      jetstream.transfers.acknowledge(stream, id, Number(chunk.slice(chunk.indexOf('.') + 1)));
      return SILENT;
    },
  }),
  endpoint({
    subject: '$JS.SNAPSHOT.RESTORE.<stream>.<id>',
    door: 'account-subject',
    lives: 'restore',
    hot: true,
    scope: 'account',
    request: payloadRaw(),
    response: CREATED,
    doc: 'Takes a chunk of a running restore; an empty one ends it.',
    effect: 'full',
    handle({ jetstream, house }, call) {
      const restore = jetstream.transfers.restoring(call.tokens.stream, call.tokens.id);
      const { buffer, payloadStart, end } = call.message;
      if (end === payloadStart) {
        const sink = call.sink();
        restore?.finish((outcome) => sendOutcome(sink, outcome, house));
      } else {
        restore?.take(buffer.subarray(payloadStart, end));
        call.answer(undefined, undefined);
      }
      return SILENT;
    },
  }),
];

/** Only from the run queue. */
function sendOutcome(sink: ReplySink, outcome: Restored, house: House): void {
  if (sink.subject === EMPTY_BYTES) return;
  const text =
    'error' in outcome
      ? errorText(CREATED, outcome.error)
      : responseText(CREATED, reply(outcome.stream, house));
  const payload = Buffer.from(text, 'utf8');
  const message = new Message();
  message.subject = sink.subject as ByteString;
  message.place(payload, 0, 0, payload.length);
  sink.send(message);
}

function reply(stream: Stream, house: House): ResponseBody {
  return { ...streamReply(stream, house), ts: now(house) };
}
