import { limits } from '../../base/index.ts';
import { type ByteString, isLiteral } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import { checkIncrement } from '../publish/counter.ts';
import {
  checkRollup,
  checkSequences,
  type Expected,
  rollupOf,
  timeToLiveOf,
  wrongSequence,
} from '../publish/expectations.ts';
import { HEADER, type PublishHeaders } from '../publish/publish-headers.ts';
import { full } from '../stream/room.ts';
import type { Stream } from '../stream/stream.ts';

/** What the messages of a batch that were checked already will have done to the stream when the next one comes. */
export class BatchOutlook {
  /** Messages before the one in hand. */
  messages = 0;
  bytes = 0;
  /** What counters will stand at. */
  readonly values = new Map<ByteString, bigint>();
  readonly #subjects = new Map<ByteString, number>();
  readonly #ids = new Set<string>();
  #compared = 0;

  writes(subject: ByteString): boolean {
    return this.#subjects.has(subject);
  }

  hasId(id: string): boolean {
    return this.#ids.has(id);
  }

  /** How many messages on a subject went before. */
  countOn(subject: ByteString): number {
    return this.#subjects.get(subject) ?? 0;
  }

  /**
   * Notes that so many subjects are to be compared with a pattern. All messages of a batch are checked at once: what
   * each of them may ask of the stream by itself, all together may not.
   * @returns false when that is too much.
   */
  compares(subjects: number): boolean {
    this.#compared += subjects;
    return this.#compared <= limits.MAX_SUBJECT_COMPARISONS;
  }

  /** Notes that the message in hand will be stored. @param cost what it counts for limits, bytes. */
  passed(subject: ByteString, id: string, cost: number): void {
    this.messages++;
    this.bytes += cost;
    this.#subjects.set(subject, this.countOn(subject) + 1);
    if (id !== '') this.#ids.add(id);
  }
}

/**
 * What the headers of a message ask of the stream it will find: the one there is, and the messages that go before it in
 * the batch. The order is that of 2.14.5 (measured pair by pair), which is another one than outside of batches.
 */
export function checkBatchHeaders(
  headers: PublishHeaders,
  payloadLength: number,
  on: Expected,
): JsError | undefined {
  if (headers.has(HEADER.expectedLastMsgId)) {
    return jsError('JSAtomicPublishUnsupportedHeaderBatchErr', { header: 'Nats-Expected-Last-Msg-Id' });
  }
  const counter = checkIncrement(headers, payloadLength, on.allowCounter);
  if (counter !== undefined) return counter;
  if (headers.has(HEADER.expectedStream) && headers.text(HEADER.expectedStream) !== on.name) {
    return jsError('JSStreamNotMatchErr');
  }
  return !on.allowTtl && timeToLiveOf(headers) !== 0 ? jsError('JSMessageTTLDisabledErr') : undefined;
}

/** What the headers expect of sequences. A subject that the batch itself writes can not be spoken of. */
export function checkBatchSequences(
  headers: PublishHeaders,
  subject: ByteString,
  on: Expected,
  outlook: BatchOutlook,
): JsError | undefined {
  if (headers.has(HEADER.expectedLastSequence)) {
    const text = headers.text(HEADER.expectedLastSequence);
    const wrong = wrongSequence(text, on.store.lastSeq + outlook.messages);
    if (wrong !== undefined) return wrong;
    if (outlook.messages > 0) return jsError('JSStreamWrongLastSequenceConstantErr');
  }
  if (headers.has(HEADER.expectedLastSubjectSequence)) {
    const named = headers.text(HEADER.expectedLastSubjectSequenceSubject) as ByteString;
    if (outlook.writes(named === '' ? subject : named))
      return jsError('JSStreamWrongLastSequenceConstantErr');
    if (named !== '' && !isLiteral(named) && !outlook.compares(on.store.numSubjects))
      return jsError('JSInsufficientResourcesErr');
  }
  return checkSequences(headers, subject, on.store);
}

/** A roll-up may not take out what the batch itself stores. */
export function checkBatchRollup(
  headers: PublishHeaders,
  subject: ByteString,
  on: Expected,
  outlook: BatchOutlook,
): JsError | undefined {
  const error = checkRollup(headers, on.allowRollup);
  if (error !== undefined) return error;
  const rollup = rollupOf(headers);
  const takesOwn = rollup === 'sub' ? outlook.writes(subject) : rollup === 'all' && outlook.messages > 0;
  return takesOwn ? jsError('JSStreamRollupFailedF', { err: `batch rollup ${rollup} invalid` }) : undefined;
}

/** Whether account and stream have room for the messages before and this one. */
export function checkBatchRoom(
  stream: Stream,
  subject: ByteString,
  cost: number,
  outlook: BatchOutlook,
): JsError | undefined {
  const { config, jetstream, store } = stream;
  if (!jetstream.hasRoom(config.storage, outlook.bytes + cost))
    return jsError('JSAccountResourcesExceededErr');
  if (config.discard !== 'new') return undefined;
  const perSubject = config.max_msgs_per_subject;
  const stored = store.countOnSubject(subject);
  if (config.discard_new_per_subject === true && stored + outlook.countOn(subject) >= perSubject) {
    return full('maximum messages per subject exceeded');
  }
  const replaces = perSubject > 0 && stored >= perSubject;
  if (config.max_msgs > 0 && store.messages + outlook.messages >= config.max_msgs && !replaces) {
    return full('maximum messages exceeded');
  }
  const exceeds = config.max_bytes > 0 && store.bytes + outlook.bytes + cost > config.max_bytes;
  return exceeds && !replaces ? full('maximum bytes exceeded') : undefined;
}
