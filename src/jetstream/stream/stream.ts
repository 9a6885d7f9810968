import {
  type Closable,
  formatInstant,
  formatTimeText,
  type Instant,
  limits,
  type Message,
} from '../../base/index.ts';
import { type ByteString, toBytes } from '../../subjects/index.ts';
import type { Consumer } from '../consumer/consumer.ts';
import { ConsumerRoster, type ReadonlyConsumerRoster } from '../consumer/consumer-roster.ts';
import { type JsError, jsError } from '../errors.ts';
import type { Footprint } from '../footprint.ts';
import type { JetStream } from '../jetstream.ts';
import { DedupeWindow } from '../publish/dedupe.ts';
import type { Expected } from '../publish/expectations.ts';
import { Ingest } from '../publish/ingest.ts';
import { Schedules } from '../schedule/schedules.ts';
import type { SlicedWork } from '../sliced.ts';
import type { Inflow } from '../source/inflow.ts';
import { Inflows } from '../source/inflows.ts';
import { Expiries } from '../store/expiries.ts';
import { filterOf } from '../store/filter.ts';
import { MessageStore, MessageView, type StoredMessage } from '../store/store.ts';
import type { SubjectCounts } from '../store/subject-page.ts';
import { ConsumerIndex } from './consumer-index.ts';
import { Purge, type PurgeOptions } from './purge.ts';
import { Aging, InterestSweep } from './retention.ts';
import type { StreamConfig } from './stream-schema.ts';
import type { StateQuery, StreamState } from './stream-state.ts';
import { Trimmer } from './trim.ts';

const NS_PER_MS = 1e6;
const HASH_SEEDS = 2 ** 32;

/** A message to read: by sequence, the last on a subject, or the first on a subject from a sequence on. */
export interface MessageQuery {
  readonly seq?: number;
  readonly lastBySubject?: ByteString;
  readonly nextBySubject?: ByteString;
}

/** One stream: its configuration, its messages, its consumers. */
export class Stream implements Expected {
  readonly jetstream: JetStream;
  readonly name: ByteString;
  readonly created: Instant;
  readonly store: MessageStore;
  readonly footprint: Footprint;
  readonly #consumers = new ConsumerRoster();
  readonly #index = new ConsumerIndex();
  readonly trimmer = new Trimmer(this);
  readonly dedupe: DedupeWindow;
  readonly expiries: Expiries;
  readonly schedules: Schedules;
  /** What comes into it from other streams. */
  readonly inflows: Inflows;
  /** Who takes from it; undefined when nobody does. */
  #followers: ReadonlySet<Inflow> | undefined;
  readonly #ingest: Ingest;
  readonly #aging: Aging;
  readonly #sweep: InterestSweep;
  readonly #subscriptions = new Map<ByteString, Closable>();
  #config: StreamConfig;
  #settledBytes = 0;
  #closed = false;

  constructor(
    jetstream: JetStream,
    config: StreamConfig,
    footprint: Footprint,
    created: Instant = jetstream.env.clock.instant(),
  ) {
    const { env } = jetstream;
    this.jetstream = jetstream;
    this.footprint = footprint;
    this.#config = config;
    this.name = toBytes(config.name);
    this.created = created;
    const random = env.random.fork(`stream ${config.name}`);
    this.store = new MessageStore(
      env.memory,
      config.storage,
      random.below(HASH_SEEDS),
      config.first_seq,
      env.worked,
    );
    this.expiries = new Expiries(env.memory, this.store);
    this.schedules = new Schedules(this);
    this.dedupe = new DedupeWindow(env.memory, random.below(HASH_SEEDS), windowMs(config));
    this.inflows = new Inflows(this);
    this.#ingest = new Ingest(this);
    this.#aging = new Aging(this);
    this.#sweep = new InterestSweep(this);
  }

  get config(): StreamConfig {
    return this.#config;
  }

  get consumers(): ReadonlyConsumerRoster {
    return this.#consumers;
  }

