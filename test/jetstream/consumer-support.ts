import type { Consumer } from '../../src/jetstream/consumer/consumer.ts';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import type { PullRequest } from '../../src/jetstream/consumer/pull-request.ts';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import { finish } from '../../src/jetstream/sliced.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { messageOf, type Seen, TestEnv, TestSink } from './support.ts';

export const SECOND = 1e9;
export const MS = 1e6;

/** The parts of an acknowledgement's subject. */
export interface AckParts {
  readonly delivered: number;
  readonly seq: number;
  readonly consumerSeq: number;
  readonly pending: number;
}

/** Reads the reply subject of a delivery. */
export function partsOf(seen: Seen): AckParts {
  const tokens = seen.reply.split('.').map(Number);
  return {
    delivered: tokens[4] ?? 0,
    seq: tokens[5] ?? 0,
    consumerSeq: tokens[6] ?? 0,
    pending: tokens[8] ?? 0,
  };
}

/** One stream `S` on `s.>` in one account, and what a client does with its consumers. */
export class World {
  readonly env = new TestEnv();
  readonly jetstream: JetStream = new JetStream(this.env, UNLIMITED);
  readonly stream: Stream;
  #sinks = 0;

  constructor(config: StreamConfigInput = {}) {
    const all = { name: 'S', subjects: ['s.>'], storage: 'memory' as const, ...config };
    this.stream = this.jetstream.createStream(all).stream;
  }

  publish(...subjects: string[]): void {
    for (const subject of subjects) {
      this.env.publish(subject, `body of ${subject}`);
      this.env.drain();
    }
  }

  consumer(config: ConsumerConfigInput, action: '' | 'create' | 'update' = '', pedantic = false): Consumer {
    const consumer = createConsumer(this.stream, config, action, pedantic);
    this.env.drain();
    return consumer;
  }

  /** An explicit pull consumer named `c`. */
  pullConsumer(config: ConsumerConfigInput = {}): Consumer {
    return this.consumer({ name: 'c', ack_policy: 'explicit', ...config });
  }

  /** Sends a pull request and drains. */
  pull(consumer: Consumer, request: PullRequest): TestSink {
    const sink = new TestSink(`_INBOX.${++this.#sinks}`);
    consumer.next(request, sink);
    this.env.drain();
    return sink;
  }

  /** Pulls up to so many messages without waiting. */
  fetch(consumer: Consumer, batch: number): Seen[] {
    return messagesOf(this.pull(consumer, { batch, no_wait: true }));
  }

  /** Acknowledges a delivery and drains. */
  ack(consumer: Consumer, delivery: Seen, payload = '+ACK', reply = ''): void {
    consumer.acknowledge(messageOf(toBytes(delivery.reply), '', payload, toBytes(reply)));
    this.env.drain();
  }

  remove(seq: number): void {
    this.stream.deleteMessage(seq, false);
    this.env.drain();
  }

  purge(options: { filter?: string; seq?: number; keep?: number } = {}): void {
    const { filter, ...rest } = options;
    finish(this.stream.purge(filter === undefined ? rest : { ...rest, filter: toBytes(filter) }));
    this.env.drain();
  }

  /** Advisories since the last call, by event name. */
  advisories(): { event: string; body: Record<string, unknown> }[] {
    const all = this.env.advisories.splice(0);
    return all
      .filter((one) => one.subject.includes('.CONSUMER.'))
      .map((one) => ({ event: one.subject.split('.')[4] ?? '', body: one.body }));
  }
}

/** What of a sink's record are messages, not statuses. */
export function messagesOf(sink: TestSink): Seen[] {
  return sink.seen.filter((one) => !isStatus(one));
}

export function isStatus(seen: Seen): boolean {
  return /^NATS\/1\.0 \d/.test(seen.header);
}

/** The status lines a sink got, fields joined with `;`. */
export function statusesOf(seen: readonly Seen[]): string[] {
  return seen
    .filter(isStatus)
    .map((one) => one.header.replace('NATS/1.0 ', '').trim().split('\r\n').join('; '));
}

/** The four positions and counters that most tests look at. */
export function counters(consumer: Consumer): Record<string, unknown> {
  const info = consumer.info();
  return {
    delivered: [info.delivered.consumer_seq, info.delivered.stream_seq],
    floor: [info.ack_floor.consumer_seq, info.ack_floor.stream_seq],
    ackPending: info.num_ack_pending,
    redelivered: info.num_redelivered,
    pending: info.num_pending,
  };
}
