import { limits, type Message, type Timer } from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES, toText } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { PubAckWriter } from '../publish/pub-ack.ts';
import type { Stream } from '../stream/stream.ts';
import type { BatchAllowance } from './batch-allowance.ts';
import { type FastReply, readFastReply } from './fast-reply.ts';

/** What takes the messages of a fast batch, one after the other. */
export interface FastTaker {
  checkSize(message: Message): JsError | undefined;
  /** Stores a message like any other. */
  takeFast(message: Message): { readonly seq: number; readonly isDuplicate: boolean } | JsError;
}

interface OpenBatch {
  readonly id: ByteString;
  readonly goesOn: boolean;
  readonly flow: number;
  /** Highest position seen, and the highest one acknowledged. */
  last: number;
  acknowledged: number;
  /** Messages until the next acknowledgement. */
  every: number;
  /** Stream sequence of the last message stored; 0 without one. */
  stored: number;
  lastMs: number;
  timer: Timer | undefined;
}

/**
 * The fast batches of one stream: messages are stored as they come, and instead of one answer each their publisher gets
 * one for many. How often is negotiated: a batch that is alone starts as fast as it asks, others start slowly, and all
 * share what the stream grants. Gaps and refused messages are told at once. All of it measured on 2.14.5.
 */
export class FastBatches {
  readonly #stream: Stream;
  readonly #taker: FastTaker;
  readonly #acks: PubAckWriter;
  readonly #allowance: BatchAllowance;
  readonly #open = new Map<ByteString, OpenBatch>();

  constructor(stream: Stream, taker: FastTaker, acks: PubAckWriter) {
    this.#stream = stream;
    this.#taker = taker;
    this.#acks = acks;
    this.#allowance = stream.jetstream.fastBatches;
  }

  /** Takes a message whose reply subject is that of a fast batch. */
  receive(message: Message): void {
    const error = this.#take(message);
    if (error !== undefined) this.#tell(message, this.#acks.refused(error));
  }

  /** Forgets every batch without a word: what was stored stays. */
  close(): void {
    for (const batch of this.#open.values()) this.#forget(batch);
  }

  #take(message: Message): JsError | undefined {
    const { config } = this.#stream;
    const error = config.sealed ? jsError('JSStreamSealedErr') : this.#taker.checkSize(message);
    if (error !== undefined) return error;
    if (config.allow_batched !== true) return jsError('JSBatchPublishDisabledErr');
    const said = readFastReply(message.reply);
    if (said === undefined) return jsError('JSBatchPublishInvalidPatternErr');
    if (said.id.length > limits.BATCH_ID_BYTES) return jsError('JSBatchPublishInvalidBatchIDErr');
    const known = this.#open.get(said.id);
    if (known !== undefined) return this.#continue(known, said, message);
    if (said.sequence > 1) return jsError('JSBatchPublishUnknownBatchIDErr');
    if (said.operation === 'commit' && !said.goesOn) return this.#single(said, message);
    const isFull = this.#open.size >= this.#stream.jetstream.server.fastBatchesPerStream;
    if (isFull || !this.#allowance.open()) return jsError('JSBatchPublishTooManyInflight');
    const batch = this.#begin(said);
    if (said.operation === 'start') this.#acknowledge(batch, message);
    return this.#continue(batch, said, message);
  }

  /** A batch of one message. Measured: only here the last word tells a duplicate. */
  #single({ id }: FastReply, message: Message): JsError | undefined {
    const taken = this.#taker.takeFast(message);
    if (taken instanceof Error) return taken;
    this.#finalAck(message, taken.seq, id, 1, taken.isDuplicate);
    return undefined;
  }

  #begin({ id, goesOn, flow }: FastReply): OpenBatch {
    const batch: OpenBatch = {
      id,
      goesOn,
      flow,
      last: 0,
      acknowledged: 0,
      every: 1,
      stored: 0,
      lastMs: 0,
      timer: undefined,
    };
    this.#open.set(id, batch);
    if (this.#open.size === 1) batch.every = flow;
    this.#touch(batch);
    return batch;
  }

  #continue(batch: OpenBatch, said: FastReply, message: Message): JsError | undefined {
    const { operation, sequence } = said;
    const isPing = operation === 'ping';
    const isRepeated = !isPing && sequence <= batch.last;
    const before = isPing ? sequence : sequence - 1;
    if (isRepeated || (before > batch.last && !this.#skip(batch, before, message))) {
      this.#end(batch, message);
      return undefined;
    }
    this.#touch(batch);
    if (isPing) this.#answerPing(batch, message);
    else if (operation === 'commit-before') this.#end(batch, message);
    else return this.#store(batch, said, message);
    return undefined;
  }

