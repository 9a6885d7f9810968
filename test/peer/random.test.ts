import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printed } from './random/command.ts';
import { differences, sequences } from './random/compare.ts';
import { overTcp, type RunningTarget, realServer } from './targets.ts';

/**
 * The same random JetStream requests to both servers. `RANDOM_RUNS` sequences (60 unless told), from `RANDOM_SEED`;
 * a difference is shrunk to the shortest sequence that shows it.
 */
const runs = Number(process.env['RANDOM_RUNS'] ?? 60);
const seed = Number(process.env['RANDOM_SEED'] ?? 1);

let real: RunningTarget;
let ours: RunningTarget;
beforeAll(async () => {
  real = await realServer('jetstream {}');
  ours = await overTcp('jetstream {}');
});
afterAll(async () => {
  await real?.stop();
  await ours?.stop();
});

test(`both servers say the same to random requests (seed ${seed}, ${runs} runs)`, {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(sequences, async (commands) => {
      const found = await differences(real, ours, commands);
      expect(found, printed(commands)).toEqual([]);
    }),
    { seed, numRuns: runs, endOnFailure: false },
  );
});
