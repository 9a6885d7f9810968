import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import { counters, partsOf, SECOND, World } from './consumer-support.ts';

/** A world with messages 1…count on s.1, s.2, … of three subjects in turn. */
function worldOf(count: number): World {
  const world = new World();
  for (let i = 0; i < count; i++) world.publish(`s.${i % 3}`);
  return world;
}

describe('Consumer.reset', () => {
  it('makes a consumer what a new one from that sequence on is', () => {
    const step = fc.record({ fetch: fc.integer({ min: 0, max: 4 }), ack: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), fc.integer({ min: 1, max: 12 }), (steps, seq) => {
        const world = worldOf(9);
        const consumer = world.pullConsumer({ durable_name: 'c' });
        for (const { fetch, ack } of steps)
          for (const one of world.fetch(consumer, fetch)) if (ack) world.ack(consumer, one);
        consumer.reset(seq);
        const fresh = world.consumer({
          name: 'fresh',
          ack_policy: 'explicit',
          deliver_policy: 'by_start_sequence',
          opt_start_seq: seq,
        });
        expect(counters(consumer)).toEqual(counters(fresh));
        world.publish('s.0', 's.1', 's.2');
        const after = world.fetch(consumer, 20).map(partsOf);
        expect(after).toEqual(world.fetch(fresh, 20).map(partsOf));
        expect(counters(consumer)).toEqual(counters(fresh));
      }),
      { numRuns: 40 },
    );
  });

  it('goes behind the acknowledgement floor without a sequence', () => {
    const world = worldOf(5);
    const consumer = world.pullConsumer({ durable_name: 'c' });
    const [first, , third] = world.fetch(consumer, 3);
    if (first !== undefined) world.ack(consumer, first);
    if (third !== undefined) world.ack(consumer, third);
    expect(consumer.reset(0)).toBe(2);
    expect(world.fetch(consumer, 9).map((one) => partsOf(one).seq)).toEqual([2, 3, 4, 5]);
  });

  it('delivers the last message of each subject from there on when that is the policy', () => {
    const world = worldOf(9);
    const consumer = world.pullConsumer({
      durable_name: 'c',
      deliver_policy: 'last_per_subject',
      filter_subject: 's.*',
    });
    const [first] = world.fetch(consumer, 3);
    if (first !== undefined) world.ack(consumer, first);
    expect(consumer.reset(0)).toBe(8);
    expect(consumer.info().num_pending).toBe(2);
    world.publish('s.0');
    expect(world.fetch(consumer, 9).map((one) => partsOf(one).seq)).toEqual([8, 9, 10]);
  });

  const refused: [ConsumerConfigInput, number, string][] = [
    [{ deliver_policy: 'new' }, 2, 'not allowed'],
    [{ deliver_policy: 'last' }, 2, 'not allowed'],
    [{ deliver_policy: 'last_per_subject', filter_subject: 's.*' }, 2, 'not allowed'],
    [{ deliver_policy: 'by_start_sequence', opt_start_seq: 3 }, 2, 'below start seq'],
    [{ deliver_policy: 'by_start_time', opt_start_time: '2130-01-01T00:00:00Z' }, 2, 'below start time'],
  ];
  it.each(refused)('refuses %j to %i and changes nothing', (config, seq, problem) => {
    const world = worldOf(6);
    const consumer = world.pullConsumer({ durable_name: 'c', ...config });
    world.fetch(consumer, 1);
    const before = counters(consumer);
    expect(() => consumer.reset(seq)).toThrow(`invalid reset: ${problem}`);
    expect(counters(consumer)).toEqual(before);
  });

  it('serves who waits already', () => {
    const world = worldOf(2);
    const consumer = world.pullConsumer({ durable_name: 'c' });
    world.fetch(consumer, 2);
    const sink = world.pull(consumer, { batch: 5, expires: 9 * SECOND });
    consumer.reset(1);
    world.env.drain();
    expect(sink.seen.map((one) => partsOf(one).seq)).toEqual([1, 2]);
  });
});
