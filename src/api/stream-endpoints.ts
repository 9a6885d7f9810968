import { limits } from '../base/index.ts';
import {
  jsError,
  type Stream,
  StreamDeletion,
  type StreamState,
  type SubjectCounts,
} from '../jetstream/index.ts';
import { type ByteString, overlaps, toBytes, toText } from '../subjects/index.ts';
import { AfterWork, type Endpoint, endpoint, type ResponseBody } from './endpoint.ts';
import { LIST_PAGE, NAMES_PAGE, NO_PAGE, pageOf, SUBJECTS_PAGE } from './paging.ts';
import { jsonDecoded, jsonOptions, payloadEmpty } from './request-rule.ts';
import {
  StreamCreateRequest,
  StreamInfoRequest,
  StreamListRequest,
  StreamNamesRequest,
  StreamPurgeRequest,
} from './schemas.ts';
import type { AccountContext } from './scope.ts';
import { now, streamEntry, streamReply } from './stream-replies.ts';

/** The rows about streams as a whole. */
export const STREAM_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    subject: '$JS.API.STREAM.CREATE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonDecoded(StreamCreateRequest, 'StreamConfigRequest'),
    response: 'stream_create_response',
    doc: 'Creates a stream; the same configuration again is no error.',
    effect: 'full',
    handle({ jetstream, house }, { tokens, body: { pedantic, ...config } }) {
      if (config.name !== toText(tokens.stream)) throw jsError('JSStreamMismatchErr');
      const { stream } = jetstream.createStream(config, pedantic ?? false);
      // Measured: every reply about a stream names the domain but this one.
      return { ...streamReply(stream, house), domain: undefined, ts: now(house), did_create: true };
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.UPDATE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonDecoded(StreamCreateRequest, 'StreamConfigRequest'),
    response: 'stream_update_response',
    doc: 'Changes the configuration of a stream.',
    effect: 'full',
    handle({ jetstream, house }, { tokens, body: { pedantic, ...config } }) {
      const asked = { ...config, name: config.name ?? '' };
      const stream = jetstream.updateStream(tokens.stream, asked, pedantic ?? false);
      const reply = (): ResponseBody => ({ ...streamReply(stream, house), ts: now(house) });
      return stream.trimmer.isBusy ? AfterWork.of(stream.trimmer, reply) : reply();
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.NAMES',
    door: 'system-service',
    scope: 'account',
    request: jsonOptions(StreamNamesRequest, 'JSApiStreamNamesRequest'),
    response: 'stream_names_response',
    errorFields: { ...NO_PAGE, streams: null },
    doc: 'Names of the streams, 1,024 a page; with `subject`, of those whose subjects overlap it.',
    effect: 'full',
    handle(context, { body }) {
      const { items, ...page } = pageOf(streamsByName(context, body.subject), body.offset, NAMES_PAGE);
      return { ...page, streams: items.length === 0 ? null : items.map((stream) => toText(stream.name)) };
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.LIST',
    door: 'system-service',
    scope: 'account',
    request: jsonOptions(StreamListRequest, 'JSApiStreamListRequest'),
    response: 'stream_list_response',
    errorFields: { ...NO_PAGE, streams: [] },
    doc: 'The streams with configuration and state, 256 a page.',
    effect: 'full',
    handle(context, { body }) {
      const { items, ...page } = pageOf(streamsByName(context, body.subject), body.offset, LIST_PAGE);
      return { ...page, streams: items.map((stream) => streamEntry(stream, context.house)) };
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.INFO.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonOptions(StreamInfoRequest, 'JSApiStreamInfoRequest'),
    response: 'stream_info_response',
    errorFields: NO_PAGE,
    doc: 'Configuration and state of a stream; on request messages per subject and deleted sequences.',
    effect: 'full',
    handle({ jetstream, house }, { tokens, body }) {
      const stream = jetstream.stream(tokens.stream);
      const { offset = 0, subjects_filter: filter = '', deleted_details: deletedDetails = false } = body;
      const reply = (page: ResponseBody, state: StreamState): ResponseBody => ({
        ...page,
        ...streamReply(stream, house, state, { cluster: { leader: house.serverName } }),
        ts: now(house),
      });
      if (filter === '') return reply(NO_PAGE, stream.state({ deletedDetails }));
      const start = Math.max(0, offset);
      const work = stream.subjectPage(toBytes(filter), start, SUBJECTS_PAGE);
      // Zeros when nothing matches (measured).
      const tell = ({ total, counts }: SubjectCounts): ResponseBody => {
        const page = total === 0 ? NO_PAGE : { total, offset: start, limit: SUBJECTS_PAGE };
        return reply(page, stream.state({ deletedDetails, subjects: counts }));
      };
      return work.step(limits.SUBJECTS_AT_ONCE) ? tell(work.result()) : AfterWork.of(work, tell);
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.DELETE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: payloadEmpty(),
    response: 'stream_delete_response',
    doc: 'Deletes a stream with its messages and consumers.',
    effect: 'full',
    handle({ jetstream }, { tokens }) {
      jetstream.stream(tokens.stream);
      const work = new StreamDeletion(jetstream, tokens.stream);
      const reply = (): ResponseBody => ({ success: true });
      return work.step(limits.CONSUMERS_AT_ONCE) ? reply() : AfterWork.of(work, reply);
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.PURGE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonOptions(StreamPurgeRequest, 'JSApiStreamPurgeRequest'),
    response: 'stream_purge_response',
    errorFields: { purged: 0 },
    doc: 'Removes messages: all, those of a subject, those below a sequence, or all but the last few.',
    effect: 'full',
    handle({ jetstream }, { tokens, body: { seq = 0, keep = 0, filter = '' } }) {
      if (seq > 0 && keep > 0) throw jsError('JSBadRequestErr');
      const stream = jetstream.stream(tokens.stream);
      const work = stream.purge({
        ...(filter === '' ? {} : { filter: toBytes(filter) }),
        ...(seq > 0 ? { seq } : {}),
        ...(keep > 0 ? { keep } : {}),
      });
      return AfterWork.of(work, (purged) => ({ success: true, purged }));
    },
  }),
];

function streamsByName({ jetstream }: AccountContext, subject: string | undefined): readonly Stream[] {
  const wanted = toBytes(subject ?? '');
  const streams = jetstream.streams.sorted();
  return wanted === '' ? streams : streams.filter((stream) => hasSubject(stream, wanted));
}

function hasSubject(stream: Stream, wanted: ByteString): boolean {
  return (stream.config.subjects ?? []).some((subject) => overlaps(toBytes(subject), wanted));
}
