import type { Scheduler, Timer } from '../base/index.ts';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * One timer that stands for many due times. It rings in time for all of them, and at times when nothing is due any
 * more: to move it with every delivery and acknowledgement would cost more than a look in vain now and then.
 */
export class Alarm {
  readonly #scheduler: Scheduler;
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #at = NEVER;

  constructor(scheduler: Scheduler, ring: () => void) {
    this.#scheduler = scheduler;
    this.#ring = ring;
  }

  /** Makes sure that it rings at `due` (ms) or before. */
  before(due: number): void {
    if (due >= this.#at) return;
    const at = Math.ceil(due);
    this.#timer?.cancel();
    this.#at = at;
    this.#timer = this.#scheduler.at(at, () => {
      this.#at = NEVER;
      this.#ring();
    });
  }

  close(): void {
    this.#timer?.cancel();
  }
}