  /** Messages are missing. @returns whether the batch goes on without them. */
  #skip(batch: OpenBatch, before: number, message: Message): boolean {
    this.#tellFlow(message, `{"type":"gap","last_seq":${batch.last + 1},"seq":${before + 1}}`);
    if (batch.goesOn) batch.last = before;
    return batch.goesOn;
  }

  #store(batch: OpenBatch, { operation, sequence }: FastReply, message: Message): JsError | undefined {
    const taken = this.#taker.takeFast(message);
    if (taken instanceof Error) return this.#fail(batch, operation === 'commit', sequence, message, taken);
    batch.last = sequence;
    if (!taken.isDuplicate) batch.stored = taken.seq;
    const isLast = operation === 'commit';
    // Measured: a duplicate is acknowledged even where the last word comes at once.
    if ((!isLast || taken.isDuplicate) && this.#advance(batch)) this.#acknowledge(batch, message);
    if (isLast) this.#end(batch, message);
    return undefined;
  }

  /** A message was refused; a batch that does not go on, or that it was to end, is over. */
  #fail(
    batch: OpenBatch,
    isCommit: boolean,
    sequence: number,
    message: Message,
    error: JsError,
  ): JsError | undefined {
    if (!batch.goesOn && sequence === 1) {
      this.#forget(batch);
      return error;
    }
    this.#refused(message, sequence, error);
    if (!batch.goesOn || isCommit) this.#end(batch, message);
    else batch.last = sequence;
    return undefined;
  }

  #answerPing(batch: OpenBatch, message: Message): void {
    this.#advance(batch);
    this.#acknowledge(batch, message);
  }

  /** Moves on to the last acknowledgement that is due, and settles when the next one will be. @returns if one is due. */
  #advance(batch: OpenBatch): boolean {
    const due = Math.floor((batch.last - batch.acknowledged) / batch.every);
    if (due === 0) return false;
    batch.acknowledged += due * batch.every;
    const share = Math.max(1, Math.floor(limits.FAST_BATCH_FLOW / this.#open.size));
    const wanted = Math.min(batch.flow, share);
    batch.every =
      wanted > batch.every
        ? Math.min(wanted, 2 * batch.every)
        : Math.max(wanted, Math.floor(batch.every / 2));
    return true;
  }

  #acknowledge(batch: OpenBatch, message: Message): void {
    this.#tellFlow(message, `{"type":"ack","seq":${batch.acknowledged},"msgs":${batch.every}}`);
  }

  #refused(message: Message, sequence: number, { code, errCode, description }: JsError): void {
    const error = JSON.stringify({ code, err_code: errCode, description });
    this.#tellFlow(message, `{"type":"err","seq":${sequence},"error":${error}}`);
  }

  #end(batch: OpenBatch, message: Message): void {
    this.#forget(batch);
    this.#finalAck(message, batch.stored, batch.id, batch.last);
  }

  /** Measured: the last word comes even from a stream that does not acknowledge. */
  #finalAck(message: Message, seq: number, id: ByteString, count: number, isDuplicate = false): void {
    const { env } = this.#stream.jetstream;
    env.emit(message.reply, EMPTY_BYTES, undefined, this.#acks.batch(seq, toText(id), count, isDuplicate));
  }

  #tellFlow(message: Message, text: string): void {
    this.#tell(message, Buffer.from(text));
  }

  #tell(message: Message, bytes: Buffer): void {
    if (this.#stream.config.no_ack === true) return;
    this.#stream.jetstream.env.emit(message.reply, EMPTY_BYTES, undefined, bytes);
  }

  /** One timer a batch: when it fires early, because the batch had news, it is set again. */
  #touch(batch: OpenBatch): void {
    const { clock, scheduler } = this.#stream.jetstream.env;
    batch.lastMs = clock.now();
    const look = (): void => {
      const dueMs = batch.lastMs + this.#stream.jetstream.server.batchTimeoutMs;
      if (clock.now() >= dueMs) this.#forget(batch);
      else batch.timer = scheduler.at(dueMs, look);
    };
    batch.timer ??= scheduler.at(batch.lastMs + this.#stream.jetstream.server.batchTimeoutMs, look);
  }

  #forget(batch: OpenBatch): void {
    batch.timer?.cancel();
    this.#open.delete(batch.id);
    this.#allowance.close();
  }
}
