import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { House, verdict } from './stream-support.ts';

const T = { 'Nats-Schedule-Target': 'm.t' };
const EVERY = { 'Nats-Schedule': '@every 1s', ...T };
const CRON = { 'Nats-Schedule': '0 0 0 * * *', ...T };
type Headers = Record<string, string>;

let house: House;

function make(input: StreamConfigInput = {}): House {
  house = new House({ allow_msg_schedules: true, allow_msg_ttl: true, ...input });
  return house;
}

beforeEach(() => make());

/** A time so many ms from now. */
const later = (ms: number): string => new Date(house.env.clock.ms + ms).toISOString();
const short = (ms: number): string => later(ms).replace('.000Z', 'Z');
const at = (ms: number): Headers => ({ 'Nats-Schedule': `@at ${later(ms)}`, ...T });
/** What was sent to the target, without the schedules. */
const sent = (): string[] => house.held().filter((line) => !line.includes(' m.s '));

describe('allow_msg_schedules', () => {
  it('brings roll-ups with it, and stays', () => {
    const { config } = make({ deny_purge: true }).stream;
    expect([config.allow_rollup_hdrs, config.deny_purge]).toEqual([true, false]);
    expect(config.metadata?.['_nats.req.level']).toBe('2');
    expect(() => house.update({ allow_msg_ttl: true })).toThrow('message schedules can not be disabled');
    expect(verdict({ allow_msg_schedules: true, discard: 'new' })).toBe(
      'message scheduling cannot use discard new',
    );
  });
});

