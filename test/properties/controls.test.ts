import { describe, expect, test } from 'vitest';
import {
  type Canary,
  FUZZERS,
  type Fuzzer,
  InProcessTarget,
  runCampaign,
  type Target,
} from '../../src/fuzz/index.ts';
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

const campaigns = new Map<string, ReturnType<typeof runCampaign>>();

/** The campaign of a fuzzer against one of its canaries; run once, however many tests look at it. */
function campaign(fuzzer: Fuzzer, canary: Canary): ReturnType<typeof runCampaign> {
  const key = `${fuzzer.id} ${canary.name}`;
  const known =
    campaigns.get(key) ?? runCampaign(fuzzer, faulty(canary), { runs: fuzzer.smokeRuns, seed: SEED });
  campaigns.set(key, known);
  return known;
}

function purgeTarget(): Target {
  return new InProcessTarget(startServer, ['api-scope-account-purge']);
}

async function purgeCampaign(): ReturnType<typeof runCampaign> {
  const canary = isolation?.canaries.find((one) => 'controlOff' in one);
  if (isolation === undefined || canary === undefined) throw new Error('no fuzzer with this canary');
  return campaign(isolation, canary);
}

describe('every fuzzer finds its canaries within its normal number of runs', () => {
  for (const fuzzer of FUZZERS) {
    for (const canary of fuzzer.canaries) {
      test(`${fuzzer.id} finds: ${canary.name}`, { timeout: TIMEOUT_MS }, async () => {
        const { counterexample } = await campaign(fuzzer, canary);
        expect(counterexample).toBeDefined();
        expect(counterexample?.scenario.actions.length).toBeLessThanOrEqual(4);
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
