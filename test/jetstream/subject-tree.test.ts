import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubjectFilter } from '../../src/jetstream/store/filter.ts';
import { SubjectTable } from '../../src/jetstream/store/subject-table.ts';
import { type ByteString, matches, toBytes } from '../../src/subjects/index.ts';
import { TestMemory } from './support.ts';

/** Few tokens, so that subjects meet; some look like wildcards, some are long, none is empty. */
const token = fc.constantFrom(
  'a',
  'b',
  'c',
  'ab',
  '1',
  '2',
  '*',
  '>',
  'a*',
  'é'.normalize('NFD'),
  'long-token',
);
const subject = fc
  .oneof(
    { weight: 8, arbitrary: fc.array(token, { minLength: 1, maxLength: 4 }) },
    fc.array(token, { minLength: 7, maxLength: 12 }),
  )
  .map((tokens) => toBytes(tokens.join('.')));
const pattern = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { maxLength: 10 }), fc.constantFrom('>', '*', 'a', '1'))
  .map(([tokens, last]) => toBytes([...tokens.slice(0, tokens.length % 4 === 3 ? 10 : 3), last].join('.')));

type Command = { readonly kind: 'add' | 'remove'; readonly subject: ByteString };
const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom('add' as const, 'add' as const, 'remove' as const),
  subject,
});

/** A table with so many subjects that it keeps a tree, of a kind that no pattern here can mean but `>` and `*.*`. */
function crowded(memory = new TestMemory()): { table: SubjectTable; crowd: ByteString[] } {
  const table = new SubjectTable(memory, 4711);
  const crowd = Array.from({ length: 300 }, (_, index) => toBytes(`crowd${index % 3}.${index}`));
  for (const one of crowd) add(table, one);
  return { table, crowd };
}

function add(table: SubjectTable, text: ByteString): number {
  const id = table.add(text);
  if (id !== 0) table.counts[id] = 1;
  return id;
}

function found(table: SubjectTable, patterns: readonly ByteString[]): string[] {
  const texts: string[] = [];
  table.visit(patterns, (id) => texts.push(table.textOnce(id)) > 0);
  return texts.sort();
}

function meant(live: Iterable<ByteString>, patterns: readonly ByteString[]): string[] {
  return [...live].filter((one) => patterns.some((pattern) => matches(pattern, one))).sort();
}

describe('A table of subjects', () => {
  it('finds what wildcards match as a list would, however subjects come and go', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 120 }),
        fc.array(pattern, { minLength: 4, maxLength: 6 }),
        (commands, patterns) => {
          const { table, crowd } = crowded();
          const live = new Set<ByteString>(crowd);
          for (const { kind, subject: text } of commands) {
            const id = table.find(text);
            expect(id !== 0).toBe(live.has(text));
            if (kind === 'add' && id === 0) {
              add(table, text);
              live.add(text);
            } else if (kind === 'remove' && id !== 0) {
              table.remove(id);
              live.delete(text);
            }
          }
          for (const one of patterns) {
            const wanted = meant(live, [one]);
            expect(found(table, [one])).toEqual(wanted);
            expect(table.reach([one])).toBeGreaterThanOrEqual(wanted.length);
            if (table.reach([one]) === Number.POSITIVE_INFINITY) expect(wanted).toHaveLength(live.size);
          }
          expect(found(table, patterns)).toEqual(meant(live, patterns));
          for (const one of live) expect(table.textOnce(table.find(one))).toBe(one);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('finds what a thousand patterns match, and does not look at each subject for each of them', () => {
    const { table } = crowded();
    const live = Array.from({ length: 20_000 }, (_, i) => toBytes(`a.k${i}.c${i % 7}`));
    for (const one of live) add(table, one);
    const patterns = Array.from({ length: 1000 }, (_, i) => toBytes(`*.*.c${i + 5}`));
    const filter = new SubjectFilter(patterns);
    const before = process.cpuUsage();
    expect(found(table, patterns)).toEqual(meant(live, patterns.slice(0, 2)));
    expect(live.filter((one) => filter.matches(one))).toHaveLength(meant(live, patterns.slice(0, 2)).length);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000, 'several times as much one by one').toBeLessThan(1_000);
  });

  it('means with many patterns what each of them means', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 33, maxLength: 50 }), fc.array(subject), (...of) => {
        const [patterns, subjects] = of;
        const { table } = crowded();
        for (const one of new Set(subjects)) add(table, one);
        const filter = new SubjectFilter(patterns);
        for (const one of subjects) expect(filter.matches(one)).toBe(meant([one], patterns).length > 0);
        for (const one of subjects) {
          expect(found(table, [...patterns, one])).toContain(one as string);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('knows when a pattern means everything', () => {
    const table = new SubjectTable(new TestMemory(), 1);
    for (let i = 0; i < 300; i++) add(table, toBytes(`$KV.bucket.key${i}`));
    const everything = ['>', '$KV.>', '$KV.bucket.>', '$KV.bucket.*'].map(toBytes);
    for (const one of everything) expect(table.reach([one])).toBe(Number.POSITIVE_INFINITY);
    add(table, toBytes('$KV.bucket.key.deep'));
    expect(everything.map((one) => table.reach([one]))).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      301,
    ]);
    expect(table.reach([toBytes('$KV.other.>')])).toBe(0);
    expect(table.reach([toBytes('$KV.bucket.key.*')])).toBe(1);
  });

  it('takes the memory it says, gives all of it back, and refuses a subject without a trace', () => {
    fc.assert(
      fc.property(fc.array(subject, { minLength: 1, maxLength: 60 }), fc.nat(30_000), (subjects, room) => {
        const memory = new TestMemory();
        const { table, crowd } = crowded(memory);
        memory.limit = memory.used + room;
        const live = new Set(crowd);
        for (let i = 0; i < 200; i++) {
          const text = toBytes(`${subjects[i % subjects.length] ?? ''}.${i}.x`);
          const before = { ids: table.size, reach: table.reach([toBytes('*.>')]) };
          if (add(table, text) !== 0) live.add(text);
          else expect({ ids: table.size, reach: table.reach([toBytes('*.>')]) }).toEqual(before);
        }
        expect(found(table, [toBytes('>')])).toEqual([...live].sort());
        table.clear();
        expect(memory.used).toBe(0);
        expect(found(table, [toBytes('>')])).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});
