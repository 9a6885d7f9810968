import { type Clock, limits } from '../base/index.ts';

const WINDOW_MS = 1000;

/** So many refusals a second are told one by one; the rest is counted, and the count is told with the next one. */
export class RefusalBudget {
  readonly #clock: Clock;
  #windowStart = Number.NEGATIVE_INFINITY;
  #told = 0;
  #untold = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes room for one. @returns how many went untold before it, or undefined when there is no room. */
  take(): number | undefined {
    const now = this.#clock.now();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#told = 0;
    }
    if (this.#told >= limits.REFUSALS_TOLD_PER_SECOND) {
      this.#untold++;
      return undefined;
    }
    this.#told++;
    const untold = this.#untold;
    this.#untold = 0;
    return untold;
  }
}
