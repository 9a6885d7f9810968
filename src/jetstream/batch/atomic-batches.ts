import { limits, Message, type Timer } from '../../base/index.ts';
import { type ByteString, toBytes, toText } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { ServerLimits } from '../limits.ts';
import type { PubAckWriter } from '../publish/pub-ack.ts';
import { HEADER, PublishHeaders } from '../publish/publish-headers.ts';
import type { Stream } from '../stream/stream.ts';
import type { BatchAllowance } from './batch-allowance.ts';
import { BatchOutlook } from './batch-check.ts';
import { type BatchHeaders, COMMIT_LINE, readBatchHeaders } from './batch-headers.ts';
import { StagedMessages } from './staged-messages.ts';

const ADVISORY = 'io.nats.jetstream.advisory.v1.stream_batch_abandoned';
/** What one message takes in the store at most besides its bytes, and what the store may grow by at once. */
const STORED_BYTES = 512;
const STORE_GROWTH = 4 * 1024 * 1024;
/** What the store's table of subjects may grow by at once, for each subject it has. */
const SUBJECT_GROWTH = 128;
/** The answer to a message that waits. */
const WAITS = Buffer.alloc(0);

/** What takes the messages of a batch when it is whole. */
export interface BatchTaker {
  /** Why a message can not be stored as it is, wherever it comes from. */
  checkSize(message: Message): JsError | undefined;
  /** Whether a message could be stored behind those that passed; notes it as passed if so. */
  checkInBatch(message: Message, outlook: BatchOutlook): JsError | undefined;
  /** Stores a message that was checked. @returns its sequence, or why not. */
  storeInBatch(message: Message): number | JsError;
}

/** Why a batch came to nothing before its end. */
type Reason = 'timeout' | 'large' | 'incomplete';

interface OpenBatch {
  readonly id: ByteString;
  readonly messages: StagedMessages;
  bytes: number;
  lastMs: number;
  timer: Timer | undefined;
}

/**
 * The atomic batches of one stream: messages with the same `Nats-Batch-Id` wait until one of them says that the batch
 * is whole; then all are checked, and all are stored or none. Bounded in messages, bytes, number and time.
 */
export class AtomicBatches {
  readonly #stream: Stream;
  readonly #taker: BatchTaker;
  readonly #acks: PubAckWriter;
  readonly #allowance: BatchAllowance;
  readonly #limits: ServerLimits;
  readonly #headers = new PublishHeaders();
  readonly #open = new Map<ByteString, OpenBatch>();
  readonly #message = new Message();
  /** Batches whose end is not told yet. */
  readonly #abandoned: { readonly id: ByteString; readonly reason: Reason }[] = [];

  constructor(stream: Stream, taker: BatchTaker, acks: PubAckWriter) {
    this.#stream = stream;
    this.#taker = taker;
    this.#acks = acks;
    this.#allowance = stream.jetstream.batches;
    this.#limits = stream.jetstream.server;
  }

