import fc from 'fast-check';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import { finish } from '../../src/jetstream/sliced.ts';
import { LoadedStreams, savedStreams } from '../../src/jetstream/state/fixture.ts';
import { StateReader } from '../../src/jetstream/state/index.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { type ByteString, toBytes } from '../../src/subjects/index.ts';
import { allSubjects, messageOf, type Seen, TestEnv, TestSink } from './support.ts';

const SECOND = 1e9;

/** One account with one stream, and what a client sees of it. */
export class Account {
  readonly env = new TestEnv();
  readonly jetstream = new JetStream(this.env, UNLIMITED);
  /** Reply subjects of deliveries that may still be acknowledged. */
  deliveries: string[] = [];

  /** A copy by way of bytes, at the same moment or `laterMs` after it. */
  copy(laterMs = 0): Account {
    const other = new Account();
    other.env.clock.ms = this.env.clock.ms + laterMs;
    loadInto(other.jetstream, saved(this.jetstream), laterMs);
    other.deliveries = [...this.deliveries];
    return other;
  }

  get stream(): Stream {
    return this.jetstream.stream('S' as ByteString);
  }

  consumers(): readonly string[] {
    return [...this.stream.consumers.keys()];
  }
}

/** The streams of an account as bytes. */
export function saved(jetstream: JetStream): Buffer {
  return Buffer.concat([...savedStreams(jetstream)]);
}

/** Puts saved streams in the place of those of an account. */
export function loadInto(jetstream: JetStream, bytes: Buffer, shiftMs = 0): void {
  LoadedStreams.read(new StateReader(bytes, 0), jetstream, shiftMs).adopt(0);
}

export interface Command {
  readonly do: 'publish' | 'fetch' | 'ack' | 'nak' | 'term' | 'delay' | 'remove' | 'purge' | 'wait';
  readonly pick: number;
  readonly more: number;
}

export const commands = fc.array(
  fc.record<Command>({
    do: fc.oneof(
      { weight: 8, arbitrary: fc.constant('publish' as const) },
      { weight: 5, arbitrary: fc.constant('fetch' as const) },
      { weight: 4, arbitrary: fc.constantFrom('ack' as const, 'nak' as const, 'term' as const) },
      { weight: 2, arbitrary: fc.constantFrom('delay' as const, 'remove' as const, 'wait' as const) },
      { weight: 1, arbitrary: fc.constant('purge' as const) },
    ),
    pick: fc.nat(1000),
    more: fc.nat(5),
  }),
  { maxLength: 60 },
);

/** Streams that differ in what they keep beside messages. */
export const streams: readonly StreamConfigInput[] = [
  { storage: 'memory', allow_msg_ttl: true, duplicate_window: 2 * SECOND },
  { storage: 'file', max_age: 5 * SECOND, allow_msg_ttl: true, duplicate_window: SECOND },
  { storage: 'memory', max_msgs_per_subject: 2, first_seq: 50 },
  { storage: 'file', retention: 'workqueue' },
  { storage: 'memory', retention: 'interest' },
  { storage: 'memory', max_msgs: 5, discard: 'new' },
];

const ONE_FOR_ALL: readonly ConsumerConfigInput[] = [{ name: 'w', ack_policy: 'explicit', ack_wait: SECOND }];
const MANY: readonly ConsumerConfigInput[] = [
  { name: 'a', ack_policy: 'explicit', ack_wait: SECOND, max_deliver: 3 },
  { name: 'b', ack_policy: 'all', filter_subject: 's.a', ack_wait: 3 * SECOND },
  { name: 'c', ack_policy: 'none', filter_subjects: ['s.b', 's.c'], deliver_policy: 'last_per_subject' },
  { name: 'd', ack_policy: 'explicit', backoff: [SECOND, 2 * SECOND], max_deliver: 4, max_ack_pending: 2 },
  { name: 'e', ack_policy: 'none', replay_policy: 'original' },
  { name: 'f', ack_policy: 'explicit', inactive_threshold: 6 * SECOND, mem_storage: true },
];

/** An account with a stream on `s.*` and consumers of every kind that its retention permits. */
export function accountWith(config: StreamConfigInput): Account {
  const account = new Account();
  account.jetstream.createStream({ name: 'S', subjects: ['s.*'], ...config });
  const consumers = config.retention === 'workqueue' ? ONE_FOR_ALL : MANY;
  for (const consumer of consumers) createConsumer(account.stream, consumer, '', false);
  account.env.drain();
  return account;
}

const PAYLOADS = { ack: '+ACK', nak: '-NAK', term: '+TERM', delay: '-NAK {"delay":1500000000}' };
const HEADERS = ['', 'Nats-Msg-Id:', 'Nats-TTL: 2s', 'Nats-TTL: never', ''];

/** Does one thing to an account. @returns what a client sees of it. */
export function perform(account: Account, { do: verb, pick, more }: Command): unknown {
  const { env, stream } = account;
  switch (verb) {
    case 'publish': {
      const field = HEADERS[more % HEADERS.length] ?? '';
      const id = field === 'Nats-Msg-Id:' ? ` m${pick % 4}` : '';
      const header = field === '' ? '' : `NATS/1.0\r\n${field}${id}\r\n\r\n`;
      return env.request(`s.${'abc'[pick % 3]}`, `${pick}`, header);
    }
    case 'fetch': {
      const name = account.consumers()[pick % Math.max(1, account.consumers().length)];
      const consumer = name === undefined ? undefined : stream.consumers.get(name as ByteString);
      if (consumer === undefined) return 'none';
      const sink = new TestSink('_INBOX.x');
      consumer.next({ batch: 1 + more, no_wait: true }, sink);
      env.drain();
      // Whoever waits is no state.
      sink.gone = true;
      account.deliveries.push(...sink.seen.filter(({ reply }) => reply !== '').map(({ reply }) => reply));
      return sink.seen.map((one: Seen) => [one.subject, one.reply, one.header, one.payload]);
    }
    case 'remove':
      return stream.remove(pick % (stream.store.lastSeq + 1), false);
    case 'purge':
      return finish(stream.purge({ filter: toBytes('s.a'), keep: more }));
    case 'wait':
      env.advance(400 * (1 + more));
      return undefined;
    default: {
      const reply = account.deliveries[pick % Math.max(1, account.deliveries.length)];
      const consumer = stream.consumers.get((reply?.split('.')[3] ?? '') as ByteString);
      if (reply === undefined || consumer === undefined) return 'none';
      consumer.acknowledge(messageOf(toBytes(reply), '', PAYLOADS[verb]));
      env.drain();
      return undefined;
    }
  }
}

/** Everything there is to see in an account's stream. */
export function look({ stream, jetstream, env }: Account): unknown {
  const messages: unknown[] = [];
  for (let seq = stream.store.next(0, undefined); seq !== 0; seq = stream.store.next(seq + 1, undefined)) {
    messages.push(stream.store.copy(seq), stream.store.isLasting(seq));
  }
  return {
    config: stream.config,
    created: stream.created,
    state: stream.state({ deletedDetails: true, subjects: allSubjects(stream) }),
    messages,
    lastMsgId: stream.lastMsgId,
    ids: stream.dedupe.size,
    usage: jetstream.usage(),
    consumers: [...stream.consumers.values()].map((consumer) => consumer.info()),
    nextDue: env.scheduler.nextDue(),
  };
}
