import fc from 'fast-check';
import { expect } from 'vitest';
import type { Consumer } from '../../src/jetstream/consumer/consumer.ts';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import type { PullRequest } from '../../src/jetstream/consumer/pull-request.ts';
import { filterOf } from '../../src/jetstream/store/filter.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes, toText } from '../../src/subjects/index.ts';
import { counters, isStatus, MS, partsOf, World } from './consumer-support.ts';
import { type Delivery, NaiveConsumer, type NaiveConsumerConfig } from './naive-consumer.ts';
import { type NaiveConfig, type NaiveMessage, NaiveStream, passes } from './naive-stream.ts';
import { header, type Seen, TestSink } from './support.ts';

export const SUBJECTS = ['s.a', 's.b', 's.c', 's.a.x'] as const;
const FILTERS = [[], ['s.a'], ['s.*'], ['s.a', 's.c'], ['s.>'], ['s.a.>', 's.b']] as const;
const WAIT = 1001;
const EXPIRES = 3070;

/** One step. Numbers pick among what is there; what cannot be done is passed over. */
export type Command =
  | { do: 'publish'; pick: number; size: number; rollup: 'sub' | 'all' | undefined; ttl: number | undefined }
  | { do: 'delete'; pick: number }
  | { do: 'purge'; filter: number; seq: number; keep: number }
  | { do: 'advance'; steps: number }
  | { do: 'create'; pick: number; config: NaiveConsumerConfig }
  | { do: 'remove' | 'refilter' | 'look'; pick: number; filter: number }
  | { do: 'fetch' | 'wait'; pick: number; batch: number }
  | { do: 'ack' | 'nak' | 'term' | 'progress' | 'later'; pick: number };

const pick = fc.nat(60);
const filter = fc.nat(FILTERS.length - 1);

function weighted(weight: number, arbitrary: fc.Arbitrary<Command>): fc.WeightedArbitrary<Command> {
  return { weight, arbitrary };
}

const consumerConfig: fc.Arbitrary<NaiveConsumerConfig> = fc.record({
  filter: fc.constantFrom(...FILTERS),
  ack: fc.constantFrom('explicit', 'explicit', 'all', 'none'),
  ackWait: fc.constant(WAIT),
  maxDeliver: fc.constantFrom(-1, -1, 1, 2, 3),
  maxAckPending: fc.constantFrom(-1, 1, 4),
  deliver: fc.constantFrom('all', 'all', 'new', 'last', 'last_per_subject', 'by_start_sequence'),
  start: fc.integer({ min: 1, max: 12 }),
});

/** Commands about messages. */
export const streamCommand: fc.Arbitrary<Command> = fc.oneof(
  weighted(
    9,
    fc.record({
      do: fc.constant('publish'),
      pick,
      size: fc.nat(40),
      rollup: fc.constantFrom(...Array<undefined>(12).fill(undefined), 'sub', 'all'),
      ttl: fc.constantFrom(undefined, undefined, undefined, undefined, 1, 3),
    }),
  ),
  weighted(1, fc.record({ do: fc.constant('delete'), pick })),
  weighted(
    1,
    fc.record({
      do: fc.constant('purge'),
      filter,
      seq: fc.constantFrom(0, 0, 5, 20),
      keep: fc.constantFrom(0, 0, 0, 2),
    }),
  ),
  weighted(2, fc.record({ do: fc.constant('advance'), steps: fc.integer({ min: 1, max: 30 }) })),
);

/** Commands about consumers, too. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 14, arbitrary: streamCommand },
  weighted(2, fc.record({ do: fc.constant('create'), pick, config: consumerConfig })),
  weighted(2, fc.record({ do: fc.constantFrom('remove', 'refilter', 'look', 'look'), pick, filter })),
  weighted(
    6,
    fc.record({ do: fc.constantFrom('fetch', 'wait'), pick, batch: fc.integer({ min: 1, max: 6 }) }),
  ),
  weighted(
    8,
    fc.record({ do: fc.constantFrom('ack', 'ack', 'ack', 'nak', 'term', 'progress', 'later'), pick }),
  ),
);

/** A sink that writes into a list which others write into as well. */
class SharedSink extends TestSink {
  override readonly seen: Seen[];

