import { type Instant, limits, type Random } from '../../base/index.ts';
import { type ByteString, toBytes, toText } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import { configBytes, Footprint } from '../footprint.ts';
import { consumersAllowed } from '../limits.ts';
import { Consumer } from './consumer.ts';
import { checkConsumerName, normalizeConsumerConfig } from './consumer-check.ts';
import { type ConsumerConfig, type ConsumerConfigInput, filterSubjects } from './consumer-config.ts';
import { assumesThreshold, type ConsumerContext } from './consumer-defaults.ts';
import { competes, sourcingForm } from './consumer-sourcing.ts';
import type { ConsumerStream } from './consumer-stream.ts';

const GENERATED_NAME_LENGTH = 8;

/** What a create request may demand of the present state: nothing, that the consumer is new, or that it exists. */
export type ConsumerAction = '' | 'create' | 'update';

/**
 * Creates a consumer, updates the one that has its name, or returns it when it is the same. Without a name one is made
 * up. That subject and body name the same consumer is checked before.
 * @throws JsError with the code and text of the reference server.
 */
export function createConsumer(
  stream: ConsumerStream,
  input: ConsumerConfigInput,
  action: ConsumerAction,
  pedantic: boolean,
): Consumer {
  const house = stream.jetstream;
  const named = withName(sourcingForm(input, stream));
  const existing = stream.consumers.get(toBytes(named.name ?? ''));
  const before = existing?.config;
  const config = normalizeConsumerConfig(named, { stream, ...boundsOf(house), pedantic, before });
  if (existing !== undefined) {
    // Measured: what the threshold is by default only is not what was asked for.
    if (action === 'create' && assumesThreshold(named, stream, config))
      throw jsError('JSConsumerAlreadyExists');
    return updateExisting(existing, config, action, stream);
  }
  if (action === 'update') throw jsError('JSConsumerDoesNotExist');
  checkRoom(stream, house);
  checkSharing(stream, config, undefined);
  const name = config.name === undefined ? freeName(stream, house.env.random) : toBytes(config.name);
  const footprint = new Footprint(house.env.memory);
  footprint.resize(bytesOf(stream, config));
  const consumer = new Consumer(stream, config, house.env, name, footprint);
  stream.addConsumer(consumer);
  consumer.announce();
  return consumer;
}

/**
 * Pauses a consumer until an RFC 3339 time, or resumes it: without a time, or with one that is past.
 * @throws JsError when the configuration cannot hold the time.
 */
export function pauseConsumer(stream: ConsumerStream, consumer: Consumer, until: string | undefined): void {
  const { pause_until: _, ...rest } = consumer.config;
  const before: ConsumerConfig = until === undefined ? rest : { ...rest, pause_until: until };
  const input = structuredClone({ ...before, name: toText(consumer.name) }) as ConsumerConfigInput;
  const context = { stream, ...boundsOf(stream.jetstream), pedantic: false, before };
  updateExisting(consumer, normalizeConsumerConfig(input, context), 'update', stream);
}

/** What account and server permit consumers. */
export function boundsOf({
  limits: { maxAckPending: inAccount },
  server: { maxAckPending: inServer, maxRequestBatch },
}: ConsumerStream['jetstream']): Pick<ConsumerContext, 'maxAckPending' | 'maxRequestBatch'> {
  const bounds = [inAccount, inServer].filter((bound) => bound > 0);
  return { maxAckPending: bounds.length === 0 ? -1 : Math.min(...bounds), maxRequestBatch };
}

/** Makes a consumer that was saved: its configuration is one that it had. It is not in the stream yet, and sleeps. */
export function rebuildConsumer(
  stream: ConsumerStream,
  name: ByteString,
  config: ConsumerConfig,
  created: Instant | undefined,
): Consumer {
  const { env } = stream.jetstream;
  const footprint = new Footprint(env.memory);
  footprint.resize(bytesOf(stream, config));
  return new Consumer(stream, config, env, name, footprint, created);
}

