import { describe, expect, test } from 'vitest';
import { type Canary, FUZZERS, InProcessTarget, runCampaign, type Target } from '../../src/fuzz/index.ts';
import { CONTROLS } from '../../src/guard/index.ts';
import { startServer } from '../../src/index.ts';
import { GUARD_PROPERTIES } from '../guard/definition.ts';

/** The same as in isolation.test.ts: what is quiet there must be loud here. */
const SEED = 2025_30215;
const TIMEOUT_MS = 60_000;

function faulty(canary: Canary): Target {
  if ('controlOff' in canary) return new InProcessTarget(startServer, [canary.controlOff]);
  return canary.sabotage(new InProcessTarget(startServer));
}

const [isolation] = FUZZERS;
if (isolation === undefined) throw new Error('no fuzzer');

function purgeTarget(): Target {
  return new InProcessTarget(startServer, ['api-scope-account-purge']);
}

let purged: ReturnType<typeof runCampaign> | undefined;

/** Run once, for all tests that look at it. */
function purgeCampaign(): ReturnType<typeof runCampaign> {
  if (isolation === undefined) throw new Error('no fuzzer');
  purged ??= runCampaign(isolation, purgeTarget(), { runs: isolation.smokeRuns, seed: SEED });
  return purged;
}

describe('every fuzzer finds its canaries within its normal number of runs', () => {
  for (const fuzzer of FUZZERS) {
    for (const canary of fuzzer.canaries) {
      test(`${fuzzer.id} finds: ${canary.name}`, { timeout: TIMEOUT_MS }, async () => {
        const options = { runs: fuzzer.smokeRuns, seed: SEED, shrink: false };
        const { counterexample } = await runCampaign(fuzzer, faulty(canary), options);
        expect(counterexample).toBeDefined();
      });
    }
  }
});

describe('every control', () => {
  test('is the canary of a fuzzer, or of a property of the guard alone (test/guard/oracle.test.ts)', () => {
    const fuzzed = FUZZERS.flatMap((fuzzer) => fuzzer.canaries).flatMap((canary) =>
      'controlOff' in canary ? [canary.controlOff] : [],
    );
    const covered = [...fuzzed, ...GUARD_PROPERTIES.flatMap(([, controls]) => controls)];
    expect(new Set(covered)).toEqual(new Set(Object.keys(CONTROLS)));
  });
});

describe('a counterexample', () => {
  test('of the purge is the advisory in two steps', { timeout: TIMEOUT_MS }, async () => {
    const { counterexample } = await purgeCampaign();
    const subjects = counterexample?.scenario.actions.map((action) =>
      'subject' in action ? action.subject : action.kind,
    );
    expect(subjects).toEqual([
      expect.stringMatching(/^\$JS\.API\.STREAM\.CREATE\./),
      expect.stringMatching(/^\$JS\.API\.ACCOUNT\.PURGE\./),
    ]);
  });

  test('comes back from its seed and path', { timeout: TIMEOUT_MS }, async () => {
    const { counterexample } = await purgeCampaign();
    if (counterexample === undefined) throw new Error('nothing found');
    const { seed, path } = counterexample;
    const again = await runCampaign(isolation, purgeTarget(), { runs: 1, seed, path });
    expect(again.counterexample?.scenario).toEqual(counterexample.scenario);
  });
});
