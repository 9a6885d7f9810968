import { JsonError, quoteGo } from '../base/index.ts';

/** The parts of an RFC 3339 time in order, each with the name that the server's complaint gives it. */
const PARTS: readonly (readonly [
  pattern: RegExp,
  name: string,
  range?: readonly [what: string, max: number],
])[] = [
  [/\d{4}/y, '2006'],
  [/-/y, '-'],
  [/\d\d/y, '01', ['month', 12]],
  [/-/y, '-'],
  [/\d\d/y, '02'],
  [/T/y, 'T'],
  [/\d\d/y, '15', ['hour', 23]],
  [/:/y, ':'],
  [/\d\d/y, '04', ['minute', 59]],
  [/:/y, ':'],
  [/\d\d/y, '05', ['second', 59]],
  [/(?:\.\d+)?/y, ''],
  [/Z|[+-]\d\d:\d\d/y, 'Z07:00'],
];

const LAYOUT = '2006-01-02T15:04:05Z07:00';

/** Checks a time as the server's reader does. @throws JsonError with its text. */
export function checkTime(text: string): void {
  let at = 0;
  for (const [pattern, name, range] of PARTS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined)
      throw complaint(
        text,
        `as ${quoteGo(LAYOUT)}: cannot parse ${quoteGo(text.slice(at))} as ${quoteGo(name)}`,
      );
    if (range !== undefined && !inRange(Number(found), range))
      throw complaint(text, `: ${range[0]} out of range`);
    at += found.length;
  }
  if (at < text.length) throw complaint(text, `: extra text: ${quoteGo(text.slice(at))}`);
  if (!isDayOfMonth(text)) throw complaint(text, ': day out of range');
}

function complaint(text: string, what: string): JsonError {
  return new JsonError(`parsing time ${quoteGo(text)}${what.startsWith(':') ? '' : ' '}${what}`);
}

function inRange(value: number, [what, max]: readonly [string, number]): boolean {
  return value <= max && (what !== 'month' || value >= 1);
}

function isDayOfMonth(text: string): boolean {
  const day = Number(text.slice(8, 10));
  const last = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  return day >= 1 && day <= last;
}
