import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/index.ts';
import { isUserAction } from '../../src/fuzz/actions.ts';
import { isolationScenarios } from '../../src/fuzz/generators/scenarios.ts';
import { worlds } from '../../src/fuzz/generators/worlds.ts';
import { worldWithout } from '../../src/fuzz/live.ts';
import { accountOf, markOf, ownerOf, worldConfig, worldFromConfig } from '../../src/fuzz/world.ts';

const anyWorld = worlds({ exact: true, jetstream: true });

test('worldFromConfig reads back what worldConfig printed', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      expect(worldFromConfig(worldConfig(world))).toEqual(world);
    }),
  );
});

test('worldFromConfig refuses a configuration without its world', () => {
  expect(() => worldFromConfig('accounts: {}')).toThrow('# world: ');
});

test('accountOf finds the account of every user', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      for (const account of world.accounts) expect(accountOf(world, ownerOf(account))).toBe(account.name);
    }),
  );
});

test('no generator emits a mark', () => {
  fc.assert(
    fc.property(isolationScenarios({ exact: true }), (scenario) => {
      const text = JSON.stringify(scenario);
      for (const account of scenario.world.accounts) expect(text).not.toContain(markOf(account.name));
    }),
  );
});

test('every action belongs to a connection of the scenario, and the outsider is an account', () => {
  fc.assert(
    fc.property(isolationScenarios({ exact: true }), ({ world, connections, outsider, actions }) => {
      expect(world.accounts.map((account) => account.name)).toContain(outsider);
      for (const action of actions) if (isUserAction(action)) expect(connections[action.by]).toBeDefined();
    }),
  );
});

test('Bulkhead loads every world, and every world that a withdrawal leaves', () => {
  fc.assert(
    fc.property(anyWorld, fc.array(fc.nat(20), { maxLength: 3 }), (world, shut) => {
      parseConfig(worldConfig(world));
      parseConfig(worldConfig(worldWithout(world, { shut, muted: ['a1', 'b1'] })));
    }),
  );
});

test('worlds hold doors of every kind', () => {
  const all = fc.sample(anyWorld, { seed: 1, numRuns: 400 }).flatMap(({ accounts }) => accounts);
  const offers = all.flatMap(({ exports = [] }) => exports);
  const takings = all.flatMap(({ imports = [] }) => imports);
  const kinds: Record<string, boolean> = {
    'a private offer': offers.some(({ accounts }) => accounts !== undefined),
    'a public offer': offers.some(({ accounts }) => accounts === undefined),
    'an account token': offers.some(({ accountTokenPosition }) => accountTokenPosition !== undefined),
    'every response type': new Set(offers.map(({ responseType }) => responseType)).size === 3,
    'a prefix': takings.some(({ prefix }) => prefix !== undefined),
    'reordered tokens': takings.some(({ to }) => to?.includes('$2.$1')),
    'a chain': takings.some(({ kind, account }) =>
      all.some(({ name, imports = [] }) => name === account && imports.some((next) => next.kind === kind)),
    ),
    mappings: all.some(({ mappings = [] }) => mappings.some(({ destinations }) => destinations.length > 1)),
  };
  expect(Object.entries(kinds).filter(([, isThere]) => !isThere)).toEqual([]);
});
