import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubjectFilter } from '../../src/jetstream/store/filter.ts';
import { accountedBytes } from '../../src/jetstream/store/record.ts';
import { MessageStore, MessageView } from '../../src/jetstream/store/store.ts';
import { type ByteString, matches, toBytes } from '../../src/subjects/index.ts';
import { TestMemory } from './support.ts';

interface Kept {
  readonly seq: number;
  readonly subject: string;
  readonly body: string;
  readonly ms: number;
}

/** What the store promises, as an array. */
class Model {
  kept: Kept[] = [];
  last = 0;
  first = 0;

  append(subject: string, body: string, ms: number): void {
    this.last++;
    if (this.kept.length === 0) this.first = this.last;
    this.kept.push({ seq: this.last, subject, body, ms });
  }

  remove(seq: number): boolean {
    const before = this.kept.length;
    this.kept = this.kept.filter((one) => one.seq !== seq);
    this.first = this.kept[0]?.seq ?? this.last + 1;
    return this.kept.length < before;
  }

  clear(next: number): void {
    this.kept = [];
    this.last = Math.max(this.last, next - 1);
    this.first = this.last + 1;
  }

  skip(count: number): void {
    this.last += count;
    if (this.kept.length === 0) this.first = this.last + 1;
  }

  passing(filter: SubjectFilter | undefined): Kept[] {
    return this.kept.filter((one) => filter === undefined || filter.matches(one.subject as ByteString));
  }
}

function put(store: MessageStore, subject: string, body: string, ms: number): number {
  const bytes = Buffer.from(body, 'latin1');
  return store.append(toBytes(subject), bytes, 0, 0, bytes.length, { ms, ns: 7 });
}

const SUBJECTS = ['a', 'b', 'a.x', 'a.y', 'long.subject.with.tokens', 'k.1', 'k.2', 'k.3'];
const FILTERS = [[], ['a'], ['k.*'], ['a.>', 'b'], ['nothing'], ['>'], ['k.1', 'k.3']].map(
  (patterns) => new SubjectFilter(patterns.map(toBytes)),
);

type Command =
  | { kind: 'append'; subject: number; size: number; count: number }
  | { kind: 'remove'; where: number; erase: boolean }
  | { kind: 'removeMany'; where: number; count: number }
  | { kind: 'perSubject'; most: number }
  | { kind: 'clear'; beyond: number }
  | { kind: 'skip'; count: number };

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      subject: fc.nat(SUBJECTS.length - 1),
      size: fc.oneof(fc.nat(60), fc.nat(3000)),
      count: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), where: unit, erase: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('removeMany' as const), where: unit, count: fc.nat(120) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('perSubject' as const), most: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), beyond: fc.nat(10_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('skip' as const), count: fc.oneof(fc.nat(3), fc.nat(9000)) }),
  },
);

function removeBoth(model: Model, store: MessageStore, seq: number, erase: boolean): void {
  expect(store.remove(seq, erase)).toBe(model.remove(seq));
}

function apply(model: Model, store: MessageStore, one: Command, clock: number): void {
  const at = (where: number): number => model.first + Math.floor(where * (model.last - model.first + 2)) - 1;
  if (one.kind === 'append') {
    for (let i = 0; i < one.count; i++) {
      const subject = SUBJECTS[(one.subject + i) % SUBJECTS.length] as string;
      const body = String.fromCharCode(33 + (i % 90)).repeat(one.size);
      model.append(subject, body, clock + i);
      expect(put(store, subject, body, clock + i)).toBe(model.last);
    }
  } else if (one.kind === 'remove') {
    removeBoth(model, store, at(one.where), one.erase);
  } else if (one.kind === 'removeMany') {
    const start = at(one.where);
    for (let seq = start; seq < start + one.count; seq++) removeBoth(model, store, seq, false);
  } else if (one.kind === 'perSubject') {
    for (const subject of SUBJECTS) {
      while (store.countOnSubject(toBytes(subject)) > one.most) {
        removeBoth(model, store, store.firstOnSubject(toBytes(subject)), false);
      }
    }
  } else if (one.kind === 'skip') {
    for (let i = 0; i < one.count; i++) store.skip({ ms: clock, ns: 0 });
    model.skip(one.count);
  } else {
    store.clear(model.last + one.beyond);
    model.clear(model.last + one.beyond);
  }
}

