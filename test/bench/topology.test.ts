import { describe, expect, test } from 'vitest';
import { CELLS, select } from '../../bench/cells.ts';
import { CONFIGS } from '../../bench/configs.ts';
import { topologyText } from '../../bench/topology.ts';
import { parseConfig } from '../../src/config/index.ts';

describe('what the benchmarks start servers with', () => {
  test('topologyText is accepted and has what was asked for', () => {
    const { options } = parseConfig(topologyText({ accounts: 30, usersEach: 4, doorsEach: 20 }, 'secret'));
    const own = options.accounts.filter(({ name }) => name.startsWith('A'));
    expect(own.length).toBe(30);
    for (const { users, exports, imports } of own)
      expect([users.length, exports.length, imports.length]).toEqual([4, 10, 10]);
  });

  test('a chain of three services is a configuration', () => {
    const { options } = parseConfig(CONFIGS.doors());
    const takes = new Map(
      options.accounts.map(({ name, imports }) => [String(name), imports.map((i) => String(i.account))]),
    );
    expect(['A', 'B', 'C', 'D', 'E'].map((name) => takes.get(name))).toEqual([
      ['B'],
      ['C'],
      ['D'],
      [],
      ['D'],
    ]);
  });

  test('select keeps the order of the table and names what it does not know', () => {
    expect(select('cell', CELLS, 'fan-out,publish').map(({ name }) => name)).toEqual(['publish', 'fan-out']);
    expect(select('cell', CELLS, 'none')).toEqual([]);
    expect(() => select('cell', CELLS, 'publish,nothing')).toThrow("no cell 'nothing'");
  });

  test('cells have names of their own', () => {
    expect(new Set(CELLS.map(({ name }) => name)).size).toBe(CELLS.length);
  });
});
