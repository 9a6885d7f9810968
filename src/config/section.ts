import type { AppliedNames, KeySpec, SectionKeys } from './keys/spec.ts';
import type { Findings } from './problems.ts';
import type { ConfigEntry, ConfigMap } from './values.ts';

/** One handler for each key of a section that has an effect; a missing one does not compile. */
export type Handlers<S extends SectionKeys> = Readonly<Record<AppliedNames<S>, (entry: ConfigEntry) => void>>;

/** The names of a section in lower case, to the name of the table. Made once per section. */
const indexes = new WeakMap<SectionKeys, ReadonlyMap<string, string>>();

function indexOf(keys: SectionKeys): ReadonlyMap<string, string> {
  const known = indexes.get(keys);
  if (known !== undefined) return known;
  const index = new Map<string, string>();
  for (const [name, spec] of Object.entries(keys))
    for (const each of [name, ...spec.aliases]) index.set(each, name);
  indexes.set(keys, index);
  return index;
}

/** The words for a key that is in no table. */
export function unknownField(key: string): string {
  return `unknown field ${JSON.stringify(key)}`;
}

/**
 * Reads the entries of a section by its table of keys: applied keys go to their handler, later ones to a warning,
 * unknown ones are refused unless they are used as variables. What one entry's handler refuses does not keep the
 * others from being read.
 */
export function readSection<S extends SectionKeys>(
  map: ConfigMap,
  keys: S,
  handlers: Handlers<S>,
  findings: Findings,
  unknown: (key: string) => string = unknownField,
): void {
  const index = indexOf(keys);
  const table: Readonly<Record<string, (entry: ConfigEntry) => void>> = handlers;
  for (const entry of map.entries.values()) {
    const name = index.get(entry.key.toLowerCase());
    const spec = name === undefined ? undefined : keys[name];
    if (name === undefined || spec === undefined) {
      if (!entry.used) findings.problem(entry.at, unknown(entry.key));
    } else if (spec.status === 'later') {
      findings.warn(entry.at, name, laterWarning(entry.key, spec));
    } else {
      findings.attempt(() => table[name]?.(entry));
    }
  }
}

function laterWarning(key: string, spec: KeySpec): string {
  const consequence = spec.consequence === undefined ? '' : `: ${spec.consequence}`;
  return `"${key}" is accepted but not supported yet and has no effect${consequence}`;
}
