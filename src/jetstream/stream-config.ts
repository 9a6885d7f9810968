import { limits } from '../base/index.ts';
import { type ByteString, isValidSubject, overlaps, toBytes } from '../subjects/index.ts';
import { withRequiredLevel } from './asset-metadata.ts';
import { type JsError, jsError } from './errors.ts';
import { isReasonable } from './footprint.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';

const MS = 1e6;
const SECOND = 1e9;
const DEFAULT_DUPLICATE_WINDOW = 120 * SECOND;
const SHORTEST_WINDOW = 100 * MS;
const MAX_DESCRIPTION = 4096;
const MAX_METADATA = 128 * 1024;
const MAX_REPLICAS = 5;
/** The API levels that messages' own times to live and asynchronous persistence need (measured). */
const TTL_LEVEL = 1;
const ASYNC_LEVEL = 2;

/** Effects that a stream configuration can ask for and this server does not have; asking is refused. */
export const STREAM_NOT_YET = [
  'mirror',
  'sources',
  'subject_transform',
  'republish',
  'subject_delete_marker_ttl',
  'allow_msg_counter',
  'allow_atomic',
  'allow_batched',
  'allow_msg_schedules',
] as const satisfies readonly (keyof StreamConfigInput)[];

function invalid(err: string): JsError {
  return jsError('JSStreamInvalidConfigF', { err });
}

/** Whether a field of a request says anything: absent, null, false, 0 and the empty list and string do not. */
function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

/** The fields of an object that are worth showing, in their order. */
function nonEmpty<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSet(value))) as Partial<T>;
}

/** Zero and every negative number mean unlimited. */
function unlimited(value: number | undefined): number {
  return value === undefined || value <= 0 ? -1 : value;
}

/**
 * Checks a stream configuration and fills in the defaults, with the codes and texts of 2.14.5 (measured).
 * @param pedantic refuse what would otherwise be adjusted.
 * @throws JsError
 */
export function normalizeStreamConfig(input: StreamConfigInput, pedantic: boolean): StreamConfig {
  checkName(input.name ?? '');
  checkTexts(input);
  checkReplicas(input);
  const config = withDefaults(input, pedantic);
  for (const check of CHECKS) check(config, input);
  return config;
}

/** @throws JsError when a stream can not have this name. */
export function checkName(name: string): void {
  if (/[/\\]/.test(name)) throw jsError('JSStreamNameContainsPathSeparatorsErr');
  if (name === '' || /[.*> \t\r\n\f]/.test(name)) {
    throw invalid("stream name is required and can not contain '.', '*', '>', '\\', '/'");
  }
  if (toBytes(name).length > limits.MAX_NAME_LENGTH) {
    throw invalid(`stream name is too long, maximum allowed is ${limits.MAX_NAME_LENGTH}`);
  }
}

function checkTexts(input: StreamConfigInput): void {
  if (toBytes(input.description ?? '').length > MAX_DESCRIPTION) {
    throw invalid(`stream description is too long, maximum allowed is ${MAX_DESCRIPTION}`);
  }
  let size = 0;
  for (const [key, value] of Object.entries(input.metadata ?? {})) {
    size += toBytes(key).length + toBytes(value).length;
  }
  if (size > MAX_METADATA) throw invalid(`stream metadata exceeds maximum size of ${MAX_METADATA} bytes`);
}

function checkReplicas({ num_replicas: replicas = 0 }: StreamConfigInput): void {
  if (replicas < 0) throw jsError('JSReplicasCountCannotBeNegative');
  if (replicas > MAX_REPLICAS) throw invalid(`maximum replicas is ${MAX_REPLICAS}`);
}

/** The configuration with its keys in the order of replies; what is empty is left out where the server does so. */
function withDefaults(input: StreamConfigInput, pedantic: boolean): StreamConfig {
  const name = input.name ?? '';
  const maxAge = input.max_age ?? 0;
  const subjects = input.subjects ?? [];
  const placement = nonEmpty(input.placement ?? {});
  return {
    name,
    ...nonEmpty({ description: input.description ?? '' }),
    subjects: subjects.length === 0 ? [name] : [...subjects],
    retention: input.retention ?? 'limits',
    max_consumers: unlimited(input.max_consumers),
    max_msgs: unlimited(input.max_msgs),
    max_bytes: unlimited(input.max_bytes),
    max_age: maxAge,
    max_msgs_per_subject: unlimited(input.max_msgs_per_subject),
    max_msg_size: unlimited(input.max_msg_size),
    discard: input.discard ?? 'old',
    storage: input.storage ?? 'file',
    num_replicas: 1,
    ...nonEmpty({ no_ack: input.no_ack ?? false }),
    duplicate_window: duplicateWindow(input.duplicate_window ?? 0, maxAge, pedantic),
    ...nonEmpty({ placement: Object.keys(placement).length === 0 ? undefined : placement }),
    compression: input.compression ?? 'none',
    ...nonEmpty({ first_seq: input.first_seq ?? 0 }),
    allow_direct: input.allow_direct ?? false,
    mirror_direct: input.mirror_direct ?? false,
    ...nonEmpty({ discard_new_per_subject: input.discard_new_per_subject ?? false }),
    sealed: input.sealed ?? false,
    deny_delete: input.deny_delete ?? false,
    deny_purge: input.deny_purge ?? false,
    allow_rollup_hdrs: input.allow_rollup_hdrs ?? false,
    consumer_limits: nonEmpty(input.consumer_limits ?? {}),
    allow_msg_ttl: input.allow_msg_ttl ?? false,
    ...(input.persist_mode === 'async' ? { persist_mode: 'async' as const } : {}),
    metadata: withRequiredLevel(input.metadata ?? {}, requiredLevel(input)),
  } as StreamConfig;
}

