import { parseTime, ZERO_TIME } from '../../base/index.ts';
import { API_LEVEL_OF, withRequiredLevel } from '../stream/asset-metadata.ts';
import type { ConsumerConfig, ConsumerConfigInput, DeliverPolicy } from './consumer-config.ts';
import type { ConsumerStream } from './consumer-stream.ts';

/** How long to wait for an acknowledgement unless something else is said. */
export const DEFAULT_ACK_WAIT_NS = 30e9;
const DEFAULT_MAX_WAITING = 512;
const DEFAULT_MAX_ACK_PENDING = 1000;
const DEFAULT_INACTIVE_NS = 5e9;
const DEFAULT_PIN_NS = 120e9;
/** The heartbeat of consumers that are acknowledged by flow control. */
export const FLOW_ACK_HEARTBEAT_NS = 1e9;

/** What the validity of a consumer depends on besides its own configuration. */
export interface ConsumerContext {
  readonly stream: Pick<ConsumerStream, 'config'>;
  /** The bound of account and server on max_ack_pending, -1 for none. */
  readonly maxAckPending: number;
  /** The server's bound on max_batch, 0 for none. */
  readonly maxRequestBatch: number;
  /** Whether to refuse what would otherwise be quietly adjusted. */
  readonly pedantic: boolean;
  /** What it is before the update; absent for one that is to be. */
  readonly before?: ConsumerConfig | undefined;
}

/** A number that only counts when it is positive. */
export function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** A text that only counts when it is not empty. */
export function text(value: string | null | undefined): string | undefined {
  return value === null || value === '' ? undefined : value;
}

/** The ack wait that applies: the first backoff step replaces it, and without acknowledgements there is none. */
function ackWait(input: ConsumerConfigInput): number | undefined {
  if (input.ack_policy === 'flow_control') return undefined;
  const first = input.backoff?.[0];
  if (first !== undefined) return positive(first);
  if ((input.ack_policy ?? 'none') === 'none') return positive(input.ack_wait);
  return positive(input.ack_wait) ?? DEFAULT_ACK_WAIT_NS;
}

/** Measured: what is not asked for is what stream or account permit, the account's limit lowers the default only. */
function maxAckPending(input: ConsumerConfigInput, context: ConsumerContext): number | undefined {
  const given = input.max_ack_pending ?? 0;
  if (given < 0) return -1;
  if (given > 0) return given;
  const limit = positive(context.stream.config.consumer_limits.max_ack_pending);
  if (limit !== undefined) return limit;
  if ((input.ack_policy ?? 'none') === 'none') return undefined;
  return Math.min(DEFAULT_MAX_ACK_PENDING, positive(context.maxAckPending) ?? DEFAULT_MAX_ACK_PENDING);
}

/**
 * How long a consumer may be unused. The default is for ephemeral ones; an update sees what the consumer was until then,
 * and one that had no threshold gets none (measured).
 */
function inactiveThreshold(
  input: ConsumerConfigInput,
  { stream, before }: ConsumerContext,
): number | undefined {
  const limit = positive(stream.config.consumer_limits.inactive_threshold);
  const given = positive(input.inactive_threshold) ?? limit;
  if (given !== undefined) return given;
  if (before !== undefined && before.inactive_threshold === undefined) return undefined;
  const isDurable = text((before ?? input).durable_name) !== undefined;
  return isDurable ? undefined : DEFAULT_INACTIVE_NS;
}

/** Whether the threshold of a configuration comes from neither request nor stream. */
export function assumesThreshold(
  input: ConsumerConfigInput,
  stream: ConsumerContext['stream'],
  config: ConsumerConfig,
): boolean {
  const given =
    positive(input.inactive_threshold) ?? positive(stream.config.consumer_limits.inactive_threshold);
  return given === undefined && config.inactive_threshold !== undefined;
}

/** Until when it is paused: at first what is asked for; an update does not change it (measured). */
function pauseUntil(input: ConsumerConfigInput, { before }: ConsumerContext): string | undefined {
  return text((before ?? input).pause_until);
}

