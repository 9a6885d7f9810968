/**
 * Subjects: byte strings with dots. What is well formed, what matches what, and who is interested. This folder knows
 * nothing of accounts, connections or authority, and imports nothing.
 */
export { type ByteString, bytesAt, EMPTY_BYTES, toBytes, toText } from './bytes.ts';
export { beginningMark } from './literal-beginnings.ts';
export { isSubsetOf, matches, overlaps } from './match.ts';
export {
  hasValidTokens,
  isLiteral,
  isPublishSubject,
  isValidSubject,
  tokenCount,
  tokensOf,
} from './subject.ts';
export { SubjectTransform } from './transform.ts';
export { TransformError } from './transform-error.ts';
export type { Image } from './transform-image.ts';
export { ImportTransform } from './transform-import.ts';
export type { TransformChance } from './transform-parts.ts';
export { type MatchedQueue, type MatchResult, SubjectTrie, type TrieEntry, type TrieStats } from './trie.ts';
