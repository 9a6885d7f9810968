import { describe, expect, test } from 'vitest';
import { FUZZERS, InProcessTarget, reportText, runCampaign } from '../../src/fuzz/index.ts';
import { startServer } from '../../src/index.ts';

/** Each run of the suite tries the same scenarios; campaigns with other seeds are for `npm run fuzz:isolation`. */
const SEED = 2025_30215;
/** A few seconds each; the bound is for a machine under load. */
const TIMEOUT_MS = 60_000;

describe('every fuzzer', () => {
  for (const fuzzer of FUZZERS) {
    test(`${fuzzer.id} finds nothing: ${fuzzer.promise}`, { timeout: TIMEOUT_MS }, async () => {
      const target = new InProcessTarget(startServer);
      const result = await runCampaign(fuzzer, target, { runs: fuzzer.smokeRuns, seed: SEED });
      expect(result.counterexample && reportText(result.counterexample)).toBeUndefined();
      expect(result.runs).toBe(fuzzer.smokeRuns);
    });
  }
});