/** How long a pinned client may be silent (ns). */
function priorityTimeout(input: ConsumerConfigInput): number | undefined {
  const fallback = input.priority_policy === 'pinned_client' ? DEFAULT_PIN_NS : undefined;
  return positive(input.priority_timeout) ?? fallback;
}

/** The API level that a configuration asks for. */
function requiredLevel(input: ConsumerConfigInput, pause: string | undefined): number {
  if (input.ack_policy === 'flow_control') return API_LEVEL_OF.flowAck;
  const policy = input.priority_policy ?? 'none';
  if (policy !== 'none' || (input.priority_timeout ?? 0) !== 0) return API_LEVEL_OF.priority;
  const isPaused = pause !== undefined && parseTime(pause)?.ms !== parseTime(ZERO_TIME)?.ms;
  return isPaused ? API_LEVEL_OF.pause : API_LEVEL_OF.base;
}

/**
 * The configuration with defaults, keys in the server's order, nothing that is zero; all of it as measured on 2.14.5.
 * Long because it is a list.
 */
export function withDefaults(input: ConsumerConfigInput, context: ConsumerContext): ConsumerConfig {
  const isPull = text(input.deliver_subject) === undefined;
  const isFlowAcked = input.ack_policy === 'flow_control';
  const policy = input.priority_policy === 'none' ? undefined : input.priority_policy;
  const backoff = input.backoff ?? [];
  const filters = input.filter_subjects ?? [];
  const pause = pauseUntil(input, context);
  return present({
    durable_name: text(input.durable_name),
    name: text(input.name),
    description: text(input.description),
    deliver_policy: deliverPolicy(input),
    opt_start_seq: positive(input.opt_start_seq),
    opt_start_time: text(input.opt_start_time),
    ack_policy: input.ack_policy ?? 'none',
    ack_wait: ackWait(input),
    max_deliver: positive(input.max_deliver) ?? -1,
    backoff: backoff.length > 0 ? backoff : undefined,
    filter_subject: text(input.filter_subject),
    filter_subjects: filters.length > 0 ? filters : undefined,
    replay_policy: input.replay_policy ?? 'instant',
    rate_limit_bps: positive(input.rate_limit_bps),
    sample_freq: text(input.sample_freq),
    max_waiting: isPull ? (positive(input.max_waiting) ?? DEFAULT_MAX_WAITING) : undefined,
    max_ack_pending: maxAckPending(input, context),
    flow_control: input.flow_control === true || isFlowAcked || undefined,
    headers_only: input.headers_only === true || undefined,
    max_batch: positive(input.max_batch) ?? (isPull ? positive(context.maxRequestBatch) : undefined),
    max_expires: positive(input.max_expires),
    max_bytes: positive(input.max_bytes),
    deliver_subject: text(input.deliver_subject),
    deliver_group: text(input.deliver_group),
    idle_heartbeat: isFlowAcked ? FLOW_ACK_HEARTBEAT_NS : positive(input.idle_heartbeat),
    inactive_threshold: inactiveThreshold(input, context),
    num_replicas: Math.max(0, input.num_replicas ?? 0),
    mem_storage: input.mem_storage === true || undefined,
    direct: input.direct === true || undefined,
    sourcing: input.sourcing === true || undefined,
    metadata: withRequiredLevel(input.metadata ?? {}, requiredLevel(input, pause)),
    pause_until: pause,
    priority_groups: policy === undefined ? undefined : (input.priority_groups ?? []),
    priority_policy: policy,
    priority_timeout: priorityTimeout(input),
  });
}

/** `undefined`, as a text, is what 2.14.5 takes for `all`. */
function deliverPolicy({ deliver_policy: policy = 'all' }: ConsumerConfigInput): DeliverPolicy {
  return policy === 'undefined' ? 'all' : policy;
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The object without keys whose value is undefined. */
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
