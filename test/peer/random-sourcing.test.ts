import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printedSteps, SOURCING_CONFIG, sourcingSequences } from './random/sourcing.ts';
import { sourcingDifferences } from './random/sourcing-compare.ts';
import { overTcp, type RunningTarget, realServer } from './targets.ts';

/**
 * The same random mirrors, sources, backups and restores on both servers: `RANDOM_RUNS` sequences (20 unless told),
 * from `RANDOM_SEED`; a difference is shrunk to the shortest sequence that shows it.
 */
const runs = Number(process.env['RANDOM_RUNS'] ?? 20);
const seed = Number(process.env['RANDOM_SEED'] ?? 1);
/** The real server tries again after up to ten seconds. */
const PATIENCE_MS = Number(process.env['RANDOM_PATIENCE'] ?? 4_000);

let real: RunningTarget;
let ours: RunningTarget;
beforeAll(async () => {
  real = await realServer(SOURCING_CONFIG);
  ours = await overTcp(SOURCING_CONFIG);
});
afterAll(async () => {
  await real?.stop();
  await ours?.stop();
});

test(`both servers take from streams alike (seed ${seed}, ${runs} runs)`, {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(sourcingSequences, async (steps) => {
      const found = await sourcingDifferences(real, ours, steps, PATIENCE_MS);
      expect(found, printedSteps(steps)).toEqual([]);
    }),
    { seed, numRuns: runs },
  );
});
