import { Message } from '../../base/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { Counting } from '../publish/counting.ts';
import type { MessageInHand } from '../publish/message-in-hand.ts';
import { HEADER } from '../publish/publish-headers.ts';
import type { Stream } from '../stream/stream.ts';
import type { BatchTaker } from './atomic-batches.ts';
import {
  type BatchOutlook,
  checkBatchHeaders,
  checkBatchRollup,
  checkBatchRoom,
  checkBatchSequences,
} from './batch-check.ts';

/** What stores a message that was checked. */
export interface Keeper {
  /** Stores the message in hand. @returns why not. */
  keep(message: Message): JsError | undefined;
}

/** The way of a message in an atomic batch: it is checked when the batch is whole, and stored when all passed. */
export class BatchSteps implements BatchTaker {
  readonly #stream: Stream;
  readonly #hand: MessageInHand;
  readonly #counting: Counting;
  readonly #keeper: Keeper;

  constructor(stream: Stream, hand: MessageInHand, counting: Counting, keeper: Keeper) {
    this.#stream = stream;
    this.#hand = hand;
    this.#counting = counting;
    this.#keeper = keeper;
  }

  checkSize(message: Message): JsError | undefined {
    return this.#hand.checkSize(message);
  }

  checkInBatch(message: Message, outlook: BatchOutlook): JsError | undefined {
    this.#hand.begin(message);
    const error =
      this.#checkHeaders(message, outlook) ??
      this.#counting.check('client') ??
      this.#hand.checkTimeToLive(message.subject);
    if (error !== undefined) return error;
    const kept = this.#counting.isOn ? this.#counted(message, outlook) : message;
    if (!(kept instanceof Message)) return kept;
    const wanted = this.#stream.isWanted(message.subject);
    const cost = wanted ? this.#hand.costOf(kept) : 0;
    const full = wanted ? checkBatchRoom(this.#stream, message.subject, cost, outlook) : undefined;
    if (full === undefined) outlook.passed(message.subject, this.#hand.headers.text(HEADER.msgId), cost);
    return full;
  }

  storeInBatch(message: Message): number | JsError {
    const hand = this.#hand;
    hand.begin(message);
    // Asked again, because the window remembers what it was asked for last.
    hand.isKnown();
    return (
      hand.checkSchedule(message.subject) ??
      hand.checkTimeToLive(message.subject) ??
      this.#keeper.keep(message) ??
      hand.seq
    );
  }

  #checkHeaders(message: Message, outlook: BatchOutlook): JsError | undefined {
    const { headers } = this.#hand;
    const { subject } = message;
    const stream = this.#stream;
    const error = checkBatchHeaders(headers, message.end - message.payloadStart, stream);
    if (error !== undefined) return error;
    const hasId = headers.has(HEADER.msgId);
    if (hasId && (outlook.hasId(headers.text(HEADER.msgId)) || this.#hand.isKnown())) {
      return jsError('JSAtomicPublishContainsDuplicateMessageErr');
    }
    return (
      checkBatchSequences(headers, subject, stream, outlook) ??
      this.#hand.checkSchedule(subject) ??
      checkBatchRollup(headers, subject, stream, outlook)
    );
  }

  /** The message that a counter will store, when those before it in the batch have raised the counter. */
  #counted(message: Message, { values }: BatchOutlook): Message | JsError {
    const { subject } = message;
    const counted = this.#counting.raised(message, values.get(subject));
    if (counted instanceof Message) values.set(subject, this.#counting.value);
    return counted;
  }
}
