import { type ByteString, isLiteral, isSubsetOf, matches } from '../../subjects/index.ts';
import { MANY_PATTERNS, PatternSet } from './pattern-set.ts';

/** The pattern that every subject matches. */
export const ALL = '>' as ByteString;
const NO_MEMO = new Int32Array(0);
/** Subjects that a filter remembers a verdict about: at first, and when it is used again and again. Powers of two. */
const FIRST_MEMO = 256;
const MOST_MEMO = 16_384;

/**
 * Which subjects of a stream are meant: those that at least one of a list of patterns matches. No pattern, or `>`,
 * means all of them.
 */
export class SubjectFilter {
  readonly patterns: readonly ByteString[];
  /** Whether every subject matches. */
  readonly all: boolean;
  /** The one literal subject meant, or `undefined` when there are wildcards or several patterns. */
  readonly literal: ByteString | undefined;
  #memoOwner: object | undefined;
  #memo = NO_MEMO;
  #set: PatternSet | undefined;

  constructor(patterns: readonly ByteString[]) {
    this.patterns = patterns;
    this.all = patterns.length === 0 || patterns.includes(ALL);
    const only = patterns.length === 1 ? patterns[0] : undefined;
    this.literal = only !== undefined && isLiteral(only) ? only : undefined;
  }

  matches(subject: ByteString): boolean {
    if (this.all) return true;
    if (this.literal !== undefined) return this.literal === subject;
    if (this.patterns.length > MANY_PATTERNS) {
      this.#set ??= new PatternSet(this.patterns);
      return this.#set.matches(subject);
    }
    for (const pattern of this.patterns) if (matches(pattern, subject)) return true;
    return false;
  }

  /** Whether every subject that `pattern` can match is meant, judged one pattern at a time. */
  covers(pattern: ByteString): boolean {
    return this.all || this.patterns.some((own) => isSubsetOf(pattern, own));
  }

  /**
   * What is remembered about a store's subjects, at the subject id modulo the length: +stamp matches, −stamp does not,
   * anything else is not known. One store at a time: another one starts afresh. Most filters are asked once, so it
   * grows with every use.
   */
  memoFor(owner: object, ids: number): Int32Array {
    const isNew = this.#memoOwner !== owner;
    this.#memoOwner = owner;
    if (isNew) this.#memo = new Int32Array(FIRST_MEMO);
    else if (this.#memo.length < ids && this.#memo.length < MOST_MEMO) {
      this.#memo = new Int32Array(2 * this.#memo.length);
    }
    return this.#memo;
  }
}

/** A filter of one pattern; an absent or empty one means all subjects, as in requests. */
export function filterOf(pattern: ByteString | undefined): SubjectFilter {
  return new SubjectFilter(pattern === undefined || pattern === '' ? [] : [pattern]);
}
