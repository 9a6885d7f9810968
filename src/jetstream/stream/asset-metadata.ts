/** API levels that features of a configuration need (measured on 2.14.5). */
export const API_LEVEL_OF = { base: 0, pause: 1, priority: 1, flowAck: 4 } as const;

const LEVEL = '_nats.level';
const REQUIRED = '_nats.req.level';
const VERSION = '_nats.ver';

type Metadata = Readonly<Record<string, string>>;

/** Metadata in the order of its keys, as the reference server writes maps. */
function sorted(entries: Iterable<[string, string]>): Metadata {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/**
 * Metadata as it is kept: the user's own, and the API level that the configuration needs. The server's own level and
 * version are added to replies only.
 */
export function withRequiredLevel(metadata: Metadata, level: number): Metadata {
  const own = new Map(Object.entries(metadata));
  for (const key of [LEVEL, VERSION]) own.delete(key);
  return sorted(own.set(REQUIRED, String(level)));
}
