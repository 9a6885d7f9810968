import { limits } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import type { SlicedWork } from '../sliced.ts';
import { filterOf, type SubjectFilter } from '../store/filter.ts';
import type { Stream } from './stream.ts';

/** What a purge takes: everything, or what matches `filter`, or what is below `seq`, or all but the last `keep`. */
export interface PurgeOptions {
  readonly filter?: ByteString;
  readonly seq?: number;
  readonly keep?: number;
}

/** A purge of the oldest messages, a slice at a time; the result is how many went. */
export class Purge implements SlicedWork<number> {
  readonly #stream: Stream;
  readonly #filter: SubjectFilter;
  /** Messages at or above this stay. */
  readonly #below: number;
  /** First sequence afterwards when nothing is left, for a purge beyond the end. */
  readonly #nextSeq: number;
  /** An empty stream stays as it is where not everything was to go; otherwise it begins at 1 (measured on 2.14.5). */
  readonly #isModest: boolean;
  /** How many may still go. */
  #allowance: number;
  #next = 0;
  #purged = 0;

  constructor(stream: Stream, options: PurgeOptions) {
    const { store } = stream;
    this.#stream = stream;
    this.#filter = filterOf(options.filter);
    const { seq = 0 } = options;
    this.#below = Math.min(seq > 0 ? seq : Number.POSITIVE_INFINITY, store.lastSeq + 1);
    this.#nextSeq = this.#filter.all ? Math.max(0, Math.min(seq, limits.MAX_SEQUENCE)) : 0;
    this.#isModest = store.messages === 0 && ((options.keep ?? 0) > 0 || options.seq === 1);
    this.#allowance = Math.max(0, store.countFrom(store.firstSeq, this.#filter) - (options.keep ?? 0));
  }

  result(): number {
    return this.#purged;
  }

  step(budget: number): boolean {
    const { store } = this.#stream;
    if (!this.#isModest && this.#takesEverything()) {
      this.#purged += store.messages;
      this.#stream.clear(this.#nextSeq);
      this.#allowance = 0;
      return true;
    }
    for (let done = 0; done < budget; done++) {
      const seq = this.#allowance === 0 ? 0 : store.next(this.#next, this.#filter);
      if (seq === 0 || seq >= this.#below) return this.#finish();
      this.#next = seq + 1;
      this.#allowance--;
      this.#purged++;
      this.#stream.drop(seq, false);
    }
    return false;
  }

  #takesEverything(): boolean {
    const { store } = this.#stream;
    return this.#filter.all && this.#allowance >= store.messages && this.#below > store.lastSeq;
  }

  #finish(): true {
    this.#stream.purged();
    return true;
  }
}
