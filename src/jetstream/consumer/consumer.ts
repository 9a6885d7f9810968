import { type Instant, type Message, type Random, statusHeader } from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes } from '../../subjects/index.ts';
import { Alarm } from '../alarm.ts';
import type { JetStreamEnv, ReplySink, Runnable } from '../env.ts';
import { jsError } from '../errors.ts';
import type { Footprint } from '../footprint.ts';
import type { StateReader, StateWriter } from '../state/index.ts';
import { SubjectFilter } from '../store/filter.ts';
import type { ConsumerIndex } from '../stream/consumer-index.ts';
import { AckDesk } from './ack-desk.ts';
import { ConsumerAdvisories } from './consumer-advisories.ts';
import { samplePercent } from './consumer-check.ts';
import { ackWaitMs, type ConsumerConfig, filterSubjects } from './consumer-config.ts';
import { type ConsumerInfo, consumerInfo } from './consumer-info.ts';
import type { ConsumerStream } from './consumer-stream.ts';
import { Cursor } from './cursor.ts';
import { Handout, type HandoutParts } from './handout.ts';
import { Ledger } from './ledger.ts';
import type { Outlet, Progress } from './outlet.ts';
import { Pause } from './pause.ts';
import { Pin } from './priority.ts';
import { PullDesk } from './pull-desk.ts';
import type { PullRequest } from './pull-request.ts';
import { PushChannel } from './push.ts';
import { resetPosition } from './reset.ts';
import { StatusQueue } from './status.ts';
import type { StreamConsumer } from './stream-consumer.ts';
import { Supply } from './supply.ts';

const NEVER = Number.POSITIVE_INFINITY;
const NO_ROW = -1;
const DELETED_REASON = 'Unacknowledged message was deleted';

/**
 * Hands out a stream's messages to pull requests or to a deliver subject. It is told of every change in the stream,
 * keeps its counters by that, and delivers from the run queue only.
 */
export class Consumer implements StreamConsumer, Runnable {
  readonly name: ByteString;
  readonly created: Instant;
  readonly footprint: Footprint;
  readonly #stream: ConsumerStream;
  readonly #env: JetStreamEnv;
  readonly #ledger: Ledger;
  readonly #cursor: Cursor;
  readonly #advisories: ConsumerAdvisories;
  readonly #supply: Supply;
  readonly #ackPrefix: ByteString;
  /** Absent when there is nothing to acknowledge. */
  readonly #acks: AckDesk | undefined;
  /** A consumer has one of these two. */
  readonly #pull: PullDesk | undefined;
  #push: PushChannel | undefined;
  readonly #handout: Handout;
  readonly #pause: Pause;
  readonly #alarm: Alarm;
  readonly #statuses = new StatusQueue();
  #random: Random | undefined;
  #config: ConsumerConfig;
  #filter: SubjectFilter;
  #samplePercent = 0;
  #isQueued = false;
  #isDue = false;
  #closed = false;
  #isStopping = false;
  /** The last sequence the stream told of; what it removes above that was never counted. */
  #lastHeard: number;
  /** Since when nobody used it (ms). */
  #lastUsed: number;

  /** @param footprint what it was charged for; given back when it is closed. */
  constructor(
    stream: ConsumerStream,
    config: ConsumerConfig,
    env: JetStreamEnv,
    name: ByteString,
    footprint: Footprint,
    created: Instant = env.clock.instant(),
  ) {
    this.#stream = stream;
    this.footprint = footprint;
    this.#env = env;
    this.name = name;
    this.created = created;
    this.#lastUsed = env.clock.now();
    this.#config = config;
    this.#lastHeard = stream.store.lastSeq;
    this.#filter = filterOf(config);
    this.#cursor = new Cursor(stream.store, this.#filter, config);
    this.#ledger = new Ledger(this.#cursor.position, env.memory);
    this.#advisories = new ConsumerAdvisories(env, stream.name, name);
    this.#supply = new Supply(stream.store, this.#cursor, this.#ledger, this.#advisories);
    this.#ackPrefix = `$JS.ACK.${stream.name}.${name}.` as ByteString;
    this.#acks = config.ack_policy === 'none' ? undefined : this.#newAckDesk();
    this.#pause = new Pause(env.clock, this.#advisories);
    this.#pause.adopt(config.pause_until);
    this.#alarm = new Alarm(env.scheduler, () => this.#onAlarm());
    this.#pull = config.deliver_subject === undefined ? this.#newDesk(config) : undefined;
    this.#handout = new Handout(this.#parts(), config, this.#pull ?? this.#newChannel(config));
    this.#apply(config);
  }

