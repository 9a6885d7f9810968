import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubjectFilter } from '../../src/jetstream/store/filter.ts';
import { MessageStore } from '../../src/jetstream/store/store.ts';
import { matches, toBytes } from '../../src/subjects/index.ts';
import { TestMemory } from './support.ts';

const SUBJECTS = ['a', 'b', 'a.x', 'a.x.y', 'a.xy', 'b.x', 'c.1', 'c.2', 'c.2.x'].map(toBytes);
const FILTERS = [
  ['a'],
  ['*'],
  ['a.*'],
  ['a.>'],
  ['*.x'],
  ['c.*', 'b'],
  ['*.*.*'],
  ['none.*'],
  ['a.x', 'c.>'],
  [],
];

/** Long runs of messages of one subject after the other, so that searches have far to go. */
const runs = fc.array(
  fc.record({
    subjects: fc.array(fc.constantFrom(...SUBJECTS), { minLength: 1, maxLength: 3 }),
    length: fc.oneof(fc.nat(5), fc.integer({ min: 4000, max: 9000 })),
    keepEvery: fc.constantFrom(1, 1, 3, 1000),
  }),
  { minLength: 1, maxLength: 6 },
);

const instant = { ms: 1, ns: 0 };

describe('A store', () => {
  it('finds what is far as an array would, whatever the filter', () => {
    fc.assert(
      fc.property(runs, fc.array(fc.nat(50_000), { minLength: 3, maxLength: 6 }), (layout, froms) => {
        const store = new MessageStore(new TestMemory(), 'memory', 99);
        const kept: { seq: number; subject: string }[] = [];
        for (const { subjects, length, keepEvery } of layout) {
          for (let i = 0; i < length; i++) {
            const subject = subjects[i % subjects.length] ?? toBytes('a');
            const seq = store.append(subject, Buffer.alloc(0), 0, 0, 0, instant);
            if (i % keepEvery === 0) kept.push({ seq, subject });
            else store.remove(seq, false);
          }
        }
        for (const patterns of FILTERS) {
          const filter = new SubjectFilter(patterns.map(toBytes));
          const all = kept.filter(({ subject }) => isMeant(patterns, subject)).map(({ seq }) => seq);
          expect(store.lastOf(filter)).toBe(all.at(-1) ?? 0);
          for (const some of froms) {
            const from = some % (store.lastSeq + 2);
            const ahead = all.filter((seq) => seq >= from);
            expect(store.next(from, filter)).toBe(ahead[0] ?? 0);
            expect(store.previous(from, filter)).toBe(all.findLast((seq) => seq <= from) ?? 0);
            expect(store.countFrom(from, filter)).toBe(ahead.length);
            expect([...store.lastPerSubject(filter, from)]).toEqual(lastOfEach(kept, patterns, from));
          }
        }
        expect(store.deleted()).toHaveLength(store.numDeleted);
      }),
      { numRuns: 6 },
    );
  });
});

function isMeant(patterns: readonly string[], subject: string): boolean {
  return patterns.length === 0 || patterns.some((one) => matches(toBytes(one), toBytes(subject)));
}

function lastOfEach(
  kept: readonly { seq: number; subject: string }[],
  patterns: readonly string[],
  upTo: number,
): number[] {
  const last = new Map<string, number>();
  for (const { seq, subject } of kept) if (seq <= upTo && isMeant(patterns, subject)) last.set(subject, seq);
  return [...last.values()].sort((a, b) => a - b);
}
