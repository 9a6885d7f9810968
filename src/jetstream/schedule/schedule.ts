import { formatInstant, parseDuration, parseTime } from '../../base/index.ts';
import { nextTime, parseCron } from './cron.ts';
import { formatIn, type TimeZone, timeZoneOf, UTC } from './time-zone.ts';

const NS_PER_MS = 1e6;
const SECOND = 1000;
/** Largest 64-bit number of nanoseconds, in ms. */
const LONGEST_MS = 9_223_372_036_854;

/** When a message is to be sent: what a `Nats-Schedule` header says. */
export interface Schedule {
  /** Whether it is sent once only. */
  readonly once: boolean;
  /**
   * When it is next due, ms since the epoch, rounded up; in the past when it is due at once.
   * @param afterMs when it was stored, or last sent.
   */
  next(afterMs: number): number | undefined;
  /** A time as the header of what is sent shows it. */
  format(ms: number): string;
}

/**
 * Reads `@at <RFC 3339 time>`, `@every <duration of a second at least>`, or a cron pattern (values accepted by 2.14.5,
 * measured).
 * @param zone name of the time zone of a cron pattern; nothing else has one.
 */
export function parseSchedule(text: string, zone: string | undefined): Schedule | undefined {
  if (text.startsWith('@at ')) return zone === undefined ? scheduledAt(text.slice(4)) : undefined;
  if (text.startsWith('@every ')) return zone === undefined ? scheduledEvery(text.slice(7)) : undefined;
  const inZone = zone === undefined ? UTC : timeZoneOf(zone);
  return inZone === undefined ? undefined : scheduledBy(text, inZone);
}

function scheduledAt(text: string): Schedule | undefined {
  const at = parseTime(text);
  if (at === undefined) return undefined;
  const due = at.ns === 0 ? at.ms : at.ms + 1;
  return { once: true, next: () => due, format: formatUtc };
}

/** Measured: intervals count from the whole second nearest to when it was stored, or sent. */
function scheduledEvery(text: string): Schedule | undefined {
  const ns = parseDuration(text);
  if (ns === undefined || ns < SECOND * NS_PER_MS || ns / NS_PER_MS >= LONGEST_MS) return undefined;
  const interval = Math.ceil(ns / NS_PER_MS);
  return {
    once: false,
    next: (after) => Math.round(after / SECOND) * SECOND + interval,
    format: formatUtc,
  };
}

function scheduledBy(text: string, zone: TimeZone): Schedule | undefined {
  const cron = parseCron(text);
  if (cron === undefined) return undefined;
  return {
    once: false,
    next: (after) => nextTime(cron, after, zone),
    format: (ms) => formatIn(zone, ms),
  };
}

function formatUtc(ms: number): string {
  return formatInstant({ ms, ns: 0 });
}