  constructor(seen: Seen[]) {
    super();
    this.seen = seen;
  }
}

interface Pair {
  readonly name: string;
  readonly real: Consumer;
  readonly naive: NaiveConsumer;
  readonly seen: Seen[];
}

/** The real stream with its consumers and the naive ones, under the same commands. */
export class Both {
  readonly world: World;
  readonly naive: NaiveStream;
  readonly #pairs: Pair[] = [];
  #names = 0;

  constructor(config: NaiveConfig) {
    this.world = new World(inputOf(config));
    this.naive = new NaiveStream(config);
    this.naive.now = this.world.env.clock.ms;
  }

  run(command: Command): void {
    switch (command.do) {
      case 'publish':
        return this.#publish(command);
      case 'delete':
        return this.#delete(command.pick);
      case 'purge':
        return this.#purge(FILTERS[command.filter] ?? [], command.seq, command.keep);
      case 'advance':
        return this.#advance(command.steps * 100);
      case 'create':
        return this.#create(command.config);
      case 'remove':
      case 'refilter':
      case 'look':
        return this.#manage(command.do, command.pick, FILTERS[command.filter] ?? []);
      case 'fetch':
      case 'wait':
        return this.#pull(command.pick, command.batch, command.do === 'fetch');
      default:
        return this.#settle(command.do, command.pick);
    }
  }

  #publish(command: Command & { do: 'publish' }): void {
    const subject = SUBJECTS[command.pick % SUBJECTS.length] ?? 's.a';
    const payload = String(command.pick % 10).repeat(command.size);
    const fields: [string, string][] = [];
    if (command.rollup !== undefined) fields.push(['Nats-Rollup', command.rollup]);
    if (command.ttl !== undefined) fields.push(['Nats-TTL', String(command.ttl)]);
    const block = fields.length === 0 ? '' : header(...fields);
    const answer = this.world.env.request(subject, payload, block);
    const { description } = (answer['error'] ?? {}) as { description?: string };
    const { rollup, ttl } = command;
    const refusal = this.naive.publish({ subject, payload, header: block, rollup, ttl });
    expect(description).toBe(refusal);
    if (refusal === undefined) expect(answer['seq']).toBe(this.naive.last);
    for (const { naive } of this.#pairs) naive.pump();
  }

  #delete(pick: number): void {
    const one = this.naive.kept[pick % Math.max(1, this.naive.kept.length)];
    if (one === undefined) return;
    this.world.remove(one.seq);
    this.naive.drop(one.seq);
    for (const { naive } of this.#pairs) naive.pump();
  }

  #purge(patterns: readonly string[], seq: number, keep: number): void {
    const [pattern] = patterns;
    const below = keep > 0 ? 0 : seq;
    this.world.purge({ ...(pattern === undefined ? {} : { filter: pattern }), seq: below, keep });
    this.naive.purge(pattern === undefined ? [] : [pattern], below, keep);
    for (const { naive } of this.#pairs) naive.pump();
  }

