import type { TimeZone } from './time-zone.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A pattern that names no time within so many years is none: the 31st of February. */
const YEARS = 5;
/** Characters of a pattern: all values of all fields, one by one, need half of them. */
const LONGEST = 1024;

/** One field of a pattern: which values it takes, and whether it says "any". */
interface Field {
  readonly allows: readonly boolean[];
  readonly isAny: boolean;
}

/** When something is to happen, by wall clocks. */
export interface Cron {
  readonly second: Field;
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 0 1 1 *'],
  ['@annually', '0 0 0 1 1 *'],
  ['@monthly', '0 0 0 1 * *'],
  ['@weekly', '0 0 0 * * 0'],
  ['@daily', '0 0 0 * * *'],
  ['@midnight', '0 0 0 * * *'],
  ['@hourly', '0 0 * * * *'],
]);

/**
 * Reads six fields (second, minute, hour, day of the month, month, day of the week) or a word for six usual ones, in
 * the forms that 2.14.5 accepts (measured): `*` and `?`, numbers, ranges, steps, lists, English abbreviations.
 */
export function parseCron(text: string): Cron | undefined {
  if (text.length > LONGEST) return undefined;
  const fields = (SHORTHANDS.get(text) ?? text).split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 6) return undefined;
  const [seconds = '', minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields;
  const second = fieldOf(seconds, 0, 59);
  const minute = fieldOf(minutes, 0, 59);
  const hour = fieldOf(hours, 0, 23);
  const day = fieldOf(days, 1, 31);
  const month = fieldOf(months, 1, 12, MONTHS);
  const weekday = fieldOf(weekdays, 0, 6, WEEKDAYS);
  if (!second || !minute || !hour || !day || !month || !weekday) return undefined;
  return { second, minute, hour, day, month, weekday };
}

/** One field; `undefined` when it can not be read or takes no value at all. */
function fieldOf(text: string, min: number, max: number, names: readonly string[] = []): Field | undefined {
  const allows = new Array<boolean>(max + 1).fill(false);
  let isAny = false;
  for (const part of text.split(',').filter((one) => one !== '')) {
    const range = rangeOf(part, min, max, names);
    if (range === undefined) return undefined;
    for (let value = range.start; value <= range.end; value += range.step) allows[value] = true;
    isAny ||= range.isAny;
  }
  return allows.includes(true) ? { allows, isAny } : undefined;
}

/** One part of a list: `*`, `5`, `1-5`, each with `/2` for a step. A single number with a step goes on to the end. */
function rangeOf(part: string, min: number, max: number, names: readonly string[]) {
  const [range = '', stepText, ...more] = part.split('/');
  const [low = '', high, ...rest] = range.split('-');
  const step = stepText === undefined ? 1 : numberOf(stepText);
  if (step === undefined || step === 0 || more.length > 0) return undefined;
  if (low === '*' || low === '?') return { start: min, end: max, step, isAny: step === 1 };
  const start = namedOrNumber(low, min, names);
  const last = stepText === undefined ? start : max;
  const end = high === undefined ? last : namedOrNumber(high, min, names);
  if (start === undefined || end === undefined || rest.length > 0) return undefined;
  if (start < min || end > max || start > end) return undefined;
  return { start, end, step, isAny: false };
}

function namedOrNumber(text: string, first: number, names: readonly string[]): number | undefined {
  const at = names.indexOf(text.toLowerCase());
  return at < 0 ? numberOf(text) : at + first;
}

function numberOf(text: string): number | undefined {
  return /^\+?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * The first whole second after a moment that a pattern names, ms since the epoch; `undefined` when there is none
 * within five years. Wall clock times that a change to summer time leaves out do not come. Days are looked for in the
 * calendar, without asking the zone, whose clocks are expensive to read.
 */
export function nextTime(cron: Cron, afterMs: number, zone: TimeZone): number | undefined {
  let at = Math.floor(afterMs / SECOND) * SECOND + SECOND;
  const lastYear = wallClock(at, zone).getUTCFullYear() + YEARS;
  for (;;) {
    const wall = wallClock(at, zone);
    if (!(wall.getUTCFullYear() <= lastYear)) return undefined;
    if (takesDay(cron, wall)) {
      const later = laterToday(cron, wall, at, zone);
      if (later === at) return at;
      at = later;
    } else {
      const day = nextDay(cron, wall, lastYear);
      if (day === undefined) return undefined;
      at = midnight(day, at, zone);
    }
  }
}

/** A date whose UTC fields are what clocks in the zone show. */
function wallClock(ms: number, zone: TimeZone): Date {
  return new Date(ms + zone.offsetAt(ms));
}

/** A day has to satisfy both fields when one of them says "any", and one of them otherwise. */
function takesDay({ month, day, weekday }: Cron, wall: Date): boolean {
  if (month.allows[wall.getUTCMonth() + 1] !== true) return false;
  const takesDate = day.allows[wall.getUTCDate()] === true;
  const takesWeekday = weekday.allows[wall.getUTCDay()] === true;
  return day.isAny || weekday.isAny ? takesDate && takesWeekday : takesDate || takesWeekday;
}

/** The first day after this one that the pattern takes, as its midnight by the wall clock. */
function nextDay(cron: Cron, wall: Date, lastYear: number): number | undefined {
  const day = new Date(Math.floor(wall.getTime() / DAY) * DAY + DAY);
  while (!takesDay(cron, day)) {
    day.setTime(day.getTime() + DAY);
    if (!(day.getUTCFullYear() <= lastYear)) return undefined;
  }
  return day.getTime();
}

/** When a day begins in a zone, after `at`: clocks may jump over midnight, or show it twice. */
function midnight(local: number, at: number, zone: TimeZone): number {
  const guess = local - zone.offsetAt(local);
  const begin = local - zone.offsetAt(guess);
  return begin > at ? begin : at + HOUR;
}

/** The moment itself when the pattern takes it, else a later one before which there is none. */
function laterToday(cron: Cron, wall: Date, at: number, zone: TimeZone): number {
  const [hour, minute, second] = [wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds()];
  if (!cron.hour.allows[hour]) {
    return skip(cron.hour, hour, HOUR, at - minute * MINUTE - second * SECOND, zone);
  }
  if (!cron.minute.allows[minute]) return skip(cron.minute, minute, MINUTE, at - second * SECOND, zone);
  return cron.second.allows[second] ? at : skip(cron.second, second, SECOND, at, zone);
}

/** Goes on to the next value of a field that is taken, or to its end; step by step where clocks are changed meanwhile. */
function skip({ allows }: Field, value: number, unit: number, from: number, zone: TimeZone): number {
  let next = value + 1;
  while (next < allows.length && !allows[next]) next++;
  const to = from + (next - value) * unit;
  return zone.offsetAt(to) === zone.offsetAt(from) ? to : from + unit;
}
