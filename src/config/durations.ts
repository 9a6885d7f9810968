import { parseDuration } from '../base/index.ts';
import { type Findings, Refusal } from './problems.ts';
import { integerOf, stringOf } from './read.ts';
import { type ConfigEntry, typeName } from './values.ts';

const NS_PER_MS = 1e6;

/** Reads a Go duration to ms. @throws {Refusal} in the words of Go. */
export function durationMs(entry: ConfigEntry, prefix = `error parsing ${entry.key}: `): number {
  const text = stringOf(entry.value);
  const ns = parseDuration(text);
  if (ns === undefined) throw new Refusal(entry.at, `${prefix}${durationFault(text)}`);
  return ns / NS_PER_MS;
}

/**
 * Reads a duration of the keys that once took seconds: an integer still means seconds, with a warning, and is
 * refused by a check (`-t`).
 */
export function durationOrSecondsMs(entry: ConfigEntry, findings: Findings, check: boolean): number {
  if (entry.value.kind === 'string') return durationMs(entry);
  const message = `invalid use of field "${entry.key}": ${entry.key} should be converted to a duration`;
  if (check) throw new Refusal(entry.at, message);
  const seconds = integerOf(entry.value);
  const written = entry.value.kind === 'integer' ? entry.value.written : undefined;
  // The trap of `ping_interval: 5m`: a number with a size suffix, not five minutes.
  const meant = written === undefined ? '' : ` (${written} is the number ${seconds}, so ${seconds} seconds)`;
  findings.warn(entry.at, entry.key, message + meant);
  return seconds * 1000;
}

/** Reads a timeout: a number of seconds, or a duration. */
export function timeoutMs(entry: ConfigEntry, prefix: string): number {
  const { value } = entry;
  if (value.kind === 'integer' || value.kind === 'float') return value.value * 1000;
  if (value.kind !== 'string') throw new Refusal(entry.at, `${prefix} wrong type`);
  return durationMs(entry, `${prefix} `);
}

/** Reads the time a service may take to answer, ms; 0 stands for the default. */
export function thresholdMs(entry: ConfigEntry): number {
  const wanted = 'Expected response threshold to be a parseable time duration';
  if (entry.value.kind !== 'string')
    throw new Refusal(entry.at, `${wanted}, got ${typeName(entry.value.kind)}`);
  const text = entry.value.value;
  const ns = parseDuration(text);
  if (ns === undefined) throw new Refusal(entry.at, `${wanted}, got ${JSON.stringify(text)}`);
  if (ns < 0) throw new Refusal(entry.at, `response threshold can not be negative, got ${text}`);
  return ns / NS_PER_MS;
}

/** Why a text is no duration, in the words of Go. */
function durationFault(text: string): string {
  const quoted = JSON.stringify(text);
  const parts =
    /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*(?:(?:\d+\.?\d*|\.\d+)([^\d.]*))?/.exec(text);
  const whole = parts !== null && parts[0].length > 0 && /^[+-]?[\d.]/.test(text);
  const unit = parts?.[1];
  if (!whole || unit === undefined) return `time: invalid duration ${quoted}`;
  if (unit === '') return `time: missing unit in duration ${quoted}`;
  return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
}
