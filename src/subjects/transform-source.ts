import type { ByteString } from './bytes.ts';
import { isValidSubject, tokensOf } from './subject.ts';
import { invalidSubject } from './transform-error.ts';

/** A source pattern, taken apart once. */
export interface TransformSource {
  readonly pattern: ByteString;
  readonly tokens: readonly ByteString[];
  /** Where its `*` stand among the tokens, in order. */
  readonly wildcards: readonly number[];
  /** Whether it ends in `>`. */
  readonly isFull: boolean;
}

/** @throws {TransformError} */
export function sourceOf(pattern: ByteString): TransformSource {
  if (!isValidSubject(pattern)) throw invalidSubject();
  const tokens = tokensOf(pattern);
  const wildcards: number[] = [];
  tokens.forEach((token, index) => {
    if (token === '*') wildcards.push(index);
  });
  return { pattern, tokens, wildcards, isFull: tokens.at(-1) === '>' };
}
