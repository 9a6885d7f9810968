import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { publishMany, SourceWorld } from './source-support.ts';

const O = { subjects: ['o.>'] };

/** A world with `O`, its messages 2 and 4 of 6 deleted. */
function gappy(): SourceWorld {
  const world = new SourceWorld();
  world.make('O', O);
  publishMany(world, 6);
  world.remove('O', 2, 4);
  return world;
}

describe('a source', () => {
  it.each<[string, NonNullable<StreamConfigInput['sources']>, string[], string[]]>([
    [
      'all of it',
      [{ name: 'O' }],
      ['1 o.0 m1', '2 o.2 m3', '3 o.1 m5', '4 o.2 m6'],
      ['O 1 > > o.0', 'O 3 > > o.2', 'O 5 > > o.1', 'O 6 > > o.2'],
    ],
    ['a filter', [{ name: 'O', filter_subject: 'o.0' }], ['1 o.0 m1'], ['O 1 o.0 > o.0']],
    [
      'two filters, one with a new name',
      [
        {
          name: 'O',
          subject_transforms: [
            { src: 'o.0', dest: 'zero' },
            { src: 'o.2', dest: '' },
          ],
        },
      ],
      ['1 zero m1', '2 o.2 m3', '3 o.2 m6'],
      ['O 1 o.0\fo.2 zero\f> o.0', 'O 3 o.0\fo.2 zero\f> o.2', 'O 6 o.0\fo.2 zero\f> o.2'],
    ],
    [
      'another space of names',
      [{ name: 'O', subject_transforms: [{ src: '>', dest: 'p.>' }] }],
      ['1 p.o.0 m1', '2 p.o.2 m3', '3 p.o.1 m5', '4 p.o.2 m6'],
      ['O 1 > p.> o.0', 'O 3 > p.> o.2', 'O 5 > p.> o.1', 'O 6 > p.> o.2'],
    ],
    ['a first sequence', [{ name: 'O', opt_start_seq: 6 }], ['1 o.2 m6'], ['O 6 > > o.2']],
    ['a first sequence to come', [{ name: 'O', opt_start_seq: 1000 }], [], []],
    [
      'a prefix that says nothing',
      [{ name: 'O', external: { api: '' }, filter_subject: 'o.0' }],
      ['1 o.0 m1'],
      ['O:j7oYOM47 1 o.0 > o.0'],
    ],
  ])('takes %s, and says where each message comes from', (_what, sources, contents, origins) => {
    const world = gappy();
    world.make('S', { sources });
    expect(world.contents('S')).toEqual(contents);
    expect(world.origins('S').map((one) => one.replace(/^O:\w+/, 'O:j7oYOM47'))).toEqual(origins);
  });

  it('goes on with what comes later, whatever first sequence was asked for', () => {
    const world = gappy();
    world.make('S', { sources: [{ name: 'O' }, { name: 'O', filter_subject: 'o.9', opt_start_seq: 1000 }] });
    world.publish('o.9', 'late');
    expect(world.contents('S').slice(4)).toEqual(['5 o.9 late', '6 o.9 late']);
  });

  it('starts at a time', () => {
    const world = new SourceWorld();
    world.make('O', O);
    world.publish('o.1', 'early');
    world.env.advance(1000);
    const time = new Date(world.env.clock.now()).toISOString();
    world.publish('o.1', 'late');
    world.make('S', { sources: [{ name: 'O', opt_start_time: time }] });
    expect(world.contents('S')).toEqual(['1 o.1 late']);
  });

  it('goes by a first sequence where a first time is told as well', () => {
    const world = new SourceWorld();
    world.make('O', O);
    publishMany(world, 3);
    const both = { name: 'O', opt_start_seq: 2, opt_start_time: '2099-01-01T00:00:00Z' };
    world.make('S', { sources: [both] });
    world.make('M', { mirror: both });
    expect(world.contents('S')).toEqual(['1 o.1 m2', '2 o.2 m3']);
    expect(world.contents('M')).toEqual(['2 o.1 m2', '3 o.2 m3']);
  });

  it('passes over what the stream can never hold', () => {
    const world = new SourceWorld();
    world.make('O', O);
    world.make('S', { sources: [{ name: 'O' }], max_msg_size: 100 });
    world.make('M', { mirror: { name: 'O' }, max_msg_size: 100 });
    world.make('COUNTER', { sources: [{ name: 'O' }], allow_msg_counter: true });
    world.publish('o.1', 'x'.repeat(101));
    world.publish('o.1', 'small');
    world.publish('o.1', '', { long: 'x'.repeat(65_500) });
    world.publish('o.1', 'last');
    expect(world.contents('S')).toEqual(['1 o.1 small', '2 o.1 last']);
    expect(world.contents('M')).toEqual(['2 o.1 small', '4 o.1 last']);
    expect(world.contents('COUNTER')).toEqual([]);
    expect(world.js.stream(toBytes('COUNTER')).inflows.sources?.[0]?.lag).toBe(0);
  });

  it('hands on headers, but for what was meant for the origin', () => {
    const world = new SourceWorld();
    world.make('O', O);
    world.make('S', { sources: [{ name: 'O' }] });
    world.publish('o.1', 'x', {
      'Nats-Expected-Last-Sequence': '0',
      'Nats-Batch-Sequence': '1',
      A: 'b',
      'Nats-Stream-Source': 'forged 1 > > o',
    });
    expect(world.headers('S', 1)).toEqual(['NATS/1.0', 'A: b', 'Nats-Stream-Source: O 1 > > o.1']);
  });

  it('passes over what its stream does not do, and does what it does', () => {
    const world = new SourceWorld();
    world.make('O', { ...O, allow_msg_ttl: true, allow_rollup_hdrs: true });
    world.make('PLAIN', { sources: [{ name: 'O' }] });
    world.make('SAME', { sources: [{ name: 'O' }], allow_msg_ttl: true, allow_rollup_hdrs: true });
    world.publish('o.1', 'a');
    world.publish('o.1', 'b', { 'Nats-Rollup': 'sub' });
    world.publish('o.2', 'short', { 'Nats-TTL': '1s' });
    expect(world.contents('SAME')).toEqual(['2 o.1 b', '3 o.2 short']);
    world.env.advance(2000);
    expect(world.contents('SAME')).toEqual(['2 o.1 b']);
    expect(world.contents('PLAIN')).toEqual(['1 o.1 a', '2 o.1 b', '3 o.2 short']);
  });

  it('forgets duplicates only where it was given a window', () => {
    const world = new SourceWorld();
    world.make('O', { ...O, duplicate_window: 1e8 });
    world.make('ALL', { sources: [{ name: 'O' }] });
    world.make('ONCE', { sources: [{ name: 'O' }], duplicate_window: 5e9 });
    world.publish('o.1', '1', { 'Nats-Msg-Id': 'q' });
    world.env.advance(200);
    world.publish('o.1', '2', { 'Nats-Msg-Id': 'q' });
    world.publish('o.1', '3');
    expect(world.contents('ALL')).toEqual(['1 o.1 1', '2 o.1 2', '3 o.1 3']);
    expect(world.contents('ONCE')).toEqual(['1 o.1 1', '2 o.1 3']);
  });

  it('goes on behind what came before when it is asked for again', () => {
    const world = gappy();
    world.make('S', { sources: [{ name: 'O' }] });
    world.update('S', { subjects: ['own'], sources: [] });
    world.publish('own', 'mine');
    world.publish('o.9', 'm7');
    world.update('S', { sources: [{ name: 'O', opt_start_seq: 2 }] });
    expect(world.contents('S').slice(3)).toEqual(['4 o.2 m6', '5 own mine', '6 o.9 m7']);
    world.update('S', { sources: [{ name: 'O', filter_subject: 'o.9' }] });
    expect(world.origins('S').slice(5)).toEqual(['O 7 > > o.9', 'O 7 o.9 > o.9']);
  });

  it('waits for an origin that is not there, and takes only what is new from one that was made anew', () => {
    const world = new SourceWorld();
    const stream = world.make('S', { sources: [{ name: 'O' }] });
    const error = { code: 404, err_code: 10059, description: 'stream not found' };
    expect(stream.inflows.sources).toEqual([{ name: 'O', lag: 0, active: -1, error }]);
    world.make('O', O);
    publishMany(world, 3);
    expect(world.contents('S')).toHaveLength(3);
    world.delete('O');
    world.env.advance(5000);
    expect(stream.inflows.sources).toEqual([{ name: 'O', lag: 0, active: 5e9, error }]);
    world.make('O', O);
    publishMany(world, 4);
    expect(world.contents('S').slice(3)).toEqual(['4 o.0 m4']);
    expect(stream.inflows.sources).toEqual([{ name: 'O', lag: 0, active: 0 }]);
  });

  it('stops while its stream is full, and loses nothing', () => {
    const world = new SourceWorld();
    world.make('O', O);
    const stream = world.make('S', { sources: [{ name: 'O' }], discard: 'new', max_msgs: 2 });
    publishMany(world, 5);
    expect(world.contents('S')).toHaveLength(2);
    expect(stream.inflows.sources?.[0]?.lag).toBe(3);
    world.remove('S', 1);
    world.env.advance(2000);
    expect(world.contents('S')).toEqual(['2 o.1 m2', '3 o.2 m3']);
    world.purge('S');
    world.env.advance(2000);
    expect(world.contents('S')).toEqual(['4 o.0 m4', '5 o.1 m5']);
  });

  it('holds the account to its limits', () => {
    const world = new SourceWorld({ maxMemory: 1000 });
    world.make('O', O);
    world.make('S', { sources: [{ name: 'O' }] });
    publishMany(world, 30);
    expect(world.js.usage().memory).toBeLessThanOrEqual(1000);
    expect(world.contents('S').length).toBeGreaterThan(3);
  });

  it('gives back what it used', () => {
    const world = gappy();
    world.make('S', { sources: [{ name: 'O' }] });
    world.make('M', { mirror: { name: 'O' } });
    world.js.deleteAll();
    world.env.drain();
    expect(world.env.memory.used).toBe(0);
    expect(world.js.usage().memory).toBe(0);
    expect(world.js.origins.of(toBytes('O'))).toBeUndefined();
  });
});

