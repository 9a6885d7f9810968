import { describe, expect, it } from 'vitest';
import { encodeJson } from '../../src/api/index.ts';

describe('encodeJson writes', () => {
  it.each([
    [
      'the escapes of the server',
      '<b>&"\\\u2028é\u0001\t\u007f',
      '"\\u003cb\\u003e\\u0026\\"\\\\\\u2028é\\u0001\\t\u007f"',
    ],
    ['lone surrogates as the replacement character', 'a\ud800b', '"a\\ufffdb"'],
    ['nothing for undefined fields', { a: undefined, b: null, c: [] }, '{"b":null,"c":[]}'],
    ['fields in their order', { z: 1, a: { y: true, b: 'x' } }, '{"z":1,"a":{"y":true,"b":"x"}}'],
    [
      'maps by key',
      { metadata: { b: '1', a: '2', '10': '3', '9': '4' } },
      '{"metadata":{"10":"3","9":"4","a":"2","b":"1"}}',
    ],
    ['lists that share a map’s name as they are', { subjects: ['b', 'a'] }, '{"subjects":["b","a"]}'],
    ['large integers whole', 2 ** 61, '2305843009213693952'],
  ])('%s', (_what, value, text) => {
    expect(encodeJson(value)).toBe(text);
  });

  it('nothing that JSON cannot hold', () => {
    expect(() => encodeJson({ a: () => 1 })).toThrow(TypeError);
  });
});
