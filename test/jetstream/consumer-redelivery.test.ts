import { describe, expect, it } from 'vitest';
import { counters, MS, messagesOf, partsOf, SECOND, statusesOf, World } from './consumer-support.ts';

type Seen = Parameters<typeof partsOf>[0];

/** `[stream sequence, deliveries]` of each message. */
function trail(seen: readonly Seen[]): [number, number][] {
  return seen.map((one) => [partsOf(one).seq, partsOf(one).delivered]);
}

function worldOf(count: number): World {
  const world = new World();
  for (let i = 0; i < count; i++) world.publish('s.a');
  return world;
}

describe('Consumer redelivers', () => {
  it('after ack_wait, in stream order, before anything new', () => {
    const world = worldOf(4);
    const consumer = world.pullConsumer({ ack_wait: SECOND });
    world.fetch(consumer, 3);
    world.env.advance(999);
    expect(trail(world.fetch(consumer, 1))).toEqual([[4, 1]]);
    world.publish('s.a');
    world.env.advance(1);
    expect(trail(world.fetch(consumer, 9))).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
      [5, 1],
    ]);
    expect(counters(consumer)).toMatchObject({ ackPending: 5, redelivered: 3, delivered: [8, 5] });
  });

  it('at once when refused, in the order of refusal; what expires comes behind', () => {
    const world = worldOf(4);
    const consumer = world.pullConsumer({ ack_wait: 300 * MS });
    const got = world.fetch(consumer, 4);
    world.env.advance(100);
    for (const index of [2, 0, 3]) world.ack(consumer, got[index] as Seen, '-NAK');
    expect(trail(world.fetch(consumer, 2))).toEqual([
      [3, 2],
      [1, 2],
    ]);
    world.env.advance(300);
    expect(trail(world.fetch(consumer, 9))).toEqual([
      [4, 2],
      [2, 2],
      [1, 3],
      [3, 3],
    ]);
  });

  it.each([['-NAK {"delay": 500000000}'], ['-NAK 500ms']])('after the delay of %j', (payload) => {
    const world = worldOf(1);
    const consumer = world.pullConsumer({ ack_wait: 30 * SECOND });
    const sink = world.pull(consumer, { batch: 5, expires: 5 * SECOND });
    world.ack(consumer, sink.seen[0] as Seen, payload);
    world.env.advance(499);
    expect(messagesOf(sink)).toHaveLength(1);
    world.env.advance(1);
    expect(trail(messagesOf(sink))).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it('by the steps of backoff, the last one again and again', () => {
    const world = worldOf(1);
    const consumer = world.pullConsumer({ backoff: [100 * MS, 300 * MS], max_deliver: 4 });
    const start = world.env.clock.ms;
    const sink = world.pull(consumer, { batch: 100 });
    const at: number[] = [];
    for (let ms = 0; ms < 1200; ms += 50) {
      const before = messagesOf(sink).length;
      world.env.advance(50);
      if (messagesOf(sink).length > before) at.push(world.env.clock.ms - start);
    }
    expect(at).toEqual([100, 400, 700]);
    expect(world.advisories().filter((one) => one.event === 'MAX_DELIVERIES')).toEqual([
      { event: 'MAX_DELIVERIES', body: { stream: 'S', consumer: 'c', stream_seq: 1, deliveries: 4 } },
    ]);
  });

  it('not while progress is reported', () => {
    const world = worldOf(1);
    const consumer = world.pullConsumer({ ack_wait: 300 * MS });
    const sink = world.pull(consumer, { batch: 5 });
    world.env.advance(200);
    world.ack(consumer, sink.seen[0] as Seen, '+WPI');
    world.env.advance(299);
    expect(messagesOf(sink)).toHaveLength(1);
    world.env.advance(1);
    expect(messagesOf(sink)).toHaveLength(2);
  });

  it('no more than max_deliver times; what was given up still counts until acknowledged', () => {
    const world = worldOf(2);
    const consumer = world.pullConsumer({ ack_wait: SECOND, max_deliver: 2 });
    const sink = world.pull(consumer, { batch: 100 });
    world.env.advance(5000);
    expect(trail(messagesOf(sink))).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ]);
    expect(counters(consumer)).toMatchObject({ ackPending: 0, redelivered: 2, floor: [0, 0] });
    world.ack(consumer, messagesOf(sink)[3] as Seen);
    expect(counters(consumer)).toMatchObject({ ackPending: 0, redelivered: 1, floor: [0, 0] });
  });

  it('gives a refused message up only when somebody would get it', () => {
    const world = worldOf(2);
    const consumer = world.pullConsumer({ ack_wait: 5 * SECOND, max_deliver: 1 });
    const [first] = world.fetch(consumer, 1);
    world.ack(consumer, first as Seen, '-NAK');
    expect(consumer.info().num_ack_pending).toBe(1);
    expect(trail(world.fetch(consumer, 1))).toEqual([[2, 1]]);
    expect(world.advisories().map((one) => one.event)).toContain('MAX_DELIVERIES');
    expect(consumer.info().num_ack_pending).toBe(1);
  });

  it('not what was acknowledged after it was refused', () => {
    const world = worldOf(2);
    const consumer = world.pullConsumer();
    const [first, second] = world.fetch(consumer, 2);
    world.ack(consumer, first as Seen, '-NAK');
    world.ack(consumer, second as Seen, '-NAK');
    world.ack(consumer, first as Seen, '+ACK');
    expect(trail(world.fetch(consumer, 5))).toEqual([[2, 2]]);
  });
});

