import { describe, expect, it } from 'vitest';
import { limits } from '../../src/base/index.ts';
import { SubjectFilter } from '../../src/jetstream/store/filter.ts';
import { StreamDeletion } from '../../src/jetstream/stream/stream-deletion.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { World } from './consumer-support.ts';
import { header } from './support.ts';

/** Slices that work took, and the most messages that went in one of them. */
function slicesOf(world: World): { slices: number; most: number } {
  const { env, stream } = world;
  let [slices, most, left] = [0, 0, stream.store.messages];
  const { trimmer } = stream;
  const run = trimmer.run.bind(trimmer);
  trimmer.run = (budget: number): boolean => {
    left = stream.store.messages;
    const more = run(budget);
    most = Math.max(most, left - stream.store.messages);
    slices++;
    return more;
  };
  env.drain(256);
  return { slices, most };
}

function filled(count: number, config: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World(config);
  for (let i = 0; i < count; i++) world.env.publish(`s.${i % 10}`, 'x');
  world.env.drain();
  return world;
}

describe('Work over many messages is done in slices', () => {
  const count = limits.DROPS_AT_ONCE + 2_000;

  it('when one message rolls everything up', () => {
    const world = filled(count, { allow_rollup_hdrs: true });
    world.env.publish('s.1', '', { header: header(['Nats-Rollup', 'all']) });
    expect(world.stream.store.messages).toBe(2_001);
    expect(slicesOf(world)).toEqual({ slices: 8, most: 256 });
    expect(world.stream.state()).toMatchObject({ messages: 1, first_seq: count + 1, last_seq: count + 1 });
  });

  it('when an update makes limits narrower', () => {
    const world = filled(count);
    world.jetstream.updateStream(toBytes('S'), { ...config(world), max_msgs: 5 });
    expect(slicesOf(world).most).toBeLessThanOrEqual(256);
    expect(world.stream.state()).toMatchObject({ messages: 5, last_seq: count });
  });

  it('when an update permits fewer messages per subject', () => {
    const world = filled(2 * count);
    world.jetstream.updateStream(toBytes('S'), { ...config(world), max_msgs_per_subject: 2 });
    expect(slicesOf(world).most).toBeLessThanOrEqual(256);
    expect(world.stream.state()).toMatchObject({ messages: 20, num_subjects: 10 });
    expect(world.stream.store.countOnSubject(toBytes('s.3'))).toBe(2);
  });

  it('and the limits hold for what is published meanwhile', () => {
    const world = filled(count);
    world.jetstream.updateStream(toBytes('S'), { ...config(world), max_msgs_per_subject: 1 });
    for (let i = 0; i < 500; i++) world.env.publish('s.0', 'y');
    world.env.drain(16);
    expect(world.stream.state()).toMatchObject({ messages: 10 });
    expect(world.stream.getMessage({ lastBySubject: toBytes('s.0') })?.payload.latin1Slice()).toBe('y');
  });
});

describe('A stream with many consumers', () => {
  it('is deleted some consumers at a time, and works until the last went', () => {
    const world = filled(10);
    for (let i = 0; i < 1_000; i++) world.consumer({ name: `c${i}`, filter_subject: `s.${i}` });
    const work = new StreamDeletion(world.jetstream, toBytes('S'));
    const sizes: number[] = [];
    while (!work.step(256)) {
      sizes.push(world.stream.consumers.size);
      world.publish('s.1');
    }
    expect(sizes).toEqual([744, 488, 232]);
    expect(world.jetstream.streams.size).toBe(0);
    expect(world.env.memory.used).toBe(0);
  });

  it('lists them by name, however they came and went', () => {
    const world = new World();
    for (const name of ['b', 'd', 'a']) world.consumer({ name });
    expect(world.stream.consumers.sorted().map((one) => one.name)).toEqual(['a', 'b', 'd']);
    world.consumer({ name: 'c' });
    world.stream.deleteConsumer(toBytes('b'));
    expect(world.stream.consumers.sorted().map((one) => one.name)).toEqual(['a', 'c', 'd']);
  });
});

function config(world: World): { name: string } & Record<string, unknown> {
  return { ...world.stream.config };
}

describe('A stream with 50,000 subjects', () => {
  const world = new World();
  const { store } = world.stream;
  const subjects = 50_000;
  for (let i = 0; i < subjects; i++) {
    store.append(toBytes(`s.${i % 2}.${i}`), Buffer.alloc(0), 0, 0, 0, { ms: 1, ns: 0 });
  }

  /** CPU time (ms) of 2,000 publishes that expect something of a wildcard. */
  function publishAll(pattern: string, expected: string): number {
    const expectations = header(
      ['Nats-Expected-Last-Subject-Sequence', expected],
      ['Nats-Expected-Last-Subject-Sequence-Subject', pattern],
    );
    const before = process.cpuUsage();
    for (let i = 0; i < 2_000; i++) world.env.publish('s.fresh', 'x', { header: expectations });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  it('looks at no subject for a wildcard that matches none, and at few for one that matches few', () => {
    world.env.labours = 0;
    const last = store.lastSeq;
    expect(publishAll('s.other.*', '0')).toBeLessThan(1_500);
    expect(store.lastSeq).toBe(last + 2_000);
    expect(publishAll('s.*.7', '8')).toBeLessThan(1_500);
    expect(store.lastSeq).toBe(last + 4_000);
    expect(world.env.labours).toBe(0);
  });

  it('reports what took long, so that its sender waits', () => {
    world.env.labours = 0;
    const last = store.previous(subjects, new SubjectFilter([toBytes('s.0.*')]));
    for (let i = 0; i < 30_000; i++) {
      store.append(toBytes('s.fresh'), Buffer.alloc(0), 0, 0, 0, { ms: 1, ns: 0 });
    }
    expect(store.lastOf(new SubjectFilter([toBytes('s.0.*')]))).toBe(last);
    expect(world.env.labours).toBe(1);
  });
});
