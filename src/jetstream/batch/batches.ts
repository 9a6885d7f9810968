import type { Counting } from '../publish/counting.ts';
import type { MessageInHand } from '../publish/message-in-hand.ts';
import type { PubAckWriter } from '../publish/pub-ack.ts';
import type { Stream } from '../stream/stream.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { AtomicBatches } from './atomic-batches.ts';
import { BatchSteps, type Keeper } from './batch-steps.ts';
import { FastBatches, type FastTaker } from './fast-batches.ts';

/** What the batches of a stream are taken by. */
export interface BatchParts {
  readonly hand: MessageInHand;
  readonly counting: Counting;
  readonly acks: PubAckWriter;
  readonly taker: FastTaker & Keeper;
}

/** The open batches of one stream, of the kinds that its configuration permits. */
export class Batches {
  readonly fast: FastBatches;
  /** Absent when the stream takes none. */
  atomic: AtomicBatches | undefined;
  readonly #stream: Stream;
  readonly #parts: BatchParts;

  constructor(stream: Stream, parts: BatchParts) {
    this.#stream = stream;
    this.#parts = parts;
    this.fast = new FastBatches(stream, parts.taker, parts.acks);
  }

  /** Goes by this configuration from now on; what it does not permit any more is forgotten. */
  adopt(config: StreamConfig): void {
    if (config.allow_atomic === true) this.atomic ??= this.#newAtomic();
    else this.#closeAtomic();
    if (config.allow_batched !== true) this.fast.close();
  }

  /** Forgets what waits. */
  close(): void {
    this.#closeAtomic();
    this.fast.close();
  }

  #newAtomic(): AtomicBatches {
    const { hand, counting, acks, taker } = this.#parts;
    return new AtomicBatches(this.#stream, new BatchSteps(this.#stream, hand, counting, taker), acks);
  }

  #closeAtomic(): void {
    this.atomic?.close();
    this.atomic = undefined;
  }
}
