import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/base/index.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { windowOf } from '../../src/system/monitor/page.ts';
import { decodeOptions, jsonOptions } from '../../src/system/request-options.ts';

const RULE = jsonOptions('ConnzEventOptions', 'ConnzOptions', { offset: 'int', limit: 'int', cid: 'uint64' });

const anyNumber = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-(2 ** 53), 2 ** 53, -(2 ** 63), 2 ** 63, Number.MAX_SAFE_INTEGER, 0, -1, 1),
);

describe('windowOf', () => {
  it('lies inside the list, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200_000 }), anyNumber, anyNumber, (length, offset, limit) => {
        const { start, end } = windowOf(length, { offset, limit });
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(length);
        expect(end - start).toBeLessThanOrEqual(limits.MONITOR_PAGE);
      }),
    );
  });

  it('goes through the list without gap or repetition', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.integer({ min: 1, max: 50 }), (length, limit) => {
        const seen: number[] = [];
        for (let offset = 0; offset < length; offset += limit) {
          const { start, end } = windowOf(length, { offset, limit });
          for (let at = start; at < end; at++) seen.push(at);
        }
        expect(seen).toEqual([...new Array(length).keys()]);
      }),
    );
  });
});

describe('decodeOptions', () => {
  it.each([
    ['9223372036854775807', Number.MAX_SAFE_INTEGER],
    ['-9223372036854775808', -Number.MAX_SAFE_INTEGER],
    ['9007199254740993', Number.MAX_SAFE_INTEGER],
    ['-0', -0],
    ['12', 12],
  ])('reads the number %s as %s', (text, value) => {
    expect(decodeOptions(RULE, toBytes(`{"offset":${text}}`))).toEqual({ offset: value });
  });

  it.each(['9223372036854775808', '-9223372036854775809', '1.5', '1e2', '1E400', '123456789012345678901'])(
    'refuses the number %s as no int of 64 bits',
    (text) => {
      expect(() => decodeOptions(RULE, toBytes(`{"offset":${text}}`))).toThrow(
        `json: cannot unmarshal number ${text} into Go struct field ConnzEventOptions.ConnzOptions.offset of type int`,
      );
    },
  );

  it('reads names whatever their case, and the last of several', () => {
    const text = toBytes(
      '{"OFFSET":1,"Limit":2,"offset":3,"unknown":{"deep":[1,{"a":"}"}]},"tags":["a",null,"b"]}',
    );
    expect(decodeOptions(RULE, text)).toEqual({ offset: 3, limit: 2, tags: ['a', '', 'b'] });
  });

  it('gives declared fields of declared types, or an error, for any bytes', () => {
    const json = fc.json({ maxDepth: 3 });
    const object = fc
      .dictionary(
        fc.constantFrom('offset', 'limit', 'cid', 'tags', '__proto__', 'constructor', 'host'),
        json,
        {
          noNullPrototype: true,
        },
      )
      .map(
        (all) =>
          `{${Object.entries(all)
            .map(([key, text]) => `"${key}":${text}`)
            .join(',')}}`,
      );
    fc.assert(
      fc.property(fc.oneof(json, object, fc.string()), (text) => {
        let options: Record<string, unknown>;
        try {
          options = decodeOptions(RULE, toBytes(text));
        } catch (error) {
          expect((error as Error).name).toBe('JsonError');
          return;
        }
        for (const [name, value] of Object.entries(options)) {
          const field = RULE.fields.get(name);
          expect(field).toBeDefined();
          if (field?.type === 'int' || field?.type === 'uint64')
            expect(Number.isSafeInteger(value)).toBe(true);
        }
        expect(Object.getPrototypeOf(options)).toBe(Object.prototype);
      }),
      { numRuns: 300 },
    );
  });
});
