import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainPattern, plainSubject } from '../../src/fuzz/generators/subjects.ts';
import { covers, matchesSubject, meets } from '../../src/model/index.ts';
import { isSubsetOf, matches, overlaps, toBytes } from '../../src/subjects/index.ts';

const subject = fc.oneof(plainSubject, fc.constantFrom('a..b', '.a', 'a.', 'a.*', 'a.>'));

describe('the naive patterns of the model agree with src/subjects', () => {
  const agree = (
    left: (a: string, b: string) => boolean,
    right: (a: string, b: string) => boolean,
    second = plainPattern,
  ) =>
    fc.assert(
      fc.property(plainPattern, second, (a, b) => {
        expect(left(a, b)).toBe(right(a, b));
      }),
    );
  test('matchesSubject', () => agree(matchesSubject, (p, s) => matches(toBytes(p), toBytes(s)), subject));
  test('covers', () => agree(covers, (outer, inner) => isSubsetOf(toBytes(inner), toBytes(outer))));
  test('meets', () => agree(meets, (a, b) => overlaps(toBytes(a), toBytes(b))));
});
