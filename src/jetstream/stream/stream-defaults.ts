import type { ServerLimits } from '../limits.ts';
import { rewritesOf } from '../publish/subject-rewrites.ts';
import { sourcesOf } from '../source/source-config.ts';
import { withRequiredLevel } from './asset-metadata.ts';
import { implied, requiredLevel } from './stream-features.ts';
import { duplicateWindow, unlimited } from './stream-limits.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';

/** Whether a field of a request says anything: absent, null, false, 0 and the empty list and string do not. */
function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

/** The fields of an object that are worth showing, in their order. */
function nonEmpty<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSet(value))) as Partial<T>;
}

/**
 * The configuration with every default, its keys in the order of replies; what is empty is left out where 2.14.5
 * does so (measured).
 */
export function withDefaults(input: StreamConfigInput, server: ServerLimits): StreamConfig {
  const { deny_purge, allow_rollup_hdrs, allow_msg_ttl } = implied(input);
  return {
    name: input.name ?? '',
    ...nonEmpty({ description: input.description ?? '', subjects: subjectsOf(input) }),
    retention: input.retention ?? 'limits',
    max_consumers: unlimited(input.max_consumers),
    max_msgs: unlimited(input.max_msgs),
    max_bytes: unlimited(input.max_bytes),
    max_age: input.max_age ?? 0,
    max_msgs_per_subject: unlimited(input.max_msgs_per_subject),
    max_msg_size: unlimited(input.max_msg_size),
    discard: input.discard ?? 'old',
    storage: input.storage ?? 'file',
    num_replicas: 1,
    ...nonEmpty({ no_ack: input.no_ack ?? false, duplicate_window: windowOf(input, server) }),
    ...nonEmpty({ placement: placementOf(input) }),
    ...sourcesOf(input),
    compression: input.compression ?? 'none',
    ...nonEmpty({ first_seq: input.first_seq ?? 0 }),
    ...rewritesOf(input),
    allow_direct: input.allow_direct ?? false,
    mirror_direct: input.mirror_direct ?? false,
    ...nonEmpty({ discard_new_per_subject: input.discard_new_per_subject ?? false }),
    sealed: input.sealed ?? false,
    deny_delete: input.deny_delete ?? false,
    deny_purge,
    allow_rollup_hdrs,
    consumer_limits: nonEmpty({
      inactive_threshold: input.consumer_limits?.inactive_threshold,
      max_ack_pending: input.consumer_limits?.max_ack_pending,
    }),
    allow_msg_ttl,
    ...nonEmpty({
      subject_delete_marker_ttl: input.subject_delete_marker_ttl ?? 0,
      allow_msg_counter: input.allow_msg_counter ?? false,
      allow_atomic: input.allow_atomic ?? false,
      allow_msg_schedules: input.allow_msg_schedules ?? false,
      persist_mode: input.persist_mode === 'async' ? input.persist_mode : undefined,
      allow_batched: input.allow_batched ?? false,
    }),
    metadata: withRequiredLevel(input.metadata ?? {}, requiredLevel(input)),
  } as StreamConfig;
}

/** What a stream takes from others it does not need subjects for, nor does it forget duplicates unless told to. */
function takesFromOthers({ mirror, sources }: StreamConfigInput): boolean {
  return isSet(mirror) || isSet(sources);
}

function subjectsOf(input: StreamConfigInput): readonly string[] {
  const { name = '', subjects } = input;
  const hasSubjects = subjects !== undefined && subjects !== null && subjects.length > 0;
  if (hasSubjects) return [...subjects];
  return takesFromOthers(input) ? [] : [name];
}

function windowOf(input: StreamConfigInput, server: ServerLimits): number {
  return takesFromOthers(input) ? (input.duplicate_window ?? 0) : duplicateWindow(input, server);
}

/** An object that says nothing is left out, one with an empty list of tags is shown empty (measured). */
function placementOf({ placement }: StreamConfigInput): StreamConfig['placement'] {
  if (placement === undefined || placement === null) return undefined;
  const said = nonEmpty(placement);
  return Object.keys(said).length > 0 || Array.isArray(placement.tags) ? said : undefined;
}