  get config(): ConsumerConfig {
    return this.#config;
  }

  /** Whether somebody is bound to the deliver subject of this push consumer. */
  get isBound(): boolean {
    return this.#push?.active ?? false;
  }

  /** What is told to the world when it comes to be. */
  announce(): void {
    this.#env.assets.consumerAdded(this.#stream.name, this.name);
    this.#advisories.created();
    this.#pause.announce();
    this.#wake();
    this.#rearm();
  }

  /** What it knows besides its configuration. Who waits for messages is no state: connections end with a server. */
  save(to: StateWriter): void {
    to.time(this.#lastUsed);
    to.byte(this.#pause.isOpen ? 1 : 0);
    this.#cursor.save(to);
    this.#ledger.save(to);
    this.#handout.save(to);
    this.#pull?.pin.save(to);
  }

  /** Into a new consumer, which sleeps until {@link begin}; deliveries of messages that are gone are forgotten. */
  load(from: StateReader): void {
    this.#isQueued = true;
    this.#lastUsed = from.deadline();
    if (!from.flag()) this.#pause.forget();
    this.#cursor.load(from);
    this.#ledger.load(from, (seq) => this.#stream.store.has(seq));
    this.#handout.load(from);
    this.#pull?.pin.load(from);
  }

  /** A loaded consumer begins to act. */
  begin(): void {
    this.#isQueued = false;
    this.#env.assets.consumerAdded(this.#stream.name, this.name);
    this.#wake();
    this.#rearm();
  }

  /** Tells the world of a consumer that was restored. */
  advise(): void {
    this.#advisories.created();
  }

  /**
   * Ends it without a word to the world, because other state takes its place: what waits goes over to an heir, if
   * there is one, or else learns of the end.
   * @param shiftMs how much the clock moves at the same moment.
   */
  retire(heir: Consumer | undefined, shiftMs: number): void {
    const pull = heir === undefined ? undefined : heir.#pull;
    if (this.#pull !== undefined) pull?.queue.takeOver(this.#pull.queue, shiftMs);
    this.discard();
    this.#env.assets.consumerRemoved(this.#stream.name, this.name);
    this.#enqueue();
  }

  /** Gives up a consumer that never began. */
  discard(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.footprint.release();
    this.#ledger.pending.release();
    this.#alarm.close();
    this.#push?.close();
  }

  /** The consumer as replies show it, without what they add to the metadata. */
  info(): ConsumerInfo {
    return consumerInfo({
      stream: this.#stream.name,
      name: this.name,
      created: this.created,
      config: this.#config,
      ledger: this.#ledger,
      waiting: this.#pull?.count() ?? 0,
      pending: this.#cursor.pending,
      isBound: this.isBound,
      pause: this.#pause,
      pin: this.#pull?.pin,
      at: this.#env.clock.instant(),
    });
  }

  /** Changes the configuration; who calls has checked that it may be. */
  update(config: ConsumerConfig): void {
    const before = this.#config;
    this.#config = config;
    if (filterSubjects(before).join() !== filterSubjects(config).join()) this.#refilter(config);
    this.#apply(config, before);
    this.#pause.change(config.pause_until);
    this.#wake();
    this.#rearm();
  }

  #refilter(config: ConsumerConfig): void {
    this.#filter = filterOf(config);
    this.#cursor.refilter(this.#filter);
    this.#stream.addConsumer(this);
  }

  /** Pauses deliveries until an RFC 3339 time, or resumes them. */
  pause(until: string | undefined): void {
    const { pause_until: _, ...rest } = this.#config;
    this.update(until === undefined ? rest : { ...rest, pause_until: until });
  }

  get filter(): SubjectFilter {
    return this.#filter;
  }

  onStored(seq: number, subject: ByteString): boolean {
    this.#lastHeard = seq;
    if (!this.#cursor.wants(subject)) return true;
    this.#cursor.stored(seq);
    if (!this.#supply.isSaturated) this.#wake();
    return this.#isWanted;
  }

  rest(index: ConsumerIndex): boolean {
    this.#cursor.rest(index.tally, () => {
      this.#lastHeard = index.tally.lastStored;
      index.rejoin(this);
    });
    return !this.#ledger.pending.isEmpty;
  }

  onRemoved(seq: number, subject: ByteString): boolean {
    const { isResting } = this.#cursor;
    if (seq > this.#lastHeard && !isResting) return true;
    if (!this.#cursor.wants(subject) || !this.#cursor.isAhead(seq)) this.#lost(seq);
    // A request that does not wait ends as soon as nothing is to come.
    else if (!isResting && --this.#cursor.pending === 0) this.#wake();
    return !this.#ledger.pending.isEmpty;
  }

  /** A message that was delivered is gone. */
  #lost(seq: number): void {
    const { pending } = this.#ledger;
    const row = pending.find(seq);
    if (row === NO_ROW) return;
    if (pending.isLive(row)) {
      const delivery = {
        consumer_seq: pending.consumerSeq(row),
        stream_seq: seq,
        deliveries: pending.count(row),
      };
      this.#advisories.terminated(delivery, DELETED_REASON);
    }
    this.#ledger.settle(row);
    this.#wake();
  }

  onPurged(firstSeq: number): void {
    this.#ledger.purged(firstSeq, (seq) => !this.#stream.store.has(seq));
    this.#cursor.purged(firstSeq);
    this.#wake();
  }

  needs(seq: number, subject: ByteString): boolean {
    if (!this.#cursor.wants(subject)) return false;
    return this.#cursor.isAhead(seq) || this.#ledger.pending.find(seq) !== NO_ROW;
  }

  /** Takes a pull request (MSG.NEXT). Every answer, also a refusal, goes to `sink` from the run queue. */
  next(request: PullRequest, sink: ReplySink): void {
    const now = this.#env.clock.now();
    this.#lastUsed = now;
    const refusal = this.#take(request, sink, now);
    if (refusal !== undefined) this.#statuses.add(sink, statusHeader(refusal));
    this.#enqueue();
    this.#rearm();
  }

  /**
   * Takes a message published to `$JS.ACK.<stream>.<consumer>.…`, and confirms it when it has a reply subject.
   * @returns what `+NXT` asks for in place of a confirmation: the body of a pull request.
   */
  acknowledge(message: Message): ByteString | undefined {
    if (this.#acks === undefined) return undefined;
    const at = this.#env.clock.instant();
    this.#lastUsed = at.ms;
    const next = this.#acks.take(message, at);
    this.#rearm();
    return message.reply === '' ? undefined : next;
  }

  /** Takes the answer to a flow control request: a message to `$JS.FC.<stream>.<consumer>.<token>`. */
  flowControl(message: Message): void {
    if (this.#push?.answered(message.subject) !== true) return;
    if (this.#config.ack_policy === 'flow_control')
      this.#acks?.settleByFlow(message, this.#env.clock.instant());
    this.#wake();
    this.#rearm();
  }

  /**
   * Starts over: from a stream sequence on, or (0) behind what is acknowledged. Whoever waits goes on waiting.
   * @returns the sequence. @throws JsError when the deliver policy does not let it go there.
   */
  reset(seq: number): number {
    const to =
      seq === 0 ? this.#ledger.floorStream + 1 : resetPosition(seq, this.#config, this.#stream.store);
    this.#cursor.seek(to, this.#config);
    this.#ledger.restart(to - 1);
    this.#wake();
    this.#rearm();
    return to;
  }

  /**
   * Lets the pinned client of a priority group go, for an administrator.
   * @throws JsError when there is no such group.
   */
  unpin(group: string): void {
    const { priority_groups: groups = [], priority_policy: policy } = this.#config;
    if (!groups.includes(group)) throw jsError('JSConsumerInvalidPriorityGroupErr');
    if (policy !== 'pinned_client') return;
    this.#pull?.pin.unpin(group);
    this.#wake();
    this.#rearm();
  }

  /** Answers a request whose body could not be read: `400 Bad Request - <complaint>`. */
  refuseRequest(complaint: string, sink: ReplySink): void {
    this.#statuses.add(sink, statusHeader(`400 Bad Request - ${complaint}`));
    this.#enqueue();
  }

  /** Ends it: the stream has taken it out. Waiting pull requests learn it from the run queue. */
  close(): void {
    if (this.#closed) return;
    this.discard();
    this.#env.assets.consumerRemoved(this.#stream.name, this.name);
    this.#advisories.deleted();
    this.#enqueue();
  }

  /** The server stops: requests that wait learn it from the run queue. */
  serverStops(): void {
    if (this.#pull === undefined || this.#pull.queue.length === 0) return;
    this.#isStopping = true;
    this.#enqueue();
  }

  run(budget: number): boolean {
    this.#isQueued = false;
    this.#statuses.flush();
    if (this.#closed || this.#isStopping) {
      this.#pull?.farewell(this.#closed ? 'Consumer Deleted' : 'Server Shutdown');
      this.#isStopping = false;
      return false;
    }
    const now = this.#env.clock.now();
    if (this.#isDue) this.#tend(now);
    const before = this.#ledger.deliveredSeq;
    let done = 0;
    if (!this.#pause.holds(now)) while (done < budget && this.#handout.one(now)) done++;
    if (this.#ledger.deliveredSeq !== before) {
      this.#lastUsed = now;
      this.#ledger.lastDelivered = this.#env.clock.instant();
    }
    this.#rearm();
    return done === budget;
  }

  /** Settles on what a configuration says about the parts that it can change. */
  #apply(config: ConsumerConfig, before?: ConsumerConfig): void {
    this.#supply.configure(config);
    this.#samplePercent = samplePercent(config.sample_freq) ?? 0;
    this.#handout.configure(config);
    this.#pull?.configure(config);
    if (config.deliver_subject === undefined) return;
    const isSameWay =
      before?.deliver_subject === config.deliver_subject && before.deliver_group === config.deliver_group;
    if (!isSameWay) this.#handout.outlet = this.#newChannel(config);
  }

  #parts(): HandoutParts {
    return {
      supply: this.#supply,
      cursor: this.#cursor,
      ledger: this.#ledger,
      ackPrefix: this.#ackPrefix,
      passed: (seq) => this.#passed(seq),
    };
  }

  #newDesk(config: ConsumerConfig): PullDesk {
    const newId = (length: number): string => this.#ownRandom().token(length);
    return new PullDesk(config, new Pin(this.#env.clock, this.#advisories, newId), this.#env.memory);
  }

  /** Listens for who binds to the deliver subject, and no more for who was bound to the one before. */
  #newChannel(config: ConsumerConfig): PushChannel {
    this.#push?.close();
    const options = {
      subject: toBytes(config.deliver_subject ?? ''),
      group: toBytes(config.deliver_group ?? ''),
      heartbeatMs: (config.idle_heartbeat ?? 0) / 1e6,
      flowPrefix: config.flow_control === true ? `$JS.FC.${this.#stream.name}.${this.name}.` : '',
      asksWhenFull: config.ack_policy === 'flow_control',
    };
    this.#push = new PushChannel(
      this.#env,
      () => this.#ownRandom(),
      options,
      () => this.#interestChanged(),
    );
    return this.#push;
  }

  #newAckDesk(): AckDesk {
    return new AckDesk({
      ledger: this.#ledger,
      advisories: this.#advisories,
      policy: this.#config.ack_policy,
      prefix: this.#ackPrefix,
      waitMs: (deliveries) => ackWaitMs(this.#config, deliveries),
      samplePercent: () => this.#samplePercent,
      random: () => this.#ownRandom(),
      settled: (seq) => this.#passed(seq),
      wake: () => this.#wake(),
      confirm: (reply) => {
        if (reply !== '') this.#env.emit(reply, EMPTY_BYTES, undefined, undefined);
      },
    });
  }

  #ownRandom(): Random {
    this.#random ??= this.#env.random.fork(`consumer ${this.#stream.name} ${this.name}`);
    return this.#random;
  }

  #interestChanged(): void {
    this.#lastUsed = this.#env.clock.now();
    this.#wake();
    this.#rearm();
  }

  /** Takes a pull request in. @returns the status line that refuses it. */
  #take(request: PullRequest, sink: ReplySink, now: number): string | undefined {
    if (this.#pull === undefined) return '409 Consumer is push based';
    const refusal = this.#pull.take(request, sink, now, this.#supply.available);
    if (this.#pull.nextDue <= now) this.#isDue = true;
    return refusal;
  }

  /** Whether somebody may be there to deliver to. */
  get #isWanted(): boolean {
    return this.#pull?.isOpen ?? this.isBound;
  }

  /** Asks for a turn if there may be something to deliver to somebody. */
  #wake(): void {
    if (!this.#isQueued && this.#isWanted) this.#enqueue();
  }

  #enqueue(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#env.enqueue(this);
  }

  /** A message will not be delivered any more. */
  #passed(seq: number): void {
    if (this.#stream.config.retention !== 'limits') this.#stream.acknowledged(this, seq);
  }

  /** Does what has fallen due. */
  #tend(now: number): void {
    this.#isDue = false;
    this.#pause.tend(now);
    this.#supply.expire(now);
    if (this.#pull?.isOpen === true) this.#lastUsed = now;
    this.#outlet.tend(now, this.#progress());
    if (this.#inactiveDue() <= now) this.#stream.deleteConsumer(this.name);
  }

  get #outlet(): Outlet {
    return this.#handout.outlet;
  }

  #progress(): Progress {
    return {
      consumerSeq: this.#ledger.deliveredSeq,
      streamSeq: this.#cursor.position,
      // Measured: one that is acknowledged by flow control asks with every heartbeat as long as something waits.
      isSaturated:
        this.#supply.isSaturated ||
        (this.#config.ack_policy === 'flow_control' && this.#ledger.pending.live > 0),
    };
  }

  /** When an unused consumer goes (ms). A bound subscriber is use, and requests that wait when this is looked at. */
  #inactiveDue(): number {
    const threshold = this.#config.inactive_threshold;
    if (threshold === undefined || this.isBound) return NEVER;
    return this.#lastUsed + threshold / 1e6;
  }

  #nextDue(): number {
    const { pending } = this.#ledger;
    const handout = this.#handout.nextDue(this.#env.clock);
    return Math.min(pending.nextDue, this.#outlet.nextDue, this.#pause.dueAt, handout, this.#inactiveDue());
  }

  /** Makes sure to be woken when the next thing is due. */
  #rearm(): void {
    if (!this.#closed) this.#alarm.before(this.#nextDue());
  }

  #onAlarm(): void {
    this.#isDue = true;
    this.#enqueue();
  }
}

function filterOf(config: ConsumerConfig): SubjectFilter {
  return new SubjectFilter(filterSubjects(config).map(toBytes));
}
