import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Guard } from '../../src/guard/index.ts';
import { AllowedReplies } from '../../src/server/allowed-replies.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { principalOf } from '../guard/support.ts';

const reply = fc
  .tuple(
    fc.constantFrom('_R_.', '_GR_.', '$JS.ACK.', '$JS.', '_INBOX.', '_R', '$JS.ACK', 'a.', ''),
    fc.constantFrom('x', 'x.y', 'ACK.z', 'ACK.z.1', '.'),
  )
  .map(([start, end]) => start + end);

describe('AllowedReplies.allows', () => {
  test('says of every reply subject what the guard says, whatever was asked before', () => {
    let kept = 0;
    const step = fc.record({ reply, isChanged: fc.nat(9).map((at) => at === 0) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const guard = new Guard({ system: undefined });
        const asked = new Guard({ system: undefined });
        const principal = principalOf();
        const replies = new AllowedReplies();
        for (const one of steps) {
          if (one.isChanged) guard.policyChanged();
          const line = Buffer.from(`PUB a ${one.reply} 0`);
          const before = guard.ruleCounters();
          const allowed = replies.allows(guard, principal, line, 6, line.length - 2);
          expect(allowed).toBe(asked.reply(principal, toBytes(one.reply)).allowed);
          if (JSON.stringify(before) === JSON.stringify(guard.ruleCounters())) kept++;
        }
      }),
      { numRuns: 200 },
    );
    expect(kept).toBeGreaterThan(20);
  });
});
