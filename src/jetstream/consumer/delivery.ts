import { instantNanos, type Message, withHeader } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import type { MessageView } from '../store/message-view.ts';

/**
 * The reply subject of a delivery: `$JS.ACK.<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<ts ns>.<pending>`
 * (measured on 2.14.5). `prefix` ends with the dot behind the consumer.
 */
export function ackReply(
  prefix: string,
  delivered: number,
  view: MessageView,
  consumerSeq: number,
  pending: number,
): ByteString {
  return `${prefix}${delivered}.${view.seq}.${consumerSeq}.${instantNanos(view)}.${pending}` as ByteString;
}

/** Points a message at a stored one. With `headersOnly` the payload is replaced by its size in a header. */
export function fill(message: Message, view: MessageView, reply: ByteString, headersOnly: boolean): void {
  message.subject = view.subject;
  message.reply = reply;
  if (!headersOnly) {
    message.place(view.buffer, view.headerStart, view.payloadStart, view.end);
    return;
  }
  const own = view.buffer.subarray(view.headerStart, view.payloadStart);
  const header = withHeader(own, 'Nats-Msg-Size', String(view.end - view.payloadStart));
  message.place(header, 0, header.length, header.length);
}
