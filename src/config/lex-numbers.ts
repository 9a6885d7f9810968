import { limits } from '../base/index.ts';
import type { Cursor } from './cursor.ts';
import { shown } from './cursor.ts';
import { readBare } from './lex-strings.ts';
import { Refusal } from './problems.ts';

/** What a value that begins like a number turns out to be: `1.2.3.4` and `12:30` are strings. */
export type NumberToken =
  | { readonly kind: 'integer'; readonly value: number; readonly written?: string }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'date'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string };

const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };
const MAX_INT64 = 2 ** 63;

/** Reads what begins with a digit or a minus sign. */
export function readNumber(cursor: Cursor): NumberToken {
  const start = cursor.offset;
  const at = cursor.position();
  const digits = cursor.take(/-?\d+/y);
  if (digits === '') {
    cursor.skip();
    return cursor.fail(`Expected a digit but got '${shown(cursor.here)}'.`);
  }
  if (cursor.here === '-') return readDate(cursor, start);
  if (cursor.here === '.') return readFloat(cursor, start);
  const suffix = cursor.take(/[kmgtpe](?:i?b)?/iy);
  if (!endsNumber(cursor.here, digits, suffix)) return restAsString(cursor, start);
  const value = digits + suffix;
  const scaled = Number(digits) * multiplier(suffix);
  if (Math.abs(scaled) > MAX_INT64) throw new Refusal(at, `integer '${value}' is out of the range`);
  return { kind: 'integer', value: held(scaled), ...(suffix === '' ? {} : { written: value }) };
}

/**
 * Whether a number ends before a character. `5ms`, `12:30` and `1_000` go on as strings; a digit after a suffix
 * (`5m5s`) and anything after a negative number are left for the parser to refuse, as measured.
 */
function endsNumber(next: string, digits: string, suffix: string): boolean {
  if (next === '' || /[\s,;\]}]/.test(next)) return true;
  return suffix === '' ? digits.startsWith('-') : !/[A-Za-z:_#/]/.test(next);
}

/** Numbers above 2^53-1 lose integers: they are held there, which no key takes for a smaller limit than it means. */
function held(value: number): number {
  return Math.max(-limits.MAX_SAFE, Math.min(limits.MAX_SAFE, value)) + 0;
}

/** `k` is 1000, `kb` and `kib` are 1024, and so on in powers. */
function multiplier(suffix: string): number {
  const power = POWERS[suffix.charAt(0).toLowerCase()] ?? 0;
  return (suffix.length > 1 ? 1024 : 1000) ** power;
}

function restAsString(cursor: Cursor, start: number): NumberToken {
  readBare(cursor);
  return { kind: 'string', value: cursor.text.slice(start, cursor.offset) };
}

/** `1.5`; with a second dot it is a string (an address, a version). */
function readFloat(cursor: Cursor, start: number): NumberToken {
  cursor.skip();
  if (cursor.take(/\d+/y) === '') {
    return cursor.fail(`Floats must have a digit after the '.', but got '${shown(cursor.here)}' instead.`);
  }
  if (cursor.here === '.') return restAsString(cursor, start);
  return { kind: 'float', value: Number(cursor.text.slice(start, cursor.offset)) };
}

/** `2006-01-02T15:04:05Z` and no other form. */
function readDate(cursor: Cursor, start: number): NumberToken {
  const rest = cursor.take(/-\d\d-\d\dT\d\d:\d\d:\d\dZ/y);
  const text = cursor.text.slice(start, cursor.offset);
  if (rest === '' || text.length !== 20) return cursor.fail('All ISO8601 dates must be in full Zulu form.');
  const value = Date.parse(text);
  if (Number.isNaN(value) || new Date(value).toISOString() !== `${text.slice(0, 19)}.000Z`) {
    throw new Refusal(cursor.position(), `expected Zulu formatted DateTime, but got '${text}'`);
  }
  return { kind: 'date', value };
}
