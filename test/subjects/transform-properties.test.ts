import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ByteString,
  type Image,
  isLiteral,
  matches,
  overlaps,
  SubjectTransform,
  toBytes,
  tokensOf,
} from '../../src/subjects/index.ts';

const b = (text: string) => text as ByteString;
const noChance = { below: () => 0 };
const word = fc.constantFrom('a', 'b', 'ab', 'x-y', '-', 'é', 'abcdef');
const literal = fc.array(word, { minLength: 1, maxLength: 5 }).map((tokens) => toBytes(tokens.join('.')));
const pattern = fc
  .tuple(fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([tokens, isFull]) => toBytes([...tokens, ...(isFull ? ['>'] : [])].join('.')));

/** A destination that the source allows: literals, references and functions of its wildcards. */
function destinationFor(source: ByteString): fc.Arbitrary<ByteString> {
  const tokens = tokensOf(source);
  const stars = tokens.filter((token) => token === '*').length;
  const choices: fc.Arbitrary<string>[] = [word, fc.constantFrom('{{random(3)}}', '{{partition(3)}}')];
  if (stars > 0) choices.push(fc.integer({ min: 1, max: stars }).chain(functionsOf));
  const part = fc.oneof(...choices);
  return fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => toBytes([...parts, ...(tokens.at(-1) === '>' ? ['>'] : [])].join('.')));
}

function functionsOf(index: number): fc.Arbitrary<string> {
  const names = ['splitFromLeft', 'splitFromRight', 'sliceFromLeft', 'sliceFromRight'];
  return fc.oneof(
    fc.constantFrom(`$${index}`, `{{wildcard(${index})}}`, `{{split(${index},-)}}`, `{{split(${index},)}}`),
    fc.integer({ min: 0, max: 400 }).map((buckets) => `{{partition(${buckets},${index})}}`),
    fc
      .tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 3 }))
      .map(([name, n]) => `{{${name}(${index},${n})}}`),
  );
}

const transforms = pattern.chain((source) =>
  destinationFor(source).map((destination) => SubjectTransform.parse(source, destination)),
);

/** A subject of a pattern, wildcards filled in from a list of words. */
function fill(of: ByteString, words: readonly string[]): ByteString {
  let at = 0;
  const next = (): string => toBytes(words[at++ % words.length] ?? 'a');
  return b(
    tokensOf(of)
      .flatMap((token) => (token === '*' ? [next()] : token === '>' ? [next(), next()] : [token]))
      .join('.'),
  );
}

const words = fc.array(word, { minLength: 1, maxLength: 6 });

describe('SubjectTransform', () => {
  test('apply changes exactly the subjects that match the source', () => {
    fc.assert(
      fc.property(transforms, literal, (transform, subject) => {
        expect(transform.apply(subject, noChance) !== undefined).toBe(matches(transform.source, subject));
      }),
    );
  });

  test('apply does not depend on chance unless it says so', () => {
    fc.assert(
      fc.property(transforms, words, (transform, filling) => {
        const subject = fill(transform.source, filling);
        const same =
          transform.apply(subject, { below: () => 0 }) === transform.apply(subject, { below: (n) => n - 1 });
        expect(same).toBe(transform.isDeterministic);
      }),
    );
  });

  test('partition is the hash of the tokens, computed with big numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }), { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        fc.shuffledSubarray([1, 2, 3]),
        (texts, buckets, chosen) => {
          const tokens = texts.map((text) => toBytes(text).replace(/[. \t\r\n\f]/g, '_'));
          const subject = b(['p', ...tokens].join('.'));
          const hashed = chosen.length === 0 ? subject : chosen.map((index) => tokens[index - 1]).join('');
          const transform = SubjectTransform.parse(
            b('p.*.*.*'),
            b(`{{partition(${[buckets, ...chosen].join(',')})}}`),
          );
          expect(transform.apply(subject, noChance)).toBe(String(naiveHash(hashed) % BigInt(buckets)));
        },
      ),
    );
  });

  test('apply bounds the length of what it makes', () => {
    const many = SubjectTransform.parse(b('a.*'), b(Array(100).fill('$1').join('.')));
    expect(many.apply(b(`a.${'x'.repeat(600)}`), noChance)).toHaveLength(60_099);
    expect(many.apply(b(`a.${'x'.repeat(700)}`), noChance)).toBe('');
    expect(() => SubjectTransform.parse(b('a'), b('x'.repeat(65_537)))).toThrow('invalid subject');
  });
});

/** FNV-1a with 32 bits, from its definition. */
function naiveHash(bytes: string): bigint {
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.from(bytes, 'latin1')) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return hash;
}

