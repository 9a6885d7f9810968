import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LISTENER_FUZZERS, TOO_LONG, visit } from '../../src/fuzz/index.ts';

/**
 * Strangers at every listener: bytes that make no sense, or begin to make some and stop, in pieces, with and without an
 * end. `npm run fuzz:listeners` runs more of them.
 */
const SEED = 20_261_122;
const STRANGERS = 25;
const certificates = join(import.meta.dirname, '..', 'certs');
const WAYS = LISTENER_FUZZERS.flatMap(({ id, ways }) => ways.map((way) => ({ id, name: way.name, way })));

describe('strangers', () => {
  it.each(WAYS)('at $name ($id) are closed in time, bounded, and disturb nobody', async ({ way }) => {
    expect(await visit(way, { strangers: STRANGERS, seed: SEED, certificates })).toBeUndefined();
  });

  it('who are not closed are found, on every way', async () => {
    const silent = { strangers: 1, seed: SEED, certificates, times: TOO_LONG };
    const found = await Promise.all(WAYS.map(({ way }) => visit(way, silent)));
    expect(found.map((finding) => finding?.summary.slice(0, 25))).toEqual(
      WAYS.map(() => 'a stranger is still there'),
    );
  });
});