/** A durable consumer's name is its durable name. */
function withName(input: ConsumerConfigInput): ConsumerConfigInput {
  const durable = input.durable_name ?? '';
  const name = input.name ?? '';
  if (durable !== '') {
    if (name !== '' && name !== durable) throw jsError('JSConsumerCreateDurableAndNameMismatch');
    checkConsumerName(durable, true);
    return { ...input, name: durable };
  }
  if (name !== '') checkConsumerName(name, false);
  return input;
}

function checkRoom(stream: ConsumerStream, house: ConsumerStream['jetstream']): void {
  const most = consumersAllowed(stream.config.max_consumers, house.limits);
  if (most > 0 && stream.consumers.shownCount >= most) throw jsError('JSMaximumConsumersLimitErr');
}

/** On a work queue no two consumers may want the same message. */
export function checkSharing(
  stream: ConsumerStream,
  config: ConsumerConfig,
  self: Consumer | undefined,
): void {
  if (stream.config.retention !== 'workqueue' || !competes(config)) return;
  const shares = stream.consumers.shares();
  if (shares.countBut(self) === 0) return;
  const own = filterSubjects(config).map(toBytes);
  if (own.length === 0) throw jsError('JSConsumerWQMultipleUnfilteredErr');
  if (shares.overlaps(own, self)) throw jsError('JSConsumerWQConsumerNotUniqueErr');
}

/** A name nobody in the stream has. */
function freeName(stream: ConsumerStream, random: Random): ByteString {
  for (;;) {
    const name = toBytes(random.token(GENERATED_NAME_LENGTH));
    if (!stream.consumers.has(name)) return name;
  }
}

function updateExisting(
  consumer: Consumer,
  config: ConsumerConfig,
  action: ConsumerAction,
  stream: ConsumerStream,
): Consumer {
  const isSame = JSON.stringify(config) === JSON.stringify(consumer.config);
  if (isSame) return consumer;
  if (action === 'create') throw jsError('JSConsumerAlreadyExists');
  const problem = updateProblem(consumer, config);
  if (problem !== undefined) throw problem;
  checkSharing(stream, config, consumer);
  consumer.footprint.resize(bytesOf(stream, config));
  consumer.update(config);
  return consumer;
}

/**
 * What a consumer is charged for; one that tells subjects apart remembers something about each.
 * @throws JsError when its configuration is too long.
 */
function bytesOf(stream: ConsumerStream, config: ConsumerConfig): number {
  const bytes = configBytes(config);
  if (bytes === undefined) {
    const err = `consumer configuration exceeds maximum size of ${limits.MAX_ASSET_CONFIG} bytes`;
    throw jsError('JSConsumerCreateErrF', { err });
  }
  const isPicky = config.deliver_policy === 'last_per_subject' || filterSubjects(config).length > 0;
  const subjects = isPicky ? stream.store.numSubjects : 0;
  return limits.CONSUMER_BYTES + bytes + limits.CONSUMER_SUBJECT_BYTES * subjects;
}

/** What an update may not change, and how the refusal is put (measured on 2.14.5). */
const FIXED: readonly (readonly [keyof ConsumerConfig, string])[] = [
  ['deliver_policy', 'deliver policy can not be updated'],
  ['opt_start_seq', 'start sequence can not be updated'],
  ['opt_start_time', 'start time can not be updated'],
  ['mem_storage', 'storage type can not be updated'],
  ['ack_policy', 'ack policy can not be updated'],
  ['replay_policy', 'replay policy can not be updated'],
  ['idle_heartbeat', 'heart beats can not be updated'],
  ['flow_control', 'flow control can not be updated'],
];

function updateProblem(consumer: Consumer, config: ConsumerConfig): JsError | undefined {
  const refused = (err: string): JsError => jsError('JSConsumerCreateErrF', { err });
  const before = consumer.config;
  for (const [field, text] of FIXED) if (before[field] !== config[field]) return refused(text);
  const wasPush = before.deliver_subject !== undefined;
  if (wasPush !== (config.deliver_subject !== undefined)) {
    return refused(`can not update ${wasPush ? 'push consumer to pull' : 'pull consumer to push'} based`);
  }
  if (before.max_waiting !== config.max_waiting) return refused('max waiting can not be updated');
  if (consumer.isBound && before.deliver_subject !== config.deliver_subject) {
    return jsError('JSConsumerNameExistErr');
  }
  return undefined;
}
