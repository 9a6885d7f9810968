/** How much of the time the cells may take; the probes have the rest. */
const CELLS_SHARE = 0.5;

/** Keeps a run within its time: where the machine is slow, later turns of cells and at last whole probes are left out. */
export class Pace {
  readonly #start = performance.now();
  readonly #limitMs: number;

  constructor(minutes: number) {
    this.#limitMs = minutes * 60_000;
  }

  /** Whether a cell, one among so many, may be measured once more. */
  mayRepeat(index: number, of: number): boolean {
    return this.#elapsed < (this.#limitMs * CELLS_SHARE * (index + 1)) / of;
  }

  /** Whether there is time for anything more. */
  get mayGoOn(): boolean {
    return this.#elapsed < this.#limitMs;
  }

  get #elapsed(): number {
    return performance.now() - this.#start;
  }
}
