import type { Message } from '../base/index.ts';
import { type JsError, jsError } from './errors.ts';
import { HEADER, type PublishHeaders } from './publish-headers.ts';
import type { MessageStore } from './store.ts';

/** What an increment looks like: any number of digits (accepted by 2.14.5, measured). */
const INCREMENT = /^[+-]?\d+$/;
const VALUE = /^-?\d+$/;

/** Headers that a message with an increment may not have: a counter takes every increment, whatever went before. */
const EXPECTING = [
  HEADER.expectedStream,
  HEADER.expectedLastSequence,
  HEADER.expectedLastSubjectSequence,
  HEADER.expectedLastSubjectSequenceSubject,
  HEADER.expectedLastMsgId,
  HEADER.rollup,
] as const;

/** What is wrong with the increment of a message, if it has one; first of all checks (measured on 2.14.5). */
export function checkIncrement(
  headers: PublishHeaders,
  payloadLength: number,
  allowed: boolean,
): JsError | undefined {
  if (!headers.has(HEADER.incr)) return undefined;
  if (!INCREMENT.test(headers.text(HEADER.incr))) return jsError('JSMessageIncrInvalidErr');
  if (!allowed) return jsError('JSMessageIncrDisabledErr');
  if (payloadLength > 0) return jsError('JSMessageIncrPayloadErr');
  return EXPECTING.some((header) => headers.has(header)) ? jsError('JSMessageIncrInvalidErr') : undefined;
}

/** The increment that a header gives, which {@link checkIncrement} has let pass. */
export function incrementOf(headers: PublishHeaders): bigint {
  const text = headers.text(HEADER.incr);
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}

/** What the counter of a subject stands at: 0 before its first message; `undefined` when that can not be read. */
export function counterOn(store: MessageStore, subject: Message['subject']): bigint | undefined {
  const last = store.lastOnSubject(subject);
  return last === 0 ? 0n : counterValue(store.copy(last)?.payload);
}

/** The number in `{"val":"…"}`. */
export function counterValue(payload: Buffer | undefined): bigint | undefined {
  try {
    const { val } = JSON.parse(payload?.toString() ?? '') as { val?: unknown };
    return typeof val === 'string' && VALUE.test(val) ? BigInt(val) : undefined;
  } catch {
    return undefined;
  }
}

/** Makes `to` the message that a counter stores: the sender's header block, and the new value as payload. */
export function placeCounted(to: Message, message: Message, value: bigint): Message {
  const header = message.copyHeader();
  const bytes = Buffer.concat([header, Buffer.from(`{"val":"${value}"}`)]);
  to.subject = message.subject;
  to.reply = message.reply;
  to.place(bytes, 0, header.length, bytes.length);
  return to;
}
