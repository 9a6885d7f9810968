import { type ByteString, matches, type SubjectTransform, tokensOf } from '../subjects/index.ts';
import type { Range } from './mapping.ts';

/** Tokens that stand for what a source's wildcards match; no configuration has them. */
const MARK = '\u0001';
/** Values tried for a wildcard that a function hides (a partition of so many buckets has one of them in each). */
const GUESSES = 512;

/**
 * A subject that a client can publish to have `wanted` arrive in its account; undefined when none was found. The answer
 * is right, because the transform itself was asked; where a function hides what it was given, one may be missed.
 */
export function publishedFor(range: Range, wanted: ByteString): ByteString | undefined {
  if (range.subjects === undefined || range.kept.has(wanted)) return wanted;
  for (const { transform, published, becomes } of range.routes) {
    if (!becomes.has(wanted)) continue;
    for (const candidate of candidatesFor(transform, wanted)) {
      if (published.has(candidate) && becomesIt(transform, candidate, wanted)) return candidate;
    }
  }
  return undefined;
}

/** By some chance or other: a random number that is drawn stands in the result. */
function becomesIt(transform: SubjectTransform, candidate: ByteString, wanted: ByteString): boolean {
  const chances = transform.isDeterministic ? [0] : tokensOf(wanted).map(Number).filter(Number.isInteger);
  return chances.some((drawn) => transform.apply(candidate, { below: () => drawn }) === wanted);
}

function* candidatesFor(transform: SubjectTransform, wanted: ByteString): Iterable<ByteString> {
  const bound = boundIn(transform, wanted);
  const source = tokensOf(transform.source);
  const isWild = (token: string): boolean => token === '*' || token === '>';
  const isFree = source.some((token, at) => isWild(token) && !bound.has(at));
  for (let guess = 0; guess < (isFree ? GUESSES : 1); guess++) {
    const filler = guess === 0 ? 'x' : `x${guess}`;
    const tokens = source.map((token, at) => (isWild(token) ? (bound.get(at) ?? filler) : token));
    const candidate = tokens.join('.') as ByteString;
    if (matches(transform.source, candidate)) yield candidate;
  }
}

/** What the wildcards of the source must have been, read off where they come out again. */
function boundIn(transform: SubjectTransform, wanted: ByteString): Map<number, string> {
  const marked = tokensOf(transform.source).map((token, at) =>
    token === '*' || token === '>' ? `${MARK}${at}` : token,
  );
  const out = tokensOf(transform.apply(marked.join('.') as ByteString, { below: () => 0 }) ?? wanted);
  const given = tokensOf(wanted);
  const bound = new Map<number, string>();
  for (const [at, token] of out.entries()) {
    if (!token.startsWith(MARK)) continue;
    const isRest = at === out.length - 1 && transform.source.endsWith('>');
    bound.set(Number(token.slice(MARK.length)), isRest ? given.slice(at).join('.') : (given[at] ?? ''));
  }
  return bound;
}
