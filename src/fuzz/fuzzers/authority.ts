import { authorityScenarios } from '../generators/scenarios.ts';
import { worlds } from '../generators/worlds.ts';
import { judgeAuthority } from '../oracles/authority.ts';
import { judgeRobustness } from '../oracles/robustness.ts';
import { runScenario } from '../run.ts';
import type { Fuzzer } from './fuzzer.ts';

/**
 * Silence proves nothing about administration that has no effect on a standalone server: here the server's audit record
 * is judged, which tells "not answered" from "not allowed".
 */
export const authority: Fuzzer = {
  id: 'authority',
  promise: 'A caller out of scope gets no grant, and no handler runs.',
  worlds: (exact) => worlds({ exact, jetstream: true }),
  scenarios: authorityScenarios,
  examine: async (target, scenario) => {
    const outcome = await runScenario(target, scenario, { probes: false });
    return judgeRobustness(outcome) ?? judgeAuthority(outcome.audit);
  },
  smokeRuns: 100,
  canaries: [
    { name: 'purge of any account', controlOff: 'api-scope-account-purge' },
    { name: 'removal of a server', controlOff: 'api-scope-server-remove' },
    { name: 'move of any stream', controlOff: 'api-scope-stream-move' },
    { name: 'cancelled move of any stream', controlOff: 'api-scope-stream-cancel-move' },
  ],
  needs: 'audit',
};
