import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isolationScenarios } from '../../src/fuzz/generators/scenarios.ts';
import { worlds } from '../../src/fuzz/generators/worlds.ts';
import { accountOf, markOf, ownerOf, worldConfig, worldFromConfig } from '../../src/fuzz/world.ts';

test('worldFromConfig reads back what worldConfig printed', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      expect(worldFromConfig(worldConfig(world))).toEqual(world);
    }),
  );
});

test('worldFromConfig refuses a configuration without its world', () => {
  expect(() => worldFromConfig('accounts: {}')).toThrow('# world: ');
});

test('accountOf finds the account of every user', () => {
  fc.assert(
    fc.property(worlds, (world) => {
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
      for (const action of actions)
        if (action.kind !== 'advance') expect(connections[action.by]).toBeDefined();
    }),
  );
});
