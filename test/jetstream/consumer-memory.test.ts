import { describe, expect, it } from 'vitest';
import { limits } from '../../src/base/index.ts';
import { messagesOf, SECOND, statusesOf, World } from './consumer-support.ts';
import { TestSink } from './support.ts';

describe('what a client makes a consumer keep', () => {
  it('deliveries are charged while they wait, and no more are made without memory', () => {
    const world = new World();
    const { memory } = world.env;
    for (let i = 0; i < 5000; i++) world.env.publish('s.1', 'x');
    world.env.drain();
    const before = memory.used;
    const consumer = world.pullConsumer({ max_ack_pending: -1 });
    const empty = memory.used;
    const first = world.fetch(consumer, 2000);
    expect(memory.used - empty).toBeGreaterThanOrEqual(2000 * 40);
    memory.limit = memory.used + 2 * limits.WAITING_PULL_BYTES;
    const sink = world.pull(consumer, { batch: 3000, expires: 60 * SECOND });
    const got = messagesOf(sink).length;
    expect(got).toBeGreaterThan(0);
    expect(got).toBeLessThan(3000);
    memory.limit = Number.POSITIVE_INFINITY;
    for (const one of first) world.ack(consumer, one);
    // Whoever waited gets the rest now that there is memory again.
    for (const one of messagesOf(sink)) world.ack(consumer, one);
    expect(messagesOf(sink).length).toBe(3000);
    expect(consumer.info().num_ack_pending).toBe(0);
    world.stream.deleteConsumer(consumer.name);
    world.env.drain();
    expect(memory.used).toBe(before);
  });

  it('requests are charged while they wait, and refused without memory', () => {
    const world = new World();
    const { memory } = world.env;
    const consumer = world.pullConsumer({ max_waiting: 100_000 });
    const empty = memory.used;
    const ask = (): TestSink => world.pull(consumer, { batch: 1, expires: 60 * SECOND });
    for (let i = 0; i < 100; i++) ask();
    expect(memory.used - empty).toBeGreaterThanOrEqual(100 * limits.WAITING_PULL_BYTES);
    memory.limit = memory.used;
    expect(statusesOf(ask().seen)).toEqual(['409 Exceeded MaxWaiting']);
    memory.limit = Number.POSITIVE_INFINITY;
    world.env.advance(61_000);
    world.env.drain();
    expect(memory.used).toBe(empty);
  });

  it('no consumer has more requests than its bound', () => {
    const world = new World();
    const consumer = world.pullConsumer({ max_waiting: 1_000_000 });
    let refused = 0;
    for (let i = 0; i < limits.MAX_WAITING_PULLS + 10; i++) {
      const sink = new TestSink('r');
      consumer.next({ batch: 1, expires: 60 * SECOND }, sink);
      if (i >= limits.MAX_WAITING_PULLS) world.env.drain();
      refused += statusesOf(sink.seen).length;
    }
    expect(refused).toBe(10);
  });
});
