import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import { JsError } from '../../src/jetstream/errors.ts';
import { shortHash } from '../../src/jetstream/source/source-header.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { publishMany, SourceWorld } from './source-support.ts';

const O = { subjects: ['o.>'] };
const mirror = { name: 'O' };

/** What an action fails with, as `code/err_code text`, or `ok`. */
function outcome(action: () => unknown): string {
  try {
    action();
    return 'ok';
  } catch (error) {
    if (!(error instanceof JsError)) throw error;
    return `${error.code}/${error.errCode} ${error.description}`;
  }
}

function mirrored(config: StreamConfigInput = {}): SourceWorld {
  const world = new SourceWorld();
  world.make('O', O);
  publishMany(world, 6);
  world.remove('O', 2, 4);
  world.make('M', { mirror, ...config });
  return world;
}

describe('a mirror', () => {
  it('has the sequences, times and bytes of its origin, gaps included', () => {
    const world = mirrored();
    world.env.advance(1500);
    world.publish('o.7', 'seven', { A: 'b', 'Nats-Msg-Id': 'id' });
    expect(world.contents('M')).toEqual(world.contents('O'));
    const [origin, copy] = ['O', 'M'].map((name) => world.js.stream(toBytes(name)));
    expect(copy?.store.copy(7)).toEqual(origin?.store.copy(7));
    expect({ ...copy?.state(), bytes: 0 }).toEqual({ ...origin?.state(), bytes: 0 });
    expect(copy?.config.subjects).toBeUndefined();
    expect(copy?.config.duplicate_window).toBeUndefined();
  });

  it.each<[string, NonNullable<StreamConfigInput['mirror']>, string[], number]>([
    ['one subject', { name: 'O', filter_subject: 'o.2' }, ['3 o.2 m3', '6 o.2 m6'], 3],
    [
      'some subjects under other names',
      {
        name: 'O',
        subject_transforms: [
          { src: 'o.0', dest: 'zero' },
          { src: 'o.1', dest: '' },
        ],
      },
      ['1 zero m1', '5 o.1 m5'],
      1,
    ],
    ['what comes from a sequence on', { name: 'O', opt_start_seq: 4 }, ['5 o.1 m5', '6 o.2 m6'], 5],
    ['what is still to come', { name: 'O', opt_start_seq: 1000 }, [], 7],
  ])('takes %s', (_what, of, contents, first) => {
    const world = mirrored({ mirror: of });
    expect(world.contents('M')).toEqual(contents);
    expect(world.js.stream(toBytes('M')).store.firstSeq).toBe(first);
  });

  it('stands where an empty origin stands', () => {
    const world = new SourceWorld();
    world.make('O', { ...O, first_seq: 100 });
    const { store } = world.make('M', { mirror });
    expect([store.firstSeq, store.lastSeq]).toEqual([100, 99]);
    world.publish('o.1', 'x');
    expect(world.contents('M')).toEqual(['100 o.1 x']);
  });

  it('keeps what its origin purges, and follows over the gap', () => {
    const world = mirrored();
    world.purge('O');
    world.publish('o.1', 'after');
    expect(world.contents('M')).toEqual(['1 o.0 m1', '3 o.2 m3', '5 o.1 m5', '6 o.2 m6', '7 o.1 after']);
    world.remove('M', 3);
    world.purge('M');
    world.publish('o.1', 'more');
    expect(world.contents('M')).toEqual(['8 o.1 more']);
  });

  it('takes no messages of its own', () => {
    const world = mirrored();
    world.publish('M', 'x');
    expect(world.contents('M')).toHaveLength(4);
  });

  it('ends its messages when their time is over, where it is told to', () => {
    const world = new SourceWorld();
    world.make('O', { ...O, allow_msg_ttl: true });
    world.make('PLAIN', { mirror });
    world.publish('o.1', 'short', { 'Nats-TTL': '10s' });
    world.env.advance(9000);
    world.make('LATE', { mirror, allow_msg_ttl: true });
    expect(world.contents('LATE')).toHaveLength(1);
    world.env.advance(1000);
    expect([world.contents('O'), world.contents('LATE'), world.contents('PLAIN').length]).toEqual([
      [],
      [],
      1,
    ]);
  });

  it('rolls up where it is told to', () => {
    const world = new SourceWorld();
    world.make('O', { ...O, allow_rollup_hdrs: true });
    world.make('M', { mirror, allow_rollup_hdrs: true });
    world.make('ALL', { mirror });
    world.publish('o.1', 'a');
    world.publish('o.1', 'b', { 'Nats-Rollup': 'all' });
    expect(world.contents('M')).toEqual(['2 o.1 b']);
    expect(world.contents('ALL')).toEqual(['1 o.1 a', '2 o.1 b']);
  });

  it('has consumers of its own', () => {
    const world = mirrored();
    const stream = world.js.stream(toBytes('M'));
    const consumer = createConsumer(stream, { name: 'c', ack_policy: 'explicit' }, '', false);
    expect(consumer.info().num_pending).toBe(4);
    world.publish('o.9', 'x');
    expect(consumer.info().num_pending).toBe(5);
  });

  it('becomes a stream of its own when the mirror is taken out', () => {
    const world = mirrored();
    expect(outcome(() => world.update('M', { subjects: ['o.>'] }))).toBe(
      '400/10065 subjects overlap with an existing stream',
    );
    expect(world.update('M', { subjects: ['m.>'] }).config.duplicate_window).toBe(120e9);
    world.publish('o.9', 'no more');
    world.publish('m.1', 'own');
    expect(world.contents('M').slice(-2)).toEqual(['6 o.2 m6', '7 m.1 own']);
    expect(world.js.stream(toBytes('M')).inflows.mirror).toBeUndefined();
  });

  it.each<[string, string, StreamConfigInput, string]>([
    ['the same', 'M', { mirror, description: 'd' }, 'ok'],
    [
      'another origin',
      'M',
      { mirror: { name: 'X' } },
      '400/10055 stream mirror configuration can not be updated',
    ],
    [
      'another filter',
      'M',
      { mirror: { name: 'O', filter_subject: 'o.1' } },
      '400/10055 stream mirror configuration can not be updated',
    ],
    ['sources instead', 'M', { sources: [{ name: 'X' }] }, 'ok'],
    ['no mirror before', 'X', { mirror }, '400/10055 stream mirror configuration can not be updated'],
  ])('is updated or not: %s', (_what, name, config, expected) => {
    const world = mirrored();
    world.make('X', { subjects: ['x'] });
    expect(outcome(() => world.update(name, config))).toBe(expected);
  });

  it('answers direct requests where its origin does, and says so when asked pedantically', () => {
    const world = new SourceWorld();
    world.make('DIRECT', { subjects: ['d'], allow_direct: true });
    world.make('PLAIN', { subjects: ['p'] });
    const direct = (name: string, asked?: boolean, pedantic = false): unknown => {
      const config = {
        name: `M${name}`,
        mirror: { name },
        ...(asked === undefined ? {} : { mirror_direct: asked }),
      };
      let shown: unknown;
      const error = outcome(() => {
        shown = world.js.createStream(config, pedantic).stream.config.mirror_direct;
      });
      if (error === 'ok') world.delete(config.name);
      return error === 'ok' ? shown : error;
    };
    const refusal = '400/10157 pedantic mode: origin stream has direct get set, mirror has it disabled';
    expect([direct('DIRECT'), direct('PLAIN', true), direct('NONE', true)]).toEqual([true, false, true]);
    expect([direct('DIRECT', false, true), direct('PLAIN', true, true)]).toEqual([refusal, refusal]);
  });

  it('equals its origin under random publishing, deleting and purging', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ publish: fc.integer({ min: 0, max: 3 }) }) },
      { weight: 2, arbitrary: fc.record({ remove: fc.integer({ min: 1, max: 40 }) }) },
      { weight: 1, arbitrary: fc.constant({ purge: true }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), fc.array(step, { maxLength: 20 }), (before, after) => {
        const world = new SourceWorld();
        world.make('O', O);
        let published = 0;
        const gone = new Set<string>();
        const all: string[] = [];
        const run = (one: (typeof before)[number], keeps: boolean): void => {
          if ('publish' in one) {
            published++;
            world.publish(`o.${one.publish}`, String(published));
            all.push(`${published} o.${one.publish} ${published}`);
          } else if ('remove' in one) {
            if (!world.js.stream(toBytes('O')).store.has(one.remove)) return;
            world.remove('O', one.remove);
            if (!keeps) gone.add(String(one.remove));
          } else {
            if (!keeps) for (const line of world.contents('O')) gone.add(line.split(' ')[0] ?? '');
            world.purge('O');
          }
        };
        for (const one of before) run(one, false);
        world.make('M', { mirror });
        for (const one of after) run(one, true);
        expect(world.contents('M')).toEqual(all.filter((line) => !gone.has(line.split(' ')[0] ?? '')));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the configuration of mirrors and sources', () => {
  const one = (src: string, dest: string) => [{ src, dest }];
  const consumer = { name: 'd', deliver_subject: 'ds' };
  it.each<[StreamConfigInput, string]>([
    [{ mirror: {} }, '400/10142 mirrored stream name is invalid'],
    [{ mirror: { name: 'a/b' } }, '400/10142 mirrored stream name is invalid'],
    [{ mirror, subjects: ['x'] }, '400/10034 stream mirrors can not contain subjects'],
    [{ mirror, sources: [{ name: 'X' }] }, '400/10031 stream mirrors can not also contain other sources'],
    [
      { mirror, first_seq: 5, subjects: ['x'] },
      '400/10143 stream mirrors can not have first sequence configured',
    ],
    [
      { mirror: { name: 'O', filter_subject: 'o..a' } },
      "500/10049 subject filter 'o..a' for the mirror invalid subject",
    ],
    [
      { mirror: { name: 'O', filter_subject: 'a', subject_transforms: one('b', 'c') } },
      '400/10150 mirror with multiple subject transforms cannot also have a single subject filter',
    ],
    [
      { mirror: { name: 'a.b', subject_transforms: one('o..*', 'c') } },
      '400/10151 mirror transform source: invalid subject o..*',
    ],
    [
      { mirror: { name: 'O', subject_transforms: one('o.*', 'c.{{wildcard(3)}}') } },
      '400/10154 mirror transform: invalid mapping destination: wildcard index out of range in {{wildcard(3)}}: [3]',
    ],
    [
      { mirror: { name: 'O', subject_transforms: one('', 'c') } },
      '400/10154 mirror transform: invalid subject',
    ],
    [
      { mirror: { name: 'O', subject_transforms: [...one('o.*', 'c'), ...one('o.a', 'd')] } },
      '400/10152 mirror subject filters can not overlap',
    ],
    [
      { mirror: { name: 'SMALL' }, max_msg_size: 50 },
      '400/10030 stream mirror must have max message size >= source',
    ],
    [{ mirror: { name: 'T' } }, '500/10052 detected cycle'],
    [
      { mirror: { name: 'O', consumer: { name: 'd' } } },
      '400/10213 stream mirror consumer config is invalid',
    ],
    [
      { mirror: { name: 'O', opt_start_seq: 2, consumer } },
      '400/10213 stream mirror consumer config is invalid',
    ],
    [
      { mirror: { name: 'O', external: { api: 'JS.*.API', deliver: 'd' } } },
      '500/10052 stream external api prefix "JS.*.API" must be a valid subject without wildcards',
    ],
    [
      { mirror: { name: 'O', external: { api: 'X', deliver: 'd.*' } } },
      '400/10024 stream external delivery prefix d.* must not contain wildcards',
    ],
    [
      { mirror: { name: 'O', external: { api: '$JS.API', deliver: '' } } },
      '400/10021 stream external api prefix $JS.API must not overlap with $JS.API',
    ],
    [{ sources: [{}] }, '400/10141 sourced stream name is invalid'],
    [
      { sources: [{ name: 'O' }, { name: 'O', filter_subject: '>' }] },
      '400/10140 duplicate source configuration detected',
    ],
    [{ sources: [{ name: 'O' }, { name: 'O', filter_subject: 'o.a' }] }, 'ok'],
    [
      { sources: [{ name: 'SMALL' }], max_msg_size: 50 },
      '400/10046 stream source must have max message size >= target',
    ],
    [
      { sources: [{ name: 'O', filter_subject: 'o.a', consumer }] },
      '400/10215 stream source consumer config is invalid',
    ],
    [
      { sources: [{ name: 'O', filter_subject: 'o..a' }] },
      "500/10049 subject filter 'o..a' for the source: invalid subject",
    ],
    [{ sources: [{ name: 'O' }], subjects: ['o.x'] }, '400/10065 subjects overlap with an existing stream'],
    [
      { sources: [{ name: 'O' }], allow_msg_schedules: true },
      '400/10187 stream source can not also schedule messages',
    ],
  ])('%j: %s', (config, expected) => {
    const world = new SourceWorld();
    world.make('O', O);
    world.make('SMALL', { subjects: ['p'], max_msg_size: 100 });
    expect(outcome(() => world.make('T', config))).toBe(expected);
  });

  it('is shown as it was given, what says nothing left out, between placement and compression', () => {
    const world = new SourceWorld();
    const source = {
      name: 'O',
      opt_start_seq: 0,
      opt_start_time: '2024-01-01T00:00:00.500Z',
      filter_subject: '',
      subject_transforms: [{ src: 'a' }],
      external: {},
    };
    expect(JSON.stringify(world.make('S', { sources: [source] }).config)).toContain(
      '"num_replicas":1,"sources":[{"name":"O","opt_start_time":"2024-01-01T00:00:00.5Z",' +
        '"subject_transforms":[{"src":"a","dest":""}],"external":{"api":"","deliver":""}}],"compression":"none"',
    );
  });

  it('names prefixes of other accounts by a hash that 2.14.5 has too', () => {
    expect(shortHash('JS.A.API')).toBe('3V17LQ3b');
  });
});
