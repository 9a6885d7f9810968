import { formatInstant } from '../base/index.ts';
import { jsError, type StoredMessage } from '../jetstream/index.ts';
import { toText } from '../subjects/index.ts';
import { directGet, directGetLast } from './direct-get.ts';
import { type Endpoint, endpoint, type ResponseBody, SILENT } from './endpoint.ts';
import { findMessage, namesOneMessage } from './message-query.ts';
import { jsonRequired, payloadRaw } from './request-rule.ts';
import { MessageDeleteRequest, MessageGetRequest } from './schemas.ts';

/** The rows about single messages. */
export const MESSAGE_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    subject: '$JS.API.STREAM.MSG.GET.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonRequired(MessageGetRequest, 'JSApiMsgGetRequest'),
    response: 'stream_msg_get_response',
    doc: 'One stored message, by sequence, by time, or the last or next of a subject.',
    effect: 'full',
    quiet: true,
    handle({ jetstream }, { tokens, body }) {
      const isBatch = (body.batch ?? 0) !== 0 || (body.max_bytes ?? 0) !== 0;
      if (isBatch || !namesOneMessage(body)) throw jsError('JSBadRequestErr');
      const found = findMessage(jetstream.stream(tokens.stream), body);
      if (found === undefined) throw jsError('JSNoMessageFoundErr');
      return { message: messageReply(found, body.no_hdr ?? false) };
    },
  }),
  endpoint({
    subject: '$JS.API.STREAM.MSG.DELETE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonRequired(MessageDeleteRequest, 'JSApiMsgDeleteRequest'),
    response: 'stream_msg_delete_response',
    doc: 'Deletes one message; its bytes are overwritten unless `no_erase` is set.',
    effect: 'full',
    handle({ jetstream }, { tokens, body }) {
      jetstream.stream(tokens.stream).deleteMessage(body.seq ?? 0, !(body.no_erase ?? false));
      return { success: true };
    },
  }),
  endpoint({
    subject: '$JS.API.DIRECT.GET.<stream>',
    door: 'account-subject',
    lives: 'direct-stream',
    staysInside: true,
    scope: 'account',
    request: payloadRaw(),
    doc: 'Stored messages as they are, with headers that say where they stand; exists for streams with allow_direct.',
    effect: 'full',
    handle({ jetstream }, call) {
      directGet(jetstream.stream(call.tokens.stream), call);
      return SILENT;
    },
  }),
  endpoint({
    subject: '$JS.API.DIRECT.GET.<stream>.<subject…>',
    door: 'account-subject',
    lives: 'direct-stream',
    staysInside: true,
    scope: 'account',
    request: payloadRaw(),
    doc: 'The last message of the subject that stands behind the stream.',
    effect: 'full',
    handle({ jetstream }, call) {
      directGetLast(jetstream.stream(call.tokens.stream), call.tokens.subject, call);
      return SILENT;
    },
  }),
];

function messageReply(found: StoredMessage, withoutHeader: boolean): ResponseBody {
  return {
    subject: toText(found.subject),
    seq: found.seq,
    hdrs: withoutHeader || found.header.length === 0 ? undefined : found.header.toString('base64'),
    data: found.payload.length === 0 ? undefined : found.payload.toString('base64'),
    time: formatInstant(found.time),
  };
}