/** Compares everything that can be asked. */
function compare(model: Model, store: MessageStore): void {
  expect([store.messages, store.lastSeq]).toEqual([model.kept.length, model.last]);
  if (model.last > 0) expect(store.firstSeq).toBe(model.first);
  const bytes = model.kept.map((one) => accountedBytes('memory', one.subject.length, 0, one.body.length));
  expect(store.bytes).toBe(bytes.reduce((a, b) => a + b, 0));
  const view = new MessageView();
  for (const one of model.kept) {
    expect(store.load(one.seq, view)).toBe(true);
    expect([view.subject, view.ms, view.ns]).toEqual([one.subject, one.ms, 7]);
    expect(view.buffer.latin1Slice(view.payloadStart, view.end)).toBe(one.body);
  }
  for (const filter of [undefined, ...FILTERS]) compareFilter(model, store, filter);
  const counts = new Map<string, number>();
  for (const one of model.kept) counts.set(one.subject, (counts.get(one.subject) ?? 0) + 1);
  expect(new Map(store.subjects())).toEqual(counts);
  expect(store.numSubjects).toBe(counts.size);
  const missing = model.kept.length === 0 ? 0 : model.last - model.first + 1 - model.kept.length;
  expect(store.numDeleted).toBe(missing);
}

function compareFilter(model: Model, store: MessageStore, filter: SubjectFilter | undefined): void {
  const passing = model.passing(filter);
  expect(store.firstOf(filter)).toBe(passing[0]?.seq ?? 0);
  expect(store.lastOf(filter)).toBe(passing.at(-1)?.seq ?? 0);
  const middle = Math.floor((model.first + model.last) / 2);
  for (const from of [0, model.first, middle, middle + 1, model.last, model.last + 1]) {
    expect(store.next(from, filter)).toBe(passing.find((one) => one.seq >= from)?.seq ?? 0);
    expect(store.previous(from, filter)).toBe(passing.findLast((one) => one.seq <= from)?.seq ?? 0);
    expect(store.countFrom(from, filter)).toBe(passing.filter((one) => one.seq >= from).length);
  }
  const lasts = new Map<string, number>();
  for (const one of passing) if (one.seq <= middle) lasts.set(one.subject, one.seq);
  expect([...store.lastPerSubject(filter, middle)]).toEqual([...lasts.values()].sort((a, b) => a - b));
}

