import { limits } from '../../base/index.ts';
import type { MemoryBudget } from '../env.ts';

/** What the open batches of one account take together, so that no account's batches keep others from theirs. */
export class BatchAllowance {
  readonly #memory: MemoryBudget;
  readonly #most: number;
  #open = 0;
  #bytes = 0;

  /** @param most batches open at a time. */
  constructor(memory: MemoryBudget, most: number) {
    this.#memory = memory;
    this.#most = most;
  }

  /** Whether one more batch may be opened; it is counted until {@link close}. */
  open(): boolean {
    if (this.#open >= this.#most || !this.reserve(limits.BATCH_BYTES)) return false;
    this.#open++;
    return true;
  }

  close(): void {
    this.#open--;
    this.release(limits.BATCH_BYTES);
  }

  /** Takes memory for what waits in a batch; false, and nothing taken, when there is none left. */
  reserve(bytes: number): boolean {
    if (this.#bytes + bytes > limits.BATCH_BYTES_PER_ACCOUNT || !this.#memory.reserve(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
    this.#memory.release(bytes);
  }
}
