import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indented } from '../../src/system/monitor/indent.ts';
import { PAGES } from '../../src/system/monitor/pages.ts';
import { paramsOf, readQuery } from '../../src/system/monitor/query.ts';
import { ServiceError } from '../../src/system/service.ts';

describe('indented', () => {
  it('lays out as JSON.stringify does', () => {
    const tricky = fc.constantFrom('\\', '\\"', '{"a":[1,2]}', '"', '\\\\"', '[]', ',', ':', '');
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: 'small' }, fc.jsonValue(), tricky, fc.array(tie('any')), tie('map')),
      map: fc.dictionary(fc.oneof(tricky, fc.string()), tie('any')),
    })).any;
    fc.assert(
      fc.property(value, (any) => {
        expect(indented(JSON.stringify(any))).toBe(JSON.stringify(any, null, 2));
      }),
    );
  });
});

describe('a query', () => {
  const names = [
    ...new Set(PAGES.flatMap(({ query }) => Object.values(query).map((reader) => reader?.param ?? ''))),
  ];

  it('is read, or refused with a text, whatever stands in it', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('1', '-1', 'true', 'detail', '%', '%ff', '+1'),
    );
    const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), value));
    fc.assert(
      fc.property(fc.constantFrom(...PAGES), pairs, (page, list) => {
        const query = list.map(([name, text]) => `${name}=${text}`).join('&');
        try {
          for (const [name, read] of Object.entries(readQuery(page.query, paramsOf(query)))) {
            expect(Object.keys(page.query)).toContain(name);
            if (typeof read === 'number') expect(read).toSatisfy(Number.isSafeInteger);
          }
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          expect(error.message).toMatch(/^Error decoding /);
        }
      }),
    );
  });

  it.each([
    ['a=1&a=2', { a: '1' }],
    ['a=x+y%20z', { a: 'x y z' }],
    ['a=%zz&b=2', { b: '2' }],
    ['a=1;b=2&c', { c: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['__proto__=1', JSON.parse('{"__proto__":"1"}') as object],
  ])('%j has the parameters that the real server sees', (query, wanted) => {
    expect([...paramsOf(query)].filter(([name]) => name !== '')).toEqual(Object.entries(wanted));
  });
});