describe('a schedule', () => {
  // All of these were run on 2.14.5.
  it('is stored with a roll-up, and sends its message once at its time', () => {
    const steering = {
      ...{ 'Nats-Msg-Id': 'i', 'Nats-Expected-Stream': 'M', 'Nats-Expected-Last-Sequence': '0' },
      ...{ 'Nats-TTL': '1h', 'Nats-Schedule-Foo': 'x' },
    };
    house.put('m.s', { A: '1', ...at(1000), 'Nats-Schedule-TTL': '5s', ...steering, B: '2' });
    expect(house.held()[0]).toMatch(/, B: 2, Nats-Rollup: sub} x$/);
    house.env.advance(999);
    expect(sent()).toEqual([]);
    house.env.advance(1);
    const product = '{A: 1, B: 2, Nats-Scheduler: m.s, Nats-Schedule-Next: purge, Nats-TTL: 5s}';
    expect(house.held()).toEqual([`2 m.t ${product} x`]);
    house.env.advance(5000);
    expect(house.held()).toEqual([]);
  });

  it('of the past sends at once, after its acknowledgement', () => {
    expect(house.put('m.s', { 'Nats-Schedule': '@at 2020-01-01T00:00:00Z', ...T })).toBe('1');
    house.env.advance(0);
    expect(house.held()).toEqual(['2 m.t {Nats-Scheduler: m.s, Nats-Schedule-Next: purge} x']);
  });

  it('repeats, and tells when it will be next', () => {
    house.put('m.s', { ...EVERY, 'Nats-Schedule-Rollup': 'sub', 'Nats-Schedule-TTL': '1h' });
    house.env.advance(3400);
    const next = new Date(house.env.clock.ms + 600).toISOString().replace('.000', '');
    const lines = `Nats-Scheduler: m.s, Nats-Schedule-Next: ${next}, Nats-TTL: 1h, Nats-Rollup: sub`;
    expect(sent()).toEqual([`4 m.t {${lines}} x`]);
  });

  it('by wall clocks tells the next time as they show it', () => {
    house.put('m.s', { ...CRON, 'Nats-Schedule-Time-Zone': 'Asia/Kolkata' });
    house.env.advance(24 * 3_600_000);
    expect(sent()[0]).toMatch(/^2 m.t {Nats-Scheduler: m.s, Nats-Schedule-Next: [\d-]+T00:00:00\+05:30} x$/);
    house.env.advance(48 * 3_600_000);
    expect(sent()).toHaveLength(3);
  });

  it.each([
    ['is deleted', () => house.stream.deleteMessage(1, false)],
    ['is purged', () => void house.stream.purge({ filter: toBytes('m.s') }).step(10)],
    ['is followed by another message', () => void house.put('m.s')],
    ['is replaced', () => void house.put('m.s', at(1e6))],
    [
      'is ended by a message',
      () => void house.put('m.z', { 'Nats-Scheduler': 'm.s', 'Nats-Schedule-Next': 'purge' }),
    ],
    [
      'is in a sealed stream',
      () => house.update({ allow_msg_schedules: true, allow_msg_ttl: true, sealed: true }),
    ],
  ])('sends no more when it %s', (_what, end) => {
    house.put('m.s', EVERY);
    end();
    const before = sent().length;
    house.env.advance(5000);
    expect(sent()).toHaveLength(before);
  });

  it('sends no more when a limit or its time to live takes it', () => {
    make({ max_msgs: 2 }).put('m.s', EVERY);
    house.env.advance(9000);
    expect(house.stream.store.lastSeq).toBe(3);
    make().put('m.s', { ...EVERY, 'Nats-TTL': '2s' });
    house.env.advance(9000);
    expect(house.held()).toHaveLength(1);
  });

  it('takes body and headers from the last message of another subject, or its own without one', () => {
    house.put('m.s', { A: '1', ...EVERY, 'Nats-Schedule-Source': 'm.src' }, 'own');
    house.env.advance(1000);
    house.put('m.src', { X: 'y', 'Nats-TTL': '1h', 'Nats-Msg-Id': 'q', 'Nats-Rollup': 'sub' }, 'source');
    house.env.advance(1000);
    expect(sent().filter((line) => line.includes(' m.t '))).toEqual([
      `2 m.t {A: 1, Nats-Scheduler: m.s, Nats-Schedule-Next: ${short(0)}} own`,
      `4 m.t {X: y, Nats-Scheduler: m.s, Nats-Schedule-Next: ${short(1000)}} source`,
    ]);
  });

  it('sends to the subject that a transform gives', () => {
    make({ subject_transform: { src: 'm.*', dest: 'n.$1' } }).put('m.s', at(500));
    expect(house.put('m.s', { ...at(500), 'Nats-Schedule-Target': 'n.t' })).toMatch(/^400\/10190/);
    house.env.advance(1000);
    expect(house.held()).toEqual(['2 n.t {Nats-Scheduler: n.s, Nats-Schedule-Next: purge} x']);
  });

  it('is not sent when the stream refuses the message', () => {
    house.put('m.s', at(500), 'x'.repeat(50));
    house.update({ allow_msg_schedules: true, allow_msg_ttl: true, max_msg_size: 30 });
    house.env.advance(9000);
    expect(house.stream.store.lastSeq).toBe(1);
  });

  it('makes up for nothing that it missed', () => {
    house.put('m.s', EVERY);
    house.env.clock.ms += 10_000;
    house.env.scheduler.runDue();
    house.env.drain();
    expect(sent()).toHaveLength(1);
  });

  it('is one of many due at once, which are sent in slices and in order', () => {
    for (let i = 0; i < 300; i++) house.put(`m.s.${i}`, { ...at(1000), 'Nats-Schedule-Target': `m.t.${i}` });
    house.env.clock.ms += 1000;
    house.env.scheduler.runDue();
    house.env.drain(7);
    expect(house.held().map((line) => line.split(' ')[1])).toEqual(
      Array.from({ length: 300 }, (_, i) => `m.t.${i}`),
    );
    house.js.deleteAll();
    expect(house.env.memory.used).toBe(0);
  });

  it('is refused, and nothing stored, when it can not be remembered', () => {
    house.put('m.a');
    house.env.memory.limit = house.env.memory.used;
    expect(house.put('m.s', EVERY)).toBe('503/10023 insufficient resources');
    expect(house.held()).toHaveLength(1);
  });
});

