import { formatDuration, limits, parseTime, ZERO_TIME } from '../../base/index.ts';
import { isLiteral, isValidSubject, overlaps, toBytes } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import { isReasonable } from '../footprint.ts';
import { API_LEVEL_OF, withRequiredLevel } from '../stream/asset-metadata.ts';
import {
  type ConsumerConfig,
  type ConsumerConfigInput,
  type DeliverPolicy,
  filterSubjects,
} from './consumer-config.ts';
import type { ConsumerStream } from './consumer-stream.ts';

const MAX_DESCRIPTION = 4096;
const MAX_METADATA_BYTES = 128 * 1024;
const DEFAULT_ACK_WAIT_NS = 30e9;
const DEFAULT_MAX_WAITING = 512;
const DEFAULT_MAX_ACK_PENDING = 1000;
const DEFAULT_INACTIVE_NS = 5e9;
const MIN_HEARTBEAT_NS = 100e6;
const MIN_EXPIRES_NS = 1e6;
const FLOW_ACK_HEARTBEAT_NS = 1e9;
const DEFAULT_PIN_NS = 120e9;
/** The text of the error names two characters more that 2.14.5 does not take (measured). */
const GROUP_NAME = /^[a-zA-Z0-9/_=-]{1,16}$/;

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
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function text(value: string | null | undefined): string | undefined {
  return value === null || value === '' ? undefined : value;
}

/**
 * Fills in every default and checks the result; texts, codes and defaults as measured on 2.14.5.
 * @throws JsError when the configuration cannot be.
 */
export function normalizeConsumerConfig(
  input: ConsumerConfigInput,
  context: ConsumerContext,
): ConsumerConfig {
  if (context.pedantic) checkPedantic(input, context);
  checkTimes(input);
  const config = withDefaults(input, context);
  for (const check of CHECKS) {
    const error = check(input, config, context);
    if (error !== undefined) throw error;
  }
  return config;
}

/** What pedantic requests must spell out; asked before everything else (measured on 2.14.5). */
function checkPedantic(input: ConsumerConfigInput, { stream, maxRequestBatch }: ConsumerContext): void {
  const refuse = (err: string): void => {
    throw jsError('JSPedanticErrF', { err });
  };
  const first = input.backoff?.[0];
  const wait =
    positive(input.ack_wait) ?? ((input.ack_policy ?? 'none') === 'none' ? 0 : DEFAULT_ACK_WAIT_NS);
  if (first !== undefined && wait !== first) refuse('first backoff value has to equal batch AckWait');
  for (const field of ['max_ack_pending', 'inactive_threshold'] as const) {
    const isLimited = positive(stream.config.consumer_limits[field]) !== undefined;
    const isGiven = (input[field] ?? 0) !== 0;
    if (isLimited && !isGiven) refuse(`${field} must be set if it's configured in stream limits`);
  }
  const isPull = text(input.deliver_subject) === undefined;
  if (isPull && maxRequestBatch > 0 && (input.max_batch ?? 0) === 0) {
    refuse("max_request_batch must be set if it's JetStream limits are set");
  }
}

