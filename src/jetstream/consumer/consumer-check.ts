import { formatDuration, limits, parseTime } from '../../base/index.ts';
import { isLiteral, isValidSubject, overlaps, toBytes } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import { isReasonable } from '../footprint.ts';
import { type ConsumerConfig, type ConsumerConfigInput, filterSubjects } from './consumer-config.ts';
import { type ConsumerContext, FLOW_ACK_HEARTBEAT_NS, text, withDefaults } from './consumer-defaults.ts';
import { checkPedantic } from './consumer-pedantic.ts';

const MAX_DESCRIPTION = 4096;
const MAX_METADATA_BYTES = 128 * 1024;
const MIN_HEARTBEAT_NS = 100e6;
const MIN_EXPIRES_NS = 1e6;
/** The text of the error names two characters more that 2.14.5 does not take (measured). */
const GROUP_NAME = /^[a-zA-Z0-9/_=-]{1,16}$/;

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

/** Where there is a backoff nobody looks at the ack wait (measured). */
function checkTimes(input: ConsumerConfigInput): void {
  const backoff = input.backoff ?? [];
  if (backoff.length === 0 && (input.ack_wait ?? 0) < 0) throw jsError('JSConsumerAckWaitNegativeErr');
  if (backoff.some((wait) => wait < 0)) throw jsError('JSConsumerBackOffNegativeErr');
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
function checkFlowAck(
  input: ConsumerConfigInput,
  _config: ConsumerConfig,
  { pedantic }: ConsumerContext,
): JsError | undefined {
  if (input.ack_policy !== 'flow_control') return undefined;
  if (text(input.deliver_subject) === undefined) return jsError('JSConsumerAckFCRequiresPushErr');
  if (pedantic && input.flow_control !== true) return jsError('JSConsumerAckFCRequiresFCErr');
  if (pedantic && input.idle_heartbeat !== FLOW_ACK_HEARTBEAT_NS) {
    return jsError('JSStreamInvalidConfigF', { err: 'flow control ack policy heartbeat needs to be 1s' });
  }
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
  const isWorkQueue = context.stream.config.retention === 'workqueue';
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
