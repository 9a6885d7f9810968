import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlaps, toBytes } from '../../src/subjects/index.ts';
import { World } from './consumer-support.ts';

const FILTERS = ['s.a', 's.b', 's.*', 's.>', 's.a.x', 's.*.x', 's.a.*', 's.b.>', 's.c.*.z'];

const step = fc.record({
  act: fc.constantFrom('create' as const, 'create' as const, 'delete' as const),
  name: fc.constantFrom('1', '2', '3', '4', '5'),
  filters: fc.uniqueArray(fc.constantFrom(...FILTERS), { maxLength: 2 }),
});

function touch(some: readonly string[], others: readonly string[]): boolean {
  return some.some((a) => others.some((b) => overlaps(toBytes(a), toBytes(b))));
}

describe('Consumers of a work queue', () => {
  it('are there as long as no two of them want the same message, as a comparison of all with all says', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = new World({ retention: 'workqueue' });
        const there = new Map<string, readonly string[]>();
        for (const { act, name, filters } of steps) {
          if (act === 'delete') {
            if (there.delete(name)) world.stream.deleteConsumer(toBytes(name));
            continue;
          }
          if (touch(filters.slice(0, 1), filters.slice(1))) continue;
          const others = [...there].filter(([other]) => other !== name).map(([, theirs]) => theirs);
          const isSame = there.get(name)?.join() === filters.join();
          const isRefused =
            !isSame && (filters.length === 0 ? others.length > 0 : touchesAny(filters, others));
          const create = (): unknown =>
            world.consumer({ name, ack_policy: 'explicit', filter_subjects: filters });
          if (isRefused) expect(create).toThrow(/consumer not unique|multiple non-filtered/);
          else {
            create();
            there.set(name, filters);
          }
        }
        expect(world.stream.consumers.size).toBe(there.size);
      }),
      { numRuns: 40 },
    );
  });
});

/** No filter at all wants everything. */
function touchesAny(filters: readonly string[], others: readonly (readonly string[])[]): boolean {
  return others.some((theirs) => theirs.length === 0 || touch(filters, theirs));
}