  get allowRollup(): boolean {
    return this.#config.allow_rollup_hdrs;
  }

  get allowTtl(): boolean {
    return this.#config.allow_msg_ttl;
  }

  get allowCounter(): boolean {
    return this.#config.allow_msg_counter === true;
  }

  get allowSchedules(): boolean {
    return this.#config.allow_msg_schedules === true;
  }

  get subjects(): readonly string[] {
    return this.#config.subjects ?? [];
  }

  isSchedule(seq: number): boolean {
    return this.schedules.isSchedule(seq);
  }

  get lastMsgId(): string {
    return this.#ingest.lastMsgId;
  }

  set lastMsgId(id: string) {
    this.#ingest.lastMsgId = id;
  }

  /** Whether it is gone. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Begins to listen on the stream's subjects; what was loaded into it begins to grow old. */
  open(): void {
    if (this.store.messages > 0 || this.dedupe.size > 0) this.#openLoaded();
    for (const subject of this.#config.subjects ?? []) this.#subscribe(toBytes(subject));
    this.#followers = this.jetstream.origins.of(this.name);
    this.inflows.adopt(this.#config);
    this.jetstream.origins.changed(this.name);
  }

  /** Others begin or cease to take from it. */
  setFollowers(followers: ReadonlySet<Inflow> | undefined): void {
    this.#followers = followers;
  }

  #openLoaded(): void {
    this.settle();
    this.#aging.arm();
    if (this.#config.retention === 'interest') this.#sweep.start();
  }

  /** Whether the account has room for a message of so many bytes in a stream that is being loaded. */
  hasRoomToLoad(bytes: number): boolean {
    return this.jetstream.hasRoom(this.#config.storage, this.store.bytes - this.#settledBytes + bytes);
  }

  /** A message was loaded: it counts for the account from now on, and limits hold. */
  loaded(subject: ByteString): void {
    this.trimmer.stored(this.store.lastSeq, subject, undefined);
    this.settle();
  }

  /** Ends it without a word to the world; who waits at a consumer waits at the same one of an heir. */
  retire(heir: Stream | undefined, shiftMs: number): void {
    for (const [name, consumer] of this.#consumers) consumer.retire(heir?.consumers.get(name), shiftMs);
    this.#consumers.clear();
    this.close();
  }

  /** Stops listening and gives all memory back. Consumers are closed before. */
  close(): void {
    this.#closed = true;
    this.inflows.close();
    this.#ingest.close();
    this.#followers = undefined;
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
    this.#aging.stop();
    this.store.clear();
    this.expiries.clear();
    this.schedules.due.clear();
    this.dedupe.clear();
    this.footprint.release();
    this.settle();
  }

  /** Takes a message published to one of the subjects. */
  ingest(message: Message): void {
    this.#ingest.receive(message);
  }

  /**
   * Takes a message that no client published here.
   * @returns why it was refused.
   */
  put(message: Message): JsError | undefined {
    return this.#ingest.put(message);
  }

  /**
   * Publishes a message of the server's own to one of the stream's subjects.
   * @returns why it was refused.
   */
  publish(message: Message): JsError | undefined {
    return this.#ingest.publish(message);
  }

  /**
   * Takes what another stream hands on.
   * @param as for a mirror, the sequence and the time that the message has at its origin.
   * @returns why it was refused.
   */
  handOn(message: Message, as?: { readonly seq: number; readonly at: Instant }): JsError | undefined {
    return this.#ingest.handOn(message, as);
  }

  /** Adopts a new configuration: subjects, limits, windows; existing messages are trimmed to it. */
  reconfigure(config: StreamConfig): void {
    const before = this.#config;
    this.#config = config;
    const subjects = new Set((config.subjects ?? []).map(toBytes));
    for (const [subject, subscription] of this.#subscriptions) {
      if (subjects.has(subject)) continue;
      subscription.close();
      this.#subscriptions.delete(subject);
    }
    for (const subject of subjects) this.#subscribe(subject);
    this.dedupe.setWindow(windowMs(config));
    this.#ingest.adopt(config);
    this.inflows.adopt(config);
    if (before.retention !== config.retention) this.jetstream.origins.changed(this.name);
    this.trimmer.all();
    this.settle();
    this.#aging.stop();
    this.#aging.arm();
    if (before.retention !== 'interest' && config.retention === 'interest') this.#sweep.start();
  }

  /**
   * A message was stored (or its sequence used up): consumers, limits, rollup. Consumers hear of the message first,
   * because a limit may take it out again at once.
   */
  stored(seq: number, subject: ByteString, rollup: 'sub' | 'all' | undefined): void {
    if (this.#consumers.size > 0 && this.store.has(seq)) this.#index.stored(seq, subject);
    this.trimmer.stored(seq, subject, rollup);
    this.settle();
    if (this.#followers !== undefined) for (const follower of this.#followers) follower.wake();
    if (
      this.#config.max_age > 0 ||
      this.dedupe.size > 0 ||
      this.expiries.size > 0 ||
      this.schedules.due.size > 0
    ) {
      this.#aging.arm();
    }
  }

  /** Takes one message out and settles the accounts. @returns false when there is none. */
  remove(seq: number, erase: boolean): boolean {
    const removed = this.drop(seq, erase);
    this.settle();
    return removed;
  }

  /** Takes one message out, as one of many: whoever does it calls {@link purged} or settles afterwards. */
  drop(seq: number, erase: boolean): boolean {
    const subject = this.store.subjectOf(seq);
    if (subject === undefined) return false;
    this.store.remove(seq, erase);
    this.expiries.tidy();
    this.schedules.due.tidy();
    if (this.#consumers.size > 0) this.#index.removed(seq, subject);
    return true;
  }

  /** Takes everything out; the next sequence is at least `nextSeq`. */
  clear(nextSeq: number): void {
    this.store.clear(nextSeq);
    this.expiries.clear();
    this.schedules.due.clear();
    this.purged();
  }

  /** Many messages went: accounts are settled and consumers look again. */
  purged(): void {
    this.settle();
    this.#index.purged(this.store.lastSeq);
    for (const consumer of this.#consumers.values()) consumer.listener.onPurged(this.store.firstSeq);
  }

  /** @throws JsError when the stream does not permit purges. */
  purge(options: PurgeOptions = {}): SlicedWork<number> {
    if (this.#config.sealed) throw jsError('JSStreamSealedErr');
    if (this.#config.deny_purge) throw jsError('JSStreamPurgeFailedF', { err: 'stream purge not permitted' });
    return new Purge(this, options);
  }

  /** @throws JsError when there is no such message or the stream does not permit deletes. */
  deleteMessage(seq: number, erase: boolean): void {
    if (this.#config.sealed) throw jsError('JSStreamSealedErr');
    if (this.#config.deny_delete) {
      throw jsError('JSStreamMsgDeleteFailedF', { err: 'message delete not permitted' });
    }
    if (!this.remove(seq, erase)) throw this.#missing(seq);
  }

  /** File storage tells a missing message inside from one outside of what it holds (measured on 2.14.5). */
  #missing(seq: number): Error {
    const { firstSeq, lastSeq } = this.store;
    if (this.#config.storage === 'file' && seq > lastSeq) {
      return jsError('JSStreamMsgDeleteFailedF', { err: 'stream store EOF' });
    }
    if (this.#config.storage === 'file' && (seq < firstSeq || seq === 0)) {
      return jsError('JSStreamMsgDeleteFailedF', { err: 'no message found' });
    }
    return jsError('JSSequenceNotFoundErrF', { seq });
  }

  getMessage(query: MessageQuery): StoredMessage | undefined {
    const { store } = this;
    if (query.lastBySubject !== undefined) return store.copy(store.lastOf(filterOf(query.lastBySubject)));
    if (query.nextBySubject !== undefined) {
      return store.copy(store.next(query.seq ?? 0, filterOf(query.nextBySubject)));
    }
    return store.copy(query.seq ?? 0);
  }

  state(query: StateQuery = {}): StreamState {
    const { store } = this;
    const view = new MessageView();
    const hasFirst = store.messages > 0 && store.load(store.firstSeq, view);
    const state: StreamState = {
      messages: store.messages,
      bytes: store.bytes,
      first_seq: store.firstSeq,
      first_ts: hasFirst ? formatInstant(view) : formatTimeText(undefined),
      last_seq: store.lastSeq,
      last_ts: formatTimeText(store.lastTime),
      consumer_count: 0,
    };
    if (store.numSubjects > 0) state.num_subjects = store.numSubjects;
    const subjects = query.subjects ?? {};
    if (Object.keys(subjects).length > 0) state.subjects = subjects;
    if (store.numDeleted > 0) state.num_deleted = store.numDeleted;
    if (query.deletedDetails === true && store.numDeleted > 0) {
      state.deleted = store.deleted(limits.MAX_INFO_DELETED);
    }
    return withCountLast(state, this.#consumers.shownCount);
  }

  /** A page of the subjects that match a filter, with how many messages each has; by default all of them. */
  subjectPage(filter: ByteString, offset = 0, limit = Number.POSITIVE_INFINITY): SlicedWork<SubjectCounts> {
    return this.store.subjectPage(filterOf(filter), offset, limit);
  }

  /** @throws JsError when there is no such consumer. */
  consumer(name: ByteString): Consumer {
    const consumer = this.#consumers.get(name);
    if (consumer === undefined) throw jsError('JSConsumerNotFoundErr');
    return consumer;
  }

  /** Takes a consumer in, or notes that it wants other subjects than before. */
  addConsumer(consumer: Consumer): void {
    this.#consumers.set(consumer.name, consumer);
    this.#index.add(consumer.listener);
  }

  /**
   * Takes a consumer out and closes it.
   * @throws JsError when there is no such consumer.
   */
  deleteConsumer(name: ByteString): void {
    const consumer = this.consumer(name);
    this.#consumers.delete(name);
    this.#index.remove(consumer.listener);
    consumer.close();
    if (this.#config.retention === 'interest') this.#sweep.start();
  }

  /** A consumer will not ask for a message again; work queues and interest retention drop it then. */
  acknowledged(consumer: Consumer, seq: number): void {
    if (this.#config.retention === 'limits' || this.#closed) return;
    if (this.#config.retention === 'interest' && this.isNeeded(seq, consumer)) return;
    this.remove(seq, false);
  }

  /** Whether a new message on this subject is kept: under interest retention only if a consumer will need it. */
  isWanted(subject: ByteString): boolean {
    if (this.#config.retention !== 'interest') return true;
    return this.#index.needs(this.store.lastSeq + 1, subject);
  }

  /** Whether a consumer (other than `except`) still needs a stored message. */
  isNeeded(seq: number, except?: Consumer): boolean {
    const subject = this.store.subjectOf(seq);
    return subject !== undefined && this.#index.needs(seq, subject, except?.listener);
  }

  #subscribe(subject: ByteString): void {
    if (this.#subscriptions.has(subject)) return;
    const { claims, env } = this.jetstream;
    const subscription = env.subscribe(subject, (message) => this.#ingest.receive(message));
    claims.add(subject);
    this.#subscriptions.set(subject, {
      close: () => {
        claims.remove(subject);
        subscription.close();
      },
    });
  }

  /** Tells the account how many bytes came or went since last time. */
  settle(): void {
    const delta = this.store.bytes - this.#settledBytes;
    if (delta === 0) return;
    this.#settledBytes = this.store.bytes;
    this.jetstream.charge(this.#config.storage, delta);
  }
}

/** The server writes the number of consumers after everything optional. */
function withCountLast(state: StreamState, consumers: number): StreamState {
  const { consumer_count: _, ...rest } = state;
  return { ...rest, consumer_count: consumers };
}

function windowMs(config: StreamConfig): number {
  return (config.duplicate_window ?? 0) / NS_PER_MS;
}