describe('checkSchedule', () => {
  const pattern = '400/10189 message schedules pattern is invalid';
  const target = '400/10190 message schedules target is invalid';
  const ttl = '400/10191 message schedules invalid per-message TTL';
  const rollup = '400/10192 message schedules invalid rollup';
  const source = '400/10203 message schedules source is invalid';
  const scheduler = '400/10212 message schedules invalid scheduler';
  const zone = '400/10223 message schedules time zone is invalid';
  const disabled = '400/10188 message schedules is disabled';

  // What 2.14.5 says, by the headers besides those of a good schedule.
  const CASES: readonly (readonly [Headers, string])[] = [
    ...['', 'm.s', 'other', 'm.*', 'm.>', 'm..a', '$JS.API.x', 'm.a b', 'm.t '].map(
      (text) => [{ 'Nats-Schedule-Target': text }, target] as const,
    ),
    [{ 'Nats-Schedule-Target': ' m.t' }, 'ok'],
    ...['1', '1s', 'never', ''].map((text) => [{ 'Nats-Schedule-TTL': text }, 'ok'] as const),
    ...['0', 'abc', '999ms'].map((text) => [{ 'Nats-Schedule-TTL': text }, ttl] as const),
    ...['sub', ''].map((text) => [{ 'Nats-Schedule-Rollup': text }, 'ok'] as const),
    ...['all', 'SUB', 'x'].map((text) => [{ 'Nats-Schedule-Rollup': text }, rollup] as const),
    ...['sub', 'SUB'].map((text) => [{ 'Nats-Rollup': text }, 'ok'] as const),
    ...['all', 'x'].map((text) => [{ 'Nats-Rollup': text }, rollup] as const),
    ...['m.src', ''].map((text) => [{ 'Nats-Schedule-Source': text }, 'ok'] as const),
    ...['other', 'm.*', 'm.s', 'm.t', 'm..x'].map(
      (text) => [{ 'Nats-Schedule-Source': text }, source] as const,
    ),
    [{ 'Nats-Schedule-Time-Zone': 'Europe/Berlin' }, 'ok'],
    [{ 'Nats-Schedule-Time-Zone': '' }, zone],
    [{ 'Nats-Schedule': '@every 1h', 'Nats-Schedule-Time-Zone': 'UTC' }, pattern],
    [{ 'Nats-Scheduler': 'm.x' }, scheduler],
    [{ 'Nats-Schedule-Next': 'purge' }, scheduler],
    [{ 'Nats-Scheduler': 'm.x', 'Nats-Schedule-Next': 'purge' }, 'ok'],
  ];

  it.each(CASES)('of a schedule with %j: %s', (headers, said) => {
    expect(house.put('m.s', { ...CRON, ...headers })).toBe(said === 'ok' ? '1' : said);
    expect(house.held()).toHaveLength(said === 'ok' ? 1 : 0);
  });

  it.each([
    [{ 'Nats-Schedule-Target': 'm.*' }, '1'],
    [{ 'Nats-Schedule-TTL': 'abc' }, '1'],
    [{ 'Nats-Schedule-Source': 'm.*' }, '1'],
    [{ 'Nats-Schedule-Rollup': 'all' }, '1'],
    [{ 'Nats-Schedule-Time-Zone': 'xx' }, zone],
    [{ 'Nats-Scheduler': 'm.x' }, scheduler],
    [{ 'Nats-Schedule-Next': 'x' }, scheduler],
    [{ 'Nats-Scheduler': 'm.x', 'Nats-Schedule-Next': 'purge' }, '1'],
    [{ 'Nats-Scheduler': 'other', 'Nats-Schedule-Next': 'purge' }, '1'],
    [{ 'Nats-Scheduler': 'm.x', 'Nats-Schedule-Next': '2030-01-01T00:00:00Z' }, scheduler],
    [{ 'Nats-Scheduler': 'm.s', 'Nats-Schedule-Next': 'purge' }, scheduler],
    [{ 'Nats-Scheduler': 'm.*', 'Nats-Schedule-Next': 'purge' }, scheduler],
    [{ 'Nats-Scheduler': '', 'Nats-Schedule-Next': 'purge' }, scheduler],
  ])('of a message that is none, with %j: %s', (headers, said) => {
    expect(house.put('m.s', headers as Headers)).toBe(said);
  });

  it('lets a message end a schedule, and nothing else', () => {
    const end = { 'Nats-Scheduler': 'm.q', 'Nats-Schedule-Next': 'purge' };
    house.put('m.q');
    expect(house.put('m.z', end)).toBe(scheduler);
    house.put('m.q', CRON);
    expect(house.put('m.z', { ...end, ...CRON })).toBe('3');
    expect(house.held().map((line) => line.split(' ')[1])).toEqual(['m.z']);
  });

  it.each([
    [{ 'Nats-Schedule': 'zz' }, disabled],
    [{ 'Nats-Schedule': 'zz', 'Nats-Schedule-Time-Zone': 'zz' }, disabled],
    [{ 'Nats-Schedule-Time-Zone': 'zz' }, disabled],
    [{ 'Nats-Schedule-Time-Zone': '' }, disabled],
    [{ 'Nats-Schedule-Time-Zone': 'UTC' }, '1'],
    [{ 'Nats-Schedule-Target': 'm.*' }, '1'],
    [{ 'Nats-Scheduler': 'm.x' }, scheduler],
    [{ 'Nats-Scheduler': 'm.x', 'Nats-Schedule-Next': 'purge' }, disabled],
    [{ 'Nats-Schedule': 'zz', 'Nats-Expected-Last-Sequence': '9' }, '400/10071 wrong last sequence: 0'],
  ])('where schedules are not allowed, with %j: %s', (headers, said) => {
    expect(new House().put('m.s', headers as Headers)).toBe(said);
  });

  it('asks about times to live after their form', () => {
    make({ allow_msg_ttl: false });
    expect(house.put('m.s', { ...CRON, 'Nats-Schedule-TTL': '1' })).toBe(
      '400/10166 per-message TTL is disabled',
    );
    expect(house.put('m.s', { ...CRON, 'Nats-Schedule-TTL': 'abc' })).toBe(ttl);
  });

  it('names the first of two faults, in the order of 2.14.5', () => {
    make({ max_msg_size: 600 }).put('m.s', { 'Nats-Msg-Id': 'dup' });
    const faults: readonly Headers[] = [
      { 'Nats-Expected-Stream': 'Q' },
      { 'Nats-Expected-Last-Sequence': '99' },
      { 'Nats-Schedule-Time-Zone': 'Foo' },
      { 'Nats-Schedule': 'zz' },
      { 'Nats-Schedule-TTL': 'abc' },
      { 'Nats-Schedule-Rollup': 'all' },
      { 'Nats-Schedule-Target': 'm.*' },
      { 'Nats-Schedule-Source': 'm.*' },
      { 'Nats-Rollup': 'all' },
      { 'Nats-Scheduler': 'm.x' },
      { 'Nats-Msg-Id': 'dup' },
      { 'Nats-Expected-Last-Msg-Id': 'zz' },
      { Long: 'x'.repeat(600) },
      { 'Nats-TTL': 'abc' },
    ];
    const said = (one: Headers, two: Headers): string => house.put('m.s', { ...CRON, ...one, ...two });
    for (const [i, first] of faults.entries()) {
      for (const second of faults.slice(i + 1)) {
        expect([first, second, said(second, first)]).toEqual([first, second, said(first, {})]);
      }
    }
    expect(house.held()).toHaveLength(1);
  });
});

