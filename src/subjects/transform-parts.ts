import type { ByteString } from './bytes.ts';

/**
 * One token of a destination, compiled. `token` counts the source's tokens from 0; what a part makes of it may be
 * several tokens of the result.
 */
export type Part =
  | { readonly kind: 'literal'; readonly text: ByteString }
  /** A token of the subject as it is. */
  | { readonly kind: 'token'; readonly token: number }
  /** A number below `buckets` from the hash of these tokens, of the whole subject when there are none. */
  | { readonly kind: 'partition'; readonly buckets: number; readonly tokens: readonly number[] }
  /** A number below `below`, by chance. */
  | { readonly kind: 'random'; readonly below: number }
  /** A token, cut at each delimiter; empty pieces are left out. */
  | { readonly kind: 'split'; readonly token: number; readonly delimiter: ByteString }
  /** A token, cut in two at so many bytes from its left or right end. */
  | { readonly kind: 'cut'; readonly token: number; readonly at: number; readonly fromRight: boolean }
  /** A token, cut into pieces of so many bytes, counted from its left or right end. */
  | { readonly kind: 'slice'; readonly token: number; readonly size: number; readonly fromRight: boolean }
  /** What the source's `>` matched. */
  | { readonly kind: 'rest' };

/** Where a transform takes its chance from, for `{{random(n)}}`. */
export interface TransformChance {
  /** A whole number from 0 to below n. */
  below(n: number): number;
}
