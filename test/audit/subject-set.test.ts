import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meet } from '../../src/audit/patterns.ts';
import { SubjectSet, type Term } from '../../src/audit/subject-set.ts';
import { type ByteString, matches } from '../../src/subjects/index.ts';

/** Every subject of up to four tokens over two letters that patterns use, and one that none does. */
const SUBJECTS = subjectsUpTo(4, ['a', 'b', 'q']);

function subjectsUpTo(length: number, tokens: readonly string[]): ByteString[] {
  let last: string[] = [...tokens];
  const all = [...last];
  for (let i = 1; i < length; i++) {
    last = last.flatMap((subject) => tokens.map((token) => `${subject}.${token}`));
    all.push(...last);
  }
  return all as ByteString[];
}

const token = fc.constantFrom('a', 'b', '*');
/** Patterns of up to three tokens: four tokens of subject tell all of them apart. */
const pattern = fc
  .tuple(fc.array(token, { minLength: 0, maxLength: 3 }), fc.boolean())
  .filter(([tokens, tail]) => tail || tokens.length > 0)
  .map(([tokens, tail]) => (tail ? [...tokens.slice(0, 2), '>'] : tokens).join('.') as ByteString);
const term: fc.Arbitrary<Term> = fc.record({
  pattern,
  except: fc.array(pattern, { maxLength: 3 }),
  may: fc.constant(false),
});
const terms = fc.array(term, { maxLength: 3 });

function members(list: readonly Term[]): ByteString[] {
  return SUBJECTS.filter((subject) =>
    list.some(
      ({ pattern: own, except }) => matches(own, subject) && !except.some((hole) => matches(hole, subject)),
    ),
  );
}

describe('meet', () => {
  it('is the pattern of what both match', () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const both = meet(a, b);
        for (const subject of SUBJECTS) {
          const expected = matches(a, subject) && matches(b, subject);
          expect(both !== undefined && matches(both, subject)).toBe(expected);
        }
      }),
    );
  });
});

describe('SubjectSet', () => {
  it('has what its terms have, however it is combined', () => {
    fc.assert(
      fc.property(terms, terms, fc.array(pattern, { maxLength: 2 }), (left, right, removed) => {
        const [a, b] = [SubjectSet.ofTerms(left), SubjectSet.ofTerms(right)];
        const [inA, inB] = [new Set(members(left)), new Set(members(right))];
        const [both, either, less] = [a.intersect(b), a.union(b), a.without(removed)];
        for (const subject of SUBJECTS) {
          const [x, y] = [inA.has(subject), inB.has(subject)];
          expect(a.has(subject)).toBe(x);
          expect(both.has(subject)).toBe(x && y);
          expect(either.has(subject)).toBe(x || y);
          expect(less.has(subject)).toBe(x && !removed.some((hole) => matches(hole, subject)));
        }
      }),
    );
  });

  it('finds a member exactly when there is one', () => {
    fc.assert(
      fc.property(terms, (list) => {
        const set = SubjectSet.ofTerms(list);
        const member = set.member();
        expect(set.isEmpty).toBe(members(list).length === 0);
        if (member === 'none') expect(members(list)).toEqual([]);
        else expect(set.has(member as ByteString)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('knows whether one is part of another, and names a subject that is not', () => {
    fc.assert(
      fc.property(terms, terms, (left, right) => {
        const [a, b] = [SubjectSet.ofTerms(left), SubjectSet.ofTerms(right)];
        const inB = new Set(members(right));
        const outside = members(left).filter((subject) => !inB.has(subject));
        const found = a.memberOutside(b);
        expect(a.isSubsetOf(b)).toBe(outside.length === 0);
        if (found === 'none') return;
        expect(a.has(found as ByteString)).toBe(true);
        expect(b.has(found as ByteString)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [['>'], ['*', '*.>'], true],
    [['foo.>'], ['foo.*'], false],
    [['foo.*'], ['foo.>'], true],
    [['a.*.c'], ['a.b.*', 'a.*.c'], true],
    [['*.*'], ['a.*', '*.b'], false],
  ] as const)('finds %j %s covered by %j: %s', (left, right, expected) => {
    const set = (patterns: readonly string[]) => SubjectSet.of(...(patterns as readonly ByteString[]));
    expect(set(left).isSubsetOf(set(right))).toBe(expected);
  });

  it('says so when a question is too hard, and does not hang', () => {
    const except: ByteString[] = [];
    const width = 24;
    for (let i = 0; i < width; i++) {
      for (const letter of ['a', 'b']) {
        const tokens = Array.from({ length: width }, (_, at) => (at === i ? letter : '*'));
        tokens[(i + 7) % width] = letter === 'a' ? 'b' : 'a';
        except.push(tokens.join('.') as ByteString);
      }
    }
    const everything = Array.from({ length: width }, () => '*').join('.') as ByteString;
    const set = SubjectSet.ofTerms([{ pattern: everything, except, may: false }]);
    expect(['none', 'unknown']).not.toContain(set.member());
  });

  it('keeps the mark of an upper bound', () => {
    const may = SubjectSet.of('a.*' as ByteString).asUpperBound();
    expect(may.isExact).toBe(false);
    expect(may.intersect(SubjectSet.of('a.b' as ByteString)).isExact).toBe(false);
    expect(may.union(SubjectSet.of('a.>' as ByteString)).isExact).toBe(true);
  });
});
