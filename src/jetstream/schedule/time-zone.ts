const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60 * MS_PER_SECOND;
const MS_PER_HOUR = 60 * MS_PER_MINUTE;
/** Names kept, of zones (there are some 600) and of what is none: to find that out takes a quarter of a millisecond. */
const MOST_NAMES = 2000;

/** Wall clocks of one region. */
export interface TimeZone {
  /** How far its clocks are ahead of UTC at a moment (ms since the epoch), in ms. */
  offsetAt(ms: number): number;
}

export const UTC: TimeZone = { offsetAt: () => 0 };

/** By name, `undefined` for one that is no zone's. */
const known = new Map<string, TimeZone | undefined>();

/**
 * The time zone of this name, as the time zone database spells it; `Local` is UTC here, so that every machine does the
 * same. `undefined` when there is none.
 */
export function timeZoneOf(name: string): TimeZone | undefined {
  if (name === 'UTC' || name === 'Local') return UTC;
  // A name with an offset or a path is none; neither is one in lower case (measured on 2.14.5).
  if (!/^[A-Z][\w+/-]{0,63}$/.test(name)) return undefined;
  const zone = known.get(name);
  if (zone !== undefined || known.has(name)) return zone;
  const found = regionOf(name);
  if (known.size >= MOST_NAMES) known.clear();
  known.set(name, found);
  return found;
}

function regionOf(name: string): TimeZone | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const { timeZone } = format.resolvedOptions();
    const isMisspelt = timeZone !== name && timeZone.toLowerCase() === name.toLowerCase();
    return isMisspelt ? undefined : { offsetAt: (ms) => offsetIn(format, ms) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads `GMT`, `GMT+05:30` or, of long ago, `GMT-00:01:15` behind the date. */
function offsetIn(format: Intl.DateTimeFormat, ms: number): number {
  const [, sign, hours, minutes, seconds] = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(ms)) ?? [];
  const offset =
    Number(hours ?? 0) * MS_PER_HOUR +
    Number(minutes ?? 0) * MS_PER_MINUTE +
    Number(seconds ?? 0) * MS_PER_SECOND;
  return sign === '-' ? -offset : offset;
}

/** A moment as RFC 3339 in a zone: `2026-01-02T03:04:05+05:30`, `Z` where the clocks show UTC. @param ms whole. */
export function formatIn(zone: TimeZone, ms: number): string {
  const offset = zone.offsetAt(ms);
  const local = new Date(ms + offset).toISOString();
  const text = `${local.slice(0, 19)}${local.slice(19, 23).replace(/\.?0+$/, '')}`;
  if (offset === 0) return `${text}Z`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const ahead = Math.abs(offset);
  return `${text}${offset < 0 ? '-' : '+'}${two(ahead / MS_PER_HOUR)}:${two((ahead % MS_PER_HOUR) / MS_PER_MINUTE)}`;
}
