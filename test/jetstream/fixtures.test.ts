import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountWith, commands, look, perform, streams } from './fixtures-support.ts';

describe('saved and loaded streams', () => {
  it('look the same as before, and behave the same from then on', () => {
    fc.assert(
      fc.property(fc.constantFrom(...streams), commands, commands, (config, before, after) => {
        const account = accountWith(config);
        for (const command of before) perform(account, command);
        const copy = account.copy();
        const { nextDue: _a, ...original } = look(account) as Record<string, unknown>;
        const { nextDue: _b, ...copied } = look(copy) as Record<string, unknown>;
        expect(copied).toEqual(original);
        for (const command of after) {
          expect([command, perform(copy, command)]).toEqual([command, perform(account, command)]);
        }
        expect(look(copy)).toMatchObject({ state: account.stream.state({ deletedDetails: true }) });
      }),
      { numRuns: 150 },
    );
  });
});
