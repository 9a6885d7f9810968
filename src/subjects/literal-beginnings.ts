import type { ByteString } from './bytes.ts';

const DOT = 0x2e;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Fewest and most counters; powers of two. With many more subjects than counters nothing can be ruled out. */
const FEWEST = 256;
const MOST = 65_536;
/** Counters per subject: a subject of some tokens has as many beginnings, and most counters shall stay at zero. */
const PER_SUBJECT = 8;

/** The number that stands for a beginning (`a.b.`), for {@link LiteralBeginnings.has}. */
export function beginningMark(beginning: ByteString): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < beginning.length; i++) hash = Math.imul(hash ^ beginning.charCodeAt(i), FNV_PRIME);
  return hash ^ (hash >>> 15);
}

/**
 * Under which beginnings (`a.`, `a.b.` for `a.b.c`) literal subjects stand, counted by hash: "none" is certain, "some" may
 * be by chance. Who publishes to one subject after the other below a beginning need not look for each of them.
 */
export class LiteralBeginnings {
  readonly #counts: Uint32Array;

  /** @param subjects how many subjects to be ready for. */
  constructor(subjects: number) {
    let size = FEWEST;
    while (size < MOST && size < subjects * PER_SUBJECT) size *= 2;
    this.#counts = new Uint32Array(size);
  }

  /** Whether it has too few counters for so many subjects, and a new one would have more. */
  isTooSmallFor(subjects: number): boolean {
    return this.#counts.length < MOST && subjects > this.#counts.length;
  }

  add(subject: ByteString): void {
    this.#count(subject, 1);
  }

  remove(subject: ByteString): void {
    this.#count(subject, -1);
  }

  /** Whether there may be a subject below a beginning. @param mark of {@link beginningMark}. */
  has(mark: number): boolean {
    return this.#counts[mark & (this.#counts.length - 1)] !== 0;
  }

  #count(subject: ByteString, by: 1 | -1): void {
    const counts = this.#counts;
    const mask = counts.length - 1;
    let hash = FNV_OFFSET;
    for (let i = 0; i < subject.length; i++) {
      const code = subject.charCodeAt(i);
      hash = Math.imul(hash ^ code, FNV_PRIME);
      if (code !== DOT) continue;
      const place = (hash ^ (hash >>> 15)) & mask;
      counts[place] = (counts[place] as number) + by;
    }
  }
}
