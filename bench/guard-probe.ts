import type { Probe } from './probe.ts';
import { printedBy } from './start-probes.ts';

/** Decisions of the guard, made anew and kept: the few that a message meets. `bench/guard.ts` prints all of them. */
export const GUARD_PROBE: Probe = {
  name: 'guard',
  figures: [
    { key: 'publish, no permissions', what: 'publish, no permissions', unit: 'ns', better: 'less' },
    { key: 'publish, 10 allow', what: 'publish, 10 allow', unit: 'ns', better: 'less' },
    { key: 'publish, 100 allow', what: 'publish, 100 allow', unit: 'ns', better: 'less' },
    { key: 'publish, 100 allow, kept', what: 'publish, 100 allow, kept', unit: 'ns', better: 'less' },
    { key: 'crossing, public', what: 'crossing, public', unit: 'ns', better: 'less' },
    { key: 'scope, own account', what: 'API scope, own account', unit: 'ns', better: 'less' },
  ],
  turns: 1,
  alone: true,
  run: (setting) => printedBy(setting, ['node', '--import', 'tsx', 'bench/guard.ts', '--json']),
};
