import { isValidSubject, toBytes } from '../subjects/index.ts';
import { DEFAULT_RESPONSES } from './defaults.ts';
import { durationMs } from './durations.ts';
import { PERMISSIONS_KEYS, RESPONSES_KEYS, SUBJECT_PERMISSION_KEYS } from './keys/sections.ts';
import type {
  PermissionEntry,
  PermissionsOptions,
  Position,
  ResponsePermission,
  SubjectPermission,
} from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { integerOf, shownValue } from './read.ts';
import { readSection } from './section.ts';
import { type ConfigEntry, type ConfigValue, typeName } from './values.ts';

type Side = 'publish' | 'subscribe';
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What grants responses and allows no subject by name allows publishing responses only (measured on 2.14.5). */
function nothing(at: Position | undefined): SubjectPermission {
  const place = at === undefined ? {} : { at };
  return { deny: [{ subject: toBytes('>'), ...place }], ...place };
}

/** Reads a `permissions` map. */
export function readPermissions(entry: ConfigEntry, findings: Findings): PermissionsOptions {
  if (entry.value.kind !== 'map') {
    throw new Refusal(entry.at, `Expected permissions to be a map/struct, got ${shownValue(entry.value)}`);
  }
  const draft: Draft<PermissionsOptions> = { at: entry.at };
  const handlers = {
    publish: (side: ConfigEntry) => {
      draft.publish = readSide(side, 'publish', findings);
    },
    subscribe: (side: ConfigEntry) => {
      draft.subscribe = readSide(side, 'subscribe', findings);
    },
    allow_responses: (responses: ConfigEntry) => {
      const granted = readResponses(responses, findings);
      if (granted !== undefined) draft.responses = granted;
    },
  };
  const unknown = (key: string) => `Unknown field "${key}" parsing permissions`;
  readSection(entry.value, PERMISSIONS_KEYS, handlers, findings, unknown);
  const allowed = draft.publish?.allow?.length ?? 0;
  if (draft.responses !== undefined && allowed === 0) draft.publish = nothing(draft.responses.at);
  return draft;
}

/** A subject, a list of them, or `{allow, deny}`. */
function readSide(entry: ConfigEntry, side: Side, findings: Findings): SubjectPermission {
  if (entry.value.kind !== 'map')
    return { allow: readEntries(entry.value, entry.at, side, findings), at: entry.at };
  const draft: Draft<SubjectPermission> = { at: entry.at };
  const handlers = {
    allow: (list: ConfigEntry) => {
      draft.allow = readEntries(list.value, list.at, side, findings);
    },
    deny: (list: ConfigEntry) => {
      draft.deny = readEntries(list.value, list.at, side, findings);
    },
  };
  const unknown = (key: string) =>
    `Unknown field name "${key}" parsing subject permissions, only 'allow' or 'deny' are permitted`;
  readSection(entry.value, SUBJECT_PERMISSION_KEYS, handlers, findings, unknown);
  return draft;
}

function readEntries(value: ConfigValue, at: Position, side: Side, findings: Findings): PermissionEntry[] {
  if (value.kind === 'string') return [permissionEntry(value.value, side, at)];
  if (value.kind !== 'array') {
    const got = typeName(value.kind);
    throw new Refusal(at, `Expected subject permissions to be a subject, or array of subjects, got ${got}`);
  }
  const entries: PermissionEntry[] = [];
  for (const item of value.items) {
    findings.attempt(() => {
      if (item.kind !== 'string') {
        const text = `Subject in permissions array cannot be cast to string, got ${typeName(item.kind)}`;
        throw new Refusal(item.at, text);
      }
      entries.push(permissionEntry(item.value, side, item.at));
    });
  }
  return entries;
}

/** `"subject"`; for subscriptions also `"subject queue"`, where the queue may have wildcards. */
function permissionEntry(text: string, side: Side, at: Position): PermissionEntry {
  const words = side === 'subscribe' ? text.split(/[ \t]+/).filter((word) => word !== '') : [text];
  const subject = toBytes(words[0] ?? '');
  const queue = words[1] === undefined ? undefined : toBytes(words[1]);
  if (words.length > 2 || !isValidSubject(subject))
    throw new Refusal(at, `subject "${text}" is not a valid subject`);
  if (queue === undefined) return { subject, at };
  if (!isValidSubject(queue)) throw new Refusal(at, `queue "${words[1]}" is not a valid queue`);
  return { subject, queue, at };
}

/** `true`, `false`, or limits. */
function readResponses(entry: ConfigEntry, findings: Findings): ResponsePermission | undefined {
  const { value } = entry;
  if (value.kind === 'boolean') return value.value ? { ...DEFAULT_RESPONSES, at: entry.at } : undefined;
  if (value.kind !== 'map') {
    throw new Refusal(entry.at, 'error parsing response permissions, expected a boolean or a map');
  }
  const draft: Draft<ResponsePermission> = { ...DEFAULT_RESPONSES, at: entry.at };
  const handlers = {
    max: (max: ConfigEntry) => {
      draft.max = unlimitedBelowZero(integerOf(max.value)) || DEFAULT_RESPONSES.max;
    },
    expires: (expires: ConfigEntry) => {
      draft.expiresMs = unlimitedBelowZero(durationMs(expires)) || DEFAULT_RESPONSES.expiresMs;
    },
  };
  const unknown = (key: string) => `Unknown field "${key}" parsing permissions`;
  readSection(value, RESPONSES_KEYS, handlers, findings, unknown);
  return draft;
}

function unlimitedBelowZero(value: number): number {
  return value < 0 ? -1 : value;
}
