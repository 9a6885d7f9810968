import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingPull } from '../../src/jetstream/consumer/pull.ts';
import { TurnRing } from '../../src/jetstream/consumer/turn-ring.ts';
import { World } from './consumer-support.ts';
import { TestSink } from './support.ts';

/** A list whose first request has the turn: what the ring has to be, slowly. */
class NaiveRing {
  items: WaitingPull[] = [];

  seek(pending: number, unsettled: number): boolean {
    const at = this.items.findIndex((one) => one.wantsPending <= pending || one.wantsUnsettled <= unsettled);
    for (let i = 0; i < at; i++) this.pass();
    return at !== -1;
  }

  pass(): void {
    const first = this.items.shift();
    if (first !== undefined) this.items.push(first);
  }
}

const few = fc.integer({ min: 0, max: 4 });
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('add' as const), times: few, pending: few, acks: few }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('seek' as const), pending: few, acks: few }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('pass' as const, 'remove' as const), times: few }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('retain' as const, 'sweep' as const), of: few }),
  },
);

describe('TurnRing', () => {
  it('does what a list does, whatever comes in which order', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 60 }),
        fc.integer({ min: 1, max: 90 }),
        (commands, scale) => {
          const [ring, naive] = [new TurnRing(), new NaiveRing()];
          let made = 0;
          for (const one of commands) {
            switch (one.kind) {
              case 'add':
                for (let i = 0; i < one.times * scale; i++) {
                  const request = { min_pending: one.pending, min_ack_pending: one.acks, batch: made++ };
                  const waiting = new WaitingPull(request, new TestSink('r'), 0);
                  ring.add(waiting);
                  naive.items.push(waiting);
                }
                break;
              case 'seek':
                expect(ring.seek(one.pending, one.acks)).toBe(naive.seek(one.pending, one.acks));
                break;
              case 'pass':
                for (let i = 0; i < one.times * scale; i++) {
                  ring.pass();
                  naive.pass();
                }
                break;
              case 'remove':
                for (let i = 0; i < one.times * scale; i++) {
                  ring.remove();
                  naive.items.shift();
                }
                break;
              case 'retain':
              case 'sweep': {
                const keep = (waiting: WaitingPull): boolean => waiting.messagesLeft % 5 >= one.of;
                if (one.kind === 'retain') ring.retain(keep);
                else ring.sweep(made + 1000, keep);
                naive.items = naive.items.filter(keep);
              }
            }
            expect(ring.length).toBe(naive.items.length);
            expect(ring.current).toBe(naive.items[0]);
          }
          expect([...ring.inOrder()]).toEqual(naive.items);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sweeps over all in the course of time', () => {
    const ring = new TurnRing();
    for (let i = 0; i < 1000; i++) ring.add(new WaitingPull({ batch: i }, new TestSink('r'), 0));
    const seen = new Set<WaitingPull>();
    for (let i = 0; i < 20; i++) ring.sweep(100, (waiting) => seen.add(waiting).size > 0);
    expect(seen.size).toBe(1000);
  });
});

describe('thousands of requests that wait', () => {
  const WAITING = 8000;
  const cpuMs = (work: () => void): number => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };

  it.each([
    ['for more messages than there will be', { priority_policy: 'overflow' as const }, { min_pending: 1e9 }],
    ['for more unacknowledged ones', { priority_policy: 'overflow' as const }, { min_ack_pending: 1e9 }],
    ['for the pinned client to go', { priority_policy: 'pinned_client' as const }, {}],
  ])('%s cost a message next to nothing', (_, config, demand) => {
    const world = new World();
    const consumer = world.pullConsumer({ ...config, priority_groups: ['g'], max_waiting: WAITING + 10 });
    const served = new TestSink('_INBOX.served');
    consumer.next({ group: 'g', batch: 1_000_000, expires: 3600e9 }, served);
    world.publish('s.0');
    for (let i = 0; i < WAITING; i++) {
      consumer.next({ group: 'g', expires: 3600e9, ...demand }, new TestSink('_INBOX.waits'));
    }
    world.env.drain();
    const pin = /Nats-Pin-Id: (\w+)/.exec(served.seen[0]?.header ?? '')?.[1];
    // The one that is pinned asks anew with its id, and stands behind all others.
    if (pin !== undefined) consumer.next({ group: 'g', batch: 1_000_000, expires: 3600e9, id: pin }, served);
    const ms = cpuMs(() => {
      for (let i = 1; i <= 500; i++) world.publish(`s.${i}`);
    });
    expect(served.seen.length).toBeGreaterThan(500);
    expect(ms).toBeLessThan(300);
  });
});