/** Where there is a backoff nobody looks at the ack wait (measured). */
function checkTimes(input: ConsumerConfigInput): void {
  const backoff = input.backoff ?? [];
  if (backoff.length === 0 && (input.ack_wait ?? 0) < 0) throw jsError('JSConsumerAckWaitNegativeErr');
  if (backoff.some((wait) => wait < 0)) throw jsError('JSConsumerBackOffNegativeErr');
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

/** The configuration with defaults, keys in the server's order, nothing that is zero. Long because it is a list. */
function withDefaults(input: ConsumerConfigInput, context: ConsumerContext): ConsumerConfig {
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

type Check = (
  input: ConsumerConfigInput,
  config: ConsumerConfig,
  context: ConsumerContext,
) => JsError | undefined;

const CHECKS: readonly Check[] = [
  checkFlowAck,
  checkCommon,
  (input, config, context) =>
    config.deliver_subject === undefined
      ? checkPull(input, config, context)
      : checkPush(input, config, config.deliver_subject, context),
  checkFilters,
  checkStart,
  checkSampling,
  checkLimits,
  checkFlowControl,
  checkPriority,
  checkWorkQueue,
];

function checkPriority(input: ConsumerConfigInput): JsError | undefined {
  const { priority_policy: policy = 'none', priority_timeout: timeout = 0 } = input;
  const groups = input.priority_groups ?? [];
  if (policy === 'none') {
    if (groups.length > 0) return jsError('JSConsumerPriorityGroupWithPolicyNone');
    return timeout > 0 ? jsError('JSConsumerPinnedTTLWithoutPriorityPolicyNone') : undefined;
  }
  if (text(input.deliver_subject) !== undefined) return jsError('JSConsumerPushWithPriorityGroupErr');
  if (groups.length === 0) return jsError('JSConsumerPriorityPolicyWithoutGroup');
  for (const group of groups) {
    if (group === '') return jsError('JSConsumerEmptyGroupName');
    if (!GROUP_NAME.test(group)) return jsError('JSConsumerInvalidGroupNameErr');
  }
  return undefined;
}

/** What acknowledging by flow control cannot be together with. */
function checkFlowAck(input: ConsumerConfigInput): JsError | undefined {
  if (input.ack_policy !== 'flow_control') return undefined;
  if (text(input.deliver_subject) === undefined) return jsError('JSConsumerAckFCRequiresPushErr');
  if ((input.max_ack_pending ?? 0) < 0) return jsError('JSConsumerAckFCRequiresMaxAckPendingErr');
  if ((input.ack_wait ?? 0) > 0 || (input.backoff ?? []).length > 0) {
    return jsError('JSConsumerAckFCRequiresNoAckWaitErr');
  }
  return (input.max_deliver ?? 0) > 0 ? jsError('JSConsumerAckFCRequiresNoMaxDeliverErr') : undefined;
}

function checkCommon(input: ConsumerConfigInput, config: ConsumerConfig): JsError | undefined {
  const replicas = input.num_replicas ?? 0;
  if (replicas < 0) return jsError('JSReplicasCountCannotBeNegative');
  if (replicas > 1) return jsError('JSStreamReplicasNotSupportedErr');
  if ((config.description ?? '').length > MAX_DESCRIPTION) {
    return jsError('JSConsumerDescriptionTooLongErrF', { max: MAX_DESCRIPTION });
  }
  let bytes = 0;
  for (const [key, value] of Object.entries(input.metadata ?? {})) bytes += key.length + value.length;
  if (bytes > MAX_METADATA_BYTES) return jsError('JSConsumerMetadataLengthErrF', { limit: '128KB' });
  if (config.backoff !== undefined && config.max_deliver > 0 && config.backoff.length > config.max_deliver) {
    return jsError('JSConsumerMaxDeliverBackoffErr');
  }
  if (text(input.pause_until) !== undefined && parseTime(input.pause_until ?? '') === undefined) {
    return jsError('JSInvalidJSONErr', { err: `parsing time ${JSON.stringify(input.pause_until)}` });
  }
  return undefined;
}

function checkPush(
  input: ConsumerConfigInput,
  config: ConsumerConfig,
  deliver: string,
  context: ConsumerContext,
): JsError | undefined {
  const subject = toBytes(deliver);
  if (!isReasonable([subject]) || !isValidSubject(subject)) return jsError('JSConsumerInvalidDeliverSubject');
  if (!isLiteral(subject)) return jsError('JSConsumerDeliverToWildcardsErr');
  if ((context.stream.config.subjects ?? []).some((own) => overlaps(toBytes(own), subject))) {
    return jsError('JSConsumerDeliverCycleErr');
  }
  if ((input.max_waiting ?? 0) > 0) return jsError('JSConsumerPushMaxWaitingErr');
  if (config.ack_policy === 'none' && (config.max_ack_pending ?? 0) > 0)
    return jsError('JSConsumerMaxPendingAckPolicyRequiredErr');
  const heartbeat = config.idle_heartbeat ?? 0;
  if (heartbeat > 0 && heartbeat < MIN_HEARTBEAT_NS) return jsError('JSConsumerSmallHeartbeatErr');
  if (input.direct === true && text(input.durable_name) !== undefined) {
    return jsError('JSConsumerDirectRequiresEphemeralErr');
  }
  return undefined;
}

function checkPull(
  input: ConsumerConfigInput,
  config: ConsumerConfig,
  context: ConsumerContext,
): JsError | undefined {
  const isWorkQueue = context.stream.config.retention === 'workqueue' && config.sourcing !== true;
  if (isWorkQueue && config.ack_policy === 'none') return jsError('JSConsumerPullRequiresAckErr');
  if (config.rate_limit_bps !== undefined) return jsError('JSConsumerPullWithRateLimitErr');
  if (config.idle_heartbeat !== undefined) return jsError('JSConsumerHBRequiresPushErr');
  if (config.flow_control === true) return jsError('JSConsumerFCRequiresPushErr');
  if (input.direct === true) return jsError('JSConsumerDirectRequiresPushErr');
  if (config.max_expires !== undefined && config.max_expires < MIN_EXPIRES_NS) {
    return jsError('JSConsumerMaxRequestExpiresTooSmall');
  }
  const limit = context.maxRequestBatch;
  if (limit > 0 && (config.max_batch ?? 0) > limit)
    return jsError('JSConsumerMaxRequestBatchExceededF', { limit });
  return undefined;
}

function checkFilters(input: ConsumerConfigInput): JsError | undefined {
  const several = input.filter_subjects ?? [];
  if (text(input.filter_subject) !== undefined && several.length > 0) {
    return jsError('JSConsumerDuplicateFilterSubjects');
  }
  if (several.includes('')) return jsError('JSConsumerEmptyFilter');
  const patterns = filterSubjects(input).map(toBytes);
  if (!isReasonable(patterns) || !patterns.every(isValidSubject))
    return jsError('JSStreamInvalidConfigF', { err: 'invalid subject' });
  for (const [index, pattern] of patterns.entries()) {
    if (patterns.slice(index + 1).some((other) => overlaps(pattern, other))) {
      return jsError('JSConsumerOverlappingSubjectFilters');
    }
  }
  return undefined;
}

/** How each deliver policy calls itself in a complaint. */
const POLICY_TEXT = {
  all: 'all',
  last: 'last',
  new: 'new',
  by_start_sequence: 'by start sequence',
  by_start_time: 'by start time',
  last_per_subject: 'last per subject',
} as const;

function checkStart(input: ConsumerConfigInput, config: ConsumerConfig): JsError | undefined {
  const problem = startProblem(input, config);
  if (problem === undefined) return undefined;
  const policy = POLICY_TEXT[config.deliver_policy];
  return jsError('JSConsumerInvalidPolicyErrF', {
    err: `consumer delivery policy is deliver ${policy}, but optional ${problem}`,
  });
}

function startProblem(input: ConsumerConfigInput, config: ConsumerConfig): string | undefined {
  const policy = config.deliver_policy;
  const hasSeq = config.opt_start_seq !== undefined;
  const hasTime = config.opt_start_time !== undefined;
  if (policy === 'by_start_sequence') {
    if (!hasSeq) return 'start sequence is not set';
    return hasTime ? 'start time is also set' : undefined;
  }
  if (policy === 'by_start_time') {
    if (!hasTime || parseTime(config.opt_start_time ?? '') === undefined) return 'start time is not set';
    return hasSeq ? 'start start sequence is also set' : undefined;
  }
  if (hasSeq) return 'start sequence is also set';
  if (hasTime) return 'start time is also set';
  const isUnfiltered = policy === 'last_per_subject' && filterSubjects(input).length === 0;
  return isUnfiltered ? 'filter subject is not set' : undefined;
}

/** Asked late, after everything about subjects and starts (measured on 2.14.5). */
function checkFlowControl(_input: ConsumerConfigInput, config: ConsumerConfig): JsError | undefined {
  const isBare = config.flow_control === true && config.idle_heartbeat === undefined;
  return isBare ? jsError('JSConsumerWithFlowControlNeedsHeartbeats') : undefined;
}

/** The share of acknowledgements to report, in percent; `undefined` when the text is not a number. */
export function samplePercent(frequency: string | undefined): number | undefined {
  const digits = (frequency ?? '0').replace(/%$/, '');
  return /^[+-]?\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}

function checkSampling(_input: ConsumerConfigInput, config: ConsumerConfig): JsError | undefined {
  const percent = samplePercent(config.sample_freq);
  if (percent !== undefined && percent >= 0) return undefined;
  const digits = (config.sample_freq ?? '').replace(/%$/, '');
  const err =
    percent === undefined ? `strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax` : '<nil>';
  return jsError('JSConsumerInvalidSamplingErrF', { err });
}

function checkLimits(
  _input: ConsumerConfigInput,
  config: ConsumerConfig,
  context: ConsumerContext,
): JsError | undefined {
  const own = context.stream.config.consumer_limits;
  for (const limit of [own.max_ack_pending ?? 0, context.maxAckPending]) {
    if (limit <= 0 || config.max_ack_pending === undefined) continue;
    if (config.max_ack_pending < 0 || config.max_ack_pending > limit) {
      return jsError('JSConsumerMaxPendingAckExcessErrF', { limit });
    }
  }
  const longest = own.inactive_threshold ?? 0;
  if (longest > 0 && (config.inactive_threshold ?? 0) > longest) {
    return jsError('JSConsumerInactiveThresholdExcess', { limit: formatDuration(longest) });
  }
  return undefined;
}

/** The rules of a work queue that concern one consumer alone. */
function checkWorkQueue(
  _input: ConsumerConfigInput,
  config: ConsumerConfig,
  context: ConsumerContext,
): JsError | undefined {
  if (context.stream.config.retention !== 'workqueue' || config.sourcing === true) return undefined;
  if (config.ack_policy !== 'explicit') return jsError('JSConsumerWQRequiresExplicitAckErr');
  return config.deliver_policy === 'all' ? undefined : jsError('JSConsumerWQConsumerNotDeliverAllErr');
}

/** Checks a consumer's name; `durable` because the texts differ (measured on 2.14.5). */
export function checkConsumerName(name: string, durable: boolean): void {
  if (toBytes(name).length > limits.MAX_NAME_LENGTH) {
    throw jsError('JSConsumerNameTooLongErrF', { max: limits.MAX_NAME_LENGTH });
  }
  if (/[/\\]/.test(name)) throw jsError('JSConsumerNameContainsPathSeparatorsErr');
  if (!/[.*>\s]/.test(name)) return;
  if (durable) throw jsError('JSConsumerBadDurableNameErr');
  throw jsError('JSStreamInvalidConfigF', {
    err: "consumer name can not contain '.', '*', '>', '\\', '/'",
  });
}
