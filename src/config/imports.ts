import { type ByteString, toBytes } from '../subjects/index.ts';
import { IMPORT_KEYS, IMPORT_SOURCE_KEYS } from './keys/doors.ts';
import type { ImportOptions, Position } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { booleanOf, stringOf } from './read.ts';
import { readSection } from './section.ts';
import { type ConfigEntry, type ConfigMap, type ConfigValue, typeName } from './values.ts';

type Kind = ImportOptions['kind'];
type Draft = { -readonly [K in keyof ImportOptions]?: ImportOptions[K] };
type Places = Partial<Record<'prefix' | 'to' | 'share' | 'allowTrace', Position>>;

/** Reads `imports` of an account. Whether the other side offers them is checked when all accounts are read. */
export function readImports(entry: ConfigEntry, findings: Findings): ImportOptions[] {
  if (entry.value.kind !== 'array') {
    throw new Refusal(entry.at, `Imports should be an array, got ${typeName(entry.value.kind)}`);
  }
  const imports: ImportOptions[] = [];
  for (const item of entry.value.items) {
    findings.attempt(() => {
      const read = readImport(item, findings);
      if (read !== undefined) imports.push(read);
    });
  }
  return imports;
}

/** One import; undefined when something in it was refused. */
function readImport(item: ConfigValue, findings: Findings): ImportOptions | undefined {
  if (item.kind !== 'map') {
    const text = `Import Items should be a map with type entry, got ${typeName(item.kind)}`;
    throw new Refusal(item.at, text);
  }
  const draft: Draft = {};
  const places: Places = {};
  const before = findings.problems.length;
  readSection(item, IMPORT_KEYS, handlersOf(draft, places, findings), findings);
  if (findings.problems.length > before) return undefined;
  return finished(draft, places, item, findings);
}

function handlersOf(draft: Draft, places: Places, findings: Findings) {
  return {
    stream: (entry: ConfigEntry) => setSource(draft, 'stream', entry, findings),
    service: (entry: ConfigEntry) => setSource(draft, 'service', entry, findings),
    prefix: (entry: ConfigEntry) => {
      places.prefix = entry.at;
      setSubject(draft, 'prefix', withoutLastDot(stringOf(entry.value)));
    },
    to: (entry: ConfigEntry) => {
      places.to = entry.at;
      setSubject(draft, 'to', stringOf(entry.value));
    },
    share: (entry: ConfigEntry) => {
      places.share = entry.at;
      draft.share = booleanOf(entry.value);
    },
    allow_trace: (entry: ConfigEntry) => {
      places.allowTrace = entry.at;
      draft.allowTrace = booleanOf(entry.value);
    },
  };
}

/** An empty text is the same as none (measured on 2.14.5). */
function setSubject(draft: Draft, key: 'prefix' | 'to', text: string): void {
  if (text !== '') draft[key] = toBytes(text);
}

/** `p.` says the same as `p` (measured on 2.14.5). */
function withoutLastDot(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('.') ? prefix.slice(0, -1) : prefix;
}

function setSource(draft: Draft, kind: Kind, entry: ConfigEntry, findings: Findings): void {
  if (entry.value.kind !== 'map') {
    const name = kind === 'stream' ? 'Stream' : 'Service';
    const got = typeName(entry.value.kind);
    throw new Refusal(entry.at, `${name} entry should be an account map, got ${got}`);
  }
  if (draft.kind !== undefined)
    throw new Refusal(entry.at, `Detected ${kind} but already saw a ${draft.kind}`);
  const { account, subject } = readSource(entry.value, findings);
  if (!account || !subject) throw new Refusal(entry.at, 'Expect an account name and a subject');
  draft.kind = kind;
  draft.account = account;
  draft.subject = subject;
}

function readSource(map: ConfigMap, findings: Findings): { account?: ByteString; subject?: ByteString } {
  const source: { account?: ByteString; subject?: ByteString } = {};
  const handlers = {
    account: (entry: ConfigEntry) => {
      source.account = toBytes(stringOf(entry.value));
    },
    subject: (entry: ConfigEntry) => {
      source.subject = toBytes(stringOf(entry.value));
    },
  };
  readSection(map, IMPORT_SOURCE_KEYS, handlers, findings);
  return source;
}

/** Takes the parts together, in whatever order they stood. */
function finished(draft: Draft, places: Places, map: ConfigMap, findings: Findings): ImportOptions {
  const { kind, account, subject, prefix, to } = draft;
  if (kind === undefined || account === undefined || subject === undefined)
    throw new Refusal(map.at, 'an import needs a "stream" or a "service"');
  checkFit(kind, places);
  warnOfIdle(kind, places, findings);
  // The real server refuses this on some starts and lets the prefix win on others (measured on 2.14.5).
  if (kind === 'stream' && prefix !== undefined && to !== undefined)
    throw new Refusal(places.to, "Stream import can not have a 'prefix' and a 'to' property");
  return {
    kind,
    account,
    subject,
    share: kind === 'service' && (draft.share ?? false),
    allowTrace: draft.allowTrace ?? false,
    at: map.at,
    ...(kind === 'service' || prefix === undefined ? {} : { prefix }),
    ...(to === undefined ? {} : { to }),
  };
}

function checkFit(kind: Kind, { allowTrace }: Places): void {
  if (kind === 'service' && allowTrace !== undefined)
    throw new Refusal(allowTrace, 'Detected allow_trace directive on a non-stream');
}

function warnOfIdle(kind: Kind, { prefix, share }: Places, findings: Findings): void {
  if (kind === 'service' && prefix !== undefined)
    findings.warn(
      prefix,
      'prefix',
      '"prefix" has no effect on a service import: "to" names its subject here',
    );
  if (kind === 'stream' && share !== undefined)
    findings.warn(share, 'share', '"share" has no effect on a stream import');
}
