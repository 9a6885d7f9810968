import { type ByteString, EMPTY_BYTES } from './bytes.ts';
import { matches } from './match.ts';
import {
  bucketOf,
  cutInPieces,
  cutInTwo,
  HASH_START,
  hashOf,
  splitAtDelimiter,
} from './transform-functions.ts';
import type { Part, TransformChance } from './transform-parts.ts';
import type { TransformSource } from './transform-source.ts';

/** Longest subject that a transform makes, in bytes. */
const MAX_RESULT = 65_536;

/** Subjects that match a source, written anew part by part. */
export class Rewriter {
  readonly source: TransformSource;
  readonly parts: readonly Part[];
  /** Whether chance has no part in it. */
  readonly isDeterministic: boolean;
  /** How many tokens stand before the source's `>`. */
  readonly #tokens: number;
  /** Offsets of the subject's tokens, for the time of one call. The last one is behind all that were looked for. */
  readonly #starts: Int32Array;
  /** The result where it is always the same. */
  readonly #constant: ByteString | undefined;

  constructor(source: TransformSource, parts: readonly Part[]) {
    this.source = source;
    this.parts = parts;
    this.isDeterministic = parts.every((part) => part.kind !== 'random' || part.below <= 1);
    this.#tokens = source.isFull ? source.tokens.length - 1 : source.tokens.length;
    this.#starts = new Int32Array(Math.max(this.#tokens, 1) + 1);
    this.#constant = constantOf(parts);
  }

  /**
   * What a subject becomes; undefined when it does not match the source. A result that would be too long is empty,
   * and one may have empty tokens: no subscription matches such subjects.
   */
  apply(subject: ByteString, chance: TransformChance): ByteString | undefined {
    if (!matches(this.source.pattern, subject)) return undefined;
    if (this.#constant !== undefined) return this.#constant;
    this.#locate(subject);
    let result = '';
    for (let i = 0; i < this.parts.length; i++) {
      const text = this.#textOf(this.parts[i] as Part, subject, chance);
      result = i === 0 ? text : `${result}.${text}`;
      if (result.length > MAX_RESULT) return EMPTY_BYTES;
    }
    return result as ByteString;
  }

  #locate(subject: ByteString): void {
    const starts = this.#starts;
    let start = 0;
    for (let i = 1; i < starts.length; i++) {
      const dot = subject.indexOf('.', start);
      start = dot === -1 ? subject.length + 1 : dot + 1;
      starts[i] = start;
    }
  }

  #textOf(part: Part, subject: ByteString, chance: TransformChance): string {
    switch (part.kind) {
      case 'literal':
        return part.text;
      case 'token':
        return this.#token(subject, part.token);
      case 'partition':
        return String(bucketOf(this.#hash(subject, part.tokens), part.buckets));
      case 'random':
        return part.below <= 1 ? '0' : String(chance.below(part.below));
      case 'split':
        return splitAtDelimiter(this.#token(subject, part.token), part.delimiter);
      case 'cut':
        return cutInTwo(this.#token(subject, part.token), part.at, part.fromRight);
      case 'slice':
        return cutInPieces(this.#token(subject, part.token), part.size, part.fromRight);
      case 'rest':
        return subject.slice(this.#starts[this.#tokens]);
    }
  }

  #token(subject: ByteString, index: number): string {
    const starts = this.#starts;
    return subject.slice(starts[index] as number, (starts[index + 1] as number) - 1);
  }

  #hash(subject: ByteString, tokens: readonly number[]): number {
    if (tokens.length === 0) return hashOf(HASH_START, subject, 0, subject.length);
    const starts = this.#starts;
    let hash = HASH_START;
    for (const index of tokens) {
      hash = hashOf(hash, subject, starts[index] as number, (starts[index + 1] as number) - 1);
    }
    return hash;
  }
}

function constantOf(parts: readonly Part[]): ByteString | undefined {
  const texts: ByteString[] = [];
  for (const part of parts) {
    if (part.kind !== 'literal') return undefined;
    texts.push(part.text);
  }
  return texts.join('.') as ByteString;
}
