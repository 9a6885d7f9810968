import {
  type ByteString,
  isPublishSubject,
  isValidSubject,
  toBytes,
  tokensOf,
  toText,
} from '../subjects/index.ts';
import { DEFAULT_THRESHOLD_MS } from './defaults.ts';
import { thresholdMs } from './durations.ts';
import { EXPORT_KEYS } from './keys/doors.ts';
import { readLatency } from './latency.ts';
import type { ExportOptions, Position, ResponseType } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { booleanOf, integerOf, stringOf } from './read.ts';
import { readSection } from './section.ts';
import { type ConfigEntry, type ConfigMap, type ConfigValue, typeName } from './values.ts';

type Draft = { -readonly [K in keyof ExportOptions]?: ExportOptions[K] } & { subjectAt?: Position };
type Kind = ExportOptions['kind'];

const RESPONSE_TYPES: ReadonlyMap<string, ResponseType> = new Map([
  ['single', 'singleton'],
  ['singleton', 'singleton'],
  ['stream', 'stream'],
  ['chunk', 'chunked'],
  ['chunked', 'chunked'],
]);

/** The keys that make sense for a service only, and what the messages call them. */
const SERVICE_ONLY = {
  responseType: 'response',
  thresholdMs: 'response',
  latency: 'latency',
  allowTrace: 'allow_trace',
} as const;

/** Reads `exports` of an account. */
export function readExports(entry: ConfigEntry, findings: Findings): ExportOptions[] {
  if (entry.value.kind !== 'array') {
    throw new Refusal(entry.at, `Exports should be an array, got ${typeName(entry.value.kind)}`);
  }
  const exports: ExportOptions[] = [];
  for (const item of entry.value.items) {
    findings.attempt(() => {
      const read = readExport(item, findings);
      if (read !== undefined) exports.push(read);
    });
  }
  return merged(exports);
}

/** One export; undefined when something in it was refused. */
function readExport(item: ConfigValue, findings: Findings): ExportOptions | undefined {
  if (item.kind !== 'map') {
    const text = `Export Items should be a map with type entry, got ${typeName(item.kind)}`;
    throw new Refusal(item.at, text);
  }
  const draft: Draft = {};
  const places = new Map<keyof Draft, Position>();
  const before = findings.problems.length;
  readSection(item, EXPORT_KEYS, handlersOf(draft, places, findings), findings);
  if (findings.problems.length > before) return undefined;
  return finished(draft, places, item);
}

function handlersOf(draft: Draft, places: Map<keyof Draft, Position>, findings: Findings) {
  const service = <K extends keyof typeof SERVICE_ONLY>(key: K, read: (entry: ConfigEntry) => Draft[K]) => {
    return (entry: ConfigEntry) => {
      places.set(key, entry.at);
      draft[key] = read(entry);
    };
  };
  return {
    stream: (entry: ConfigEntry) => setSubject(draft, 'stream', entry),
    service: (entry: ConfigEntry) => setSubject(draft, 'service', entry),
    accounts: (entry: ConfigEntry) => {
      const accounts = readAccountNames(entry, findings);
      if (accounts.length > 0) draft.accounts = accounts;
    },
    response_type: service('responseType', readResponseType),
    response_threshold: service('thresholdMs', (entry) => thresholdMs(entry) || DEFAULT_THRESHOLD_MS),
    latency: service('latency', (entry) => readLatency(entry, findings)),
    account_token_position: (entry: ConfigEntry) => {
      const position = integerOf(entry.value);
      if (position < 0) throw new Refusal(entry.at, 'account_token_position can not be negative');
      if (position > 0) draft.accountTokenPosition = position;
    },
    allow_trace: service('allowTrace', (entry) => booleanOf(entry.value)),
  };
}

function setSubject(draft: Draft, kind: Kind, entry: ConfigEntry): void {
  if (entry.value.kind !== 'string') {
    const got = typeName(entry.value.kind);
    throw new Refusal(entry.at, `Expected ${kind} name to be string, got ${got}`);
  }
  if (draft.kind !== undefined) {
    const text = `Detected ${kind} "${entry.value.value}" but already saw a ${draft.kind}`;
    throw new Refusal(entry.at, text);
  }
  draft.kind = kind;
  draft.subject = toBytes(entry.value.value);
}

