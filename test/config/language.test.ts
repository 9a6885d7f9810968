import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConfigEntry,
  type ConfigMap,
  type ConfigValue,
  parseValues,
  printConfig,
} from '../../src/config/index.ts';
import { bare, configErrorOf, inside, refusalOf } from './helpers.ts';

/** One value of each kind and how it is written. */
const VALUES: readonly [string, unknown][] = [
  ['1k', ['integer', 1000]],
  ['1kb', ['integer', 1024]],
  ['2MiB', ['integer', 2 * 1024 * 1024]],
  ['-3', ['integer', -3]],
  ['1.5', ['float', 1.5]],
  ['1.2.3.4', ['string', '1.2.3.4']],
  ['12:30', ['string', '12:30']],
  ['5ms', ['string', '5ms']],
  ['5m', ['integer', 5_000_000]],
  ['Yes', ['boolean', true]],
  ['off', ['boolean', false]],
  ['"true"', ['string', 'true']],
  ['2016-05-04T18:53:41Z', ['date', Date.UTC(2016, 4, 4, 18, 53, 41)]],
  ['"a\\x41\\t\\"\\\\"', ['string', 'aA\t"\\']],
  ['"\\xc3\\xa9"', ['string', 'é']],
  ["'a\\x41'", ['string', 'a\\x41']],
  ['(\n a b\n  )\n)', ['string', '\n a b\n  )\n']],
  ['[1]', [['integer', 1]]],
  [
    '[a, "b" # c\n c]',
    [
      ['string', 'a'],
      ['string', 'b'],
      ['string', 'c'],
    ],
  ],
  [
    '{ a: 1, b = 2; "c d" 3 }',
    {
      map: [
        ['a', ['integer', 1]],
        ['b', ['integer', 2]],
        ['c d', ['integer', 3]],
      ],
    },
  ],
  ['$2a$11$abc', ['string', '$2a$11$abc']],
];

describe('parseValues', () => {
  for (const [text, expected] of VALUES) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const value = parseValues(`x: ${text}\n`).entries.get('x')?.value;
      expect(value === undefined ? undefined : bare(value)).toEqual(expected);
    });
  }

  it('holds integers that doubles cannot hold', () => {
    const value = parseValues('x: 9223372036854775807').entries.get('x')?.value;
    expect(value).toMatchObject({ kind: 'integer', value: Number.MAX_SAFE_INTEGER });
  });

  it('reads JSON, a byte order mark and carriage returns', () => {
    expect(bare(parseValues('\ufeff{\r\n"a": [1,2],\r\n"b": {"c": true}\r\n}\r\n'))).toEqual({
      map: [
        [
          'a',
          [
            ['integer', 1],
            ['integer', 2],
          ],
        ],
        ['b', { map: [['c', ['boolean', true]]] }],
      ],
    });
  });

  it('tells where each key stands, counting from 1', () => {
    const root = parseValues('a: 1\n  b { c: 2 }\n', { file: 'f.conf' });
    expect(root.entries.get('b')?.at).toEqual({ file: 'f.conf', line: 2, column: 3 });
    expect(inside(root, 'b').entries.get('c')?.at).toEqual({ file: 'f.conf', line: 2, column: 7 });
  });
});

describe('variables', () => {
  const env = { PORT: '77', LIST: '[a, b]', LOOP: '$LOOP', BAD: 'a b', EMPTY: '' };
  const port = (text: string) => {
    const value = parseValues(text, { env }).entries.get('port')?.value;
    return value === undefined ? undefined : bare(value);
  };

  it('are looked up from the inside to the outside, then in the environment', () => {
    expect(port('X = 5\nport: $X')).toEqual(['integer', 5]);
    expect(port('port: $PORT')).toEqual(['integer', 77]);
    expect(port('PORT = 5\nport: $PORT')).toEqual(['integer', 5]);
    expect(port('port: $LIST')).toEqual([
      ['string', 'a'],
      ['string', 'b'],
    ]);
    const nested = parseValues('X = 5\nm { X = 6, y: $X }\nz: $X');
    expect(inside(nested, 'm').entries.get('y')?.value).toMatchObject({ value: 6 });
    expect(nested.entries.get('z')?.value).toMatchObject({ value: 5 });
  });

  it.each([
    ['port: $NOPE', /variable reference for 'NOPE' on line 1 can not be found/],
    ['m { X = 6 }\nport: $X', /variable reference for 'X' on line 2 can not be found/],
    ['port: $LOOP', /variable reference cycle for 'LOOP'/],
    ['port: $BAD', /Expected a top-level value to end/],
    ['port: $EMPTY', /Unexpected EOF/],
    ['port: $toString', /variable reference for 'toString'/],
    ['port: $__proto__', /variable reference for '__proto__'/],
  ])('refuse %j', (text, message) => {
    expect(configErrorOf(() => parseValues(text, { env })).message).toMatch(message);
  });

  it('exempt the keys they use, and no others, from being known', () => {
    expect(refusalOf('X = 5\nY = 6\nport: $X')).toBe('x.conf:2:1: unknown field "Y"');
  });
});

