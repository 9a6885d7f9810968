import { type Instant, limits } from '../base/index.ts';
import { type ByteString, toBytes, toText } from '../subjects/index.ts';
import { Transfers } from './archive/transfers.ts';
import { BatchAllowance } from './batch/batch-allowance.ts';
import type { JetStreamEnv } from './env.ts';
import { jsError } from './errors.ts';
import { configBytes, Footprint } from './footprint.ts';
import {
  consumersAllowed,
  type JetStreamLimits,
  type JetStreamUsage,
  SERVER_LIMITS,
  type ServerLimits,
} from './limits.ts';
import { Origins } from './source/inflows.ts';
import { settledWithOrigins } from './source/source-origins.ts';
import { SubjectClaims } from './stream/claims.ts';
import { Roster } from './stream/roster.ts';
import { Stream } from './stream/stream.ts';
import { checkOneReplica, normalizeStreamConfig, sameConfig } from './stream/stream-config.ts';
import type { StreamConfig, StreamConfigInput } from './stream/stream-schema.ts';
import { updatedConfig } from './stream/stream-update.ts';

const STREAM_ADVISORY = 'io.nats.jetstream.advisory.v1.stream_action';

/** One account's JetStream: its streams, and what they may use together. */
export class JetStream {
  readonly env: JetStreamEnv;
  /** What holds for every account alike. */
  readonly server: ServerLimits;
  /** Replaced when the configuration changes; what is over them stays. */
  limits: JetStreamLimits;
  readonly streams = new Roster<Stream>();
  /** What they listen on. */
  readonly claims = new SubjectClaims();
  /** Backups and restores under way. */
  readonly transfers: Transfers = new Transfers(this);
  readonly origins = new Origins();
  /** What the batches that are open take together. */
  readonly batches: BatchAllowance;
  readonly fastBatches: BatchAllowance;
  #memory = 0;
  #storage = 0;

  constructor(env: JetStreamEnv, limits: JetStreamLimits, server: ServerLimits = SERVER_LIMITS) {
    this.env = env;
    this.server = server;
    this.batches = new BatchAllowance(env.memory, server.batchesPerAccount);
    this.fastBatches = new BatchAllowance(env.memory, server.batchesPerAccount);
    this.limits = limits;
  }

  /** @throws JsError when there is no such stream. */
  stream(name: ByteString): Stream {
    const stream = this.streams.get(name);
    if (stream === undefined) throw jsError('JSStreamNotFoundErr');
    return stream;
  }

  /**
   * Creates a stream; one that is there with the same configuration is returned as it is.
   * @throws JsError
   */
  createStream(input: StreamConfigInput, pedantic = false): { stream: Stream; created: boolean } {
    refuseOnCreate(input);
    const config = this.configFor(input, pedantic);
    const existing = this.streams.get(toBytes(config.name));
    if (existing !== undefined) {
      if (!sameConfig(existing.config, config)) throw jsError('JSStreamNameExistErr');
      return { stream: existing, created: false };
    }
    this.#checkLimits(config, undefined);
    this.#checkOverlap(config, undefined);
    const footprint = new Footprint(this.env.memory);
    footprint.resize(bytesOf(config));
    const stream = new Stream(this, config, footprint);
    this.streams.set(stream.name, stream);
    stream.open();
    this.env.assets.streamAdded(stream.name);
    this.#advise('CREATED', config.name, 'create');
    return { stream, created: true };
  }

