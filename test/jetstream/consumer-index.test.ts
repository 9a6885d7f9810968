import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamConsumer } from '../../src/jetstream/consumer/stream-consumer.ts';
import { SubjectFilter } from '../../src/jetstream/store/filter.ts';
import { ConsumerIndex } from '../../src/jetstream/stream/consumer-index.ts';
import { type ByteString, toBytes } from '../../src/subjects/index.ts';
import { World } from './consumer-support.ts';

/** A consumer that counts what it is told, and rests when nobody waits. */
class Listener implements StreamConsumer {
  filter: SubjectFilter;
  told = 0;
  isAwaited = false;
  holds = false;

  constructor(...patterns: string[]) {
    this.filter = new SubjectFilter(patterns.map(toBytes));
  }

  onStored(_seq: number, subject: ByteString): boolean {
    if (this.filter.matches(subject)) this.told++;
    return this.isAwaited;
  }

  rest(): boolean {
    return this.holds;
  }

  onRemoved(_seq: number, subject: ByteString): boolean {
    if (this.filter.matches(subject)) this.told++;
    return this.holds;
  }

  onPurged(): void {}

  needs(_seq: number, subject: ByteString): boolean {
    return this.filter.matches(subject);
  }
}

/** How many consumers an index asks about a subject. */
function asked(index: ConsumerIndex, act: (index: ConsumerIndex) => void, all: readonly Listener[]): number {
  const before = all.reduce((sum, one) => sum + one.told, 0);
  act(index);
  return all.reduce((sum, one) => sum + one.told, 0) - before;
}

const SUBJECT = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((tokens) => toBytes(tokens.join('.')));
const PATTERN = fc.constantFrom(
  'a',
  'b',
  'a.*',
  '*.b',
  'a.>',
  '>',
  'c.*.a',
  'b.b',
  '*',
  'a.b.c',
  'c',
  'c.c.>',
);

describe('ConsumerIndex', () => {
  it('tells exactly those that want a subject, few or many, as they come and go', () => {
    const step = fc.record({ add: fc.option(PATTERN), drop: fc.nat(30), subject: SUBJECT });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const index = new ConsumerIndex();
        const there: Listener[] = [];
        for (const [seq, { add, drop, subject }] of steps.entries()) {
          const gone = add === null ? there.splice(drop, 1) : [];
          for (const one of gone) index.remove(one);
          if (add !== null) there.push(new Listener(add));
          if (add !== null) index.add(there.at(-1) as Listener);
          for (const one of there) one.isAwaited = true;
          const wanted = there.filter((one) => one.filter.matches(subject)).length;
          expect(asked(index, (on) => on.stored(seq, subject), there)).toBe(wanted);
          expect(asked(index, (on) => on.removed(seq, subject), there)).toBe(wanted);
          expect(index.needs(seq, subject)).toBe(wanted > 0);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not ask consumers of other subjects, nor those at which nobody waits', () => {
    const index = new ConsumerIndex();
    const told = { others: 0 };
    for (let i = 0; i < 2_000; i++) {
      const other = new Listener(`other.${i}`);
      other.onStored = other.onRemoved = () => ++told.others > 0;
      index.add(other);
    }
    const idle = Array.from({ length: 2_000 }, () => new Listener());
    for (const one of idle) index.add(one);
    index.stored(1, toBytes('mine'));
    const afterFirst = idle.map((one) => one.told);
    for (let seq = 2; seq < 100; seq++) index.stored(seq, toBytes('mine'));
    index.removed(1, toBytes('mine'));
    expect(idle.map((one) => one.told)).toEqual(afterFirst);
    expect(told.others).toBe(0);
  });

  it('goes on telling those that rest with acknowledgements to come what is removed', () => {
    const index = new ConsumerIndex();
    const holder = new Listener();
    holder.holds = true;
    index.add(holder);
    index.stored(1, toBytes('a'));
    index.stored(2, toBytes('a'));
    index.removed(1, toBytes('a'));
    expect(holder.told).toBe(2);
    holder.holds = false;
    index.removed(2, toBytes('a'));
    index.removed(3, toBytes('a'));
    expect(holder.told).toBe(3);
  });
});

describe('A consumer of all messages', () => {
  it('knows what is pending after a rest, whatever was stored and removed meanwhile', () => {
    const world = new World();
    const consumer = world.pullConsumer();
    world.publish('s.a', 's.b', 's.a');
    world.fetch(consumer, 1);
    world.publish('s.a', 's.b');
    expect(consumer.info().num_pending).toBe(4);
    world.publish('s.a', 's.b');
    world.remove(5);
    expect(consumer.info().num_pending).toBe(5);
    world.publish('s.a');
    world.purge({ filter: 's.a' });
    world.publish('s.c');
    expect(consumer.info().num_pending).toBe(3);
    world.publish('s.c');
    world.purge();
    world.publish('s.c');
    expect(consumer.info().num_pending).toBe(1);
  });
});