describe('includes', () => {
  const files = new Map([
    ['/etc/n/users.conf', 'users: [ {user: a} ]'],
    ['/etc/n/sub/x.conf', 'include y.conf'],
    ['/etc/n/sub/y.conf', 'port: 7'],
    ['/etc/n/loop.conf', 'include loop.conf'],
    ['/etc/n/bad.conf', 'port: 1\nport: ]'],
  ]);
  const readFile = (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    return text;
  };
  const how = { file: '/etc/n/main.conf', readFile };

  it('are relative to the including file and may stand in a map', () => {
    const root = parseValues("include sub/x.conf\nauthorization { include 'users.conf' }", how);
    expect(root.entries.get('port')).toMatchObject({ at: { file: '/etc/n/sub/y.conf', line: 1 } });
    expect(inside(root, 'authorization').entries.has('users')).toBe(true);
  });

  it('are refused when missing, in a cycle, or where no files can be read', () => {
    expect(refusalOf('include ./no.conf', how)).toBe(
      "/etc/n/main.conf:1:1: error parsing include file './no.conf', open /etc/n/no.conf: no such file or directory",
    );
    expect(refusalOf('include loop.conf', how)).toContain(
      'include cycle: /etc/n/main.conf -> /etc/n/loop.conf',
    );
    expect(refusalOf('include other.conf')).toContain('files can not be included here');
    expect(refusalOf('include bad.conf', how)).toMatch(/^\/etc\/n\/bad\.conf:2:7: /);
  });
});

const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'include', 'a b', '#x', '//', '{', '}', ',', 'ü', '"', "'", ''),
  fc.string({ maxLength: 8 }),
);
const at = { file: '', line: 0, column: 0 };
const float = fc.double({ noNaN: true, noDefaultInfinity: true });
const date = fc.integer({ min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31) });

const { map: anyMap } = fc.letrec<{ value: ConfigValue; map: ConfigMap }>((tie) => ({
  map: fc
    .uniqueArray(fc.tuple(key, tie('value')), { selector: ([name]) => name, maxLength: 5 })
    .map((pairs) => ({
      kind: 'map' as const,
      at,
      entries: new Map(
        pairs.map(([name, value]): [string, ConfigEntry] => [name, { key: name, value, at, used: false }]),
      ),
    })),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }).map((value): ConfigValue => ({ kind: 'string', value, at })),
    fc.maxSafeInteger().map((value): ConfigValue => ({ kind: 'integer', value, at })),
    float.map((value): ConfigValue => ({ kind: 'float', value, at })),
    fc.boolean().map((value): ConfigValue => ({ kind: 'boolean', value, at })),
    date.map((value): ConfigValue => ({ kind: 'date', value: Math.floor(value / 1000) * 1000, at })),
    fc.array(tie('value'), { maxLength: 4 }).map((items): ConfigValue => ({ kind: 'array', items, at })),
    tie('map'),
  ),
}));

describe('printConfig', () => {
  it('writes what reads as the same values', () => {
    fc.assert(
      fc.property(anyMap, (map) => {
        let text: string;
        try {
          text = printConfig(map);
        } catch (thrown) {
          // Only a key with both kinds of quotes and something a bare key cannot hold.
          expect(String(thrown)).toMatch(/cannot be written/);
          return;
        }
        expect(bare(parseValues(text))).toEqual(bare(map));
      }),
      { numRuns: 500 },
    );
  });
});

describe('hostile text', () => {
  it('never makes the parser throw anything but a ConfigError', () => {
    const char = fc.constantFrom(...'{}[]()"\'\\$#/:=,; \n\t-.0159kKbxyzTinclude'.split(''));
    fc.assert(
      fc.property(fc.array(char, { maxLength: 60 }), (chars) => {
        try {
          parseValues(chars.join(''), { env: { x: '$y', y: '{ a: 1 }' } });
        } catch (thrown) {
          expect(thrown).toHaveProperty('name', 'ConfigError');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['deep arrays', `x: ${'['.repeat(100_000)}`, /nested deeper than/],
    ['deep maps', 'a {'.repeat(100_000), /nested deeper than/],
    ['an unterminated string', `x: "${'a'.repeat(100_000)}`, /Unexpected EOF/],
    ['an unterminated block', `x: (${'\n('.repeat(50_000)}`, /Unexpected EOF processing block/],
  ])('is refused: %s', (_name, text, message) => {
    expect(configErrorOf(() => parseValues(text)).message).toMatch(message);
  });

  it('is refused: values that grow by variables', () => {
    const lines = ['v0: [a,a,a,a,a,a,a,a,a,a]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `v${i}: [${Array(10)
          .fill(`$v${i - 1}`)
          .join(',')}]`,
      );
    expect(configErrorOf(() => parseValues(lines.join('\n'))).message).toMatch(/too many values/);
    const deep = ['d0: [a]'];
    for (let i = 1; i < 100; i++) deep.push(`d${i}: [$d${i - 1}]`);
    expect(configErrorOf(() => parseValues(deep.join('\n'))).message).toMatch(/nested deeper than/);
  });

  it('is refused: endless includes and huge ones', () => {
    let count = 0;
    const endless = () => `include f${++count}.conf`;
    expect(configErrorOf(() => parseValues('include f.conf', { readFile: endless })).message).toMatch(
      /too deeply/,
    );
    const many = Array.from({ length: 1001 }, (_, i) => `include f${i}.conf`).join('\n');
    expect(configErrorOf(() => parseValues(many, { readFile: () => '' })).message).toMatch(
      /too many included/,
    );
    const huge = () => ' '.repeat(20_000_000);
    expect(configErrorOf(() => parseValues('include a\ninclude b', { readFile: huge })).message).toMatch(
      /larger than/,
    );
  });
});
