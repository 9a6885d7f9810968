import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterOf } from '../../src/jetstream/store/filter.ts';
import { MessageStore } from '../../src/jetstream/store/store.ts';
import { matches, toBytes } from '../../src/subjects/index.ts';
import { TestMemory } from './support.ts';

const PATTERNS = ['>', 'a.*', 'a.>', '*.x.*', 'a.7', 'none.*'];

function stored(names: readonly string[]): MessageStore {
  const store = new MessageStore(new TestMemory(), 'memory', 5);
  for (const name of names) store.append(toBytes(name), Buffer.alloc(0), 0, 0, 0, { ms: 1, ns: 0 });
  return store;
}

const name = fc
  .tuple(fc.constantFrom('a', 'b', 'a.x', 'b.x', 'a-', 'é'), fc.nat(500))
  .map(([head, number]) => `${head}.${number}`);

describe('A page of subjects', () => {
  it('is what sorting all of them would show, however small the slices', () => {
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 600 }),
        fc.nat(300),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 50 }),
        (names, offset, limit, budget) => {
          const store = stored(names);
          for (const pattern of PATTERNS) {
            const work = store.subjectPage(filterOf(toBytes(pattern)), offset, limit);
            while (!work.step(budget));
            const all = [...new Set(names)]
              .filter((one) => matches(toBytes(pattern), toBytes(one)))
              .sort((a, b) => (toBytes(a) < toBytes(b) ? -1 : 1));
            const { total, counts } = work.result();
            expect(total).toBe(all.length);
            expect(Object.entries(counts)).toEqual(
              all
                .slice(offset, offset + limit)
                .map((one) => [one, names.filter((own) => own === one).length]),
            );
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('leaves out what went while it was made, and what came in its place', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `a.${index}`);
    const store = stored(names);
    const work = store.subjectPage(filterOf(toBytes('a.*')), 0, 1_000);
    expect(work.step(10)).toBe(false);
    for (let seq = 1; seq <= 500; seq++) store.remove(seq, false);
    for (let i = 0; i < 200; i++) store.append(toBytes(`b.${i}`), Buffer.alloc(0), 0, 0, 0, { ms: 1, ns: 0 });
    while (!work.step(10));
    expect(Object.keys(work.result().counts).sort()).toEqual(names.slice(500).sort());
  });

  it('costs about the same for every order in which subjects came', () => {
    const names = Array.from({ length: 4_000 }, (_, index) => `a.${String(index).padStart(5, '0')}`);
    const slices = (order: readonly string[]): number => {
      const work = stored(order).subjectPage(filterOf(toBytes('a.*')), 0, 4_000);
      let count = 1;
      while (!work.step(256)) count++;
      return count;
    };
    const halves = names.flatMap((one, index) => (index % 2 === 0 ? [one] : [names[4_000 - index] ?? one]));
    for (const order of [names, [...names].reverse(), halves]) expect(slices(order)).toBeLessThan(150);
  });
});
