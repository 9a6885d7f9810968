import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Mapping, Mappings } from '../../src/accounts/index.ts';
import type { MappingDestination, MappingOptions } from '../../src/config/index.ts';
import { SeededRandom } from '../../src/server/effects.ts';
import { type ByteString, isSubsetOf, matches, toBytes } from '../../src/subjects/index.ts';

const b = toBytes;

function to(subject: string, weight = 100, cluster?: string): MappingDestination {
  return { subject: b(subject), weight, ...(cluster === undefined ? {} : { cluster }) };
}

function mappings(...options: readonly (readonly [string, ...MappingDestination[]])[]): Mappings {
  return new Mappings(
    options.map(([source, ...destinations]): MappingOptions => ({ source: b(source), destinations })),
    new SeededRandom('mappings'),
  );
}

/** A mapping of a source to any subject. */
function toX(source: string): [string, MappingDestination] {
  return [source, to(source.endsWith('>') ? 'x.>' : 'x')];
}

/** What one message published on a subject becomes. */
function published(all: Mappings, subject: string): string {
  const mapping = all.find(b(subject));
  const transform = mapping?.choose();
  return transform === undefined ? subject : (mapping as Mapping).apply(transform, b(subject));
}

function counts(all: Mappings, subject: string, messages: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let i = 0; i < messages; i++) {
    const result = published(all, subject);
    found[result] = (found[result] ?? 0) + 1;
  }
  return found;
}

const MESSAGES = 10_000;

/** Source, destinations, the share that each subject should get, and what it gets by the seed. */
const SHARES: readonly (readonly [
  string,
  readonly MappingDestination[],
  Record<string, number>,
  Record<string, number>,
])[] = [
  ['s.*', [to('b', 50)], { 's.x': 0.5, b: 0.5 }, { 's.x': 5088, b: 4912 }],
  [
    's.*',
    [to('b.$1', 60), to('c', 30)],
    { 's.x': 0.1, 'b.x': 0.6, c: 0.3 },
    { 's.x': 1020, 'b.x': 5942, c: 3038 },
  ],
  ['s.*', [to('b', 1), to('c', 99)], { b: 0.01, c: 0.99 }, { b: 92, c: 9908 }],
  ['s.*', [to('b', 20), to('s.x', 30)], { b: 0.2, 's.x': 0.8 }, { b: 1929, 's.x': 8071 }],
  [
    's.*',
    [to('{{random(4)}}')],
    { 0: 0.25, 1: 0.25, 2: 0.25, 3: 0.25 },
    { 0: 2489, 1: 2499, 2: 2493, 3: 2519 },
  ],
];

describe('Mappings', () => {
  test('change the subjects that match a source, and no other', () => {
    const all = mappings(['one', to('two')], ['s.*', to('d.$1')], ['t.>', to('u.>')]);
    expect(published(all, 'one')).toBe('two');
    expect(published(all, 's.a')).toBe('d.a');
    expect(published(all, 't.a.b')).toBe('u.a.b');
    for (const same of ['two', 'ones', 's', 's.a.b', 's.', 't', 't..a', ''])
      expect(published(all, same)).toBe(same);
  });

  test('are refused with a destination that makes no transform, be it for another cluster', () => {
    expect(() => mappings(['s.*', to('d.$2')])).toThrow('wildcard index out of range in $2: [2]');
    expect(() => mappings(['s.*', to('d.{{foo(1)}}', 10, 'far')])).toThrow('unknown function');
    expect(() => mappings(['s', to('a', 50), to('b', 51)])).toThrow('total weight needs to be <= 100');
  });

  test('without weight, or for another cluster only, keep the subject (measured on 2.14.5)', () => {
    const all = mappings(
      ['none'],
      ['zero', to('a', 0)],
      ['far', to('a', 100, 'x')],
      ['both', to('a', 100, 'x'), to('near')],
    );
    expect(['none', 'zero', 'far', 'both'].map((subject) => published(all, subject))).toEqual([
      'none',
      'zero',
      'far',
      'near',
    ]);
  });

  test.each(SHARES)('weights share out the messages of %s: %j', (source, destinations, shares, exact) => {
    const all = mappings([source, ...destinations]);
    const found = counts(all, 's.x', MESSAGES);
    expect(Object.keys(found).sort()).toEqual(Object.keys(shares).sort());
    for (const [subject, share] of Object.entries(shares)) {
      const deviation = Math.sqrt(MESSAGES * share * (1 - share));
      expect(Math.abs((found[subject] ?? 0) - MESSAGES * share)).toBeLessThan(5 * deviation);
    }
    expect(found).toEqual(exact);
  });

  test('one destination of 100 percent takes no chance', () => {
    const drawn: number[] = [];
    const random = new SeededRandom('x');
    const watched = {
      ...random,
      below: (n: number) => drawn.push(n),
      fork: () => random,
    } as unknown as SeededRandom;
    const all = new Mappings([{ source: b('a'), destinations: [to('b')] }], watched);
    expect(published(all, 'a')).toBe('b');
    expect(drawn).toEqual([]);
  });

  test('the last of several mappings of one source counts', () => {
    expect(published(mappings(['a', to('b')], ['a', to('c')]), 'a')).toBe('c');
  });

  test.each([
    ['a.b', ['a.b', 'a.*', '*.b', 'a.>', '>'], 'a.b'],
    ['a.b', ['a.*', '*.b', '*.*', 'a.>', '>'], 'a.*'],
    ['a.b', ['*.b', '*.*', '>', '*.>'], '*.b'],
    ['a.b', ['*.*', '*.>', '>'], '*.*'],
    ['a.b', ['*.>', '>'], '*.>'],
    ['a.b', ['a.>', '*.b'], 'a.>'],
    ['a.b.c', ['a.*.c', 'a.b.*', '*.b.c'], 'a.b.*'],
  ])('%s of the sources %j is under %s, in whatever order they stand', (subject, sources, winner) => {
    for (const order of [sources, [...sources].reverse()]) {
      const all = mappings(...order.map(toX));
      expect(all.find(b(subject))?.subject).toBe(winner);
    }
  });

  test('no source that is chosen contains another one that matches', () => {
    const token = fc.constantFrom('a', 'b', '*');
    const source = fc
      .tuple(fc.array(token, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([tokens, isFull]) => [...tokens, ...(isFull ? ['>'] : [])].join('.'));
    const subject = fc
      .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 })
      .map((all) => all.join('.'));
    fc.assert(
      fc.property(fc.uniqueArray(source, { maxLength: 8 }), subject, (sources, asked) => {
        const all = mappings(...sources.map(toX));
        const matching = sources.filter((one) => matches(b(one), b(asked)));
        const found = all.find(b(asked))?.subject;
        expect(found !== undefined).toBe(matching.length > 0);
        if (found === undefined) return;
        expect(matching).toContain(found);
        const narrower = matching.filter((one) => one !== found && isSubsetOf(b(one), found as ByteString));
        expect(narrower).toEqual([]);
      }),
    );
  });
});
