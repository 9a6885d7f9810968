import type { Instant } from './effects.ts';

const UNIT_NS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/**
 * Reads a Go duration (`1h30m`, `250ms`, `-1.5s`, `0`) to nanoseconds.
 * @returns nanoseconds, or `undefined` when the text is not a duration.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)(.*)$/s.exec(text);
  const body = match?.[2] ?? '';
  if (body === '0') return 0;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
  let total = 0;
  while (part.lastIndex < body.length) {
    const found = part.exec(body);
    if (found === null) return undefined;
    total += Number(found[1]) * (UNIT_NS[found[2] as string] as number);
  }
  if (body === '') return undefined;
  return Math.round(match?.[1] === '-' ? -total : total);
}

/** Writes nanoseconds as Go's `Duration.String` does: `2m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ns: number): string {
  if (ns === 0) return '0s';
  const sign = ns < 0 ? '-' : '';
  const abs = Math.abs(ns);
  if (abs < 1e3) return `${sign}${abs}ns`;
  if (abs < 1e6) return `${sign}${trim(abs / 1e3)}µs`;
  if (abs < 1e9) return `${sign}${trim(abs / 1e6)}ms`;
  const hours = Math.floor(abs / 3600e9);
  const minutes = Math.floor((abs % 3600e9) / 60e9);
  const seconds = trim((abs % 60e9) / 1e9);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  if (minutes > 0) return `${sign}${minutes}m${seconds}s`;
  return `${sign}${seconds}s`;
}

function trim(value: number): string {
  return String(Number(value.toFixed(9)));
}

/** The whole second that was written last, and its text: instants mostly come many to a second. */
const lately = { second: Number.NaN, text: '' };

function secondText(second: number): string {
  if (second !== lately.second) {
    lately.text = new Date(second * 1e3).toISOString().slice(0, 19);
    lately.second = second;
  }
  return lately.text;
}

/** Writes an instant as RFC 3339 with nanoseconds, trailing zeros dropped, as Go does: `2026-01-02T03:04:05.6Z`. */
export function formatInstant(instant: Instant): string {
  const second = Math.floor(instant.ms / 1e3);
  let fraction = (instant.ms - second * 1e3) * 1e6 + instant.ns;
  if (fraction === 0) return `${secondText(second)}Z`;
  let digits = 9;
  for (; fraction % 10 === 0; fraction /= 10) digits--;
  return `${secondText(second)}.${String(fraction).padStart(digits, '0')}Z`;
}

/** An instant as decimal nanoseconds since the epoch, without BigInt. */
export function instantNanos(instant: Instant): string {
  return `${instant.ms}${String(instant.ns).padStart(6, '0')}`;
}

/** The text of Go's zero time, which stands for "never" and "unset". */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** Writes an optional instant; absent is Go's zero time. */
export function formatTimeText(instant: Instant | undefined): string {
  return instant === undefined ? ZERO_TIME : formatInstant(instant);
}

/** Whether the day is in the calendar: the runtime takes 30 February for 2 March. */
function isDay(local: string): boolean {
  const day = new Date(`${local}Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(local.slice(0, 10));
}

/**
 * Reads an RFC 3339 time with up to nine fraction digits.
 * @returns `undefined` when the text is not such a time.
 */
export function parseTime(text: string): Instant | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return undefined;
  const seconds = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(seconds) || !isDay(match[1] ?? '')) return undefined;
  const fraction = (match[2] ?? '').padEnd(9, '0');
  return { ms: seconds + Number(fraction.slice(0, 3)), ns: Number(fraction.slice(3)) };
}
