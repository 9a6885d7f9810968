import { describe, expect, it } from 'vitest';
import { pauseConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { counters, MS, partsOf, SECOND, statusesOf, World } from './consumer-support.ts';
import { messageOf } from './support.ts';

const beat = (consumer: number, stream: number): string =>
  `100 Idle Heartbeat; Nats-Last-Consumer: ${consumer}; Nats-Last-Stream: ${stream}`;

describe('Consumer pushes', () => {
  it('from the moment somebody is bound, and only then', () => {
    const world = new World();
    world.publish('s.a', 's.b');
    const consumer = world.consumer({ name: 'p', deliver_subject: 'd', ack_policy: 'none' });
    expect(world.env.take('d')).toEqual([]);
    expect(consumer.info().push_bound).toBeUndefined();
    const listener = world.env.listen('d');
    world.env.drain();
    const got = world.env.take('d');
    expect(got.map((one) => [one.route, one.subject, partsOf(one).seq])).toEqual([
      ['d', 's.a', 1],
      ['d', 's.b', 2],
    ]);
    expect(consumer.info().push_bound).toBe(true);
    listener.close();
    world.publish('s.c');
    expect(world.env.take('d')).toEqual([]);
    expect(counters(consumer)).toMatchObject({ delivered: [2, 2], floor: [2, 2], pending: 1 });
  });

  it('not for wildcard interest in its deliver subject', () => {
    const world = new World();
    world.publish('s.a');
    world.env.listen('d.>');
    world.consumer({ name: 'p', deliver_subject: 'd.x', ack_policy: 'none' });
    expect(world.env.take('d')).toEqual([]);
  });

  it('no more than max_ack_pending, and again after ack_wait', () => {
    const world = new World();
    world.publish('s.a', 's.b');
    world.env.listen('d');
    const config = { name: 'p', deliver_subject: 'd', ack_policy: 'explicit' as const };
    const consumer = world.consumer({ ...config, ack_wait: 500 * MS, max_ack_pending: 1 });
    world.env.advance(500);
    const got = world.env.take('d');
    expect(got.map((one) => [partsOf(one).seq, partsOf(one).delivered])).toEqual([
      [1, 1],
      [1, 2],
    ]);
    world.ack(consumer, got[0] as (typeof got)[0]);
    expect(world.env.take('d').map((one) => partsOf(one).seq)).toEqual([2]);
  });

  it('idle heartbeats while bound (times measured on 2.14.5)', () => {
    const world = new World();
    world.publish('s.a');
    const listener = world.env.listen('d');
    const config = { name: 'p', deliver_subject: 'd', ack_policy: 'explicit' as const };
    world.consumer({ ...config, idle_heartbeat: 200 * MS, ack_wait: 500 * MS });
    expect(world.env.take('d')).toHaveLength(1);
    world.env.advance(400);
    expect(statusesOf(world.env.take('d'))).toEqual([beat(1, 1), beat(1, 1)]);
    world.env.advance(299);
    expect(statusesOf(world.env.take('d'))).toEqual([]);
    world.env.advance(1);
    expect(statusesOf(world.env.take('d'))).toEqual([beat(2, 1)]);
    listener.close();
    world.env.advance(1000);
    expect(world.env.take('d')).toEqual([]);
  });

  it('with flow control: a request at half a window, a stop at a full one, a larger window after the answer', () => {
    const world = new World();
    const body = 'x'.repeat(100_000);
    for (let i = 0; i < 60; i++) world.env.publish('s.a', body);
    world.env.listen('d');
    const config = { name: 'p', deliver_subject: 'd', ack_policy: 'none' as const };
    const consumer = world.consumer({ ...config, flow_control: true, idle_heartbeat: SECOND });
    const first = world.env.take('d');
    // 2 MiB hold 20 messages of about 100 kB, and one that goes over.
    expect(consumer.info().delivered.consumer_seq).toBe(21);
    const at = first.findIndex((one) => one.header.startsWith('NATS/1.0 100 FlowControl Request'));
    expect(at).toBe(11);
    const reply = first[at]?.reply ?? '';
    expect(reply).toMatch(/^\$JS\.FC\.S\.p\.[0-9A-Za-z]{4}$/);
    world.env.advance(1000);
    expect(statusesOf(world.env.take('d'))).toEqual([`${beat(21, 21)}; Nats-Consumer-Stalled: ${reply}`]);
    consumer.flowControl(messageOf(toBytes('$JS.FC.S.p.none'), '', ''));
    world.env.drain();
    expect(consumer.info().delivered.consumer_seq).toBe(21);
    consumer.flowControl(messageOf(toBytes(reply), '', ''));
    world.env.drain();
    expect(consumer.info().delivered.consumer_seq).toBe(53);
  });

  it('at its rate limit', () => {
    const world = new World();
    for (let i = 0; i < 5; i++) world.env.publish('s.a', 'x'.repeat(1000));
    world.env.listen('d');
    world.consumer({ name: 'p', deliver_subject: 'd', ack_policy: 'none', rate_limit_bps: 80_000 });
    expect(world.env.take('d')).toHaveLength(1);
    world.env.advance(200);
    expect(world.env.take('d')).toHaveLength(2);
  });

  it('with the gaps of the original', () => {
    const world = new World();
    for (let i = 0; i < 3; i++) {
      world.publish('s.a');
      world.env.advance(150);
    }
    world.env.listen('d');
    world.consumer({ name: 'p', deliver_subject: 'd', ack_policy: 'none', replay_policy: 'original' });
    expect(world.env.take('d')).toHaveLength(1);
    world.env.advance(149);
    expect(world.env.take('d')).toHaveLength(0);
    world.env.advance(1);
    expect(world.env.take('d')).toHaveLength(1);
  });

  it('nothing while paused, except heartbeats', () => {
    const world = new World();
    world.publish('s.a');
    world.env.listen('d');
    const until = new Date(world.env.clock.ms + 500).toISOString();
    const config = { name: 'p', deliver_subject: 'd', ack_policy: 'none' as const };
    const consumer = world.consumer({ ...config, idle_heartbeat: 200 * MS, pause_until: until });
    expect(consumer.info()).toMatchObject({ paused: true, pause_remaining: 500 * MS });
    world.env.advance(499);
    expect(statusesOf(world.env.take('d'))).toEqual([beat(0, 0), beat(0, 0)]);
    world.env.advance(1);
    expect(world.env.take('d').map((one) => partsOf(one).seq)).toEqual([1]);
    expect(consumer.info().paused).toBeUndefined();
    expect(world.advisories().map((one) => [one.event, one.body['paused']])).toEqual([
      ['CREATED', undefined],
      ['PAUSE', true],
      ['PAUSE', false],
    ]);
  });

  it('again when it is resumed before its time', () => {
    const world = new World();
    world.publish('s.a');
    world.env.listen('d');
    const consumer = world.consumer({ name: 'p', deliver_subject: 'd', pause_until: '2099-01-01T00:00:00Z' });
    expect(world.env.take('d')).toEqual([]);
    pauseConsumer(world.stream, consumer, undefined);
    world.env.drain();
    expect(world.env.take('d')).toHaveLength(1);
    expect(world.advisories().at(-1)).toMatchObject({ event: 'PAUSE', body: { paused: false } });
  });

  it('and goes when nobody is bound for its inactive threshold', () => {
    const world = new World();
    const listener = world.env.listen('d');
    world.consumer({ name: 'p', deliver_subject: 'd', inactive_threshold: SECOND });
    world.env.advance(10_000);
    expect(world.stream.consumers.size).toBe(1);
    listener.close();
    world.env.advance(999);
    expect(world.stream.consumers.size).toBe(1);
    world.env.advance(1);
    expect(world.stream.consumers.size).toBe(0);
  });

  it('to a new deliver subject after an update, not while somebody is bound to the old one', () => {
    const world = new World();
    world.publish('s.a');
    const config = { name: 'p', deliver_subject: 'd', ack_policy: 'none' as const };
    const consumer = world.consumer(config);
    world.env.listen('e');
    world.consumer({ ...config, deliver_subject: 'e' });
    expect(world.env.take('e')).toHaveLength(1);
    expect(() => world.consumer(config)).toThrow('consumer name already in use');
    expect(consumer.config.deliver_subject).toBe('e');
  });
});

describe('Consumer acknowledged by flow control', () => {
  it('asks when nothing more may go out, and settles what the answer says was delivered', () => {
    const world = new World();
    world.env.listen('d');
    const config = { name: 'p', deliver_subject: 'd', ack_policy: 'flow_control' as const };
    const consumer = world.consumer({ ...config, max_ack_pending: 3 });
    for (let i = 1; i <= 5; i++) world.publish(`s.${i}`);
    const answer = (last: number): void => {
      const { reply } = world.env.take('d').at(-1) ?? { reply: '' };
      const header = `NATS/1.0\r\nNats-Last-Consumer: ${last}\r\nNats-Last-Stream: ${last}\r\n\r\n`;
      consumer.flowControl(messageOf(toBytes(reply), header, '', toBytes('')));
      world.env.drain();
    };
    expect(counters(consumer)).toMatchObject({ delivered: [3, 3], floor: [0, 0], ackPending: 3, pending: 2 });
    answer(2);
    expect(counters(consumer)).toMatchObject({ delivered: [5, 5], floor: [2, 2], ackPending: 3, pending: 0 });
    answer(400);
    expect(counters(consumer)).toMatchObject({ delivered: [5, 5], floor: [2, 2], ackPending: 3, pending: 0 });
    world.env.advance(1000);
    answer(5);
    expect(counters(consumer)).toMatchObject({ delivered: [5, 5], floor: [5, 5], ackPending: 0 });
    world.env.advance(3_600_000);
    expect(consumer.info().num_redelivered).toBe(0);
  });
});
