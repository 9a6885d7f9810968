import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/index.ts';
import { refusalOf } from './helpers.ts';

const mappingsOf = (text: string) => parseConfig(text, { file: 'x.conf' }).options.mappings;

describe('mappings', () => {
  it.each<[string, object[]]>([
    ['{a: b}', [{ subject: 'b', weight: 100 }]],
    ['{"a.*": "b.$1"}', [{ subject: 'b.$1', weight: 100 }]],
    ['{a: {destination: b, weight: 50}}', [{ subject: 'b', weight: 50 }]],
    ['{a: {dest: b, weight: 50%}}', [{ subject: 'b', weight: 50 }]],
    ['{a: {dest: b, weight: "50"}}', [{ subject: 'b', weight: 50 }]],
    [
      '{a: [{dest: b, weight: 50}, {dest: c, weight: "20%", cluster: X}]}',
      [
        { subject: 'b', weight: 50 },
        { subject: 'c', weight: 20, cluster: 'X' },
      ],
    ],
    [
      '{a: [{dest: b, weight: 60, cluster: X}, {dest: c, weight: 60, cluster: Y}, {dest: d, weight: 60}]}',
      [{ cluster: 'X' }, { cluster: 'Y' }, { subject: 'd' }],
    ],
  ])('are read from %s', (text, destinations) => {
    expect(mappingsOf(`mappings: ${text}`)).toMatchObject([{ destinations }]);
  });

  it('stand in the account they are given to, under either key', () => {
    const { options } = parseConfig('maps {a: b}\naccounts { A { mappings {c: d}, maps {e: f} } }');
    expect(options.mappings.map((mapping) => mapping.source)).toEqual(['a']);
    expect(options.accounts[0]?.mappings.map((mapping) => mapping.source)).toEqual(['c', 'e']);
  });

  it('know their place', () => {
    const [mapping] = mappingsOf('mappings {\n  a: [\n    {dest: b, weight: 1}\n  ]\n}');
    expect(mapping?.at).toMatchObject({ line: 2, column: 3 });
    expect(mapping?.destinations[0]?.at).toMatchObject({ line: 3, column: 5 });
  });

  it('without a destination are left out, with a warning', () => {
    const { options, warnings } = parseConfig('mappings {a: []}');
    expect(options.mappings).toEqual([]);
    expect(warnings[0]?.message).toBe('the mapping of "a" has no destination and no effect');
  });

  // Measured on 2.14.5, except where a text says so.
  it.each([
    ['5', '1: interface conversion: interface {} is int64, not map[string]interface {}'],
    ['{a: 5}', '12: Expected an entry for the mapping destination'],
    ['{a: [b]}', '16: Expected an entry for the mapping destination'],
    ['{a: {dest: b}}', '12: Missing weight for mapping destination "b"'],
    ['{a: [{dest: b, weight: 50},{dest: c}]}', '38: Missing weight for mapping destination "c"'],
    ['{a: {dest: b, weight: "x%"}}', '25: Invalid weight "x" for mapping destination'],
    ['{a: {dest: b, weight: 101}}', '25: Invalid weight 101 for mapping destination'],
    ['{a: {dest: b, weight: -1}}', '25: Invalid weight -1 for mapping destination'],
    ['{a: {dest: b, weight: true}}', '25: Unknown entry type for weight of true'],
    ['{a: {dest: b, weight: 0.5}}', '25: Unknown entry type for weight of 0.5'],
    ['{a: {dest: b, foo: 50}}', '25: Unknown field "foo" for mapping destination'],
    [
      '{a: [{dest: b, weight: 50},{dest: c, weight: 60}]}',
      '12: Error adding mapping for "a" : total weight needs to be <= 100',
    ],
    [
      '{a: [{dest: b, weight: 60, cluster: X},{dest: c, weight: 60, cluster: X}]}',
      '12: Error adding mapping for "a" : total weight needs to be <= 100',
    ],
    [
      '{a: [{dest: b, weight: 50},{dest: b, weight: 20}]}',
      '12: Error adding mapping for "a" : duplicate entry for "b"',
    ],
    ['{a..b: c}', '12: Subject "a..b" is not a valid subject'],
    ['{"a.*": "b.*"}', '12: Error adding mapping for "a.*" to "b.*" : invalid subject'],
    ['{a: "b.>"}', '12: Error adding mapping for "a" to "b.>" : invalid subject'],
    [
      '{"a.*": "b.$2"}',
      '12: Error adding mapping for "a.*" to "b.$2" : invalid mapping destination: wildcard index out of range in $2: [2]',
    ],
    [
      '{"a.*": "b.{{foo(1)}}"}',
      '12: Error adding mapping for "a.*" to "b.{{foo(1)}}" : invalid mapping destination: unknown function in {{foo(1)}}',
    ],
    ['{a: {weight: 50}}', '12: Missing destination for mapping'],
    [
      '{"a.*": x, "*.b": y}',
      '22: Error adding mapping for "*.b" : ambiguous with the mapping of "a.*" at x.conf:1:12',
    ],
  ])('refuse %s', (text, message) => {
    expect(refusalOf(`mappings: ${text}`)).toBe(`x.conf:1:${message}`);
  });

  it('may lie within each other, and may not have one source twice', () => {
    expect(mappingsOf('mappings {"a.*": x, "a.b": y, ">": "z.>"}')).toHaveLength(3);
    expect(refusalOf('mappings {a: b}\nmaps {a: c}')).toBe(
      'x.conf:2:7: Error adding mapping for "a" : already mapped at x.conf:1:11',
    );
  });
});
