import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearable, hearingOf, publishable } from '../../src/audit/rights.ts';
import type { PermissionEntry, PermissionsOptions } from '../../src/config/index.ts';
import { accountId, Guard, type Principal } from '../../src/guard/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes } from '../../src/subjects/index.ts';
import { subjectsUpTo } from './worlds.ts';

const SUBJECTS = [...subjectsUpTo(3, ['a', 'b', 'q']), '_GR_.x' as ByteString];
/** One queue of each class that the patterns below tell apart. */
const QUEUES = ['', 'q1', 'q2', 'other', 'g.1', 'g.2', 'g.1.1'] as ByteString[];

const subject = fc.constantFrom('a', '*', 'a.*', 'a.>', '*.b', '>', 'a.b', 'b.>').map(toBytes);
const queue = fc.constantFrom('q1', 'q2', '*', '>', 'g.*', 'g.1').map(toBytes);
const entry: fc.Arbitrary<PermissionEntry> = fc
  .record({ subject, queue: fc.option(queue, { nil: undefined }) })
  .map(({ subject: own, queue: group }) => ({
    subject: own,
    ...(group === undefined ? {} : { queue: group }),
  }));
const plain = subject.map((own): PermissionEntry => ({ subject: own }));
const side = (item: fc.Arbitrary<PermissionEntry>) =>
  fc.record(
    { allow: fc.array(item, { maxLength: 3 }), deny: fc.array(item, { maxLength: 3 }) },
    { requiredKeys: [] },
  );
const permissions: fc.Arbitrary<PermissionsOptions> = fc.record(
  { publish: side(plain), subscribe: side(entry), responses: fc.constant({ max: 1, expiresMs: 1_000 }) },
  { requiredKeys: [] },
);

const guard = new Guard({ system: undefined });

function principal(rights: PermissionsOptions): Principal {
  return { account: accountId(toBytes('A')), user: toBytes('u'), permissions: rights };
}

describe('publishable', () => {
  it('has what the guard lets be published', () => {
    fc.assert(
      fc.property(permissions, (rights) => {
        const set = publishable(rights);
        for (const own of SUBJECTS) {
          const { allowed } = guard.publish(principal(rights), own, undefined, 0);
          expect(set.has(own), own).toBe(allowed);
        }
      }),
    );
  });
});

describe('hearable', () => {
  it('has what the guard lets be received by some subscription, in some queue group or in none', () => {
    fc.assert(
      fc.property(permissions, (rights) => {
        const hearings = hearable(rights);
        const all = hearingOf(hearings);
        for (const own of SUBJECTS) {
          const hears = (group: ByteString): boolean =>
            guard.subscribe(principal(rights), own, group).allowed &&
            guard.deliver(principal(rights), own, group).allowed;
          expect(all.has(own), own).toBe(QUEUES.some(hears));
          for (const { queue: group, subjects } of hearings)
            if (subjects.has(own)) expect(hears(group), own).toBe(true);
        }
        expect(hearings[0]?.queue).toBe(EMPTY_BYTES);
      }),
      { numRuns: 300 },
    );
  });
});
