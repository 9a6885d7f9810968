import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTime, parseCron } from '../../src/jetstream/schedule/cron.ts';
import { parseSchedule } from '../../src/jetstream/schedule/schedule.ts';
import { formatIn, type TimeZone, timeZoneOf, UTC } from '../../src/jetstream/schedule/time-zone.ts';

/** A Sunday, the 22nd. */
const NOW = Date.parse('2026-11-22T23:12:40.262Z');

const isSchedule = (text: string, zone?: string): boolean =>
  parseSchedule(text, zone)?.next(NOW) !== undefined;

function next(text: string, zone?: string, after: string | number = NOW): string | undefined {
  const schedule = parseSchedule(text, zone);
  const ms = schedule?.next(typeof after === 'number' ? after : Date.parse(after));
  return ms === undefined ? undefined : schedule?.format(ms);
}

/** Fields of the first place, with the rest saying "any". */
const seconds = (...fields: string[]): string[] => fields.map((field) => `${field} * * * * *`);
const midnights = (...days: string[]): string[] => days.map((rest) => `0 0 0 ${rest}`);

// What 2.14.5 accepts.
describe('parseSchedule', () => {
  it.each([
    ...['@at 2030-01-01T00:00:00Z', '@at 2030-01-01T00:00:00+02:00', '@at 2030-01-01T00:00:00.5Z'],
    ...['@at 2020-01-01T00:00:00Z', '@at 0001-01-01T00:00:00Z', '@at 9999-12-31T23:59:59Z'],
    ...['@every 1s', '@every 1.5s', '@every 1500ms', '@every 1h', '@every 2562047h47m'],
    ...['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'],
    ...seconds('*', '?', '*/5', '1-5', '1-5/2', '1/2', '1,2,3', '1,,2', ',1', '*/61', '*-5', '*/5,7'),
    ...seconds('0-59/10,3', '+1', '01', '?/5'),
    ...midnights(
      '* * MON-FRI',
      '* * mon',
      '* JAN *',
      '* jan-mar *',
      '* * 0',
      '1 1 *',
      '29 2 *',
      '* * sun,MON',
      '? * ?',
    ),
    ...['0  0 0 * * *', '0 0 0 * * * ', '\t0 0 0 * * *', '0 0 12 * * ?'],
  ])('takes %j', (text) => {
    expect(isSchedule(text)).toBe(true);
  });

  it.each([
    ...['@at 2030-01-01', '@at  2030-01-01T00:00:00Z', '@AT 2030-01-01T00:00:00Z', '@at', '@at ', '@at abc'],
    ...['@at 2030-02-30T00:00:00Z', '@at 2030-01-01 00:00:00Z', '@at 2030-01-01t00:00:00z'],
    ...['@at 2030-01-01T24:00:00Z', '@at 2030-01-01T00:00:60Z'],
    ...['@every 999ms', '@every 0', '@every 0s', '@every -1s', '@every 10', '@every 9999999h', '@every  1s'],
    ...['@EVERY 1s', '@every1s', '@every 1s ', '@Daily', '@reboot', '@hourly ', '@minutely', '@quarterly'],
    ...seconds('60', '5-1', '*/0', '*/x', 'a', '-1', '1--2', '1-2-3', '1/2/3', '1-70', '0x1', '1e1'),
    ...seconds('99999999999999999999'),
    ...['* 60 * * * *', '* * 24 * * *', '* * * 0 * *', '* * * 32 * *', '* * * * 0 *', '* * * * 13 *'],
    ...midnights(
      '* * 7',
      '* * 8',
      '31 2 *',
      '30,31 2 ?',
      'L * *',
      '15W * *',
      '* * 5L',
      '* * 5#2',
      '* * 6-7',
      '* * 5-0',
    ),
    ...midnights('* * SUNDAY', '* JANUARY *'),
    ...[
      '* * * * *',
      '* * * * * * *',
      'TZ=UTC 0 0 0 * * *',
      'CRON_TZ=UTC 0 0 0 * * *',
      'garbage',
      '',
      '   ',
      '1',
      '*',
    ],
  ])('refuses %j', (text) => {
    expect(isSchedule(text)).toBe(false);
  });

  it('knows a misspelt time zone again', () => {
    const before = process.cpuUsage();
    for (let i = 0; i < 4000; i++) expect(timeZoneOf('Europe/Nirgends')).toBeUndefined();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(300);
  });

  it('takes a time zone for a cron pattern only', () => {
    expect(isSchedule('@hourly', 'Europe/Berlin')).toBe(true);
    expect(isSchedule('0 0 0 * * *', 'UTC')).toBe(true);
    expect(isSchedule('@at 2030-01-01T00:00:00Z', 'UTC')).toBe(false);
    expect(isSchedule('@every 1h', 'UTC')).toBe(false);
  });
});

