import type { Instant, Timer } from '../../base/index.ts';
import { type ByteString, toBytes } from '../../subjects/index.ts';
import { boundsOf, checkSharing } from '../consumer/consumer-admin.ts';
import { checkConsumerName, normalizeConsumerConfig } from '../consumer/consumer-check.ts';
import type { ConsumerConfig, ConsumerConfigInput } from '../consumer/consumer-config.ts';
import type { Runnable } from '../env.ts';
import { JsError, jsError } from '../errors.ts';
import { Footprint } from '../footprint.ts';
import type { JetStream } from '../jetstream.ts';
import { StateError } from '../state/index.ts';
import { StreamLoader } from '../state/stream-loader.ts';
import type { Stream } from '../stream/stream.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { BackupReader } from './archive.ts';

/** How long a restore waits for the next chunk, ms (measured on 2.14.5: between 4.5 and 5.5 seconds). */
const CHUNK_TIMEOUT_MS = 5_000;

/** What a restore needs of whoever began it. */
export interface RestoreHost {
  readonly jetstream: JetStream;
  /** Reads a consumer's configuration as a request would give it. @throws for one that is none. */
  decodeConsumer(json: ByteString): ConsumerConfigInput;
  /** Whether all restores of the account together may hold so many bytes more. */
  mayHold(more: number): boolean;
  /** Puts the stream into the account. @throws JsError when it cannot be there. */
  adopt(stream: Stream): void;
  /** It is over; @param isAbandoned nobody waits for an answer. */
  ended(restore: Restore, isAbandoned: boolean): void;
}

/** How a restore ended: with a stream, or not. */
export type Restored = { readonly stream: Stream } | { readonly error: JsError };

/**
 * A stream that is being restored: chunks of a backup come in, and at the end the stream is there, or nothing is. Until
 * then nobody can see it; what it holds counts for the account and the process all the same.
 */
export class Restore implements Runnable {
  readonly id: ByteString;
  readonly config: StreamConfig;
  readonly began: Instant;
  /** Bytes of chunks taken so far. */
  bytes = 0;
  readonly #host: RestoreHost;
  readonly #loader: StreamLoader;
  readonly #reader: BackupReader;
  readonly #footprint: Footprint;
  #held = 0;
  #lastMs: number;
  #timer: Timer | undefined;
  #isOver = false;
  #answer: ((outcome: Restored) => void) | undefined;

  constructor(host: RestoreHost, id: ByteString, config: StreamConfig) {
    const { env } = host.jetstream;
    this.#host = host;
    this.id = id;
    this.config = config;
    this.began = env.clock.instant();
    this.#lastMs = env.clock.now();
    this.#footprint = new Footprint(env.memory);
    this.#loader = new StreamLoader({
      build: (saved, created) => this.#build(saved, created),
      consumerConfig: (stream, json) => this.#consumerConfig(stream, json),
      limited: true,
      shiftMs: 0,
      deadlineShiftMs: (savedMs) => (savedMs === 0 ? 0 : env.clock.now() - savedMs),
    });
    this.#reader = new BackupReader(this.#loader);
    this.#watch();
  }

  get name(): ByteString {
    return toBytes(this.config.name);
  }

  /** Bytes held besides stored messages. */
  get held(): number {
    return this.#held;
  }

  /**
   * Takes a chunk.
   * @throws JsError, and the restore has ended.
   */
  take(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#lastMs = this.#host.jetstream.env.clock.now();
    try {
      this.#reader.push(chunk);
      this.#hold(this.#reader.held);
      this.bytes += chunk.length;
    } catch (thrown) {
      this.#end(false);
      throw asError(thrown);
    }
  }

  /** All chunks have come. @param answer told from the run queue how it ended. */
  finish(answer: (outcome: Restored) => void): void {
    if (this.#isOver || this.#answer !== undefined) return;
    this.#timer?.cancel();
    this.#answer = answer;
    this.#host.jetstream.env.enqueue(this);
  }

  /** One step a turn: a consumer looks through the subjects of its stream when it is made. */
  run(): boolean {
    const answer = this.#answer;
    if (this.#isOver || answer === undefined) return false;
    try {
      this.#reader.end();
      const stream = this.#loader.finish();
      if (stream === undefined) return true;
      this.#host.adopt(stream);
      this.#close(false);
      answer({ stream });
      return false;
    } catch (thrown) {
      this.#end(false);
      answer({ error: asError(thrown) });
      return false;
    }
  }

  /** Gives up; nothing is left. */
  abort(): void {
    if (!this.#isOver) this.#end(true);
  }

  #build(saved: unknown, created: Instant | undefined): Stream {
    const name: unknown =
      typeof saved === 'object' && saved !== null ? Reflect.get(saved, 'name') : undefined;
    if (name !== this.config.name) throw new StateError('stream names do not match');
    return this.#host.jetstream.build(this.config, created);
  }

  #consumerConfig(stream: Stream, json: ByteString): ConsumerConfig {
    const input = this.#host.decodeConsumer(json);
    if (input.name !== undefined) checkConsumerName(input.name, input.durable_name !== undefined);
    const bounds = boundsOf(this.#host.jetstream);
    const config = normalizeConsumerConfig(input, { stream, ...bounds, pedantic: false });
    checkSharing(stream, config, undefined);
    return config;
  }

  #hold(bytes: number): void {
    const more = bytes - this.#held;
    if (more > 0 && !this.#host.mayHold(more)) throw jsError('JSInsufficientResourcesErr');
    this.#footprint.resize(bytes);
    this.#held = bytes;
  }

  #watch(): void {
    const { scheduler, clock } = this.#host.jetstream.env;
    this.#timer = scheduler.at(this.#lastMs + CHUNK_TIMEOUT_MS, () => {
      if (this.#lastMs + CHUNK_TIMEOUT_MS > clock.now()) this.#watch();
      else this.abort();
    });
  }

  #end(isAbandoned: boolean): void {
    this.#loader.discard();
    this.#close(isAbandoned);
  }

  #close(isAbandoned: boolean): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#footprint.release();
    this.#held = 0;
    this.#host.ended(this, isAbandoned);
  }
}

/** What does not fit the account or the server is said as it is; what is wrong with the bytes is a failed restore. */
function asError(thrown: unknown): JsError {
  if (thrown instanceof JsError) return thrown;
  if (!(thrown instanceof Error)) throw thrown;
  if (thrown instanceof StateError) return jsError('JSStreamRestoreErrF', { err: thrown.message });
  throw thrown;
}