  /**
   * Gives a stream another configuration; measured: that is judged before the stream is looked for.
   * @throws JsError
   */
  updateStream(name: ByteString, input: StreamConfigInput, pedantic = false): Stream {
    const named = { ...input, name: input.name ?? toText(name) };
    const asked = normalizeStreamConfig(named, pedantic, this.server);
    if (toBytes(asked.name) !== name) throw jsError('JSStreamMismatchErr');
    const stream = this.stream(name);
    const config = updatedConfig(stream.config, this.#settled(asked, pedantic), input);
    checkOneReplica(input);
    this.#checkLimits(config, stream);
    this.#checkOverlap(config, stream);
    stream.footprint.resize(bytesOf(config));
    stream.reconfigure(config);
    this.env.assets.streamAdded(stream.name);
    this.#advise('UPDATED', config.name, 'modify');
    return stream;
  }

  /** @throws JsError when there is no such stream. */
  deleteStream(name: ByteString): void {
    const stream = this.stream(name);
    for (const consumer of [...stream.consumers.keys()]) stream.deleteConsumer(consumer);
    this.streams.delete(name);
    stream.close();
    this.origins.changed(name);
    this.env.assets.streamRemoved(stream.name);
    this.#advise('DELETED', stream.config.name, 'delete');
  }

  /** The configuration that a new stream would have for a request. @throws JsError */
  configFor(input: StreamConfigInput, pedantic = false): StreamConfig {
    const config = normalizeStreamConfig(input, pedantic, this.server);
    checkOneReplica(input);
    return this.#settled(config, pedantic);
  }

  /** The server stops: whoever waits for messages is told. */
  serverStops(): void {
    for (const stream of this.streams.values()) {
      for (const consumer of stream.consumers.values()) consumer.serverStops();
    }
  }

  /** A stream outside of the account's, for state that is loaded into it. */
  build(config: StreamConfig, created: Instant | undefined): Stream {
    const footprint = new Footprint(this.env.memory);
    footprint.resize(bytesOf(config));
    return new Stream(this, config, footprint, created);
  }

  /**
   * Puts streams that were built and loaded in the place of all that are here, without a word to the world.
   * @param shiftMs how much the clock moves at the same moment.
   */
  replaceAll(streams: readonly Stream[], shiftMs: number): void {
    this.transfers.abortAll();
    const before = [...this.streams.values()];
    this.streams.clear();
    for (const stream of streams) this.streams.set(stream.name, stream);
    for (const stream of before) {
      stream.retire(this.streams.get(stream.name), shiftMs);
      this.env.assets.streamRemoved(stream.name);
    }
    for (const stream of streams) this.#begin(stream);
  }

  /**
   * Takes in a stream that was built and loaded, as if it had been created.
   * @throws JsError when it cannot be there.
   */
  adopt(stream: Stream): void {
    const { config, consumers } = stream;
    if (this.streams.has(stream.name)) throw jsError('JSStreamNameExistRestoreFailedErr');
    // Mirrors and sources may have come to be a cycle meanwhile.
    this.#settled(config, false);
    this.#checkLimits(config, undefined);
    this.#checkOverlap(config, undefined);
    const most = consumersAllowed(config.max_consumers, this.limits);
    if (most > 0 && consumers.shownCount > most) throw jsError('JSMaximumConsumersLimitErr');
    this.streams.set(stream.name, stream);
    this.#begin(stream);
    this.#advise('CREATED', config.name, 'create');
    for (const consumer of consumers.values()) consumer.advise();
  }

  #begin(stream: Stream): void {
    stream.open();
    this.env.assets.streamAdded(stream.name);
    for (const consumer of stream.consumers.values()) consumer.begin();
  }

  /** Deletes every stream. */
  deleteAll(): void {
    this.transfers.abortAll();
    for (const name of [...this.streams.keys()]) this.deleteStream(name);
  }

  usage(): JetStreamUsage {
    let consumers = 0;
    for (const stream of this.streams.values()) consumers += stream.consumers.size;
    return {
      memory: this.#memory,
      storage: this.#storage,
      reservedMemory: this.#reserved('memory', undefined),
      reservedStorage: this.#reserved('file', undefined),
      streams: this.streams.size,
      consumers,
    };
  }

  /** Whether the account may store so many more bytes of a kind. */
  hasRoom(storage: 'file' | 'memory', bytes: number): boolean {
    const limit = storage === 'memory' ? this.limits.maxMemory : this.limits.maxStorage;
    return limit < 0 || (storage === 'memory' ? this.#memory : this.#storage) + bytes <= limit;
  }

  /** Notes that a stream holds so many bytes more, or less. */
  charge(storage: 'file' | 'memory', bytes: number): void {
    if (storage === 'memory') this.#memory += bytes;
    else this.#storage += bytes;
  }

  #settled(config: StreamConfig, pedantic: boolean): StreamConfig {
    const configOf = (name: ByteString): StreamConfig | undefined => this.streams.get(name)?.config;
    return settledWithOrigins(config, configOf, pedantic, this.env.domain);
  }

