import * as Type from 'typebox';
import type { SourceConfig } from '../source/source-config.ts';

/**
 * The request form of a stream configuration: every field of 2.14, in the order in which the server writes them.
 * Durations are nanoseconds, sizes bytes, -1 is unlimited.
 */
const SubjectTransform = Type.Object({
  src: Type.Optional(Type.String()),
  dest: Type.Optional(Type.String()),
});

const Placement = Type.Object({
  cluster: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  preferred: Type.Optional(Type.String()),
});

const StreamSource = Type.Object({
  name: Type.Optional(Type.String()),
  opt_start_seq: Type.Optional(Type.Integer()),
  opt_start_time: Type.Optional(Type.String()),
  filter_subject: Type.Optional(Type.String()),
  subject_transforms: Type.Optional(Type.Union([Type.Array(SubjectTransform), Type.Null()])),
  external: Type.Optional(
    Type.Object({ api: Type.Optional(Type.String()), deliver: Type.Optional(Type.String()) }),
  ),
  consumer: Type.Optional(
    Type.Object({ name: Type.Optional(Type.String()), deliver_subject: Type.Optional(Type.String()) }),
  ),
});

const Republish = Type.Object({
  src: Type.Optional(Type.String()),
  dest: Type.Optional(Type.String()),
  headers_only: Type.Optional(Type.Boolean()),
});

const ConsumerLimits = Type.Object({
  inactive_threshold: Type.Optional(Type.Integer()),
  max_ack_pending: Type.Optional(Type.Integer()),
});

export const StreamConfigRequest = Type.Object({
  name: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  subjects: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  retention: Type.Optional(
    Type.Union([Type.Literal('limits'), Type.Literal('interest'), Type.Literal('workqueue')]),
  ),
  max_consumers: Type.Optional(Type.Integer()),
  max_msgs: Type.Optional(Type.Integer()),
  max_bytes: Type.Optional(Type.Integer()),
  max_age: Type.Optional(Type.Integer()),
  max_msgs_per_subject: Type.Optional(Type.Integer()),
  max_msg_size: Type.Optional(Type.Integer()),
  discard: Type.Optional(Type.Union([Type.Literal('old'), Type.Literal('new')])),
  storage: Type.Optional(Type.Union([Type.Literal('file'), Type.Literal('memory')])),
  num_replicas: Type.Optional(Type.Integer()),
  no_ack: Type.Optional(Type.Boolean()),
  duplicate_window: Type.Optional(Type.Integer()),
  placement: Type.Optional(Type.Union([Placement, Type.Null()])),
  mirror: Type.Optional(Type.Union([StreamSource, Type.Null()])),
  sources: Type.Optional(Type.Union([Type.Array(StreamSource), Type.Null()])),
  compression: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('s2')])),
  first_seq: Type.Optional(Type.Integer()),
  subject_transform: Type.Optional(Type.Union([SubjectTransform, Type.Null()])),
  republish: Type.Optional(Type.Union([Republish, Type.Null()])),
  allow_direct: Type.Optional(Type.Boolean()),
  mirror_direct: Type.Optional(Type.Boolean()),
  discard_new_per_subject: Type.Optional(Type.Boolean()),
  sealed: Type.Optional(Type.Boolean()),
  deny_delete: Type.Optional(Type.Boolean()),
  deny_purge: Type.Optional(Type.Boolean()),
  allow_rollup_hdrs: Type.Optional(Type.Boolean()),
  consumer_limits: Type.Optional(Type.Union([ConsumerLimits, Type.Null()])),
  allow_msg_ttl: Type.Optional(Type.Boolean()),
  subject_delete_marker_ttl: Type.Optional(Type.Integer()),
  allow_msg_counter: Type.Optional(Type.Boolean()),
  allow_atomic: Type.Optional(Type.Boolean()),
  allow_msg_schedules: Type.Optional(Type.Boolean()),
  persist_mode: Type.Optional(Type.Union([Type.Literal(''), Type.Literal('default'), Type.Literal('async')])),
  allow_batched: Type.Optional(Type.Boolean()),
  metadata: Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()])),
});

/** A stream configuration as a request gives it. */
export type StreamConfigInput = Type.Static<typeof StreamConfigRequest>;

/**
 * A stream configuration with every default filled in, as replies show it: the keys stand in the server's order, and
 * what the server leaves out when it is zero is absent here.
 */
export interface StreamConfig {
  readonly name: string;
  readonly description?: string;
  readonly subjects?: readonly string[];
  readonly retention: 'limits' | 'interest' | 'workqueue';
  readonly max_consumers: number;
  readonly max_msgs: number;
  readonly max_bytes: number;
  /** Nanoseconds; 0 is for ever. */
  readonly max_age: number;
  readonly max_msgs_per_subject: number;
  readonly max_msg_size?: number;
  readonly discard: 'old' | 'new';
  readonly storage: 'file' | 'memory';
  readonly num_replicas: number;
  readonly no_ack?: boolean;
  /** Nanoseconds. */
  readonly duplicate_window?: number;
  readonly placement?: NonNullable<StreamConfigInput['placement']>;
  readonly mirror?: SourceConfig;
  readonly sources?: readonly SourceConfig[];
  readonly compression: 'none' | 's2';
  readonly first_seq?: number;
  readonly subject_transform?: { readonly src: string; readonly dest: string };
  readonly republish?: { readonly src: string; readonly dest: string; readonly headers_only?: boolean };
  readonly allow_direct: boolean;
  readonly mirror_direct: boolean;
  readonly discard_new_per_subject?: boolean;
  readonly sealed: boolean;
  readonly deny_delete: boolean;
  readonly deny_purge: boolean;
  readonly allow_rollup_hdrs: boolean;
  readonly consumer_limits: { readonly inactive_threshold?: number; readonly max_ack_pending?: number };
  readonly allow_msg_ttl: boolean;
  /** Nanoseconds. */
  readonly subject_delete_marker_ttl?: number;
  readonly allow_msg_counter?: boolean;
  readonly allow_atomic?: boolean;
  readonly allow_msg_schedules?: boolean;
  readonly persist_mode?: 'default' | 'async';
  readonly allow_batched?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}
