import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ByteString, ImportTransform, matches, tokensOf } from '../../src/subjects/index.ts';

const b = (text: string) => text as ByteString;

const TO = 'invalid mapping destination: ';

describe('ImportTransform.parse', () => {
  test.each([
    ['x.*', 'y.$1', 'y.*'],
    ['x.*', 'y.*', 'y.*'],
    ['x.*', 'y.{{ Wildcard(1) }}', 'y.*'],
    ['x.*.*', 'y.$2.$1', 'y.*.*'],
    ['x.*.*', '*.y.*', '*.y.*'],
    ['x.*.*', 'y.$2.k.*', 'y.*.k.*'],
    ['x.*.*', 'y.*.$2', 'y.*.*'],
    ['x.*.*.*', 'y.$3.$1.$2', 'y.*.*.*'],
    ['x.>', 'y.>', 'y.>'],
    ['x.>', '>', '>'],
    ['>', 'y.>', 'y.>'],
    ['x.*.>', 'y.$1.>', 'y.*.>'],
    ['x', 'y', 'y'],
    ['x', 'y.$1', 'y.$1'],
    ['x.$2.*', 'y.$1', 'y.*'],
  ])('%s to %s is heard under %s', (remote, to, local) => {
    expect(ImportTransform.parse(b(remote), b(to)).local).toBe(local);
  });

  test.each([
    [
      'x.*',
      'y.{{partition(3,1)}}',
      'the only mapping function allowed for import transforms is {{Wildcard()}} in {{partition(3,1)}}',
    ],
    [
      'x.*',
      'y.{{random(3)}}',
      'the only mapping function allowed for import transforms is {{Wildcard()}} in {{random(3)}}',
    ],
    [
      'x.*',
      'y.{{split(1,-)}}',
      'the only mapping function allowed for import transforms is {{Wildcard()}} in {{split(1,-)}}',
    ],
    ['x.*', 'y.{{foo(1)}}', 'unknown function in {{foo(1)}}'],
    ['x.*', 'y.z', 'not using all of the token wildcard(s) in y.z'],
    ['x.*', 'y.$x', 'not using all of the token wildcard(s) in y.$x'],
    ['x.*.*', 'y.$1', 'not using all of the token wildcard(s) in y.$1'],
    ['x.*.*', 'y.*', 'not using all of the token wildcard(s) in y.$1'],
    ['x.*.>', 'y.>', 'not using all of the token wildcard(s) in y.>'],
    ['x.*', 'y.*.*', 'wildcard index out of range in $2: [2]'],
    ['x.*', 'y.$2', 'wildcard index out of range in $2: [2]'],
    ['x.>', 'y.*.>', 'wildcard index out of range in $1: [1]'],
  ])('%s to %s is refused as nats-server 2.14.5 does: %s', (remote, to, reason) => {
    expect(() => ImportTransform.parse(b(remote), b(to))).toThrow(`${TO}${reason}`);
  });

  test.each([
    ['x.>', 'y'],
    ['x.>', 'y.*'],
    ['x.*', '>'],
    ['x.*', 'y.>'],
    ['a..b', 'y'],
    ['x', 'y..z'],
    ['x', 'y z'],
    ['x', ''],
  ])('%s to %s is refused: one of them is no subject', (remote, to) => {
    expect(() => ImportTransform.parse(b(remote), b(to))).toThrow(/invalid subject|invalid transform/);
  });

  /** The real server takes these and then delivers on subjects that have no way back, or are no subjects. */
  test.each([
    ['x.*.*', 'y.$1.$1'],
    ['x.*', 'y.$1.$1'],
    ['x.*', 'y.$0'],
    ['x.*', 'y.$1.$0'],
    ['x.*.*', 'y.$2.*.*'],
    ['x', 'y.*'],
    ['x', 'y.>'],
  ])('%s to %s is refused: it is ambiguous', (remote, to) => {
    expect(() => ImportTransform.parse(b(remote), b(to))).toThrow();
  });

  test('a service without wildcards may be asked under a pattern', () => {
    const transform = ImportTransform.parse(b('x'), b('y.*'), 'service');
    expect(transform.local).toBe('y.*');
    expect(transform.toRemote(b('y.q'))).toBe('x');
    expect(transform.toRemote(b('z.q'))).toBeUndefined();
    expect(transform.remoteImageOf(b('y.q'))).toEqual([{ pattern: 'x', exact: true }]);
  });
});

/** A remote subject with wildcards, and a local one with the same wildcards in another order. */
const renamings = fc
  .tuple(fc.array(fc.constantFrom('*', 'k', '$1', 'q'), { minLength: 1, maxLength: 5 }), fc.boolean())
  .chain(([tokens, isFull]) => {
    const stars = tokens.filter((token) => token === '*').map((_star, index) => index + 1);
    const order = fc.shuffledSubarray(stars, { minLength: stars.length });
    const rest = isFull ? ['>'] : [];
    return order.map((indexes) => ({
      remote: b([...tokens, ...rest].join('.')),
      to: b(['to', ...indexes.flatMap((index) => [`$${index}`, 'k']), ...rest].join('.')),
    }));
  });

const words = fc.array(fc.constantFrom('a', 'b', 'k', 'to', '$1'), { minLength: 1, maxLength: 8 });

function fill(of: ByteString, filling: readonly string[]): ByteString {
  let at = 0;
  const next = (): string => filling[at++ % filling.length] ?? 'a';
  return b(
    tokensOf(of)
      .flatMap((token) => (token === '*' ? [next()] : token === '>' ? [next(), next()] : [token]))
      .join('.'),
  );
}

describe('ImportTransform', () => {
  test('toRemote is the way back of toLocal, and the other way round', () => {
    fc.assert(
      fc.property(renamings, words, ({ remote, to }, filling) => {
        const transform = ImportTransform.parse(remote, to);
        const outside = fill(remote, filling);
        const inside = transform.toLocal(outside);
        expect(inside !== undefined && matches(transform.local, inside)).toBe(true);
        expect(transform.toRemote(inside ?? b(''))).toBe(outside);
        const other = fill(transform.local, filling);
        expect(transform.toLocal(transform.toRemote(other) ?? b(''))).toBe(other);
      }),
    );
  });

  test('subjects outside of either pattern have no name on the other side', () => {
    const transform = ImportTransform.parse(b('x.*'), b('y.$1'));
    expect(transform.toLocal(b('y.a'))).toBeUndefined();
    expect(transform.toRemote(b('x.a'))).toBeUndefined();
    expect(transform.toLocal(b('x.a.b'))).toBeUndefined();
  });

  test('images are exact, and each is the image of the other', () => {
    fc.assert(
      fc.property(renamings, words, ({ remote, to }, filling) => {
        const transform = ImportTransform.parse(remote, to);
        const outside = fill(remote, filling);
        const asked = b(
          tokensOf(outside)
            .map((token, index) => (index % 2 === 0 ? token : '*'))
            .join('.'),
        );
        for (const image of transform.localImageOf(asked)) {
          expect(image.exact).toBe(true);
          expect(matches(image.pattern, transform.toLocal(outside) ?? b(''))).toBe(true);
          const [back] = transform.remoteImageOf(image.pattern);
          expect(transform.localImageOf(back?.pattern ?? b('none'))).toEqual([image]);
        }
        expect(transform.localImageOf(asked)).toHaveLength(1);
        expect(transform.localImageOf(remote)).toEqual([{ pattern: transform.local, exact: true }]);
        expect(transform.remoteImageOf(transform.local)).toEqual([{ pattern: remote, exact: true }]);
      }),
    );
  });
});
