import type { Timer } from '../base/index.ts';

/** How long a producer waits for a receiver at most before its next batch is read, ms. */
const STALL_MS = 10;

/** One end of the pacing between a producer and a receiver that is behind. */
export interface Paced {
  readonly isClosed: boolean;
  readonly isBehind: boolean;
  readonly pacing: Pacing;
  pauseInput(): void;
  resumeInput(): void;
}

/**
 * Keeps fast producers and slow receivers together: a producer that has filled a receiver's outbox is not read from
 * until the receiver has caught up, or a short time has passed; the bound on pending bytes decides after that.
 */
export class Pacing {
  readonly #owner: Paced;
  readonly #after: (delayMs: number, task: () => void) => Timer;
  /** The receiver that fell behind while the batch in hand was handled. */
  #behind: Paced | undefined;
  /** Producers that wait for the owner. */
  readonly #waiting = new Set<Paced>();

  constructor(owner: Paced, after: (delayMs: number, task: () => void) => Timer) {
    this.#owner = owner;
    this.#after = after;
  }

  /** A receiver of the owner's messages is behind. */
  note(receiver: Paced): void {
    if (receiver !== this.#owner) this.#behind = receiver;
  }

  /** The batch is over: the owner waits for whom it has outrun. */
  batchOver(): void {
    const receiver = this.#behind;
    if (receiver === undefined) return;
    this.#behind = undefined;
    if (receiver.isClosed || !receiver.isBehind || this.#owner.isClosed) return;
    receiver.pacing.#waiting.add(this.#owner);
    this.#owner.pauseInput();
    this.#after(STALL_MS, () => receiver.pacing.#release(this.#owner));
  }

  /** The owner wrote something: whoever waited for it goes on once it has caught up. */
  progressed(): void {
    if (this.#waiting.size > 0 && !this.#owner.isBehind) this.releaseAll();
  }

  /** Nobody has to wait for the owner any more. */
  releaseAll(): void {
    for (const producer of [...this.#waiting]) this.#release(producer);
  }

  #release(producer: Paced): void {
    if (this.#waiting.delete(producer) && !producer.isClosed) producer.resumeInput();
  }
}
