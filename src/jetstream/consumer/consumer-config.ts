import * as Type from 'typebox';

/**
 * The request form of a consumer configuration: every field of 2.14, in the order in which the server writes them.
 * Durations are nanoseconds, sizes bytes; zero and absent mean the same.
 */
export const ConsumerConfigRequest = Type.Object({
  durable_name: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  deliver_policy: Type.Optional(
    Type.Union([
      Type.Literal('all'),
      Type.Literal('last'),
      Type.Literal('new'),
      Type.Literal('by_start_sequence'),
      Type.Literal('by_start_time'),
      Type.Literal('last_per_subject'),
      Type.Literal('undefined'),
    ]),
  ),
  opt_start_seq: Type.Optional(Type.Integer()),
  opt_start_time: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  ack_policy: Type.Optional(
    Type.Union([
      Type.Literal('none'),
      Type.Literal('all'),
      Type.Literal('explicit'),
      Type.Literal('flow_control'),
    ]),
  ),
  ack_wait: Type.Optional(Type.Integer()),
  max_deliver: Type.Optional(Type.Integer()),
  backoff: Type.Optional(Type.Union([Type.Array(Type.Integer()), Type.Null()])),
  filter_subject: Type.Optional(Type.String()),
  filter_subjects: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  replay_policy: Type.Optional(Type.Union([Type.Literal('instant'), Type.Literal('original')])),
  rate_limit_bps: Type.Optional(Type.Integer()),
  sample_freq: Type.Optional(Type.String()),
  max_waiting: Type.Optional(Type.Integer()),
  max_ack_pending: Type.Optional(Type.Integer()),
  flow_control: Type.Optional(Type.Boolean()),
  headers_only: Type.Optional(Type.Boolean()),
  max_batch: Type.Optional(Type.Integer()),
  max_expires: Type.Optional(Type.Integer()),
  max_bytes: Type.Optional(Type.Integer()),
  deliver_subject: Type.Optional(Type.String()),
  deliver_group: Type.Optional(Type.String()),
  idle_heartbeat: Type.Optional(Type.Integer()),
  inactive_threshold: Type.Optional(Type.Integer()),
  num_replicas: Type.Optional(Type.Integer()),
  mem_storage: Type.Optional(Type.Boolean()),
  direct: Type.Optional(Type.Boolean()),
  sourcing: Type.Optional(Type.Boolean()),
  metadata: Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()])),
  pause_until: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  priority_groups: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  priority_policy: Type.Optional(
    Type.Union([
      Type.Literal('none'),
      Type.Literal('overflow'),
      Type.Literal('pinned_client'),
      Type.Literal('prioritized'),
    ]),
  ),
  priority_timeout: Type.Optional(Type.Integer()),
});

/** A consumer configuration as a request gives it. */
export type ConsumerConfigInput = Type.Static<typeof ConsumerConfigRequest>;

export type DeliverPolicy = Exclude<NonNullable<ConsumerConfigInput['deliver_policy']>, 'undefined'>;
type AckPolicy = NonNullable<ConsumerConfigInput['ack_policy']>;
export type ReplayPolicy = NonNullable<ConsumerConfigInput['replay_policy']>;

/**
 * A consumer configuration with every default filled in, as replies show it: keys in the server's order, and what
 * the server leaves out when it is zero is absent here.
 */
export interface ConsumerConfig {
  readonly durable_name?: string;
  readonly name?: string;
  readonly description?: string;
  readonly deliver_policy: DeliverPolicy;
  readonly opt_start_seq?: number;
  readonly opt_start_time?: string;
  readonly ack_policy: AckPolicy;
  readonly ack_wait?: number;
  readonly max_deliver: number;
  readonly backoff?: readonly number[];
  readonly filter_subject?: string;
  readonly filter_subjects?: readonly string[];
  readonly replay_policy: ReplayPolicy;
  readonly rate_limit_bps?: number;
  readonly sample_freq?: string;
  readonly max_waiting?: number;
  readonly max_ack_pending?: number;
  readonly flow_control?: boolean;
  readonly headers_only?: boolean;
  readonly max_batch?: number;
  readonly max_expires?: number;
  readonly max_bytes?: number;
  readonly deliver_subject?: string;
  readonly deliver_group?: string;
  readonly idle_heartbeat?: number;
  readonly inactive_threshold?: number;
  readonly num_replicas: number;
  readonly mem_storage?: boolean;
  readonly direct?: boolean;
  readonly sourcing?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly pause_until?: string;
  readonly priority_groups?: readonly string[];
  readonly priority_policy?: Exclude<ConsumerConfigInput['priority_policy'], 'none' | undefined>;
  readonly priority_timeout?: number;
}

/** How long (ms) to wait for an acknowledgement of the n-th delivery; `Infinity` where nothing is repeated. */
export function ackWaitMs({ backoff, ack_wait: wait }: ConsumerConfig, deliveries: number): number {
  const step = backoff === undefined ? wait : backoff[Math.min(deliveries, backoff.length) - 1];
  return step === undefined ? Number.POSITIVE_INFINITY : step / 1e6;
}

/** The filter patterns of a configuration, from whichever of the two fields holds them. */
export function filterSubjects(config: {
  readonly filter_subject?: string;
  readonly filter_subjects?: readonly string[] | null;
}): readonly string[] {
  if (config.filter_subject !== undefined && config.filter_subject !== '') return [config.filter_subject];
  return config.filter_subjects ?? [];
}
