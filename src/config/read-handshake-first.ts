import { parseDuration } from '../base/index.ts';
import { Refusal } from './problems.ts';
import { type ConfigEntry, typeName } from './values.ts';

/** How long `auto` waits for a handshake before it sends INFO, ms (measured on 2.14.5). */
const AUTO_MS = 50;
const NS_PER_MS = 1e6;

/** Reads `handshake_first`: a truth value, `auto`, or how long to wait for the handshake; gives ms for the latter two. */
export function readHandshakeFirst(entry: ConfigEntry): boolean | number {
  const { key, value, at } = entry;
  if (value.kind === 'boolean') return value.value;
  if (value.kind !== 'string') {
    const got = typeName(value.kind);
    throw new Refusal(at, `field ${JSON.stringify(key)} should be a boolean or a string, got ${got}`);
  }
  const text = value.value.toLowerCase().trim();
  if (['true', 'on'].includes(text)) return true;
  if (['false', 'off'].includes(text)) return false;
  if (['auto', 'auto_fallback'].includes(text)) return AUTO_MS;
  const ns = parseDuration(text);
  if (ns !== undefined) return Math.max(0, ns / NS_PER_MS);
  throw new Refusal(at, `field ${JSON.stringify(key)}'s value ${JSON.stringify(value.value)} is invalid`);
}
