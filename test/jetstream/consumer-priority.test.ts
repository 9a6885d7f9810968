import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consumer } from '../../src/jetstream/consumer/consumer.ts';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import type { PullRequest } from '../../src/jetstream/consumer/pull-request.ts';
import { MS, messagesOf, SECOND, statusesOf, World } from './consumer-support.ts';
import type { TestSink } from './support.ts';

const GROUP = 'g';

/** A consumer `c` with one priority group, on a stream with so many messages. */
function worldOf(messages: number, config: ConsumerConfigInput): { world: World; consumer: Consumer } {
  const world = new World();
  for (let i = 1; i <= messages; i++) world.publish(`s.${i}`);
  const consumer = world.pullConsumer({ durable_name: 'c', priority_groups: [GROUP], ...config });
  world.advisories();
  return { world, consumer };
}

function ask(world: World, consumer: Consumer, request: PullRequest): TestSink {
  return world.pull(consumer, { group: GROUP, expires: 60 * SECOND, ...request });
}

const subjectsOf = (sink: TestSink): string[] => messagesOf(sink).map(({ subject }) => subject);
const pinOf = (sink: TestSink): string => /Nats-Pin-Id: (\w+)/.exec(sink.seen[0]?.header ?? '')?.[1] ?? '';

describe('overflow', () => {
  it('serves a request as soon as one of its thresholds is reached, and never before', () => {
    const threshold = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 4 }),
        threshold,
        threshold,
        (...of) => {
          const [waiting, unsettled, min_pending, min_ack_pending] = of;
          const { world, consumer } = worldOf(waiting + unsettled, { priority_policy: 'overflow' });
          ask(world, consumer, { batch: unsettled, no_wait: true });
          const open = consumer.info().num_pending;
          const held = consumer.info().num_ack_pending;
          const isServed =
            (min_pending === 0 && min_ack_pending === 0) ||
            (min_pending > 0 && open >= min_pending) ||
            (min_ack_pending > 0 && held >= min_ack_pending);
          const sink = ask(world, consumer, { batch: 1, min_pending, min_ack_pending });
          expect(messagesOf(sink).length).toBe(isServed && open > 0 ? 1 : 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes the message past requests that have to wait', () => {
    const { world, consumer } = worldOf(0, { priority_policy: 'overflow' });
    const picky = ask(world, consumer, { batch: 5, min_pending: 3 });
    const plain = ask(world, consumer, { batch: 1 });
    world.publish('s.1', 's.2', 's.3');
    expect(subjectsOf(plain)).toEqual(['s.1']);
    expect(subjectsOf(picky)).toEqual([]);
    world.publish('s.4');
    expect(subjectsOf(picky)).toEqual(['s.2']);
  });
});

describe('prioritized', () => {
  it('serves by rank, and in turn within one, as a naive list does', () => {
    const request = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      priority: fc.integer({ min: 0, max: 9 }),
    });
    const command = fc.oneof(request, fc.constant('publish' as const));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const { world, consumer } = worldOf(0, { priority_policy: 'prioritized' });
        let naive: { left: number; priority: number; got: string[] }[] = [];
        const sinks: { sink: TestSink; got: string[] }[] = [];
        const stored: string[] = [];
        for (const one of commands) {
          if (one === 'publish') stored.push(`s.${stored.length + 1}`);
          if (one === 'publish') world.publish(stored.at(-1) ?? '');
          else {
            const got: string[] = [];
            sinks.push({ sink: ask(world, consumer, one), got });
            naive.push({ left: one.batch, priority: one.priority, got });
          }
          for (
            let first = rank(naive)[0];
            first !== undefined && pending(sinks, stored) > 0;
            first = rank(naive)[0]
          ) {
            first.got.push(stored[stored.length - pending(sinks, stored)] ?? '');
            naive = naive.filter((each) => each !== first);
            if (--first.left > 0) naive.push(first);
          }
        }
        for (const { sink, got } of sinks) expect(subjectsOf(sink)).toEqual(got);
      }),
      { numRuns: 60 },
    );
  });

  const rank = <T extends { priority: number }>(all: readonly T[]): T[] =>
    [...all].sort((a, b) => a.priority - b.priority);
  const pending = (sinks: readonly { got: string[] }[], stored: readonly string[]): number =>
    stored.length - sinks.reduce((sum, { got }) => sum + got.length, 0);
});

