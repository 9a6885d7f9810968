import { jsError } from '../errors.ts';
import { invalidConfig } from './stream-name.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';

const SECOND = 1e9;

/** API levels that the features of a stream need (measured on 2.14.5); the highest counts. */
const LEVELS: readonly (readonly [keyof StreamConfigInput, number])[] = [
  ['allow_batched', 4],
  ['allow_msg_counter', 2],
  ['allow_atomic', 2],
  ['allow_msg_schedules', 2],
  ['allow_msg_ttl', 1],
];

/** The API level that a configuration needs, for `_nats.req.level` in its metadata. */
export function requiredLevel(input: StreamConfigInput): number {
  const [, level = 0] = LEVELS.find(([field]) => input[field] === true) ?? [];
  if (input.persist_mode === 'async') return Math.max(2, level);
  return (input.subject_delete_marker_ttl ?? 0) > 0 ? Math.max(1, level) : level;
}

/**
 * What features bring with them: delete markers need messages' own times to live, and like schedules they need
 * roll-ups, which need purges (measured on 2.14.5).
 */
export function implied(input: StreamConfigInput): Partial<StreamConfig> {
  const hasMarkers = (input.subject_delete_marker_ttl ?? 0) > 0;
  const rollsUp = hasMarkers || input.allow_msg_schedules === true;
  return {
    deny_purge: (input.deny_purge ?? false) && !(rollsUp && input.allow_rollup_hdrs !== true),
    allow_rollup_hdrs: rollsUp || (input.allow_rollup_hdrs ?? false),
    allow_msg_ttl: hasMarkers || (input.allow_msg_ttl ?? false),
  };
}

/** Counters keep every message as it is and never refuse one that fits. @throws JsError */
export function checkCounter(config: StreamConfig, input: StreamConfigInput): void {
  if (config.allow_msg_counter !== true) return;
  if (config.discard === 'new') throw invalidConfig('counter stream cannot use discard new');
  if (input.allow_msg_ttl === true) throw invalidConfig('counter stream cannot use message TTLs');
  if (config.allow_msg_schedules === true) throw invalidConfig('counter stream cannot use message schedules');
  if (config.retention !== 'limits') throw invalidConfig('counter stream can only use limits retention');
}

/** @throws JsError */
export function checkMarkers(config: StreamConfig, input: StreamConfigInput, pedantic: boolean): void {
  const ttl = config.subject_delete_marker_ttl ?? 0;
  if (ttl === 0) return;
  if (ttl < 0) throw invalidConfig('subject delete marker TTL must not be negative');
  if (ttl < SECOND) throw invalidConfig('subject delete marker TTL must be at least 1 second');
  if (!pedantic) return;
  if (input.allow_msg_ttl !== true) {
    throw invalidConfig('subject delete marker cannot be set if message TTLs are disabled');
  }
  if (input.allow_rollup_hdrs !== true) {
    throw invalidConfig('subject delete marker cannot be set if roll-ups are disabled');
  }
}

/** @throws JsError */
export function checkSchedules(config: StreamConfig, input: StreamConfigInput, pedantic: boolean): void {
  if (config.allow_msg_schedules !== true) return;
  if (config.discard === 'new') throw invalidConfig('message scheduling cannot use discard new');
  if (pedantic && input.allow_rollup_hdrs !== true) {
    throw invalidConfig('message scheduling cannot be set if roll-ups are disabled');
  }
}

/** @throws JsError */
export function checkPersistence(config: StreamConfig, input: StreamConfigInput): void {
  if (config.persist_mode !== 'async') return;
  if (config.storage === 'memory')
    throw invalidConfig('async persist mode is only supported on file storage');
  if ((input.num_replicas ?? 0) > 1) {
    throw invalidConfig('async persist mode is not supported on replicated streams');
  }
  if (config.allow_atomic === true) {
    throw invalidConfig('async persist mode is not supported with atomic batch publish');
  }
}

/** What a mirror, which takes nothing from publishers, can not have. @throws JsError */
export function checkMirrorFeatures(config: StreamConfig): void {
  if (config.allow_msg_counter === true) throw jsError('JSMirrorWithCountersErr');
  if (config.allow_atomic === true) throw jsError('JSMirrorWithAtomicPublishErr');
  if (config.allow_batched === true) throw jsError('JSMirrorWithBatchPublishErr');
  if (config.allow_msg_schedules === true) throw jsError('JSMirrorWithMsgSchedulesErr');
  if ((config.subject_delete_marker_ttl ?? 0) > 0) {
    throw invalidConfig('subject delete markers forbidden on mirrors');
  }
}