  /** What falls due happens one time after the other. */
  #advance(ms: number): void {
    const { naive } = this;
    const target = naive.now + ms;
    for (;;) {
      const due = Math.min(naive.nextDue, ...this.#pairs.map((one) => one.naive.nextDue));
      if (due > target) break;
      naive.now = Math.max(due, naive.now);
      naive.expire();
      for (const one of this.#pairs) one.naive.expire();
    }
    naive.now = target;
    this.world.env.advance(ms);
  }

  #create(wanted: NaiveConsumerConfig): void {
    if (this.#pairs.length >= 4) return;
    const config = this.#permitted(wanted);
    if (config === undefined) return;
    const name = `c${this.#names++}`;
    const real = this.world.consumer(consumerInput(name, config));
    const naive = new NaiveConsumer(this.naive, config);
    this.#pairs.push({ name, real, naive, seen: [] });
    this.naive.readers.push(naive);
  }

  /**
   * A work queue permits consumers that share nothing and begin at its start; the last of each subject goes with a
   * filter only.
   */
  #permitted(config: NaiveConsumerConfig): NaiveConsumerConfig | undefined {
    if (config.deliver === 'last_per_subject' && config.filter.length === 0) return undefined;
    if (this.naive.config.retention !== 'workqueue') return config;
    const free = SUBJECTS.find((subject) => !this.#pairs.some(({ naive }) => passes(naive.filter, subject)));
    if (free === undefined) return undefined;
    return { ...config, filter: [free], ack: 'explicit', deliver: 'all' };
  }

  /**
   * Modelled is an update that wants less. How much of what it did not want before a consumer goes back to depends on
   * how far it has looked.
   */
  #mayRefilter({ filter }: NaiveConsumer, patterns: readonly string[]): boolean {
    const isLess =
      patterns.length > 0 && patterns.every((one) => filter.length === 0 || filter.includes(one));
    return isLess && this.naive.config.retention === 'limits';
  }

  #pairAt(pick: number): Pair | undefined {
    return this.#pairs[pick % Math.max(1, this.#pairs.length)];
  }

  #manage(what: 'remove' | 'refilter' | 'look', pick: number, patterns: readonly string[]): void {
    const pair = this.#pairAt(pick);
    if (pair === undefined) return;
    const { naive, real, name } = pair;
    if (what === 'look') expect(counters(real)).toEqual(naive.counters());
    else if (what === 'remove') {
      this.world.stream.deleteConsumer(toBytes(name));
      this.world.env.drain();
      this.#pairs.splice(this.#pairs.indexOf(pair), 1);
      this.naive.readers.splice(this.naive.readers.indexOf(naive), 1);
      this.naive.sweep();
    } else if (this.#mayRefilter(naive, patterns)) {
      this.world.consumer(consumerInput(name, { ...naive.config, filter: patterns }));
      naive.refilter(patterns);
      naive.pump();
    }
  }

  #pull(pick: number, batch: number, noWait: boolean): void {
    const pair = this.#pairAt(pick);
    if (pair === undefined) return;
    const request: PullRequest = noWait ? { batch, no_wait: true } : { batch, expires: EXPIRES * MS };
    pair.real.next(request, new SharedSink(pair.seen));
    this.world.env.drain();
    pair.naive.ask(batch, noWait, noWait ? Number.POSITIVE_INFINITY : this.naive.now + EXPIRES);
  }

  #settle(what: 'ack' | 'nak' | 'term' | 'progress' | 'later', pick: number): void {
    const pair = this.#pairAt(pick);
    const deliveries = pair?.seen.filter((one) => !isStatus(one)) ?? [];
    // The last ones are the likeliest to be still waited for.
    const seen = deliveries.at(-1 - (pick % Math.max(1, Math.min(12, deliveries.length))));
    if (pair === undefined || seen === undefined) return;
    const { seq, consumerSeq } = partsOf(seen);
    const payload = {
      ack: '+ACK',
      nak: '-NAK',
      term: '+TERM',
      progress: '+WPI',
      later: '-NAK {"delay":450000000}',
    }[what];
    this.world.ack(pair.real, seen, payload);
    if (what === 'ack') pair.naive.acknowledge(seq, consumerSeq);
    else if (pair.naive.config.ack === 'none') return;
    else if (what === 'term') pair.naive.terminate(seq);
    else if (what === 'progress') pair.naive.progress(seq);
    else pair.naive.refuse(seq, what === 'later' ? 450 : 0);
    for (const { naive } of this.#pairs) naive.pump();
  }

  /** Compares everything that can be seen of the stream. */
  checkStream(): void {
    const { naive } = this;
    const { store } = this.world.stream;
    const { messages, bytes, first_seq, last_seq, num_deleted, num_subjects } = this.world.stream.state();
    const subjects = new Set(naive.kept.map((one) => one.subject));
    const deleted = naive.kept.length === 0 ? 0 : naive.last - naive.first + 1 - naive.kept.length;
    expect({ messages, bytes, first_seq, last_seq, num_deleted, num_subjects }).toEqual({
      messages: naive.kept.length,
      bytes: naive.bytes,
      first_seq: naive.first,
      last_seq: naive.last,
      num_deleted: deleted || undefined,
      num_subjects: subjects.size || undefined,
    });
    expect(naive.kept.map(({ seq }) => this.#contentsOf(seq))).toEqual(naive.kept.map(contents));
    expect(store.deleted()).toEqual(missing(naive));
  }

  #contentsOf(seq: number): unknown {
    const found = this.world.stream.getMessage({ seq });
    return (
      found && [toText(found.subject), found.header.latin1Slice(), found.payload.latin1Slice(), found.time.ms]
    );
  }

  /** Compares what searches find. */
  checkSearches(from: number): void {
    const { store } = this.world.stream;
    for (const patterns of FILTERS) {
      const [pattern = ''] = patterns;
      if (patterns.length > 1) continue;
      const subject = filterOf(toBytes(pattern));
      const all = this.naive.matching(patterns);
      expect(store.next(from, subject)).toBe(all.find((one) => one.seq >= from)?.seq ?? 0);
      expect(store.lastOf(subject)).toBe(all.at(-1)?.seq ?? 0);
      expect(store.countFrom(from, subject)).toBe(all.filter((one) => one.seq >= from).length);
    }
  }

  /** Compares what every consumer delivered; its counters only when `alsoCounters`, because looking at them is an event. */
  checkConsumers(alsoCounters: boolean): void {
    for (const { real, naive, seen } of this.#pairs) {
      expect(seen.filter((one) => !isStatus(one)).map(deliveryOf)).toEqual(naive.out);
      if (alsoCounters) expect(counters(real)).toEqual(naive.counters());
    }
  }
}