  #checkLimits(config: StreamConfig, existing: Stream | undefined): void {
    const { limits } = this;
    if (existing === undefined && limits.maxStreams > 0 && this.streams.size >= limits.maxStreams) {
      throw jsError('JSMaximumStreamsLimitErr');
    }
    if (limits.maxConsumers > 0 && config.max_consumers > limits.maxConsumers) {
      throw jsError('JSMaximumConsumersLimitErr');
    }
    if (limits.maxBytesRequired && config.max_bytes <= 0) throw jsError('JSStreamMaxBytesRequired');
    const perStream =
      config.storage === 'memory' ? limits.memoryMaxStreamBytes : limits.storageMaxStreamBytes;
    if (perStream > 0 && config.max_bytes > perStream) throw jsError('JSStreamMaxStreamBytesExceeded');
    this.#checkReservation(config, existing);
  }

  /** The sum of all `max_bytes` of a kind stays within the account's limit; a limit of 0 permits no stream at all. */
  #checkReservation(config: StreamConfig, existing: Stream | undefined): void {
    const isMemory = config.storage === 'memory';
    const limit = isMemory ? this.limits.maxMemory : this.limits.maxStorage;
    if (limit < 0) return;
    const asked = Math.max(0, config.max_bytes);
    if (limit > 0 && this.#reserved(config.storage, existing) + asked <= limit) return;
    throw jsError(isMemory ? 'JSMemoryResourcesExceededErr' : 'JSStorageResourcesExceededErr');
  }

  #reserved(storage: 'file' | 'memory', except: Stream | undefined): number {
    let total = 0;
    for (const stream of this.streams.values()) {
      if (stream !== except && stream.config.storage === storage)
        total += Math.max(0, stream.config.max_bytes);
    }
    return total;
  }

  #checkOverlap(config: StreamConfig, existing: Stream | undefined): void {
    const own = new Set((existing?.config.subjects ?? []).map(toBytes));
    for (const subject of own) this.claims.remove(subject);
    const isTaken = this.claims.overlaps((config.subjects ?? []).map(toBytes));
    for (const subject of own) this.claims.add(subject);
    if (isTaken === undefined) throw jsError('JSInsufficientResourcesErr');
    if (isTaken) throw jsError('JSStreamSubjectOverlapErr');
  }

  #advise(event: string, stream: string, action: string): void {
    this.env.advise(toBytes(`$JS.EVENT.ADVISORY.STREAM.${event}.${stream}`), STREAM_ADVISORY, {
      stream,
      action,
      ...(this.env.domain === '' ? {} : { domain: this.env.domain }),
    });
  }
}

/** What a stream is charged for. @throws JsError when its configuration is too long. */
function bytesOf(config: StreamConfig): number {
  const bytes = configBytes(config);
  if (bytes === undefined) {
    const err = `stream configuration exceeds maximum size of ${limits.MAX_ASSET_CONFIG} bytes`;
    throw jsError('JSStreamInvalidConfigF', { err });
  }
  const tokens = (config.subjects ?? []).reduce((sum, subject) => sum + subject.split('.').length, 0);
  const origins = (config.sources?.length ?? 0) + (config.mirror === undefined ? 0 : 1);
  return limits.STREAM_BYTES + bytes + limits.SUBJECT_TOKEN_BYTES * tokens + limits.SOURCE_BYTES * origins;
}

/** What only creation refuses (measured: an update may set `mirror_direct` and `sealed`). */
function refuseOnCreate(input: StreamConfigInput): void {
  if (input.sealed === true) {
    throw jsError('JSStreamInvalidConfigF', { err: 'stream configuration for create can not be sealed' });
  }
  if (input.mirror_direct === true && (input.mirror === undefined || input.mirror === null)) {
    throw jsError('JSStreamInvalidConfigF', { err: 'stream has no mirror but does have mirror direct' });
  }
}