describe('MessageStore', () => {
  it('equals an array under random commands', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 60 }), (commands) => {
        const memory = new TestMemory();
        const model = new Model();
        const store = new MessageStore(memory, 'memory', 12345);
        let clock = 1000;
        for (const one of commands) {
          apply(model, store, one, clock);
          clock += 100;
        }
        compare(model, store);
        store.clear();
        expect(memory.used).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('finds by time what an array finds', () => {
    const store = new MessageStore(new TestMemory(), 'memory', 1);
    for (let i = 0; i < 500; i++) put(store, `s.${i % 3}`, 'x', 1000 + Math.floor(i / 2) * 10);
    for (const seq of [1, 2, 77, 78, 79, 250, 500]) store.remove(seq, false);
    const view = new MessageView();
    for (let ms = 990; ms < 3600; ms += 5) {
      let expected = store.lastSeq + 1;
      for (let seq = 1; seq <= 500; seq++) {
        if (store.load(seq, view) && view.ms >= ms) {
          expected = seq;
          break;
        }
      }
      expect(store.seqAtTime({ ms, ns: 0 })).toBe(expected);
    }
  });

  it.each([
    ['memory', 1, 0, 0, 17],
    ['memory', 1, 0, 100, 117],
    ['memory', 10, 32, 1000, 1058],
    ['file', 1, 0, 0, 31],
    ['file', 10, 0, 100, 140],
    ['file', 1, 18, 0, 53],
    ['file', 1, 18, 100, 153],
    ['file', 10, 32, 1000, 1076],
  ] as const)(
    'counts a message as 2.14.5 does: %s, subject %i, header %i, payload %i',
    (storage, subject, header, payload, bytes) => {
      const store = new MessageStore(new TestMemory(), storage, 1);
      const buffer = Buffer.alloc(header + payload);
      store.append('s'.repeat(subject) as ByteString, buffer, 0, header, buffer.length, { ms: 1, ns: 0 });
      expect(store.bytes).toBe(bytes);
      expect(store.costOf(1)).toBe(bytes);
    },
  );

  it('overwrites the bytes of an erased message', () => {
    const store = new MessageStore(new TestMemory(), 'memory', 1);
    put(store, 'a', 'keep me company', 1);
    put(store, 'a', 'secret', 2);
    const view = new MessageView();
    store.load(2, view);
    const { buffer, payloadStart, end } = view;
    store.remove(2, true);
    expect(buffer.latin1Slice(payloadStart, end)).toBe('\0'.repeat(6));
    store.load(1, view);
    expect(view.buffer.latin1Slice(view.payloadStart, view.end)).toBe('keep me company');
  });

  it('gives memory back when most messages of many slabs went', () => {
    const memory = new TestMemory();
    const store = new MessageStore(memory, 'memory', 1);
    for (let i = 1; i <= 40_000; i++) put(store, `k.${i % 100}`, 'v'.repeat(200), i);
    const full = memory.used;
    for (let seq = 1; seq <= 40_000; seq++) if (seq % 100 !== 0) store.remove(seq, false);
    expect(store.messages).toBe(400);
    expect(memory.used).toBeLessThan(full / 8);
    const view = new MessageView();
    for (let seq = 100; seq <= 40_000; seq += 100) expect(store.load(seq, view)).toBe(true);
  });

  it('keeps memory in proportion when subjects are overwritten again and again', () => {
    const memory = new TestMemory();
    const store = new MessageStore(memory, 'memory', 1);
    const keys = 2000;
    for (let i = 0; i < keys * 20; i++) {
      const subject = `kv.key-${(i * 7919) % keys}`;
      put(store, subject, 'x'.repeat(100), i);
      while (store.countOnSubject(toBytes(subject)) > 1)
        store.remove(store.firstOnSubject(toBytes(subject)), false);
    }
    expect(store.messages).toBe(keys);
    expect(memory.used).toBeLessThan(4 * 1024 * 1024);
  });

  it('costs little while it is small', () => {
    const memory = new TestMemory();
    const store = new MessageStore(memory, 'memory', 1);
    put(store, 'a', 'x', 1);
    expect(memory.used).toBeLessThan(4096);
  });

  it('refuses to store, and changes nothing, when the process can hold no more', () => {
    const memory = new TestMemory();
    const store = new MessageStore(memory, 'memory', 1);
    memory.limit = 100_000;
    let stored = 0;
    while (put(store, `s.${stored}`, 'x'.repeat(500), 1) !== 0) stored++;
    expect(stored).toBeGreaterThan(50);
    expect([store.messages, store.lastSeq, store.numSubjects]).toEqual([stored, stored, stored]);
    expect(memory.used).toBeLessThanOrEqual(memory.limit);
    for (let seq = 1; seq <= stored; seq++) expect(store.remove(seq, false)).toBe(true);
    expect(put(store, 'again', 'x', 1)).toBe(stored + 1);
  });

  it('keeps old messages cheap when millions of sequences around them went', () => {
    const memory = new TestMemory();
    const store = new MessageStore(memory, 'memory', 1);
    for (let i = 1; i <= 300_000; i++) {
      put(store, 'hot', 'x', i);
      if (i % 10_000 === 0) put(store, `cold.${i}`, 'x', i);
      if (store.countOnSubject(toBytes('hot')) > 1) store.remove(store.firstOnSubject(toBytes('hot')), false);
    }
    expect(store.messages).toBe(31);
    expect(memory.used).toBeLessThan(1_200_000);
    expect(store.firstSeq).toBe(10_001);
    expect(store.deleted(5)).toEqual([10_002, 10_003, 10_004, 10_005, 10_006]);
  });

  it('does not confuse subjects that the filter saw before under the same id', () => {
    const store = new MessageStore(new TestMemory(), 'memory', 1);
    const filter = new SubjectFilter([toBytes('a.*'), toBytes('b.*')]);
    put(store, 'a.1', 'x', 1);
    expect(store.next(0, filter)).toBe(1);
    store.remove(1, false);
    put(store, 'c.1', 'x', 1);
    expect(store.next(0, filter)).toBe(0);
    expect(matches(toBytes('c.*'), toBytes('c.1'))).toBe(true);
  });
});