function requiredLevel(input: StreamConfigInput): number {
  if (input.persist_mode === 'async') return ASYNC_LEVEL;
  return input.allow_msg_ttl === true ? TTL_LEVEL : 0;
}

function duplicateWindow(asked: number, maxAge: number, pedantic: boolean): number {
  if (asked !== 0) return asked;
  if (maxAge <= 0 || maxAge >= DEFAULT_DUPLICATE_WINDOW) return DEFAULT_DUPLICATE_WINDOW;
  if (pedantic) throw jsError('JSPedanticErrF', { err: 'duplicate window cannot be bigger than max age' });
  return maxAge;
}

type Check = (config: StreamConfig, input: StreamConfigInput) => void;

/** What a configuration must satisfy, in the order in which 2.14.5 asks (measured pair by pair). */
const CHECKS: readonly Check[] = [
  checkAge,
  checkDuplicateWindow,
  checkRollup,
  checkDiscard,
  checkPersistence,
  checkSubjects,
  checkPlacement,
  checkOneReplica,
  refuseNotYet,
];

function checkAge({ max_age }: StreamConfig): void {
  if (max_age < 0) throw invalid('max age can not be negative');
  if (max_age !== 0 && max_age < SHORTEST_WINDOW) throw invalid('max age needs to be >= 100ms');
}

function checkDuplicateWindow({ duplicate_window: window = 0, max_age }: StreamConfig): void {
  if (window < 0) throw invalid('duplicates window can not be negative');
  if (max_age !== 0 && window > max_age) throw invalid('duplicates window can not be larger then max age');
  if (window < SHORTEST_WINDOW) throw invalid('duplicates window needs to be >= 100ms');
}

function checkRollup(config: StreamConfig): void {
  if (config.deny_purge && config.allow_rollup_hdrs) throw invalid('roll-ups require the purge permission');
}

function checkPersistence(config: StreamConfig): void {
  if (config.persist_mode !== 'async' || config.storage !== 'memory') return;
  throw invalid('async persist mode is only supported on file storage');
}

function checkPlacement(config: StreamConfig): void {
  if (config.placement?.preferred !== undefined) throw invalid('preferred server not permitted in placement');
}

function checkOneReplica(_config: StreamConfig, { num_replicas: replicas = 0 }: StreamConfigInput): void {
  if (replicas > 1) throw jsError('JSStreamReplicasNotSupportedErr');
}

function checkDiscard(config: StreamConfig): void {
  if (config.discard_new_per_subject !== true) return;
  if (config.discard !== 'new') {
    throw invalid('discard new per subject requires discard new policy to be set');
  }
  if (config.max_msgs_per_subject <= 0) {
    throw invalid('discard new per subject requires max msgs per subject > 0');
  }
}

/** Subjects of the server's own APIs, which a stream may capture only when it does not answer publishers. */
const RESERVED: readonly { subject: string; except: readonly string[]; api: string }[] = [
  { subject: '$JS.>', except: ['$JS.EVENT.>'], api: 'jetstream' },
  { subject: '$SYS.>', except: ['$SYS.ACCOUNT.>'], api: 'system' },
];

function checkSubjects(config: StreamConfig): void {
  const subjects = (config.subjects ?? []).map(toBytes);
  if (!isReasonable(subjects)) throw invalid('too many subjects or tokens');
  for (const [at, subject] of subjects.entries()) {
    if (!isValidSubject(subject)) throw invalid('invalid subject');
    checkReserved(subject, config.no_ack === true);
    const clash = subjects.findIndex((other, before) => before < at && overlaps(other, subject));
    if (clash !== -1) throw overlapping(config, clash, at);
  }
}

function overlapping(config: StreamConfig, first: number, second: number): JsError {
  return invalid(
    `subject ${JSON.stringify(config.subjects?.[first])} overlaps with ${JSON.stringify(config.subjects?.[second])}`,
  );
}

function checkReserved(subject: ByteString, noAck: boolean): void {
  if (noAck) return;
  if (subject === '>') throw invalid('capturing all subjects requires no-ack to be true');
  for (const { subject: reserved, except, api } of RESERVED) {
    if (!overlaps(subject, toBytes(reserved))) continue;
    if (except.some((one) => isInside(subject, one))) continue;
    throw invalid(`subjects that overlap with ${api} api require no-ack to be true`);
  }
}

/** Whether a subject lies below a prefix that is given as `prefix.>`. */
function isInside(subject: ByteString, space: string): boolean {
  return subject.startsWith(space.slice(0, -1));
}

function refuseNotYet(_config: StreamConfig, input: StreamConfigInput): void {
  for (const field of STREAM_NOT_YET) {
    if (isSet(input[field])) throw invalid(`${field} is not supported yet`);
  }
}

/** Whether two normalized configurations say the same. */
export function sameConfig(a: StreamConfig, b: StreamConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
