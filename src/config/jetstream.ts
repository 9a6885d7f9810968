import { isValidSubject, toBytes } from '../subjects/index.ts';
import { UNLIMITED_JETSTREAM } from './defaults.ts';
import { readJetStreamLimits } from './jetstream-limits.ts';
import { ACCOUNT_JETSTREAM_KEYS, JETSTREAM_KEYS } from './keys/sections.ts';
import type { JetStreamLimitsOptions, JetStreamOptions, ServerOptions } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { booleanOf, shownValue, stringOf } from './read.ts';
import { readSection } from './section.ts';
import { accountLimit, storeSize } from './sizes.ts';
import { type ConfigEntry, type ConfigMap, typeName } from './values.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** JetStream as it is when just switched on. */
export const DEFAULT_JETSTREAM: JetStreamOptions = { domain: '', strict: true };

/** Reads `jetstream` of the server; `undefined` when it is off. */
export function readJetStream(entry: ConfigEntry, findings: Findings): JetStreamOptions | undefined {
  if (entry.value.kind === 'map') return readServerMap(entry.value, findings);
  return readSwitch(entry) ? DEFAULT_JETSTREAM : undefined;
}

/** Reads `jetstream` of an account; `undefined` when it is off. */
export function readAccountJetStream(
  entry: ConfigEntry,
  findings: Findings,
): JetStreamLimitsOptions | undefined {
  if (entry.value.kind === 'map') return readAccountMap(entry.value, findings);
  return readSwitch(entry) ? UNLIMITED_JETSTREAM : undefined;
}

/** `true`, `false`, `enabled`, `disabled`. */
function readSwitch(entry: ConfigEntry): boolean {
  if (entry.value.kind === 'boolean') return entry.value.value;
  if (entry.value.kind !== 'string') {
    const got = typeName(entry.value.kind);
    throw new Refusal(entry.at, `Expected map, bool or string to define JetStream, got ${got}`);
  }
  const word = entry.value.value.toLowerCase();
  if (word === 'enabled' || word === 'enable') return true;
  if (word === 'disabled' || word === 'disable') return false;
  throw new Refusal(
    entry.at,
    `Expected 'enabled' or 'disabled' for string value, got '${entry.value.value}'`,
  );
}

function readServerMap(map: ConfigMap, findings: Findings): JetStreamOptions | undefined {
  const draft: Draft<JetStreamOptions> = { ...DEFAULT_JETSTREAM };
  let on = true;
  const handlers = {
    enabled: (entry: ConfigEntry) => {
      on = booleanOf(entry.value);
    },
    store_dir: (entry: ConfigEntry) => {
      draft.storeDir = stringOf(entry.value);
    },
    max_memory_store: (entry: ConfigEntry) => {
      setSize(draft, 'maxMemory', storeSize(entry, 'max_mem_store'));
    },
    max_file_store: (entry: ConfigEntry) => {
      setSize(draft, 'maxStorage', storeSize(entry, 'max_file_store'));
    },
    domain: (entry: ConfigEntry) => {
      draft.domain = readDomain(entry);
    },
    strict: (entry: ConfigEntry) => {
      draft.strict = booleanOf(entry.value);
    },
    limits: (entry: ConfigEntry) => {
      draft.limits = readJetStreamLimits(entry, findings);
    },
  };
  readSection(map, JETSTREAM_KEYS, handlers, findings);
  return on ? draft : undefined;
}

/** A domain is one token, since it stands in the subjects `$JS.<domain>.API.>`. */
function readDomain(entry: ConfigEntry): string {
  const domain = stringOf(entry.value);
  if (/[.*>]/.test(domain)) throw new Refusal(entry.at, 'invalid domain name: may not contain ., * or >');
  if (domain !== '' && !isValidSubject(toBytes(domain))) {
    throw new Refusal(entry.at, `invalid domain name: derived "$JS.${domain}.API.>" is not a valid subject`);
  }
  return domain;
}

/** A size that is 0 or below stands for what the process can hold. */
function setSize(
  draft: Draft<JetStreamOptions>,
  name: 'maxMemory' | 'maxStorage',
  size: number | undefined,
): void {
  if (size !== undefined && size > 0) draft[name] = size;
  else delete draft[name];
}

function readAccountMap(map: ConfigMap, findings: Findings): JetStreamLimitsOptions {
  const draft: Draft<JetStreamLimitsOptions> = { ...UNLIMITED_JETSTREAM };
  type Limit = Exclude<keyof JetStreamLimitsOptions, 'maxBytesRequired'>;
  const limit = (name: Limit) => (entry: ConfigEntry) => {
    draft[name] = accountLimit(entry);
  };
  const handlers = {
    max_memory: limit('maxMemory'),
    max_store: limit('maxStorage'),
    max_streams: limit('maxStreams'),
    max_consumers: limit('maxConsumers'),
    max_ack_pending: limit('maxAckPending'),
    memory_max_stream_bytes: limit('memoryMaxStreamBytes'),
    disk_max_stream_bytes: limit('storageMaxStreamBytes'),
    max_bytes_required: (entry: ConfigEntry) => {
      if (entry.value.kind !== 'boolean') {
        const got = `${JSON.stringify(entry.key)}, got ${shownValue(entry.value)}`;
        throw new Refusal(entry.at, `Expected a parseable bool for ${got}`);
      }
      draft.maxBytesRequired = entry.value.value;
    },
  };
  readSection(map, ACCOUNT_JETSTREAM_KEYS, handlers, findings);
  return draft;
}

/**
 * The JetStream limits of the global account `$G`; `undefined` when it has no JetStream. With JetStream on it has
 * it as long as no account other than the system account is declared (measured on 2.14.5).
 */
export function globalJetStream(options: ServerOptions): JetStreamLimitsOptions | undefined {
  if (options.jetstream === undefined) return undefined;
  const others = options.accounts.some((account) => account.name !== options.systemAccount);
  return others ? undefined : UNLIMITED_JETSTREAM;
}
