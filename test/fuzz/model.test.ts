import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainPattern, plainSubject } from '../../src/fuzz/generators/subjects.ts';
import { BoundaryModel, covers, matchesSubject, meets } from '../../src/model/index.ts';
import { isSubsetOf, matches, overlaps, toBytes } from '../../src/subjects/index.ts';

const pattern = fc.oneof(plainPattern, fc.constantFrom('>', '*', '*.>', 'a..b', 'a.'));
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

describe('BoundaryModel', () => {
  function interest(connection: string, sid: string, text: string, queue?: string) {
    return { connection, sid, subject: text, queue };
  }

  test('never lets a message out of its account', () => {
    fc.assert(
      fc.property(pattern, subject, (p, s) => {
        const model = new BoundaryModel();
        model.connect('a', 'A', undefined);
        model.connect('b', 'B', undefined);
        model.subscribe(interest('b', '1', p));
        model.subscribe(interest('b', '2', p, 'q'));
        expect(model.publish('a', s, undefined)).toEqual({ all: [], oneOf: [] });
      }),
    );
  });

  test('filters a denied subject out of a wider subscription', () => {
    const model = new BoundaryModel();
    const deny = [{ subject: toBytes('x.secret') }];
    model.connect('a', 'A', { subscribe: { deny } });
    expect(model.subscribe(interest('a', '1', 'x.*'))).toBe(true);
    expect(model.subscribe(interest('a', '2', 'x.secret'))).toBe(false);
    expect(model.publish('a', 'x.secret', undefined).all).toEqual([]);
    expect(model.publish('a', 'x.open', undefined).all).toHaveLength(1);
  });

  test('counts equal queue names on different subjects as one group', () => {
    const model = new BoundaryModel();
    model.connect('a', 'A', undefined);
    model.subscribe(interest('a', '1', 'x.*', 'q'));
    model.subscribe(interest('a', '2', 'x.>', 'q'));
    model.subscribe(interest('a', '3', 'x.y', 'r'));
    expect(model.publish('a', 'x.y', undefined).oneOf.map((group) => group.length)).toEqual([2, 1]);
  });

  test('refuses replies that the server uses for itself', () => {
    const model = new BoundaryModel();
    model.connect('a', 'A', undefined);
    model.subscribe(interest('a', '1', '>'));
    expect(model.publish('a', 'x', '_R_.a.b').all).toEqual([]);
    expect(model.publish('a', 'x', '_INBOX.a').all).toHaveLength(1);
  });
});
