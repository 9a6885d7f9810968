import type { ByteString } from '../../subjects/index.ts';

/** The secret parts of a hash: who cannot guess them cannot aim subjects at one place of a table. */
export interface SubjectHash {
  readonly seed: number;
  readonly factor: number;
}

/** Goes on with the hash of what stands before text[from, to). @returns 32 bits, with or without sign. */
export function hashOn(hash: number, factor: number, text: ByteString, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), factor);
    hash ^= hash >>> 15;
  }
  return hash;
}
