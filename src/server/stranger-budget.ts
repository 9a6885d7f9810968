import { limits } from '../base/index.ts';

/** What somebody may send before it has logged in. Small pieces count for what they take in memory. */
export class StrangerBudget {
  #left: number;

  /** @param maxControlLine bytes of the longest protocol line: a CONNECT has to find room. */
  constructor(maxControlLine: number) {
    this.#left = limits.STRANGER_BYTES + maxControlLine;
  }

  /** @returns whether it was still allowed. */
  take(bytes: number): boolean {
    this.#left -= Math.max(bytes, limits.STRANGER_PIECE_BYTES);
    return this.#left >= 0;
  }
}
