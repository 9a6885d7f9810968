import { limits } from '../base/index.ts';
import { type ByteString, tokenCount } from '../subjects/index.ts';
import type { MemoryBudget } from './env.ts';
import { jsError } from './errors.ts';

/**
 * What a stream or consumer takes of the memory that all accounts share, besides messages: without this an account
 * could fill the process with assets that hold nothing.
 */
export class Footprint {
  readonly #budget: MemoryBudget;
  #bytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /**
   * Changes what is taken.
   * @throws JsError (and nothing has changed) when the process can hold no more.
   */
  resize(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more > 0 && !this.#budget.reserve(more)) throw jsError('JSInsufficientResourcesErr');
    if (more < 0) this.#budget.release(-more);
    this.#bytes = bytes;
  }

  release(): void {
    this.#budget.release(this.#bytes);
    this.#bytes = 0;
  }
}

/** Bytes of a configuration in memory, taken as two a character; `undefined` when it is longer than one may be. */
export function configBytes(config: object): number | undefined {
  const { length } = JSON.stringify(config);
  return length > limits.MAX_ASSET_CONFIG ? undefined : 2 * length;
}

/** Whether a list of patterns is one that a stream or consumer may have, in number and in depth. */
export function isReasonable(patterns: readonly ByteString[]): boolean {
  return (
    patterns.length <= limits.MAX_ASSET_SUBJECTS &&
    patterns.every((pattern) => tokenCount(pattern) <= limits.MAX_SUBJECT_TOKENS)
  );
}