/** An empty list is the same as none, as on the real server; that it keeps nobody out has to be said. */
function readAccountNames(entry: ConfigEntry, findings: Findings): ByteString[] {
  if (entry.value.kind !== 'array') {
    const text = `interface conversion: interface {} is ${typeName(entry.value.kind)}, not []interface {}`;
    throw new Refusal(entry.at, text);
  }
  if (entry.value.items.length === 0) {
    findings.warn(entry.at, 'accounts', 'an empty list of accounts offers the export to every account');
  }
  return entry.value.items.map((item) => toBytes(stringOf(item)));
}

function readResponseType(entry: ConfigEntry): ResponseType {
  if (entry.value.kind !== 'string') {
    const got = typeName(entry.value.kind);
    throw new Refusal(entry.at, `Expected response type to be string, got ${got}`);
  }
  const type = RESPONSE_TYPES.get(entry.value.value.toLowerCase());
  if (type === undefined) throw new Refusal(entry.at, `Unknown response type: "${entry.value.value}"`);
  return type;
}

/** Takes the parts together, in whatever order they stood. */
function finished(draft: Draft, places: ReadonlyMap<keyof Draft, Position>, map: ConfigMap): ExportOptions {
  const { kind, subject } = draft;
  if (kind === undefined || subject === undefined)
    throw new Refusal(map.at, 'an export needs a "stream" or a "service"');
  if (kind === 'stream') checkStream(places);
  const made: ExportOptions = {
    kind,
    subject,
    responseType: draft.responseType ?? 'singleton',
    thresholdMs: draft.thresholdMs ?? DEFAULT_THRESHOLD_MS,
    allowTrace: draft.allowTrace ?? false,
    at: map.at,
    ...(draft.accounts === undefined ? {} : { accounts: draft.accounts }),
    ...(draft.latency === undefined ? {} : { latency: draft.latency }),
    ...(draft.accountTokenPosition === undefined ? {} : { accountTokenPosition: draft.accountTokenPosition }),
  };
  checkSubject(made);
  checkLatency(made, places.get('latency'));
  return made;
}

function checkStream(places: ReadonlyMap<keyof Draft, Position>): void {
  for (const [key, name] of Object.entries(SERVICE_ONLY) as [keyof Draft, string][]) {
    const at = places.get(key);
    if (at !== undefined) throw new Refusal(at, `Detected ${name} directive on non-service`);
  }
}

function checkSubject({ kind, subject, accountTokenPosition: position, at }: ExportOptions): void {
  const prefix = `Error adding ${kind} export "${toText(subject)}": sublist: invalid subject`;
  if (!isValidSubject(subject)) throw new Refusal(at, prefix);
  if (position === undefined || tokensOf(subject)[position - 1] === '*') return;
  throw new Refusal(at, `${prefix} (account_token_position ${position} is not a "*" of it)`);
}

/** Latency is the time to *the* answer, so it is measured where there is one only. */
function checkLatency({ subject, latency, responseType }: ExportOptions, at: Position | undefined): void {
  if (latency === undefined) return;
  const [of, on] = [toText(subject), toText(latency.subject)];
  const text = `Error adding service latency sampling for "${of}" on subject "${on}"`;
  if (responseType !== 'singleton') throw new Refusal(at, `${text}: bad service response type`);
  if (!isValidSubject(latency.subject) || !isPublishSubject(latency.subject))
    throw new Refusal(at, `${text}: invalid publish subject`);
}

/**
 * Several exports of one subject are one: offered to the accounts of all their lists, to everybody only when none has a
 * list; for the rest the last one counts (measured on 2.14.5).
 */
function merged(exports: readonly ExportOptions[]): ExportOptions[] {
  const bySubject = new Map<string, ExportOptions>();
  for (const offer of exports) {
    const key = `${offer.kind} ${offer.subject}`;
    const before = bySubject.get(key)?.accounts;
    const both = [...(before ?? []), ...(offer.accounts ?? [])];
    bySubject.set(key, both.length === 0 ? offer : { ...offer, accounts: [...new Set(both)] });
  }
  return bySubject.size === exports.length ? [...exports] : [...bySubject.values()];
}
