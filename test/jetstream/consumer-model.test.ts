import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counters, partsOf, World } from './consumer-support.ts';

type Seen = Parameters<typeof partsOf>[0];

interface Row {
  readonly consumerSeq: number;
  count: number;
}

/**
 * What an explicit pull consumer on some subjects must report: slow, with plain maps, counting by looking at every
 * message again.
 */
class Model {
  readonly stored = new Map<number, string>();
  readonly waiting = new Map<number, Row>();
  queue: number[] = [];
  last = 0;
  next = 1;
  delivered: [number, number] = [0, 0];
  floor: [number, number] = [0, 0];
  readonly #wanted: readonly string[];

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted;
  }

  store(subject: string): void {
    this.stored.set(++this.last, subject);
  }

  pending(): number[] {
    return [...this.stored]
      .filter(([seq, s]) => seq >= this.next && this.#wanted.includes(s))
      .map(([seq]) => seq);
  }

  fetch(batch: number): [number, number][] {
    const out: [number, number][] = [];
    while (out.length < batch) {
      const again = this.queue.shift();
      const seq = again ?? this.pending()[0];
      if (seq === undefined) break;
      this.delivered[0]++;
      const row = this.waiting.get(seq);
      if (row === undefined) {
        this.waiting.set(seq, { consumerSeq: this.delivered[0], count: 1 });
        this.delivered[1] = seq;
        this.next = seq + 1;
      } else row.count++;
      out.push([seq, this.waiting.get(seq)?.count ?? 0]);
    }
    return out;
  }

  settle(seq: number): void {
    const row = this.waiting.get(seq);
    if (row === undefined) return;
    this.waiting.delete(seq);
    this.queue = this.queue.filter((one) => one !== seq);
    if (this.waiting.size === 0) this.floor = [...this.delivered];
    else if (row.consumerSeq === this.floor[0] + 1) {
      const lowest = Math.min(...this.waiting.keys());
      this.floor = [(this.waiting.get(lowest)?.consumerSeq ?? 0) - 1, lowest - 1];
    }
  }

  refuse(seq: number): void {
    if (this.waiting.has(seq) && !this.queue.includes(seq)) this.queue.push(seq);
  }

  remove(seq: number): void {
    this.stored.delete(seq);
    this.settle(seq);
  }

  expire(): void {
    for (const seq of [...this.waiting.keys()].sort((a, b) => a - b)) this.refuse(seq);
  }

  counters(): Record<string, unknown> {
    return {
      delivered: this.delivered,
      floor: this.floor,
      ackPending: this.waiting.size,
      redelivered: [...this.waiting.values()].filter((row) => row.count > 1).length,
      pending: this.pending().length,
    };
  }
}

const SUBJECTS = ['s.a', 's.b', 's.c'] as const;

const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('publish' as const), pick: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('fetch' as const), pick: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('ack' as const), pick: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('nak' as const), pick: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('term' as const), pick: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), pick: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), pick: fc.nat(1) }) },
);

const filters = [[], ['s.a'], ['s.*'], ['s.a', 's.c'], ['s.>']] as const;

function wantedBy(filter: readonly string[]): readonly string[] {
  const isAll = filter.length === 0 || filter.includes('s.*') || filter.includes('s.>');
  return isAll ? SUBJECTS : filter;
}

describe('Consumer agrees with a naive model', () => {
  it('on deliveries and every counter, under random commands', () => {
    fc.assert(
      fc.property(fc.constantFrom(...filters), fc.array(command, { maxLength: 120 }), (filter, commands) => {
        const world = new World();
        const model = new Model(wantedBy(filter));
        const consumer = world.pullConsumer({
          filter_subjects: [...filter],
          ack_wait: 1000e6,
          max_ack_pending: -1,
        });
        const seen: Seen[] = [];
        for (const { do: verb, pick } of commands) {
          const delivery = seen[pick % Math.max(1, seen.length)];
          if (verb === 'publish') {
            world.publish(SUBJECTS[pick] ?? 's.a');
            model.store(SUBJECTS[pick] ?? 's.a');
          } else if (verb === 'fetch') {
            const got = world.fetch(consumer, pick);
            expect(got.map((one) => [partsOf(one).seq, partsOf(one).delivered])).toEqual(model.fetch(pick));
            seen.push(...got);
          } else if (verb === 'expire') {
            world.env.advance(1000);
            model.expire();
          } else if (verb === 'remove') {
            const seq = [...model.stored.keys()][pick % Math.max(1, model.stored.size)];
            if (seq === undefined) continue;
            world.remove(seq);
            model.remove(seq);
          } else if (delivery !== undefined) {
            const payload = { ack: '+ACK', nak: '-NAK', term: '+TERM' }[verb];
            world.ack(consumer, delivery, payload);
            const { seq } = partsOf(delivery);
            if (verb === 'nak') model.refuse(seq);
            else model.settle(seq);
          }
          expect(counters(consumer)).toEqual(model.counters());
        }
      }),
      { numRuns: 150 },
    );
  });
});
