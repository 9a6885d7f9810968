import { createHash } from 'node:crypto';
import type { ConfigMap, ConfigValue } from './values.ts';

/**
 * The digest of a configuration's values: SHA-256 over their JSON with sorted keys and a final newline, as
 * `nats-server -t` prints it (measured on 2.14.5). Comments, order and spelling of the text do not change it.
 */
export function digestOf(map: ConfigMap): string {
  return `sha256:${createHash('sha256')
    .update(`${json(map)}\n`, 'utf8')
    .digest('hex')}`;
}

function json(value: ConfigValue): string {
  switch (value.kind) {
    case 'string':
      return quoted(value.value);
    case 'integer':
    case 'boolean':
      return String(value.value);
    case 'float':
      return floatJson(value.value);
    case 'date':
      return quoted(new Date(value.value).toISOString().replace('.000Z', 'Z'));
    case 'array':
      return `[${value.items.map(json).join(',')}]`;
    case 'map':
      return `{${sorted(value)
        .map(([key, inner]) => `${quoted(key)}:${json(inner)}`)
        .join(',')}}`;
  }
}

/** Go sorts keys by their bytes. */
function sorted(map: ConfigMap): [string, ConfigValue][] {
  const pairs = [...map.entries.values()].map((entry): [string, ConfigValue] => [entry.key, entry.value]);
  return pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Go's JSON escapes what could end a script element, and the two line separators. */
function quoted(text: string): string {
  return JSON.stringify(Buffer.from(text, 'utf8').utf8Slice()).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function floatJson(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
