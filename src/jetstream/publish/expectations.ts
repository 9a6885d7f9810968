import { type ByteString, toText } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import { filterOf } from '../store/filter.ts';
import type { MessageStore } from '../store/store.ts';
import { HEADER, type PublishHeaders } from './publish-headers.ts';
import { readTimeToLive } from './time-to-live.ts';

/** What the headers of a publish are held against. */
export interface Expected {
  readonly name: ByteString;
  readonly store: MessageStore;
  readonly allowRollup: boolean;
  readonly allowTtl: boolean;
  readonly allowSchedules: boolean;
  /** The subjects that it takes messages on. */
  readonly subjects: readonly string[];
  readonly allowCounter: boolean;
  /** Id of the last message, empty when it had none. */
  readonly lastMsgId: string;
  /** Whether a stored message asks to be sent later. */
  isSchedule(seq: number): boolean;
}

/**
 * What the headers ask of the stream, before the message is looked up in the duplicate window. The order is that of
 * 2.14.5 (measured pair by pair).
 */
export function checkBeforeDuplicates(
  headers: PublishHeaders,
  subject: ByteString,
  on: Expected,
): JsError | undefined {
  if (headers.has(HEADER.expectedStream) && headers.text(HEADER.expectedStream) !== on.name) {
    return jsError('JSStreamNotMatchErr');
  }
  if (!on.allowTtl && (timeToLiveOf(headers) ?? 0) > 0) return jsError('JSMessageTTLDisabledErr');
  return checkSequences(headers, subject, on.store);
}

/** What the headers ask of the stream once it is known that the message is not a duplicate. */
export function checkAfterDuplicates(headers: PublishHeaders, on: Expected): JsError | undefined {
  if (headers.has(HEADER.expectedLastMsgId) && headers.text(HEADER.expectedLastMsgId) !== on.lastMsgId) {
    return jsError('JSStreamWrongLastMsgIDErrF', { id: toText(on.lastMsgId as ByteString) });
  }
  return checkRollup(headers, on.allowRollup);
}

/** Seconds that a message may live, 0 without such a header, `undefined` when the header can not be read. */
export function timeToLiveOf(headers: PublishHeaders): number | undefined {
  return headers.has(HEADER.ttl) ? readTimeToLive(headers.text(HEADER.ttl) as ByteString) : 0;
}

/** Whether the header asks for a roll-up that there is, and that the stream permits. */
export function checkRollup(headers: PublishHeaders, allowed: boolean): JsError | undefined {
  if (!headers.has(HEADER.rollup)) return undefined;
  if (!allowed) return jsError('JSStreamRollupFailedF', { err: 'rollup not permitted' });
  const value = headers.text(HEADER.rollup);
  if (rollupOf(headers) !== undefined) return undefined;
  const err = `rollup value invalid: ${JSON.stringify(toText(value as ByteString))}`;
  return jsError('JSStreamRollupFailedF', { err });
}

/** What a rollup header asks to be purged, or `undefined` when there is none or it is not understood. */
export function rollupOf(headers: PublishHeaders): 'sub' | 'all' | undefined {
  if (!headers.has(HEADER.rollup)) return undefined;
  const value = headers.text(HEADER.rollup).toLowerCase();
  return value === 'sub' || value === 'all' ? value : undefined;
}

/** What the headers expect of the stream's last sequences. */
export function checkSequences(
  headers: PublishHeaders,
  subject: ByteString,
  store: MessageStore,
): JsError | undefined {
  const hasSequence = headers.has(HEADER.expectedLastSubjectSequence);
  const hasSubject = headers.has(HEADER.expectedLastSubjectSequenceSubject);
  if (hasSubject && !hasSequence) return jsError('JSStreamExpectedLastSeqPerSubjectInvalid');
  if (hasSequence) {
    const filter = headers.text(HEADER.expectedLastSubjectSequenceSubject) as ByteString;
    const actual = hasSubject ? store.lastOf(filterOf(filter)) : store.lastOnSubject(subject);
    const wrong = wrongSequence(headers.text(HEADER.expectedLastSubjectSequence), actual);
    if (wrong !== undefined) return wrong;
  }
  if (!headers.has(HEADER.expectedLastSequence)) return undefined;
  return wrongSequence(headers.text(HEADER.expectedLastSequence), store.lastSeq);
}

/** What is not a number differs from every sequence. */
export function wrongSequence(expected: string, actual: number): JsError | undefined {
  const isNumber = expected.length <= 16 && /^\d+$/.test(expected);
  if (isNumber && Number(expected) === actual) return undefined;
  return jsError('JSStreamWrongLastSequenceErrF', { seq: actual });
}
