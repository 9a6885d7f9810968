import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printed } from '../peer/random/command.ts';
import { compared, sequences } from '../peer/random/compare.ts';
import { playCommands } from '../peer/random/player.ts';
import { inProcess, type RunningTarget } from '../peer/targets.ts';

/** Nothing here takes time of its own: what has not come after a few turns does not come. */
const PATIENCE = { reply: 20, acknowledgement: 4, settle: 0 };

let first: RunningTarget;
let second: RunningTarget;
beforeAll(async () => {
  first = await inProcess('jetstream {}');
  second = await inProcess('jetstream {}');
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
});

/** What `npm run test:peer` sends to both kinds of server; here two of our own have to say the same. */
test('random requests are answered alike by two servers', async () => {
  await fc.assert(
    fc.asyncProperty(sequences, async (commands) => {
      const [one, other] = [
        await playCommands(() => first.open(), commands, PATIENCE),
        await playCommands(() => second.open(), commands, PATIENCE),
      ];
      expect(compared(one, other), printed(commands)).toEqual([]);
    }),
    { numRuns: 6, seed: 6 },
  );
});
