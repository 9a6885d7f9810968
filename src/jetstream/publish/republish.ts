import { formatInstant, type Instant, type Message, type Random } from '../../base/index.ts';
import { EMPTY_BYTES, type SubjectTransform, toBytes } from '../../subjects/index.ts';
import type { JetStreamEnv } from '../env.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { extendHeader } from './header-block.ts';
import { rewriteOf } from './subject-rewrites.ts';

/**
 * Publishes what a stream stored once more, on a subject made of the stored one. It goes out from the run queue, as
 * what any client of the account publishes would: to whoever listens, other streams included. Headers grow by a few
 * lines each time, so that streams which republish to each other end when a header block no longer fits.
 */
export class Republisher {
  readonly #env: JetStreamEnv;
  readonly #stream: string;
  readonly #transform: SubjectTransform;
  readonly #headersOnly: boolean;
  readonly #random: Random;

  private constructor(env: JetStreamEnv, config: StreamConfig, transform: SubjectTransform, random: Random) {
    this.#env = env;
    this.#stream = toBytes(config.name);
    this.#transform = transform;
    this.#headersOnly = config.republish?.headers_only === true;
    this.#random = random;
  }

  /** Absent when the configuration asks for nothing. */
  static of(env: JetStreamEnv, config: StreamConfig, random: Random): Republisher | undefined {
    const transform = rewriteOf(config.republish);
    return transform === undefined ? undefined : new Republisher(env, config, transform, random);
  }

  /**
   * Publishes a message that was just stored.
   * @param previous the last sequence on its subject before it, 0 without one.
   */
  send(message: Message, seq: number, previous: number, at: Instant): void {
    const to = this.#transform.apply(message.subject, this.#random);
    if (to === undefined || to === EMPTY_BYTES) return;
    const size = message.end - message.payloadStart;
    const header = extendHeader(message.buffer.subarray(message.headerStart, message.payloadStart), [
      ['Nats-Stream', this.#stream],
      ['Nats-Subject', message.subject],
      ['Nats-Sequence', String(seq)],
      ['Nats-Time-Stamp', formatInstant(at)],
      ['Nats-Last-Sequence', String(previous)],
      ...(this.#headersOnly ? [['Nats-Msg-Size', String(size)] as const] : []),
    ]);
    const payload = this.#headersOnly
      ? undefined
      : message.buffer.subarray(message.payloadStart, message.end);
    this.#env.emit(to, EMPTY_BYTES, header, payload);
  }
}
