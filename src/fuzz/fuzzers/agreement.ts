import { coreScenarios } from '../generators/scenarios.ts';
import { judgeAgreement } from '../oracles/agreement.ts';
import { judgeRobustness } from '../oracles/robustness.ts';
import { runScenario } from '../run.ts';
import type { Target } from '../target.ts';
import type { World } from '../world.ts';
import type { Fuzzer } from './fuzzer.ts';

export const agreement: Fuzzer = {
  id: 'agreement',
  promise: 'Server and model say alike who receives a message.',
  scenarios: coreScenarios,
  examine: async (target, scenario) => {
    const outcome = await runScenario(target, scenario, { probes: false });
    return judgeRobustness(outcome) ?? judgeAgreement(scenario, outcome);
  },
  smokeRuns: 150,
  canaries: [{ name: 'a server that ignores deny rules', sabotage: (target) => new WithoutDenies(target) }],
  needs: 'wire',
};

/** Starts the server with a configuration that lacks every deny rule. */
class WithoutDenies implements Target {
  readonly #inner: Target;

  constructor(inner: Target) {
    this.#inner = inner;
  }

  get name(): string {
    return `${this.#inner.name}, without deny rules`;
  }

  get exact(): boolean {
    return this.#inner.exact;
  }

  start(world: World): ReturnType<Target['start']> {
    return this.#inner.start({
      accounts: world.accounts.map((account) => ({ ...account, users: account.users.map(withoutDenies) })),
    });
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }
}

type User = World['accounts'][number]['users'][number];

function withoutDenies(user: User): User {
  const { publish, subscribe, ...rest } = user;
  return {
    ...rest,
    ...(publish?.allow === undefined ? {} : { publish: { allow: publish.allow } }),
    ...(subscribe?.allow === undefined ? {} : { subscribe: { allow: subscribe.allow } }),
  };
}