  /** Takes a message that belongs to a batch. @returns the answer to it; `undefined` when it belongs to none. */
  receive(message: Message): Buffer | undefined {
    if (!message.hasHeader) return undefined;
    this.#headers.read(message.buffer, message.headerStart, message.payloadStart);
    if (!this.#headers.has(HEADER.batchId)) return undefined;
    const outcome = this.#take(message, readBatchHeaders(this.#headers));
    return Buffer.isBuffer(outcome) ? outcome : this.#acks.refused(outcome);
  }

  /** Tells of the batches that came to nothing, once their publishers have their answers. */
  tell(): void {
    for (const { id, reason } of this.#abandoned.splice(0)) this.#advise(id, reason);
  }

  /** Forgets every batch without a word: the stream ends, or takes none any more. */
  close(): void {
    for (const batch of this.#open.values()) this.#forget(batch);
  }

  #take(message: Message, said: BatchHeaders): Buffer | JsError {
    const known = this.#open.get(said.id);
    if (this.#stream.config.sealed) return jsError('JSStreamSealedErr');
    const tooBig = this.#taker.checkSize(message);
    if (tooBig !== undefined) return tooBig;
    if (said.id.length > limits.BATCH_ID_BYTES) return jsError('JSAtomicPublishInvalidBatchIDErr');
    if (said.sequence === undefined) return jsError('JSAtomicPublishMissingSeqErr');
    const misplaced = known === undefined ? this.#misplacedFirst(said) : this.#misplacedNext(known, said);
    if (misplaced !== undefined) return misplaced;
    if (said.commit === 'invalid') {
      if (known !== undefined) this.#forget(known);
      return jsError('JSAtomicPublishInvalidBatchCommitErr');
    }
    const batch = known ?? this.#begin(said.id);
    return batch instanceof Error ? batch : this.#add(batch, message, said);
  }

  /** A batch has no gaps, and no more messages than permitted; one that breaks this is over. */
  #misplacedNext(batch: OpenBatch, said: BatchHeaders): JsError | undefined {
    if (said.sequence !== batch.messages.length + 1) {
      this.#abandon(batch, 'incomplete');
      return jsError('JSAtomicPublishIncompleteBatchErr');
    }
    if (sizeOf(said) <= this.#limits.batchMessages) return undefined;
    this.#abandon(batch, 'large');
    return this.#tooLarge();
  }

  #misplacedFirst(said: BatchHeaders): JsError | undefined {
    if (sizeOf(said) > this.#limits.batchMessages) return this.#tooLarge();
    return said.sequence === 1 ? undefined : jsError('JSAtomicPublishIncompleteBatchErr');
  }

  #tooLarge(): JsError {
    return jsError('JSAtomicPublishTooLargeBatchErrF', { size: this.#limits.batchMessages });
  }

  #begin(id: ByteString): OpenBatch | JsError {
    if (this.#open.size >= this.#limits.batchesPerStream || !this.#allowance.open()) {
      return jsError('JSAtomicPublishTooManyInflight');
    }
    const batch: OpenBatch = { id, messages: new StagedMessages(), bytes: 0, lastMs: 0, timer: undefined };
    this.#open.set(id, batch);
    return batch;
  }

  #add(batch: OpenBatch, message: Message, { commit }: BatchHeaders): Buffer | JsError {
    if (commit !== 'without-this' && !this.#stage(batch, message)) {
      this.#abandon(batch, 'incomplete');
      return jsError('JSInsufficientResourcesErr');
    }
    if (commit !== undefined) return this.#finish(batch, commit === 'without-this');
    this.#touch(batch);
    return WAITS;
  }

  /** @returns false, and nothing changed, when there is no memory for it. */
  #stage(batch: OpenBatch, message: Message): boolean {
    const bytes = message.size + message.subject.length + limits.BATCH_MESSAGE_BYTES;
    if (!this.#allowance.reserve(bytes)) return false;
    batch.bytes += bytes;
    batch.messages.add(message);
    return true;
  }

  #finish(batch: OpenBatch, marksLast: boolean): Buffer | JsError {
    if (batch.messages.length === 0) {
      this.#abandon(batch, 'incomplete');
      return jsError('JSAtomicPublishIncompleteBatchErr');
    }
    const { messages } = batch;
    this.#forget(batch);
    // The last message says that it is the last one, also where another one said so for it (measured).
    if (marksLast) messages.extendLast(COMMIT_LINE);
    const outcome = this.#check(messages) ?? this.#store(messages);
    return outcome instanceof Error ? outcome : this.#acks.batch(outcome, toText(batch.id), messages.length);
  }

  #check(messages: StagedMessages): JsError | undefined {
    const outlook = new BatchOutlook();
    for (let i = 0; i < messages.length; i++) {
      const error = this.#taker.checkInBatch(messages.place(i, this.#message), outlook);
      if (error !== undefined) return error;
    }
    return this.#canHold(messages) ? undefined : jsError('JSInsufficientResourcesErr');
  }

  /** Whether the process surely has memory for all of them: storing can not stop half-way. */
  #canHold(messages: StagedMessages): boolean {
    const { memory } = this.#stream.jetstream.env;
    const table = STORE_GROWTH + this.#stream.store.numSubjects * SUBJECT_GROWTH;
    const bytes = table + 2 * (messages.bytes() + messages.length * STORED_BYTES);
    if (!memory.reserve(bytes)) return false;
    memory.release(bytes);
    return true;
  }

  /** @returns the sequence of the last one. */
  #store(messages: StagedMessages): number | JsError {
    let last: number | JsError = 0;
    for (let i = 0; i < messages.length; i++) {
      last = this.#taker.storeInBatch(messages.place(i, this.#message));
      if (typeof last !== 'number') return last;
    }
    return last;
  }

  /** One timer a batch: when it fires early, because the batch had news, it is set again. */
  #touch(batch: OpenBatch): void {
    const { clock, scheduler } = this.#stream.jetstream.env;
    batch.lastMs = clock.now();
    const look = (): void => {
      const dueMs = batch.lastMs + this.#limits.batchTimeoutMs;
      if (clock.now() < dueMs) batch.timer = scheduler.at(dueMs, look);
      else {
        this.#abandon(batch, 'timeout');
        this.tell();
      }
    };
    batch.timer ??= scheduler.at(batch.lastMs + this.#limits.batchTimeoutMs, look);
  }

  #forget(batch: OpenBatch): void {
    batch.timer?.cancel();
    this.#open.delete(batch.id);
    this.#allowance.release(batch.bytes);
    this.#allowance.close();
  }

  #abandon(batch: OpenBatch, reason: Reason): void {
    this.#forget(batch);
    this.#abandoned.push({ id: batch.id, reason });
  }

  #advise(id: ByteString, reason: Reason): void {
    const { env } = this.#stream.jetstream;
    const stream = this.#stream.config.name;
    env.advise(toBytes(`$JS.EVENT.ADVISORY.STREAM.BATCH_ABANDONED.${stream}`), ADVISORY, {
      stream,
      ...(env.domain === '' ? {} : { domain: env.domain }),
      batch: toText(id),
      reason,
    });
  }
}

/** How many messages the batch has with this one. */
function sizeOf({ sequence = 0, commit }: BatchHeaders): number {
  return commit === 'without-this' ? sequence - 1 : sequence;
}
