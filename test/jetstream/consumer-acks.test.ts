import { describe, expect, it } from 'vitest';
import { counters, partsOf, World } from './consumer-support.ts';

const FOUR = ['s.a', 's.b', 's.c', 's.d'] as const;

function worldOf(count: number): World {
  const world = new World();
  for (let i = 0; i < count; i++) world.publish(FOUR[i % 4] ?? 's.a');
  return world;
}

describe('Consumer.acknowledge moves the floor', () => {
  // Positions measured on 2.14.5: twelve messages, filter s.a matches 1, 5, 9.
  const rows: [string, number[], [number, number], number][] = [
    ['first', [0], [1, 4], 2],
    ['second', [1], [0, 0], 2],
    ['third', [2], [0, 0], 2],
    ['second, first', [1, 0], [2, 8], 1],
    ['first, third', [0, 2], [1, 4], 1],
    ['third, second', [2, 1], [0, 0], 1],
    ['all', [0, 1, 2], [3, 9], 0],
  ];
  it.each(rows)('%s of a filtered consumer', (_name, order, floor, ackPending) => {
    const world = worldOf(12);
    const consumer = world.pullConsumer({ filter_subject: 's.a' });
    const got = world.fetch(consumer, 3);
    expect(got.map((one) => partsOf(one).seq)).toEqual([1, 5, 9]);
    for (const index of order) {
      const delivery = got[index];
      if (delivery !== undefined) world.ack(consumer, delivery);
    }
    expect(counters(consumer)).toEqual({
      delivered: [3, 9],
      floor,
      ackPending,
      redelivered: 0,
      pending: 0,
    });
  });

  it('with policy all settles everything up to the delivery', () => {
    const world = worldOf(12);
    const consumer = world.pullConsumer({ ack_policy: 'all', filter_subject: 's.b' });
    const [, second, third] = world.fetch(consumer, 3);
    if (second === undefined || third === undefined) throw new Error('three messages expected');
    world.ack(consumer, second);
    expect(counters(consumer)).toMatchObject({ floor: [2, 6], ackPending: 1 });
    world.ack(consumer, third);
    expect(counters(consumer)).toMatchObject({ floor: [3, 10], ackPending: 0 });
  });

  it('leaves it where a message was given up, until nothing waits', () => {
    const world = worldOf(5);
    const consumer = world.pullConsumer({ ack_wait: 200e6, max_deliver: 1 });
    world.fetch(consumer, 2);
    world.env.advance(200);
    expect(counters(consumer)).toMatchObject({ floor: [0, 0], ackPending: 0 });
    const [third, fourth, fifth] = world.fetch(consumer, 3);
    if (third === undefined || fourth === undefined || fifth === undefined) throw new Error('missing');
    world.ack(consumer, third);
    world.ack(consumer, fifth);
    expect(counters(consumer)).toMatchObject({ floor: [0, 0], ackPending: 1 });
    world.ack(consumer, fourth);
    expect(counters(consumer)).toMatchObject({ floor: [5, 5], ackPending: 0 });
  });

  it('with policy none counts everything delivered as settled', () => {
    const world = worldOf(3);
    const consumer = world.pullConsumer({ ack_policy: 'none' });
    world.fetch(consumer, 2);
    expect(counters(consumer)).toEqual({
      delivered: [2, 2],
      floor: [2, 2],
      ackPending: 0,
      redelivered: 0,
      pending: 1,
    });
  });
});

describe('Consumer.acknowledge reads payloads', () => {
  // What each does to one delivered message, measured on 2.14.5.
  const rows: [string, number, string[]][] = [
    ['', 0, []],
    ['+ACK', 0, []],
    ['+OK', 0, []],
    ['+ACK ', 1, []],
    ['+ACKX', 1, []],
    ['+OKX', 1, []],
    ['+ok', 1, []],
    ['-NAK', 1, ['MSG_NAKED']],
    ['-NAKX', 1, ['MSG_NAKED']],
    ['-NAK {bad', 1, ['MSG_NAKED']],
    ['-NAK {"delay": -5}', 1, ['MSG_NAKED']],
    ['+WPI', 1, []],
    ['+WPI x', 1, []],
    ['+NXTX', 0, []],
    ['+TERM', 0, ['MSG_TERMINATED']],
    ['+TERMX', 0, ['MSG_TERMINATED']],
    ['garbage', 1, []],
  ];
  it.each(rows)('%j', (payload, ackPending, events) => {
    const world = worldOf(2);
    const consumer = world.pullConsumer();
    const [first] = world.fetch(consumer, 1);
    if (first === undefined) throw new Error('missing');
    world.advisories();
    world.ack(consumer, first, payload);
    expect(consumer.info().num_ack_pending).toBe(ackPending);
    expect(world.advisories().map((one) => one.event)).toEqual(events);
  });

  it('tells the reason of a termination', () => {
    const world = worldOf(1);
    const consumer = world.pullConsumer();
    const [first] = world.fetch(consumer, 1);
    if (first === undefined) throw new Error('missing');
    world.advisories();
    world.ack(consumer, first, '+TERM because');
    expect(world.advisories()).toEqual([
      {
        event: 'MSG_TERMINATED',
        body: {
          stream: 'S',
          consumer: 'c',
          consumer_seq: 1,
          stream_seq: 1,
          deliveries: 1,
          reason: 'because',
        },
      },
    ]);
  });

  it.each(['+ACK', '-NAK', '+WPI', '+TERM', 'garbage'])('confirms %j, also when repeated', (payload) => {
    const world = worldOf(1);
    const consumer = world.pullConsumer();
    const [first] = world.fetch(consumer, 1);
    if (first === undefined) throw new Error('missing');
    world.env.take();
    world.ack(consumer, first, payload, '_INBOX.confirm');
    world.ack(consumer, first, payload, '_INBOX.confirm');
    expect(world.env.take('_INBOX.confirm')).toHaveLength(2);
  });

  it('changes nothing for positions that were never delivered', () => {
    const world = worldOf(3);
    for (const policy of ['explicit', 'all'] as const) {
      const consumer = world.consumer({ name: policy, ack_policy: policy });
      world.fetch(consumer, 1);
      const before = counters(consumer);
      for (const numbers of [
        '1.3.3.1.0',
        '1.99999.99999.1.0',
        '1.x.1.1.0',
        '1',
        '',
        '1.2.9007199254740993.1.0',
      ]) {
        const reply = `$JS.ACK.S.${policy}.${numbers}`;
        world.ack(consumer, { route: '', subject: '', header: '', payload: '', reply });
      }
      expect(counters(consumer)).toEqual(before);
    }
  });
});

describe('Consumer reports samples', () => {
  it('of acknowledgements with sample_freq', () => {
    const world = worldOf(1);
    const consumer = world.pullConsumer({ sample_freq: '100%' });
    const [first] = world.fetch(consumer, 1);
    if (first === undefined) throw new Error('missing');
    world.env.advance(150);
    world.env.advisories.length = 0;
    world.ack(consumer, first);
    expect(world.env.advisories).toEqual([
      {
        subject: '$JS.EVENT.METRIC.CONSUMER.ACK.S.c',
        type: 'io.nats.jetstream.metric.v1.consumer_ack',
        body: { stream: 'S', consumer: 'c', consumer_seq: 1, stream_seq: 1, ack_time: 150e6, deliveries: 1 },
      },
    ]);
  });
});
