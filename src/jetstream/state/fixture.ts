import { formatInstant, parseTime } from '../../base/index.ts';
import { isLiteral, isValidSubject, toBytes, toText } from '../../subjects/index.ts';
import { type ConsumerConfig, ConsumerConfigRequest, filterSubjects } from '../consumer/consumer-config.ts';
import { configBytes, isReasonable } from '../footprint.ts';
import type { JetStream } from '../jetstream.ts';
import type { Stream } from '../stream/stream.ts';
import { normalizeStreamConfig } from '../stream/stream-config.ts';
import { type StreamConfig, type StreamConfigInput, StreamConfigRequest } from '../stream/stream-schema.ts';
import { demand, StateError, type StateReader } from './reader.ts';
import { hasShape } from './shape.ts';
import { StreamLoader } from './stream-loader.ts';
import { streamParts } from './stream-parts.ts';
import { StateWriter } from './writer.ts';

/** What every consumer's configuration says. */
const CONSUMER_FIELDS = [
  'deliver_policy',
  'ack_policy',
  'max_deliver',
  'replay_policy',
  'num_replicas',
] as const;

/** Bytes of one stream in a list at least, and of a part: its kind and its length. */
const LEAST_STREAM = 4;
const PART_HEAD = 1 + 4;

/** Writes all streams of an account, in pieces. */
export function* savedStreams(jetstream: JetStream): Generator<Buffer, void> {
  const to = new StateWriter();
  to.word(jetstream.streams.size);
  yield to.toBuffer();
  for (const stream of jetstream.streams.values()) {
    for (const { kind, bytes } of streamParts(stream)) {
      to.startOver();
      to.byte(kind);
      to.word(bytes.length);
      yield to.toBuffer();
      yield bytes;
    }
  }
}

/** Streams that were loaded and are not in force yet: {@link adopt} or {@link discard} them. */
export class LoadedStreams {
  readonly #jetstream: JetStream;
  readonly #streams: Stream[];

  private constructor(jetstream: JetStream, streams: Stream[]) {
    this.#jetstream = jetstream;
    this.#streams = streams;
  }

  /**
   * Reads what {@link savedStreams} wrote. Account limits do not stand in the way of the server's owner: what is over them
   * stays, as after a change of the configuration.
   * @param shiftMs added to every time.
   * @throws StateError, and nothing has changed.
   */
  static read(from: StateReader, jetstream: JetStream, shiftMs: number): LoadedStreams {
    const streams: Stream[] = [];
    try {
      for (let left = from.count(LEAST_STREAM); left > 0; left--)
        streams.push(readStream(from, jetstream, shiftMs));
      const names = new Set(streams.map(({ name }) => name));
      demand(names.size === streams.length, 'a stream is there twice');
    } catch (error) {
      for (const stream of streams) discard(stream);
      throw asStateError(error);
    }
    return new LoadedStreams(jetstream, streams);
  }

  /** Puts them in the place of what the account has. @param shiftMs how much the clock moves at the same moment. */
  adopt(shiftMs: number): void {
    this.#jetstream.replaceAll(this.#streams, shiftMs);
  }

  discard(): void {
    for (const stream of this.#streams) discard(stream);
  }
}

/** Whatever goes wrong: a state that somebody made up can say anything. */
function asStateError(error: unknown): StateError {
  if (error instanceof StateError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new StateError(`the state cannot be loaded: ${why}`, { cause: error });
}

function discard(stream: Stream): void {
  for (const consumer of stream.consumers.values()) consumer.discard();
  stream.close();
}

function readStream(from: StateReader, jetstream: JetStream, shiftMs: number): Stream {
  const loader = new StreamLoader({
    build: (config, created) => jetstream.build(streamConfig(config), created),
    consumerConfig: (_, json) => consumerConfig(parsed(toText(json)), shiftMs),
    limited: false,
    shiftMs,
    deadlineShiftMs: () => shiftMs,
  });
  try {
    while (!loader.isComplete) {
      demand(from.left >= PART_HEAD, 'it ends too early');
      const kind = from.byte();
      loader.take(kind, from.bytes());
    }
    for (;;) {
      const stream = loader.finish();
      if (stream !== undefined) return stream;
    }
  } catch (error) {
    loader.discard();
    throw error;
  }
}

/** Whoever saved it had this configuration: it stays as it is, and is one that a stream may have. */
function streamConfig(config: unknown): StreamConfig {
  demand(hasShape(StreamConfigRequest, config) && isShort(config), 'a stream has no configuration');
  const whole = normalizeStreamConfig(config as StreamConfigInput, false);
  demand(
    Object.keys(whole).every((key) => Object.hasOwn(config as object, key)),
    'a configuration is not whole',
  );
  return config as StreamConfig;
}

function consumerConfig(config: unknown, shiftMs: number): ConsumerConfig {
  demand(hasShape(ConsumerConfigRequest, config) && isShort(config), 'a consumer has no configuration');
  const known = config as ConsumerConfig;
  for (const key of CONSUMER_FIELDS) demand(Object.hasOwn(known, key), 'a configuration is not whole');
  const deliver = toBytes(known.deliver_subject ?? 'none');
  demand(isValidSubject(deliver) && isLiteral(deliver), 'a consumer delivers to no subject');
  const filters = filterSubjects(known).map(toBytes);
  demand(isReasonable(filters) && filters.every(isValidSubject), 'a filter is none');
  const until = known.pause_until === undefined ? undefined : parseTime(known.pause_until);
  if (until === undefined || shiftMs === 0) return known;
  return { ...known, pause_until: formatInstant({ ms: until.ms + shiftMs, ns: until.ns }) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new StateError('the state is damaged: a configuration is no JSON');
  }
}

/** Whether a configuration is no longer than one may be. */
function isShort(config: unknown): boolean {
  return configBytes(config as object) !== undefined;
}
