import { coreScenarios } from '../generators/scenarios.ts';
import { worlds } from '../generators/worlds.ts';
import { judgeAgreement } from '../oracles/agreement.ts';
import { judgeRobustness } from '../oracles/robustness.ts';
import { runScenario } from '../run.ts';
import type { World, WorldAccount } from '../world.ts';
import { Altered } from './altered.ts';
import type { Fuzzer } from './fuzzer.ts';

const agree: Pick<Fuzzer, 'worlds' | 'examine' | 'needs'> = {
  worlds: (exact) => worlds({ exact, jetstream: false }),
  examine: async (target, scenario) => {
    const outcome = await runScenario(target, scenario, { probes: false });
    return judgeRobustness(outcome) ?? judgeAgreement(scenario, outcome);
  },
  needs: 'wire',
};

export const agreement: Fuzzer = {
  ...agree,
  id: 'agreement',
  promise: 'Server and model say alike who receives a message, over which door, and under which name.',
  scenarios: (options) => coreScenarios(options),
  smokeRuns: 250,
  canaries: [
    { name: 'a server that ignores deny rules', sabotage: (target) => new Altered(target, withoutDenies) },
    { name: 'ways back that stay open', sabotage: (target) => new Altered(target, withOpenWays) },
    { name: 'a server without one import', sabotage: (target) => new Altered(target, withFewerImports) },
    { name: 'a deny that queues get around', controlOff: 'subscribe-plain-deny-first' },
    { name: 'a deny that does not filter where it overlaps', controlOff: 'deliver-deny-overlap' },
    { name: 'a deny that does not filter queue members', controlOff: 'deliver-deny-queue-wildcard' },
  ],
};

export const live: Fuzzer = {
  ...agree,
  id: 'live',
  promise: 'Server and model say alike what a change of the configuration takes away, and when it is back.',
  scenarios: (options) => coreScenarios(options, true),
  smokeRuns: 100,
  canaries: [
    {
      name: 'a server that never reloads',
      sabotage: (target) => new Altered(target, (world) => world, false),
    },
  ],
};

type User = WorldAccount['users'][number];

function eachAccount(world: World, change: (account: WorldAccount) => WorldAccount): World {
  return { accounts: world.accounts.map(change) };
}

function withoutDenies(world: World): World {
  return eachAccount(world, (account) => ({ ...account, users: account.users.map(withoutDeny) }));
}

function withoutDeny(user: User): User {
  const { publish, subscribe, ...rest } = user;
  return {
    ...rest,
    ...(publish?.allow === undefined ? {} : { publish: { allow: publish.allow } }),
    ...(subscribe?.allow === undefined ? {} : { subscribe: { allow: subscribe.allow } }),
  };
}

function withOpenWays(world: World): World {
  return eachAccount(world, ({ exports = [], ...account }) => ({
    ...account,
    exports: exports.map((offer) =>
      offer.kind === 'service' ? { ...offer, responseType: 'stream' } : offer,
    ),
  }));
}

function withFewerImports(world: World): World {
  return eachAccount(world, ({ imports = [], ...account }) => ({ ...account, imports: imports.slice(1) }));
}
