import { Refusal } from './problems.ts';
import { stringOf } from './read.ts';
import { type ConfigEntry, typeName } from './values.ts';

/** Reads `server_tags`: one tag or a list. */
export function readTags(entry: ConfigEntry): string[] {
  const { value } = entry;
  if (value.kind === 'string') return [value.value];
  if (value.kind !== 'array')
    throw new Refusal(entry.at, `error parsing tags: unsupported type ${typeName(value.kind)}`);
  return value.items.map((item) => {
    if (item.kind === 'string') return item.value;
    throw new Refusal(
      item.at,
      `error parsing tags: unsupported type ${typeName(item.kind)} where string is expected`,
    );
  });
}

/** Reads `server_metadata`: names to strings. */
export function readMetadata(entry: ConfigEntry): Record<string, string> {
  if (entry.value.kind !== 'map') {
    throw new Refusal(entry.at, `error parsing metadata: unsupported type ${typeName(entry.value.kind)}`);
  }
  const pairs = [...entry.value.entries.values()].map((inner) => [inner.key, stringOf(inner.value)] as const);
  // fromEntries defines own properties, also for a key like __proto__.
  return Object.fromEntries(pairs);
}
