import { influence } from '../../model/index.ts';
import type { Scenario } from '../actions.ts';
import type { Finding } from '../finding.ts';
import { isolationScenarios } from '../generators/scenarios.ts';
import { worlds } from '../generators/worlds.ts';
import { judgeCanaries } from '../oracles/canary.ts';
import { judgeNoninterference } from '../oracles/noninterference.ts';
import { judgeRobustness } from '../oracles/robustness.ts';
import { runScenario } from '../run.ts';
import type { Target } from '../target.ts';
import { Altered, withSecretDoor } from './altered.ts';
import type { Fuzzer } from './fuzzer.ts';

/** The oracles that look at one run come first; the twin run without the outsider is the strongest and the dearest. */
export const isolation: Fuzzer = {
  id: 'isolation',
  promise: 'Nothing an account does makes a difference to an account that no path leads to.',
  worlds: (exact) => worlds({ exact, jetstream: true }),
  scenarios: isolationScenarios,
  examine,
  smokeRuns: 100,
  canaries: [
    { name: 'purge of any account', controlOff: 'api-scope-account-purge' },
    {
      name: 'a stream that leaks',
      sabotage: (target) => new Altered(target, (world) => withSecretDoor(world, 'stream', '>', 'secret')),
    },
  ],
  needs: 'wire',
};

/** Further runs each way, when the first two differ on a target that is not exact. */
const MORE_RUNS = 4;

async function examine(target: Target, scenario: Scenario): Promise<Finding | undefined> {
  const { outsider, world } = scenario;
  const first = await runScenario(target, scenario);
  const finding = judgeCanaries(world, first) ?? judgeRobustness(first);
  // Where the outsider has a way to everybody there is nobody to compare.
  if (finding !== undefined || influence(world.accounts).get(outsider)?.size === world.accounts.length)
    return finding;
  const present = [first];
  const absent = [await runScenario(target, scenario, { without: outsider })];
  const difference = judgeNoninterference(scenario, present, absent, target.exact);
  if (difference === undefined || target.exact) return difference;
  for (let i = 0; i < MORE_RUNS; i++) {
    present.push(await runScenario(target, scenario));
    absent.push(await runScenario(target, scenario, { without: outsider }));
  }
  return judgeNoninterference(scenario, present, absent, target.exact);
}
