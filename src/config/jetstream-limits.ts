import { parseDuration } from '../base/index.ts';
import { durationMs } from './durations.ts';
import { JETSTREAM_BATCH_KEYS, JETSTREAM_LIMITS_KEYS } from './keys/sections.ts';
import type { JetStreamServerLimits } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { integerOf, stringOf } from './read.ts';
import { readSection } from './section.ts';
import { type ConfigEntry, type ConfigMap, typeName } from './values.ts';

type Draft = { -readonly [K in keyof JetStreamServerLimits]: JetStreamServerLimits[K] };

/** What an empty map says. */
const NO_LIMITS: JetStreamServerLimits = {
  maxAckPending: 0,
  maxRequestBatch: 0,
  duplicateWindowNs: 0,
  batchMessages: 0,
  batchesPerStream: 0,
  batchesPerAccount: 0,
  batchTimeoutMs: 0,
};

/** Reads `limits` of `jetstream`. What is negative counts as not said (measured on 2.14.5). */
export function readJetStreamLimits(entry: ConfigEntry, findings: Findings): JetStreamServerLimits {
  const draft: Draft = { ...NO_LIMITS };
  const handlers = {
    max_ack_pending: count(draft, 'maxAckPending'),
    max_request_batch: count(draft, 'maxRequestBatch'),
    duplicate_window: (each: ConfigEntry) => {
      durationMs(each, '');
      draft.duplicateWindowNs = Math.max(0, parseDuration(stringOf(each.value)) ?? 0);
    },
    batch: (each: ConfigEntry) => readBatch(mapOf(each, 'batch limits'), draft, findings),
  };
  readSection(mapOf(entry, 'JetStreamLimits'), JETSTREAM_LIMITS_KEYS, handlers, findings);
  return draft;
}

function readBatch(map: ConfigMap, draft: Draft, findings: Findings): void {
  const handlers = {
    max_msgs: count(draft, 'batchMessages'),
    max_inflight_per_stream: count(draft, 'batchesPerStream'),
    max_inflight_total: count(draft, 'batchesPerAccount'),
    timeout: (entry: ConfigEntry) => {
      draft.batchTimeoutMs = Math.max(0, durationMs(entry, ''));
    },
  };
  readSection(map, JETSTREAM_BATCH_KEYS, handlers, findings);
}

function count(draft: Draft, name: keyof Draft): (entry: ConfigEntry) => void {
  return (entry) => {
    draft[name] = Math.max(0, integerOf(entry.value));
  };
}

function mapOf({ at, value }: ConfigEntry, what: string): ConfigMap {
  if (value.kind === 'map') return value;
  throw new Refusal(at, `Expected a map to define ${what}, got ${typeName(value.kind)}`);
}
