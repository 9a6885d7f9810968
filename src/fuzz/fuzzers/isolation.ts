import type { Scenario } from '../actions.ts';
import type { Finding } from '../finding.ts';
import { isolationScenarios } from '../generators/scenarios.ts';
import { judgeAuthority } from '../oracles/authority.ts';
import { judgeCanaries } from '../oracles/canary.ts';
import { judgeNoninterference } from '../oracles/noninterference.ts';
import { judgeRobustness } from '../oracles/robustness.ts';
import { runScenario } from '../run.ts';
import type { Target } from '../target.ts';
import type { Fuzzer } from './fuzzer.ts';

/** The oracles that look at one run come first; the twin run without the outsider is the strongest and the dearest. */
export const isolation: Fuzzer = {
  id: 'isolation',
  promise: 'Nothing an account does makes a difference to any other account.',
  scenarios: isolationScenarios,
  examine,
  smokeRuns: 150,
  canaries: [{ name: 'purge of any account', controlOff: 'api-scope-account-purge' }],
  needs: 'wire',
};

async function examine(target: Target, scenario: Scenario): Promise<Finding | undefined> {
  const present = await runScenario(target, scenario);
  const finding = judgeCanaries(scenario.world, present) ?? judgeRobustness(present);
  if (finding !== undefined) return finding;
  const absent = await runScenario(target, scenario, { without: scenario.outsider });
  return (
    judgeNoninterference(scenario.outsider, present, absent, target.exact) ?? judgeAuthority(present.audit)
  );
}