describe('a pinned client', () => {
  const PINNED = { priority_policy: 'pinned_client', priority_timeout: 10 * SECOND } as const;

  it('is the only one served, by the id that its messages carry', () => {
    const { world, consumer } = worldOf(4, PINNED);
    const first = ask(world, consumer, { batch: 1 });
    const id = pinOf(first);
    expect(id).toMatch(/^\w{22}$/);
    const other = ask(world, consumer, { batch: 1 });
    expect(other.seen).toEqual([]);
    expect(subjectsOf(ask(world, consumer, { batch: 2, id }))).toEqual(['s.2', 's.3']);
    expect(statusesOf(ask(world, consumer, { id: 'another' }).seen)).toEqual(['423 Nats-Pin-Id mismatch']);
    expect(consumer.info().priority_groups).toMatchObject([{ group: GROUP, pinned_client_id: id }]);
    expect(world.advisories()).toMatchObject([{ event: 'PINNED', body: { group: GROUP, pinned_id: id } }]);
  });

  it.each(['silence', 'an administrator'])('gives way to the next after %s', (reason) => {
    const { world, consumer } = worldOf(2, PINNED);
    const id = pinOf(ask(world, consumer, { batch: 1 }));
    const heir = ask(world, consumer, { batch: 1 });
    if (reason === 'silence') world.env.advance(10_000);
    else consumer.unpin(GROUP);
    world.env.drain();
    expect(subjectsOf(heir)).toEqual(['s.2']);
    expect(pinOf(heir)).not.toBe(id);
    expect(world.advisories().map(({ event }) => event)).toEqual(['PINNED', 'UNPINNED', 'PINNED']);
  });

  it('stays pinned as long as it asks', () => {
    const { world, consumer } = worldOf(9, PINNED);
    const id = pinOf(ask(world, consumer, { batch: 1 }));
    for (let i = 0; i < 3; i++) {
      world.env.advance(9_000);
      expect(messagesOf(ask(world, consumer, { batch: 1, id })).length).toBe(1);
    }
    expect(consumer.info().priority_groups).toMatchObject([{ pinned_client_id: id }]);
  });

  it('learns that its id is not good any more', () => {
    const { world, consumer } = worldOf(1, PINNED);
    const id = pinOf(ask(world, consumer, { batch: 1 }));
    const late = ask(world, consumer, { batch: 7, id });
    consumer.unpin(GROUP);
    world.publish('s.2');
    expect(statusesOf(late.seen)).toEqual([
      '423 Nats-Wrong-Pin-Id; Nats-Pending-Messages: 7; Nats-Pending-Bytes: 0',
    ]);
  });

  it('cannot be passed by a request that is a number', () => {
    const { world, consumer } = worldOf(1, PINNED);
    const sink = world.pull(consumer, { batch: 1, isBare: true });
    expect(statusesOf(sink.seen)).toEqual(['400 Bad Request - Priority Group missing']);
  });
});

describe('Consumer.unpin', () => {
  it('refuses groups that the consumer does not have', () => {
    const { consumer } = worldOf(0, { priority_policy: 'overflow' });
    expect(() => consumer.unpin('other')).toThrow('Provided priority group does not exist');
  });
});

describe('a request with no_wait', () => {
  it('ends at once when the policy lets it wait', () => {
    const { world, consumer } = worldOf(2, { priority_policy: 'overflow' });
    const sink = world.pull(consumer, { group: GROUP, no_wait: true, min_pending: 3 });
    expect(statusesOf(sink.seen)).toEqual(['404 No Messages']);
  });

  it('is refused when others want more than there is', () => {
    const { world, consumer } = worldOf(2, { priority_policy: 'overflow' });
    ask(world, consumer, { batch: 3, min_pending: 9, expires: 100 * MS });
    const sink = world.pull(consumer, { group: GROUP, no_wait: true });
    expect(statusesOf(sink.seen)).toEqual(['408 Requests Pending']);
  });
});