type Step =
  | { do: 'schedule'; on: string; to: string; seconds: number; once: boolean }
  | { do: 'plain'; on: string }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('schedule' as const),
    on: fc.constantFrom('m.a', 'm.b', 'm.c'),
    to: fc.constantFrom('m.a', 'm.x', 'm.y'),
    seconds: fc.integer({ min: 1, max: 3 }),
    once: fc.boolean(),
  }),
  fc.record({ do: fc.constant('plain' as const), on: fc.constantFrom('m.a', 'm.b', 'm.x') }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4000 }) }),
);

describe('Schedules', () => {
  it('send what a list of alarms would', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        make();
        const alarms = new Map<string, { to: string; due: number; every: number; order: number }>();
        const expected: string[] = [];
        const tell = (subject: string): void => {
          alarms.delete(subject);
        };
        const wait = (until: number): void => {
          for (;;) {
            const [first] = [...alarms].sort(([, a], [, b]) => a.due - b.due || a.order - b.order);
            if (first === undefined || first[1].due > until) break;
            const [on, alarm] = first;
            tell(alarm.to);
            expected.push(`${on}>${alarm.to}`);
            if (alarm.every === 0) alarms.delete(on);
            else alarm.due = Math.round(alarm.due / 1000) * 1000 + alarm.every;
          }
        };
        let order = 0;
        for (const one of steps) {
          const now = house.env.clock.ms;
          if (one.do === 'wait') {
            wait(now + one.ms);
            house.env.advance(one.ms);
          } else if (one.do === 'plain') {
            tell(one.on);
            house.put(one.on);
          } else if (one.on !== one.to) {
            const ms = one.seconds * 1000;
            const when = one.once ? `@at ${later(ms)}` : `@every ${one.seconds}s`;
            house.put(one.on, { 'Nats-Schedule': when, 'Nats-Schedule-Target': one.to });
            const due = one.once ? now + ms : Math.round(now / 1000) * 1000 + ms;
            alarms.set(one.on, { to: one.to, due, every: one.once ? 0 : ms, order: order++ });
          }
        }
        const products = house.held().flatMap((line) => {
          const [, , to, from] = /^(\d+) (\S+) .*Nats-Scheduler: (\S+),/.exec(line) ?? [];
          return to === undefined ? [] : [`${from}>${to}`];
        });
        // Schedules on m.a roll up what was sent there.
        const stays = (one: string): boolean => !one.endsWith('>m.a');
        expect(products.filter(stays)).toEqual(expected.filter(stays));
      }),
      { numRuns: 100 },
    );
  });
});
