import {
  type ByteString,
  isValidSubject,
  SubjectTransform,
  TransformError,
  toBytes,
  toText,
} from '../subjects/index.ts';
import { MAPPING_DESTINATION_KEYS } from './keys/doors.ts';
import type { MappingDestination, MappingOptions } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { mapOf, shownValue, stringOf } from './read.ts';
import { readSection } from './section.ts';
import type { ConfigEntry, ConfigMap } from './values.ts';

type Draft = { -readonly [K in keyof MappingDestination]?: MappingDestination[K] };

/** All messages; what a destination without `weight` gets. */
const ALL = 100;

/** Reads `mappings`: subjects to a destination, or to destinations with weights. */
export function readMappings(entry: ConfigEntry, findings: Findings): MappingOptions[] {
  const mappings: MappingOptions[] = [];
  for (const inner of mapOf(entry.value).entries.values()) {
    findings.attempt(() => {
      const read = readMapping(inner, findings);
      if (read !== undefined) mappings.push(read);
    });
  }
  return mappings;
}

/** One mapping; undefined when something in it was refused, or when it has no destination. */
function readMapping(entry: ConfigEntry, findings: Findings): MappingOptions | undefined {
  const source = toBytes(entry.key);
  if (!isValidSubject(source)) throw new Refusal(entry.at, `Subject "${entry.key}" is not a valid subject`);
  const before = findings.problems.length;
  const destinations = readDestinations(entry, findings);
  if (findings.problems.length > before) return undefined;
  if (destinations.length === 0) {
    findings.warn(entry.at, 'mappings', `the mapping of "${entry.key}" has no destination and no effect`);
    return undefined;
  }
  checkWeights(entry, destinations);
  for (const destination of destinations) findings.attempt(() => checkTransform(source, destination));
  return { source, destinations, at: entry.at };
}

function readDestinations(entry: ConfigEntry, findings: Findings): MappingDestination[] {
  const { value } = entry;
  if (value.kind === 'string') return [{ subject: toBytes(value.value), weight: ALL, at: entry.at }];
  if (value.kind === 'map') return [readDestination(value, findings)];
  if (value.kind !== 'array') throw new Refusal(entry.at, 'Expected an entry for the mapping destination');
  const destinations: MappingDestination[] = [];
  for (const item of value.items) {
    findings.attempt(() => {
      if (item.kind !== 'map') throw new Refusal(item.at, 'Expected an entry for the mapping destination');
      destinations.push(readDestination(item, findings));
    });
  }
  return destinations;
}

function readDestination(map: ConfigMap, findings: Findings): MappingDestination {
  const draft: Draft = { at: map.at };
  const handlers = {
    destination: (entry: ConfigEntry) => {
      draft.subject = toBytes(stringOf(entry.value));
    },
    weight: (entry: ConfigEntry) => {
      draft.weight = readWeight(entry);
    },
    cluster: (entry: ConfigEntry) => {
      draft.cluster = stringOf(entry.value);
    },
  };
  const before = findings.problems.length;
  const unknown = (key: string) => `Unknown field "${key}" for mapping destination`;
  readSection(map, MAPPING_DESTINATION_KEYS, handlers, findings, unknown);
  const { subject = toBytes(''), weight = 0 } = draft;
  // What was refused is missing: to name it as missing would say the same thing twice.
  if (findings.problems.length === before) {
    if (draft.subject === undefined) throw new Refusal(map.at, 'Missing destination for mapping');
    if (draft.weight === undefined)
      throw new Refusal(map.at, `Missing weight for mapping destination "${toText(subject)}"`);
  }
  return { subject, weight, at: map.at, ...(draft.cluster === undefined ? {} : { cluster: draft.cluster }) };
}

/** Percent: a number, or a number with `%`. */
function readWeight(entry: ConfigEntry): number {
  const { value } = entry;
  if (value.kind === 'integer') {
    if (value.value >= 0 && value.value <= ALL) return value.value;
    throw new Refusal(entry.at, `Invalid weight ${value.value} for mapping destination`);
  }
  if (value.kind !== 'string')
    throw new Refusal(entry.at, `Unknown entry type for weight of ${shownValue(value)}`);
  const digits = value.value.replace(/%$/, '');
  if (/^\d{1,3}$/.test(digits) && Number(digits) <= ALL) return Number(digits);
  throw new Refusal(entry.at, `Invalid weight ${JSON.stringify(digits)} for mapping destination`);
}

/** No destination twice, and not more than everything in any one cluster (measured on 2.14.5). */
function checkWeights(entry: ConfigEntry, destinations: readonly MappingDestination[]): void {
  const prefix = `Error adding mapping for "${entry.key}" :`;
  const seen = new Set<ByteString>();
  const totals = new Map<string, number>();
  for (const { subject, weight, cluster = '' } of destinations) {
    if (seen.has(subject)) throw new Refusal(entry.at, `${prefix} duplicate entry for "${toText(subject)}"`);
    seen.add(subject);
    const total = (totals.get(cluster) ?? 0) + weight;
    if (total > ALL) throw new Refusal(entry.at, `${prefix} total weight needs to be <= 100`);
    totals.set(cluster, total);
  }
}

function checkTransform(source: ByteString, { subject, at }: MappingDestination): void {
  try {
    SubjectTransform.parse(source, subject);
  } catch (thrown) {
    if (!(thrown instanceof TransformError)) throw thrown;
    const [from, to] = [toText(source), toText(subject)];
    throw new Refusal(at, `Error adding mapping for "${from}" to "${to}" : ${thrown.message}`);
  }
}