describe('Consumer follows the stream', () => {
  it('terminates what was deleted while it waited', () => {
    const world = worldOf(3);
    const consumer = world.pullConsumer();
    world.fetch(consumer, 2);
    world.advisories();
    world.remove(1);
    expect(world.advisories()).toEqual([
      {
        event: 'MSG_TERMINATED',
        body: {
          stream: 'S',
          consumer: 'c',
          consumer_seq: 1,
          stream_seq: 1,
          deliveries: 1,
          reason: 'Unacknowledged message was deleted',
        },
      },
    ]);
    expect(counters(consumer)).toMatchObject({ floor: [1, 1], ackPending: 1, pending: 1 });
    world.remove(3);
    expect(counters(consumer)).toMatchObject({ ackPending: 1, pending: 0 });
  });

  it('after purges (positions measured on 2.14.5)', () => {
    const world = new World();
    world.publish(...'abcdabcdab'.split('').map((letter) => `s.${letter}`));
    const consumer = world.pullConsumer();
    const got = world.fetch(consumer, 7);
    world.ack(consumer, got[3] as Seen);
    world.purge({ seq: 4 });
    expect(counters(consumer)).toMatchObject({ delivered: [7, 7], floor: [4, 4], ackPending: 3, pending: 3 });
    world.purge({ filter: 's.b' });
    expect(counters(consumer)).toMatchObject({ delivered: [7, 7], floor: [4, 4], ackPending: 2, pending: 2 });
    world.purge();
    expect(counters(consumer)).toMatchObject({
      delivered: [7, 10],
      floor: [7, 10],
      ackPending: 0,
      pending: 0,
    });
  });

  it('and removes what is acknowledged from a work queue', () => {
    const world = new World({ retention: 'workqueue' });
    world.publish('s.a', 's.b', 's.c');
    const consumer = world.pullConsumer();
    const [first, , third] = world.fetch(consumer, 3);
    world.ack(consumer, third as Seen);
    expect(world.stream.state().messages).toBe(2);
    world.ack(consumer, first as Seen, '+TERM');
    expect(world.stream.state()).toMatchObject({ messages: 1, first_seq: 2 });
    expect(counters(consumer)).toMatchObject({ floor: [1, 1], ackPending: 1 });
  });

  it('under interest retention keeps a message until every consumer is done with it', () => {
    const world = new World({ retention: 'interest' });
    const one = world.consumer({ name: 'one', ack_policy: 'explicit' });
    const two = world.consumer({ name: 'two', ack_policy: 'none', filter_subject: 's.a' });
    world.publish('s.a', 's.b');
    const got = world.fetch(one, 2);
    for (const delivery of got) world.ack(one, delivery);
    expect(world.stream.state()).toMatchObject({ messages: 1, first_seq: 1 });
    expect(world.fetch(two, 1)).toHaveLength(1);
    expect(world.stream.state().messages).toBe(0);
  });
});

describe('Consumer ends by itself', () => {
  it('when an ephemeral pull consumer is not used', () => {
    const world = new World();
    const consumer = world.pullConsumer({ inactive_threshold: SECOND });
    world.env.advance(900);
    world.fetch(consumer, 1);
    world.env.advance(999);
    expect(world.stream.consumers.size).toBe(1);
    world.env.advance(1);
    expect(world.stream.consumers.size).toBe(0);
    expect(world.advisories().map((one) => one.event)).toEqual(['CREATED', 'DELETED']);
  });

  it('but not while a request waits', () => {
    const world = new World();
    const consumer = world.pullConsumer({ inactive_threshold: SECOND });
    const sink = world.pull(consumer, { batch: 1, expires: 3.5 * SECOND });
    world.env.advance(4000);
    expect(world.stream.consumers.size).toBe(1);
    expect(statusesOf(sink.seen)).toHaveLength(1);
    world.env.advance(2000);
    expect(world.stream.consumers.size).toBe(0);
  });

  it('never when it is durable', () => {
    const world = new World();
    world.consumer({ durable_name: 'd', ack_policy: 'explicit' });
    world.env.advance(3_600_000);
    expect(world.stream.consumers.size).toBe(1);
    expect(world.env.scheduler.nextDue()).toBeUndefined();
  });
});