describe('timeZoneOf', () => {
  it.each([
    ...['UTC', 'Europe/Berlin', 'Local', 'EST', 'CET', 'US/Pacific', 'Etc/GMT+5', 'GMT', 'PST8PDT', 'Zulu'],
  ])('knows %s', (name) => {
    expect(timeZoneOf(name)).toBeDefined();
  });

  it.each([
    ...[
      '',
      'europe/berlin',
      'Foo/Bar',
      '+02:00',
      '../../etc/passwd',
      '/etc/localtime',
      'utc',
      'Europe/BERLIN',
    ],
    'A'.repeat(1000),
  ])('does not know %j', (name) => {
    expect(timeZoneOf(name)).toBe(undefined);
  });
});

describe('next', () => {
  it.each([
    // Intervals count from the nearest whole second.
    ['@every 1s', undefined, '2026-11-22T23:12:48.644Z', '2026-11-22T23:12:50Z'],
    ['@every 1s', undefined, '2026-11-22T23:12:56.473Z', '2026-11-22T23:12:57Z'],
    ['@every 1.5s', undefined, '2026-11-22T23:12:40.262Z', '2026-11-22T23:12:41.5Z'],
    ['@every 1.5s', undefined, '2026-11-22T23:12:41.501Z', '2026-11-22T23:12:43.5Z'],
    ['@at 2020-01-01T02:00:00.0000001+02:00', undefined, '2026-01-01T00:00:00Z', '2020-01-01T00:00:00.001Z'],
    ['* * * * * *', 'Asia/Kolkata', '2026-11-22T23:12:55.172Z', '2026-11-23T04:42:56+05:30'],
    ['* * * * * *', undefined, '2026-11-22T23:12:55Z', '2026-11-22T23:12:56Z'],
    ['@weekly', undefined, '2026-11-22T00:00:00Z', '2026-11-29T00:00:00Z'],
    ['0 0 0 29 2 *', undefined, '2026-11-22T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 0 29 2 *', undefined, '2097-01-01T00:00:00Z', undefined],
    ['@daily', 'Europe/London', '2026-11-22T23:12:55Z', '2026-11-23T00:00:00Z'],
    ['0 0 0 * * MON', 'America/Sao_Paulo', '2026-11-22T23:12:55Z', '2026-11-23T00:00:00-03:00'],
    // 02:30 does not come when clocks go forward, and comes twice when they go back.
    ['0 30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T02:30:00+02:00'],
    ['0 30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T02:30:00+02:00'],
    ['0 30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T02:30:00+01:00'],
  ])('of %j in %s after %s is %s', (text, zone, after, expected) => {
    expect(next(text, zone, after)).toBe(expected);
  });

  // Whether 2.14.5 sends on Sunday the 22nd: both fields count when one of them says "any", else either.
  it.each([
    ['*/2 * SUN', true],
    ['*/1 * MON', false],
    ['22 * MON', true],
    ['2/2 * MON', true],
    ['? * MON', false],
    ['? * SUN', true],
    ['21 * */2', true],
    ['21 * ?', false],
    ['1-31 * MON', true],
    ['*-5 * MON', false],
    ['21 * 0-6', true],
    ['21,* * MON', false],
    ['22 * 1/3', true],
  ])('of days %j is today: %s', (days, today) => {
    expect(next(`* * * ${days}`)?.startsWith('2026-11-22')).toBe(today);
  });

  const list = (max: number, min = 0): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constant('*'),
      fc
        .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
        .map((values) => values.join(',')),
      fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
    );

  /** Looks at one minute after the other. */
  function naive(text: string, after: number, zone: TimeZone, minutes: number): number | undefined {
    const cron = parseCron(text);
    for (let at = Math.floor(after / 60_000 + 1) * 60_000, left = minutes; left > 0; left--, at += 60_000) {
      const wall = new Date(at + zone.offsetAt(at));
      const takes = (field: 'minute' | 'hour' | 'day' | 'month' | 'weekday', value: number): boolean =>
        cron?.[field].allows[value] === true;
      const onDate = takes('day', wall.getUTCDate());
      const onWeekday = takes('weekday', wall.getUTCDay());
      const either = cron?.day.isAny === false && cron.weekday.isAny === false;
      if (!takes('minute', wall.getUTCMinutes()) || !takes('hour', wall.getUTCHours())) continue;
      if (!takes('month', wall.getUTCMonth() + 1)) continue;
      if (either ? onDate || onWeekday : onDate && onWeekday) return at;
    }
    return undefined;
  }

  it('is found, or not, whatever text is given', () => {
    const field = fc.string({ unit: fc.constantFrom(...'0123456789*?,-/'), maxLength: 5 });
    fc.assert(
      fc.property(fc.array(field, { minLength: 6, maxLength: 6 }), (fields) => {
        const schedule = parseSchedule(fields.join(' '), undefined);
        expect(schedule?.next(NOW) ?? NOW + 1).toBeGreaterThan(NOW);
      }),
      { numRuns: 500 },
    );
  });

  it('is what looking at every minute finds, also where clocks are changed', () => {
    const pattern = fc
      .tuple(list(59), list(23), list(31, 1), list(12, 1), list(6))
      .map((fields) => `0 ${fields.join(' ')}`);
    const change = fc.constantFrom(
      ['Europe/Berlin', '2026-03-28T00:00:00Z'],
      ['Europe/Berlin', '2026-10-24T00:00:00Z'],
      ['America/New_York', '2026-11-01T00:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T00:00:00Z'],
      ['Australia/Lord_Howe', '2026-10-03T00:00:00Z'],
      ['America/Asuncion', '2023-10-01T00:00:00Z'],
      ['UTC', '2028-02-28T00:00:00Z'],
    );
    const minutes = 3 * 24 * 60;
    fc.assert(
      fc.property(
        pattern,
        change,
        fc.integer({ min: 0, max: 86_400 }),
        (text, [name = '', day = ''], into) => {
          const zone = timeZoneOf(name) ?? UTC;
          const cron = parseCron(text);
          const after = Date.parse(day) + into * 1000;
          const found = cron && nextTime(cron, after, zone);
          const expected = naive(text, after, cached(zone), minutes);
          if (expected !== undefined || (found ?? Number.POSITIVE_INFINITY) < after + minutes * 60_000) {
            expect(found).toBe(expected);
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});

const offsets = new Map<TimeZone, Map<number, number>>();

/** The zone with its offsets by quarters of an hour remembered: asking for each minute takes too long. */
function cached(zone: TimeZone): TimeZone {
  const known = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, known);
  return {
    offsetAt: (ms) => {
      const quarter = Math.floor(ms / 900_000);
      const offset = known.get(quarter) ?? zone.offsetAt(quarter * 900_000);
      known.set(quarter, offset);
      return offset;
    },
  };
}

describe('formatIn', () => {
  it.each([
    ['UTC', 1_700_000_000_000, '2023-11-14T22:13:20Z'],
    ['UTC', 1_700_000_000_500, '2023-11-14T22:13:20.5Z'],
    ['Asia/Kolkata', 1_700_000_000_000, '2023-11-15T03:43:20+05:30'],
    ['America/St_Johns', 1_700_000_000_000, '2023-11-14T18:43:20-03:30'],
  ])('in %s of %d is %s', (zone, ms, text) => {
    expect(formatIn(timeZoneOf(zone) ?? UTC, ms)).toBe(text);
  });
});
