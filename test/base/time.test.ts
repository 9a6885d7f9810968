import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatInstant,
  formatTimeText,
  instantNanos,
  parseDuration,
  parseTime,
} from '../../src/base/index.ts';

describe('parseDuration', () => {
  test.each([
    ['0', 0],
    ['+0', 0],
    ['-0', 0],
    ['5s', 5e9],
    ['1h30m', 5400e9],
    ['1.5s', 1.5e9],
    ['.5s', 0.5e9],
    ['1.s', 1e9],
    ['-1.5h', -5400e9],
    ['+5ms', 5e6],
    ['10us', 10e3],
    ['10µs', 10e3],
    ['10μs', 10e3],
    ['7ns', 7],
    ['1m1m', 120e9],
    ['2h45m30.25s', 9930.25e9],
  ])('reads %j', (text, ns) => {
    expect(parseDuration(text)).toBeCloseTo(ns, 6);
  });
  test.each([
    '',
    '-',
    '+',
    '5',
    '5 s',
    ' 5s',
    '5s ',
    's',
    '.s',
    '.',
    '1e3s',
    '5d',
    '--5s',
    '5S',
    '1h-5m',
    '5ss',
    '5m5',
    '\u0665s',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

test.each([
  [0, '0s'],
  [1, '1ns'],
  [1_100, '1.1µs'],
  [2_200_000, '2.2ms'],
  [250e6, '250ms'],
  [1e9, '1s'],
  [1.5e9, '1.5s'],
  [60e9, '1m0s'],
  [120e9, '2m0s'],
  [3600e9, '1h0m0s'],
  [5400e9, '1h30m0s'],
  [3_723_000_000_004, '1h2m3.000000004s'],
  [-1.5e9, '-1.5s'],
  [999, '999ns'],
  [999_999, '999.999µs'],
  [999_999_999, '999.999999ms'],
])('formatDuration writes %j as Go does', (ns, text) => {
  expect(formatDuration(ns)).toBe(text);
});

test('durations go round', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(10 ** 14), max: 10 ** 14 }), (ns) => {
      expect(Math.abs((parseDuration(formatDuration(ns)) ?? Number.NaN) - ns)).toBeLessThanOrEqual(1);
    }),
  );
});

describe('instants', () => {
  const ms = Date.UTC(2026, 0, 2, 3, 4, 5);
  test.each([
    [{ ms, ns: 0 }, '2026-01-02T03:04:05Z'],
    [{ ms: ms + 600, ns: 0 }, '2026-01-02T03:04:05.6Z'],
    [{ ms: ms + 1, ns: 20 }, '2026-01-02T03:04:05.00100002Z'],
    [{ ms, ns: 1 }, '2026-01-02T03:04:05.000000001Z'],
  ])('formatInstant writes %j as Go does', (instant, text) => {
    expect(formatInstant(instant)).toBe(text);
    expect(parseTime(text)).toEqual(instant);
  });

  test('instantNanos agrees with BigInt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e12 }), fc.integer({ min: 0, max: 999_999 }), (at, ns) => {
        expect(instantNanos({ ms: at, ns })).toBe((BigInt(at) * 1_000_000n + BigInt(ns)).toString());
      }),
    );
  });

  test('formatTimeText writes the zero time for never', () => {
    expect(formatTimeText(undefined)).toBe('0001-01-01T00:00:00Z');
    expect(formatTimeText({ ms: 0, ns: 0 })).toBe('1970-01-01T00:00:00Z');
  });

  test.each([
    ['2026-01-02T03:04:05+02:00', Date.UTC(2026, 0, 2, 1, 4, 5)],
    ['1969-12-31T23:59:59Z', -1000],
    ['0001-01-01T00:00:00Z', -62135596800000],
  ])('parseTime reads %j', (text, at) => {
    expect(parseTime(text)).toEqual({ ms: at, ns: 0 });
  });

  test.each([
    '',
    '2026-01-02',
    '2026-01-02T03:04:05',
    '2026-13-02T03:04:05Z',
    '2026-01-02T25:04:05Z',
    '2026-01-02 03:04:05Z',
    '2026-01-02T03:04:05.Z',
    '2026-01-02T03:04:05.1234567890Z',
    '2026-02-30T00:00:00Z',
  ])('parseTime refuses %j', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});