describe('chains of sources', () => {
  it('lead through any number of streams, a slice at a time', () => {
    const world = new SourceWorld();
    const length = 40;
    world.make('C0', { subjects: ['o.>'] });
    for (let i = 1; i < length; i++) world.make(`C${i}`, { sources: [{ name: `C${i - 1}` }] });
    for (let i = 0; i < 300; i++) world.env.publish('o.x', String(i));
    world.env.drain(16);
    const last = world.contents(`C${length - 1}`);
    expect(last).toHaveLength(300);
    expect(last.at(-1)).toBe('300 o.x 299');
    expect(world.origins(`C${length - 1}`)[0]).toBe(`C${length - 2} 1 > > o.x`);
  });

  it('give every turn of the run queue back', () => {
    const world = new SourceWorld();
    const origin = world.make('O', O);
    for (let i = 0; i < 1000; i++) world.env.publish('o.x', 'x');
    const { stream } = world.js.createStream({ name: 'S', storage: 'memory', sources: [{ name: 'O' }] });
    const turns: number[] = [];
    const enqueue = world.env.enqueue.bind(world.env);
    world.env.enqueue = (work) =>
      enqueue({
        run: (budget) => {
          const before = stream.store.messages;
          const goesOn = work.run(budget);
          turns.push(stream.store.messages - before);
          return goesOn;
        },
      });
    world.update('S', { sources: [{ name: 'O', filter_subject: 'o.x' }] });
    expect(stream.store.messages).toBeGreaterThanOrEqual(origin.store.messages);
    expect(Math.max(...turns)).toBeLessThanOrEqual(256);
  });

  const SUBJECTS = { A: ['a.>'], B: ['b.>'], C: ['c.>'] };
  it.each<[string, Record<string, StreamConfigInput>, StreamConfigInput, boolean]>([
    ['itself', {}, { sources: [{ name: 'A' }] }, true],
    ['itself, what it has', {}, { sources: [{ name: 'A', filter_subject: 'a.x' }] }, true],
    ['itself, what it has not', {}, { sources: [{ name: 'A', filter_subject: 'b.x' }] }, false],
    ['one that takes from it', { B: { sources: [{ name: 'A' }] } }, { sources: [{ name: 'B' }] }, true],
    [
      'one that takes from it, with a filter',
      { B: { sources: [{ name: 'A' }] } },
      { sources: [{ name: 'B', filter_subject: 'zz' }] },
      true,
    ],
    [
      'one that takes from it what it has not',
      { B: { sources: [{ name: 'A', filter_subject: 'nope' }] } },
      { sources: [{ name: 'B' }] },
      false,
    ],
    [
      'one that takes from it what only the other has',
      { B: { sources: [{ name: 'A', filter_subject: 'b.x' }] } },
      { sources: [{ name: 'B' }] },
      true,
    ],
    [
      'the end of a chain',
      { B: { sources: [{ name: 'A' }] }, C: { mirror: { name: 'B' } } },
      { sources: [{ name: 'C' }] },
      true,
    ],
    [
      'another account',
      { B: { sources: [{ name: 'A' }] } },
      { sources: [{ name: 'B', external: { api: 'X' } }] },
      false,
    ],
  ])('may not lead back: %s', (_what, others, config, isCycle) => {
    const world = new SourceWorld();
    world.make('A', { subjects: SUBJECTS.A });
    for (const [name, one] of Object.entries(others)) {
      world.make(name, { ...(one.mirror ? {} : { subjects: SUBJECTS[name as 'B'] }), ...one });
    }
    const update = (): unknown => world.update('A', { subjects: SUBJECTS.A, ...config });
    if (isCycle) expect(update).toThrow('detected cycle');
    else expect(update).not.toThrow();
  });

  it('keep the order of every origin under random publishing, deleting and searching anew', () => {
    const step = fc.oneof(
      fc.record({ publish: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ remove: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ again: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new SourceWorld();
        for (const name of ['X', 'Y', 'Z']) world.make(name, { subjects: [`${name}.>`] });
        const sources = ['X', 'Y', 'Z'].map((name) => ({ name }));
        world.make('S', { sources });
        const published: string[] = [];
        for (const one of steps) {
          if ('publish' in one) {
            const subject = `${'XYZ'[one.publish]}.a`;
            published.push(subject);
            world.publish(subject, String(published.length));
          } else if ('remove' in one) {
            for (const name of ['X', 'Y', 'Z']) {
              const stream = world.js.stream(toBytes(name));
              if (stream.store.has(one.remove)) stream.deleteMessage(one.remove, false);
            }
          } else {
            world.update('S', { sources: one.again ? [] : sources });
            world.update('S', { sources });
          }
        }
        expect(world.contents('S')).toEqual(published.map((subject, at) => `${at + 1} ${subject} ${at + 1}`));
      }),
      { numRuns: 60 },
    );
  });
});
