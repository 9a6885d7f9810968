import type { Message } from '../../base/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { MessageStore } from '../store/store.ts';
import { type CounterSources, originOf, readSources } from './counter-sources.ts';
import { HEADER, type PublishHeaders } from './publish-headers.ts';

/** What an increment looks like: any number of digits (accepted by 2.14.5, measured). */
const INCREMENT = /^[+-]?\d+$/;
const VALUE = /^-?\d+$/;
/**
 * Digits of a value at most: what increments in header blocks add up to, and some. A value that came from elsewhere (a
 * sourced message, a backup) may have a million, and each increment would read and write them all.
 */
const MOST_DIGITS = 66_000;
/** Bytes of a payload that has a value: spaces may stand in it. */
const MOST_BYTES = 2 * MOST_DIGITS;

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
  if (payload !== undefined && payload.length > MOST_BYTES) return undefined;
  try {
    const { val } = JSON.parse(payload?.toString() ?? '') as { val?: unknown };
    return typeof val === 'string' && val.length <= MOST_DIGITS && VALUE.test(val) ? BigInt(val) : undefined;
  } catch {
    return undefined;
  }
}

/** Where the counter of a subject has taken over from; measured: every increment carries that on. */
export function sourcesOn(store: MessageStore, subject: Message['subject']): CounterSources {
  const last = store.lastOnSubject(subject);
  return readSources((last === 0 ? undefined : store.copy(last)?.header) ?? Buffer.alloc(0));
}

/**
 * Takes over what the counter of another stream says. What was taken over before counts no second time, and what was
 * missed in between is made up for.
 * @returns by how much this counter rises; `undefined` when the message is not one of a counter.
 */
export function takeOver(message: Message, sources: CounterSources): bigint | undefined {
  const origin = originOf(message.copyHeader());
  const value = counterValue(message.copyPayload());
  if (origin === undefined || value === undefined) return undefined;
  const known = sources.get(origin.stream) ?? new Map<string, string>();
  const rise = value - BigInt(known.get(origin.subject) ?? '0');
  sources.set(origin.stream, known.set(origin.subject, String(value)));
  return rise;
}

/** Makes `to` the message that a counter stores: this header block, and the new value as payload. */
export function placeCounted(to: Message, message: Message, header: Buffer, value: bigint): Message {
  const bytes = Buffer.concat([header, Buffer.from(`{"val":"${value}"}`)]);
  to.subject = message.subject;
  to.reply = message.reply;
  to.place(bytes, 0, header.length, bytes.length);
  return to;
}
