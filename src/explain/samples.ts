import { type ByteString, overlaps, tokensOf } from '../subjects/index.ts';

/** Tokens that no configuration has, one for each place. */
const fresh = (at: number): string => `~${at}`;
/** Longest subject that is sampled beyond the patterns' own lengths, in tokens. */
const MAX_TOKENS = 64;

/**
 * Subjects of a pattern that stand for all of it, seen by a list of other patterns: for each of them the part that both
 * have in common, and the part that none of them names, at every length that makes a difference. If all samples are
 * judged alike by lists of these patterns (some allow, some deny), so is every subject of the pattern.
 */
export function samples(pattern: ByteString, patterns: readonly ByteString[]): ByteString[] {
  const found = new Set<ByteString>();
  const longest = Math.min(
    MAX_TOKENS,
    Math.max(...[pattern, ...patterns].map((each) => tokensOf(each).length)) + 1,
  );
  for (const other of [pattern, ...patterns]) {
    if (!overlaps(pattern, other)) continue;
    for (const sample of common(pattern, other, longest)) found.add(sample);
  }
  return [...found];
}

/** What two patterns have in common, with fresh tokens for wildcards; once for each length up to the longest. */
function common(a: ByteString, b: ByteString, longest: number): ByteString[] {
  const [left, right] = [tokensOf(a), tokensOf(b)];
  const shortest = Math.max(left.length, right.length);
  const isOpen = left.at(-1) === '>' && right.at(-1) === '>';
  const subjects: ByteString[] = [];
  for (let length = shortest; length <= (isOpen ? Math.max(longest, shortest) : shortest); length++) {
    const tokens = Array.from(
      { length },
      (_, at) => literalAt(left, at) ?? literalAt(right, at) ?? fresh(at),
    );
    subjects.push(tokens.join('.') as ByteString);
  }
  return subjects;
}

/** The literal token of a pattern at a place; undefined where it takes any. */
function literalAt(tokens: readonly string[], at: number): string | undefined {
  const token = tokens[at];
  return token === undefined || token === '*' || token === '>' ? undefined : token;
}
