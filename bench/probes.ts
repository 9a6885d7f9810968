import { GUARD_PROBE } from './guard-probe.ts';
import { JETSTREAM_PROBES } from './jetstream-probes.ts';
import { LARGE_PROBES } from './large-probes.ts';
import { LOAD_PROBES } from './load-probes.ts';
import type { Found, Probe, Setting } from './probe.ts';
import { START_PROBES } from './start-probes.ts';

/** Every probe, in the order in which they run. */
export const PROBES: readonly Probe[] = [
  ...START_PROBES,
  ...LOAD_PROBES,
  ...JETSTREAM_PROBES,
  GUARD_PROBE,
  ...LARGE_PROBES,
];

/** What a probe found on both servers; medians where it was taken several times. */
export interface ProbeSummary {
  readonly name: string;
  readonly figures: Probe['figures'];
  readonly bulkhead: Found;
  /** Absent where the real server has nothing like it, or could not be measured. */
  readonly peer?: Found;
}

/** Takes a probe on both servers in turns. */
export async function takeProbe(
  probe: Probe,
  bulkhead: Setting,
  peer: Setting,
  turns: number,
): Promise<ProbeSummary> {
  const ours: Found[] = [];
  const theirs: Found[] = [];
  for (let turn = 0; turn < turns; turn++) {
    ours.push(await probe.run(bulkhead));
    if (probe.alone !== true) theirs.push(await probe.run(peer));
  }
  return {
    name: probe.name,
    figures: probe.figures,
    bulkhead: medians(probe, ours),
    ...(theirs.length === 0 ? {} : { peer: medians(probe, theirs) }),
  };
}

function medians({ figures }: Probe, taken: readonly Found[]): Found {
  return Object.fromEntries(
    figures.map(({ key }) => {
      const values = taken.map((found) => found[key] ?? Number.NaN).sort((a, b) => a - b);
      return [key, values[values.length >> 1] ?? Number.NaN];
    }),
  );
}
