import { limits } from '../base/index.ts';
import { Refusal } from './problems.ts';
import { shownValue } from './read.ts';
import type { ConfigEntry } from './values.ts';

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/**
 * Reads a JetStream size: an integer, or a string like `"1G"`, where the letter means 1024^n (in a bare `1G` it
 * means 1000^n). Measured on 2.14.5.
 * @param name what the messages call the key.
 */
export function storeSize(entry: ConfigEntry, name: string): number | undefined {
  if (entry.value.kind === 'integer') return entry.value.value;
  if (entry.value.kind !== 'string') throw new Refusal(entry.at, `${name} must be int64 or string`);
  const text = entry.value.value;
  if (text === '') return undefined;
  const number = text.slice(0, -1);
  if (!/^[+-]?\d+$/.test(number)) {
    throw new Refusal(
      entry.at,
      `${name} strconv.ParseInt: parsing ${JSON.stringify(number)}: invalid syntax`,
    );
  }
  const unit = text.slice(-1);
  if (!Object.hasOwn(UNITS, unit)) {
    throw new Refusal(entry.at, `${name} sizes defined as strings must end in K, M, G, T`);
  }
  return scaled(Number(number), unit);
}

/** Reads a limit of an account's JetStream: an integer only (2.14.5 takes no text here, unlike for the server). */
export function accountLimit(entry: ConfigEntry): number {
  if (entry.value.kind === 'integer') return Math.max(-1, entry.value.value);
  const got = `${JSON.stringify(entry.key)}, got ${shownValue(entry.value)}`;
  throw new Refusal(entry.at, `Expected a parseable size for ${got}`);
}

function scaled(count: number, unit: string): number {
  return Math.min(limits.MAX_SAFE, count * (UNITS[unit] as number));
}