function contents({ subject, header, payload, at }: NaiveMessage): unknown {
  return [subject, header, payload, at];
}

function missing(naive: NaiveStream): number[] {
  const out: number[] = [];
  if (naive.kept.length === 0) return out;
  for (let seq = naive.first; seq <= naive.last; seq++) if (naive.find(seq) === undefined) out.push(seq);
  return out;
}

function deliveryOf(seen: Seen): Delivery {
  const { seq, consumerSeq, delivered, pending } = partsOf(seen);
  return [seq, consumerSeq, delivered, pending];
}

function inputOf(config: NaiveConfig): StreamConfigInput {
  return {
    retention: config.retention,
    discard: config.discard,
    discard_new_per_subject: config.discardNewPerSubject ?? false,
    max_msgs: config.maxMessages ?? -1,
    max_bytes: config.maxBytes ?? -1,
    max_msgs_per_subject: config.maxPerSubject ?? -1,
    max_age: (config.maxAge ?? 0) * MS,
    allow_rollup_hdrs: true,
    allow_msg_ttl: true,
  };
}

function consumerInput(name: string, config: NaiveConsumerConfig): ConsumerConfigInput {
  return {
    name,
    durable_name: name,
    filter_subjects: [...config.filter],
    ack_policy: config.ack,
    ack_wait: config.ackWait * MS,
    max_deliver: config.maxDeliver,
    max_ack_pending: config.maxAckPending,
    deliver_policy: config.deliver,
    ...(config.deliver === 'by_start_sequence' ? { opt_start_seq: config.start ?? 1 } : {}),
  };
}