describe('SubjectTransform.imageOf', () => {
  test('contains what becomes of every subject of the pattern', () => {
    fc.assert(
      fc.property(transforms, pattern, words, fc.nat(), (transform, asked, filling, drawn) => {
        const subjects = [fill(transform.source, filling), fill(asked, filling)];
        for (const subject of subjects) {
          if (!matches(asked, subject)) continue;
          const result = transform.apply(subject, { below: (n) => drawn % n });
          if (result === undefined || tokensOf(result).includes(b(''))) continue;
          expect(transform.imageOf(asked).filter((image) => matches(image.pattern, result))).not.toEqual([]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('is nothing exactly where source and pattern have nothing in common', () => {
    fc.assert(
      fc.property(transforms, pattern, (transform, asked) => {
        if (transform.imageOf(asked).length > 0) expect(overlaps(asked, transform.source)).toBe(true);
        if (!overlaps(asked, transform.source)) expect(transform.imageOf(asked)).toEqual([]);
      }),
    );
  });

  test('says exact only where every subject of the image comes out', () => {
    const parts = [
      '$1',
      '$2',
      'k',
      '{{random(2)}}',
      '{{partition(2,1)}}',
      '{{partition(3,2)}}',
      '{{splitFromLeft(1,1)}}',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('s.*.*', 's.a.*', 's.*.b', '>', 's.>', 's.a.b'),
        (tokens, asked) => {
          const transform = SubjectTransform.parse(b('s.*.*'), b(tokens.join('.')));
          const results = resultsOn(transform, b(asked), LETTERS);
          for (const image of transform.imageOf(b(asked))) {
            if (!image.exact) continue;
            for (const subject of subjectsOf(image, ['a', 'b'])) expect(results).toContain(subject);
          }
        },
      ),
    );
  });

  test.each([
    ['s.*.*', 'd.$2.$1', 's.>', ['d.*.*'], true],
    ['s.*.*', 'd.$2.$1', 's.a.*', ['d.*.a'], true],
    ['s.*.*', 'd.$1', '>', ['d.*'], true],
    ['s.*', 'd.$1.$1', '>', ['d.*.*'], false],
    ['s.*', 'd.{{partition(2,1)}}', '>', ['d.0', 'd.1'], true],
    ['s.*', 'd.{{partition(2,1)}}.$1', '>', ['d.0.*', 'd.1.*'], false],
    ['p.*', 'd.{{partition(10,1)}}', 'p.foo', ['d.3'], true],
    ['s.*', 'd.{{partition(257,1)}}', '>', ['d.*'], false],
    ['s.*', 'd.{{random(2)}}.{{random(2)}}', '>', ['d.0.0', 'd.0.1', 'd.1.0', 'd.1.1'], true],
    ['s.*', 'd.{{split(1,-)}}.x', '>', ['d.>'], false],
    ['s.*', 'd.{{split(1,-)}}.x', 's.a-b', ['d.a.b.x'], true],
    ['s.*', 'd.{{split(1,-)}}.x', 's.-', [], true],
    ['s.*', 'd.{{splitFromLeft(1,1)}}.x', '>', ['d.*.x', 'd.*.*.x'], false],
    ['s.>', 'd.>', 's.a.>', ['d.a.>'], true],
    ['s.>', 'd.>', 's.a.b', ['d.a.b'], true],
    ['s.>', '{{partition(2)}}.>', '>', ['0.>', '1.>'], false],
    ['s.*', 'd.$1', 't.>', [], true],
  ])('of %s -> %s for %s is %j', (source, destination, asked, patterns, exact) => {
    const images = SubjectTransform.parse(b(source), b(destination)).imageOf(b(asked));
    expect(images).toEqual(patterns.map((one) => ({ pattern: one, exact })));
  });
});

const LETTERS = [...'abcdefghij'];

/** All that comes out for the subjects of `s.*.*` in these words that a pattern matches, by every chance. */
function resultsOn(transform: SubjectTransform, asked: ByteString, over: readonly string[]): Set<string> {
  const results = new Set<string>();
  for (const first of over) {
    for (const second of over) {
      const subject = b(`s.${first}.${second}`);
      if (!matches(asked, subject)) continue;
      for (let chance = 0; chance < 8; chance++) {
        let draws = chance;
        const below = (n: number): number => {
          const drawn = draws % n;
          draws = Math.floor(draws / n);
          return drawn;
        };
        const result = transform.apply(subject, { below });
        if (result !== undefined) results.add(result);
      }
    }
  }
  return results;
}

/** The subjects of an image without `>`, its wildcards out of a list. */
function subjectsOf({ pattern: of }: Image, over: readonly string[]): string[] {
  if (isLiteral(of)) return [of];
  return over.flatMap((text) => subjectsOf({ pattern: b(of.replace('*', text)), exact: true }, over));
}
