import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ByteString, isSubsetOf, matches, overlaps } from '../../src/subjects/index.ts';

const b = (text: string) => text as ByteString;

/** All subjects of up to three tokens over two letters: enough to tell any two patterns of up to three tokens apart. */
const TOKENS = ['a', 'b', 'z'];
const SUBJECTS: ByteString[] = [1, 2, 3, 4].flatMap((length) =>
  words(length).map((tokens) => b(tokens.join('.'))),
);

function words(length: number): string[][] {
  if (length === 0) return [[]];
  return words(length - 1).flatMap((word) => TOKENS.map((token) => [...word, token]));
}

const PATTERNS: ByteString[] = patternsUpTo(3);

function patternsUpTo(length: number): ByteString[] {
  const parts = ['a', 'b', '*'];
  const heads: string[][] = [[]];
  const all: string[] = ['>'];
  let current = heads;
  for (let i = 0; i < length; i++) {
    current = current.flatMap((head) => parts.map((part) => [...head, part]));
    for (const tokens of current) {
      all.push(tokens.join('.'));
      if (i < length - 1) all.push([...tokens, '>'].join('.'));
    }
  }
  return all.map(b);
}

/** The rule of the documentation, token by token. */
function naive(pattern: string, subject: string): boolean {
  const left = pattern.split('.');
  const right = subject.split('.');
  if (right.includes('')) return false;
  for (let i = 0; i < left.length; i++) {
    if (left[i] === '>' && i === left.length - 1) return right.length > i;
    if (i >= right.length || (left[i] !== '*' && left[i] !== right[i])) return false;
  }
  return left.length === right.length;
}

const setOf = new Map(PATTERNS.map((p) => [p, new Set(SUBJECTS.filter((s) => naive(p, s)))]));
const matched = (pattern: ByteString): Set<ByteString> => setOf.get(pattern) ?? new Set();

describe('matches', () => {
  test('agrees with the naive rule on every small pattern and subject', () => {
    for (const pattern of PATTERNS) {
      for (const subject of SUBJECTS) {
        if (matches(pattern, subject) !== naive(pattern, subject)) expect.fail(`${pattern} / ${subject}`);
      }
    }
  });

  test('agrees with the naive rule on arbitrary texts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '*', '>', '.', '\xff'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, subject) => {
        fc.pre(!pattern.split('.').includes(''));
        expect(matches(b(pattern), b(subject))).toBe(naive(pattern, subject));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['a.*', 'a.*', true],
    ['a.*', 'a.>', true],
    ['a.>', 'a.*.>', true],
    ['>', 'a..b', false],
    ['>', '.a', false],
    ['>', 'a.', false],
    ['>', '', false],
    ['*', '', false],
    ['a.*', 'a.', false],
    ['foo*', 'foox', false],
    ['foo*', 'foo*', true],
  ])('of %j and the published %j is %j', (pattern, subject, expected) => {
    expect(matches(b(pattern), b(subject))).toBe(expected);
  });
});

describe('as sets of subjects', () => {
  test('isSubsetOf is what enumeration finds', () => {
    for (const inner of PATTERNS) {
      for (const outer of PATTERNS) {
        const expected = [...matched(inner)].every((subject) => matched(outer).has(subject));
        if (isSubsetOf(inner, outer) !== expected) expect.fail(`${inner} within ${outer}: ${expected}`);
      }
    }
  });

  test('overlaps is what enumeration finds', () => {
    for (const left of PATTERNS) {
      for (const right of PATTERNS) {
        const expected = [...matched(left)].some((subject) => matched(right).has(subject));
        if (overlaps(left, right) !== expected) expect.fail(`${left} and ${right}: ${expected}`);
      }
    }
  });

  test('isSubsetOf is reflexive and transitive, overlaps is symmetric', () => {
    const pattern = fc.constantFrom(...PATTERNS);
    fc.assert(
      fc.property(pattern, pattern, pattern, (x, y, z) => {
        expect(isSubsetOf(x, x)).toBe(true);
        if (isSubsetOf(x, y) && isSubsetOf(y, z)) expect(isSubsetOf(x, z)).toBe(true);
        expect(overlaps(x, y)).toBe(overlaps(y, x));
      }),
    );
  });
});
