import { ByteWriter, type Message, withHeader } from '../../base/index.ts';
import type { MessageView } from '../store/message-view.ts';

/** More than the five numbers of a reply subject take, with the dots between them. */
const NUMBERS_BYTES = 96;
const USUAL_BYTES = 512;

/** Written and used up within one delivery, which never nests. */
const reply = new ByteWriter(USUAL_BYTES);

/**
 * The reply subject of a delivery: `$JS.ACK.<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<ts ns>.<pending>`
 * (measured on 2.14.5). `prefix` ends with the dot behind the consumer. What is returned is good until the next one.
 */
export function ackReply(
  prefix: string,
  delivered: number,
  view: MessageView,
  consumerSeq: number,
  pending: number,
): ByteWriter {
  reply.begin(prefix.length + NUMBERS_BYTES);
  reply.text(prefix);
  reply.number(delivered);
  reply.text('.');
  reply.number(view.seq);
  reply.text('.');
  reply.number(consumerSeq);
  reply.text('.');
  reply.number(view.ms);
  reply.number(view.ns, 6);
  reply.text('.');
  reply.number(pending);
  return reply;
}

/** Points a message at a stored one, all but its reply subject. With `headersOnly` the payload is replaced by its size in a header. */
export function fill(message: Message, view: MessageView, headersOnly: boolean): void {
  message.subject = view.subject;
  if (!headersOnly) {
    message.place(view.buffer, view.headerStart, view.payloadStart, view.end);
    return;
  }
  const own = view.buffer.subarray(view.headerStart, view.payloadStart);
  const header = withHeader(own, 'Nats-Msg-Size', String(view.end - view.payloadStart));
  message.place(header, 0, header.length, header.length);
}
