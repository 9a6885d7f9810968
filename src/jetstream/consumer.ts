import {
  formatInstant,
  type Instant,
  Message,
  parseTime,
  type Random,
  statusHeader,
  type Timer,
} from '../base/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes, toText } from '../subjects/index.ts';
import { AckDesk } from './ack-desk.ts';
import { ConsumerAdvisories } from './consumer-advisories.ts';
import { samplePercent } from './consumer-check.ts';
import { type ConsumerConfig, filterSubjects } from './consumer-config.ts';
import { type ConsumerInfo, sequenceInfo } from './consumer-info.ts';
import type { ConsumerStream } from './consumer-stream.ts';
import { Cursor } from './cursor.ts';
import { ackReply, fill } from './delivery.ts';
import type { JetStreamEnv, ReplySink, Runnable } from './env.ts';
import { SubjectFilter } from './filter.ts';
import type { Footprint } from './footprint.ts';
import { Ledger } from './ledger.ts';
import { MessageView } from './message-view.ts';
import { Pace } from './pace.ts';
import { WaitingPull } from './pull.ts';
import { PullDesk } from './pull-desk.ts';
import { decodePullRequest, type PullRequest } from './pull-request.ts';
import { PushChannel } from './push.ts';
import { StatusQueue } from './status.ts';
import type { StreamConsumer } from './stream-consumer.ts';
import { NEW_MESSAGE, NOTHING, Supply } from './supply.ts';

const NEVER = Number.POSITIVE_INFINITY;
const NO_ROW = -1;
const DELETED_REASON = 'Unacknowledged message was deleted';

/** One of each serves all consumers: they are filled and used up within one delivery, which never nests. */
const outgoing = new Message();
const view = new MessageView();

/**
 * Hands out a stream's messages to pull requests or to a deliver subject. It is told of every change in the stream,
 * keeps its counters by that, and delivers from the run queue only. Everything that depends on time hangs on one
 * timer, which is set for the earliest due time and looked at again when it fires.
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
  readonly #ackPrefix: string;
  /** Absent when there is nothing to acknowledge. */
  readonly #acks: AckDesk | undefined;
  /** A consumer has one of these two. */
  readonly #pull: PullDesk | undefined;
  #push: PushChannel | undefined;
  readonly #statuses = new StatusQueue();
  #pace: Pace | undefined;
  #random: Random | undefined;
  #config: ConsumerConfig;
  #samplePercent = 0;
  #timer: Timer | undefined;
  #timerAt = NEVER;
  #isQueued = false;
  #isDue = false;
  #closed = false;
  /** The last sequence the stream told of; what it removes above that was never counted. */
  #lastHeard: number;
  #pausedUntil = 0;
  /** When pacing lets the next message go (ms). */
  #notBefore = 0;
  /** Since when nobody used it (ms). */
  #lastUsed: number;

  /** @param footprint what it was charged for; given back when it is closed. */
  constructor(
    stream: ConsumerStream,
    config: ConsumerConfig,
    env: JetStreamEnv,
    name: ByteString,
    footprint: Footprint,
  ) {
    this.#stream = stream;
    this.footprint = footprint;
    this.#env = env;
    this.name = name;
    this.created = env.clock.instant();
    this.#lastUsed = env.clock.now();
    this.#config = config;
    this.#lastHeard = stream.store.lastSeq;
    this.#cursor = new Cursor(stream.store, filterOf(config), config);
    this.#ledger = new Ledger(this.#cursor.position);
    this.#advisories = new ConsumerAdvisories(env, stream.name, name);
    this.#supply = new Supply(stream.store, this.#cursor, this.#ledger, this.#advisories);
    this.#ackPrefix = `$JS.ACK.${stream.name}.${name}.`;
    this.#acks = config.ack_policy === 'none' ? undefined : this.#newAckDesk();
    if (config.deliver_subject === undefined) this.#pull = new PullDesk();
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
    this.#announcePause();
    this.#wake();
    this.#rearm();
  }

  /** The consumer as replies show it, without what they add to the metadata. */
  info(): ConsumerInfo {
    const ledger = this.#ledger;
    const now = this.#env.clock.now();
    return {
      stream_name: toText(this.#stream.name),
      name: toText(this.name),
      created: formatInstant(this.created),
      config: this.#config,
      delivered: sequenceInfo(ledger.deliveredSeq, ledger.deliveredStream, ledger.lastDelivered),
      ack_floor: sequenceInfo(ledger.floorSeq, ledger.floorStream, ledger.lastSettled),
      num_ack_pending: ledger.pending.live,
      num_redelivered: ledger.pending.redelivered,
      num_waiting: this.#pull?.count() ?? 0,
      num_pending: this.#cursor.pending,
      ...(this.isBound ? { push_bound: true as const } : {}),
      ...(this.#pausedUntil > now
        ? { paused: true as const, pause_remaining: Math.round((this.#pausedUntil - now) * 1e6) }
        : {}),
      ts: formatInstant(this.#env.clock.instant()),
    };
  }

  /** Changes the configuration; who calls has checked that it may be. */
  update(config: ConsumerConfig): void {
    const before = this.#config;
    const wasPaused = this.#pausedUntil > this.#env.clock.now();
    this.#config = config;
    if (filterSubjects(before).join() !== filterSubjects(config).join())
      this.#cursor.refilter(filterOf(config));
    this.#apply(config, before);
    if (before.pause_until !== config.pause_until) this.#announcePause(wasPaused, before.pause_until);
    this.#wake();
    this.#rearm();
  }

  /** Pauses deliveries until an RFC 3339 time, or resumes them. */
  pause(until: string | undefined): void {
    const { pause_until: _, ...rest } = this.#config;
    this.update(until === undefined ? rest : { ...rest, pause_until: until });
  }

  onStored(seq: number, subject: ByteString): void {
    this.#lastHeard = seq;
    if (!this.#cursor.wants(subject)) return;
    this.#cursor.pending++;
    if (!this.#supply.isSaturated) this.#wake();
  }

  onRemoved(seq: number, subject: ByteString): void {
    if (seq > this.#lastHeard) return;
    if (this.#cursor.wants(subject) && this.#cursor.isAhead(seq)) {
      this.#cursor.pending--;
      return;
    }
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
    this.#ledger.purged(firstSeq, (seq) => !this.#stream.store.load(seq, view));
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
   * @param call makes the sink for the messages that `+NXT` asks for; without it they are not sent.
   */
  acknowledge(message: Message, call?: { sink(): ReplySink }): void {
    if (this.#acks === undefined) return;
    this.#lastUsed = this.#env.clock.now();
    const more = this.#acks.take(message, this.#lastUsed);
    if (more !== undefined && message.reply !== '' && call !== undefined) {
      this.#nextAfterAck(more, call.sink());
      return;
    }
    if (message.reply !== '') this.#env.emit(message.reply, EMPTY_BYTES, undefined, undefined);
    this.#rearm();
  }

  /** Takes the answer to a flow control request: a message to `$JS.FC.<stream>.<consumer>.<token>`. */
  flowControl(message: Message): void {
    if (this.#push?.answered(message.subject) === true) this.#wake();
  }

  /** Answers a request whose body could not be read: `400 Bad Request - <complaint>`. */
  refuseRequest(complaint: string, sink: ReplySink): void {
    this.#statuses.add(sink, statusHeader(`400 Bad Request - ${complaint}`));
    this.#enqueue();
  }

  /** Ends it: the stream has taken it out. Waiting pull requests learn it from the run queue. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.footprint.release();
    this.#timer?.cancel();
    this.#push?.close();
    this.#env.assets.consumerRemoved(this.#stream.name, this.name);
    this.#advisories.deleted();
    this.#enqueue();
  }

  run(budget: number): boolean {
    this.#isQueued = false;
    this.#statuses.flush();
    if (this.#closed) {
      this.#pull?.farewell();
      return false;
    }
    const now = this.#env.clock.now();
    if (this.#isDue) this.#tend(now);
    const before = this.#ledger.deliveredSeq;
    let done = 0;
    while (done < budget && this.#deliverOne(now)) done++;
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
    this.#pace = Pace.wanted(config) ? new Pace(config) : undefined;
    this.#notBefore = 0;
    const until = config.pause_until === undefined ? undefined : parseTime(config.pause_until);
    this.#pausedUntil = until === undefined ? 0 : until.ms + until.ns / 1e6;
    if (config.deliver_subject === undefined) return;
    const isSameWay =
      before?.deliver_subject === config.deliver_subject && before.deliver_group === config.deliver_group;
    if (isSameWay) return;
    this.#push?.close();
    this.#push = this.#newChannel(config, config.deliver_subject);
  }

  #newChannel(config: ConsumerConfig, subject: string): PushChannel {
    const options = {
      subject: toBytes(subject),
      group: toBytes(config.deliver_group ?? ''),
      heartbeatMs: (config.idle_heartbeat ?? 0) / 1e6,
      flowPrefix: config.flow_control === true ? `$JS.FC.${this.#stream.name}.${this.name}.` : '',
    };
    return new PushChannel(
      this.#env,
      () => this.#ownRandom(),
      options,
      () => this.#interestChanged(),
    );
  }

  #newAckDesk(): AckDesk {
    return new AckDesk({
      ledger: this.#ledger,
      advisories: this.#advisories,
      policy: this.#config.ack_policy,
      prefix: this.#ackPrefix,
      waitMs: (deliveries) => this.#waitMs(deliveries),
      samplePercent: () => this.#samplePercent,
      random: () => this.#ownRandom(),
      settled: (seq) => this.#settled(seq),
      wake: () => this.#wake(),
    });
  }

  #ownRandom(): Random {
    this.#random ??= this.#env.random.fork(`consumer ${this.#stream.name} ${this.name}`);
    return this.#random;
  }

  #announcePause(wasPaused = false, untilBefore = ''): void {
    const until = this.#config.pause_until;
    if (until !== undefined && this.#pausedUntil > this.#env.clock.now())
      this.#advisories.paused(true, until);
    else if (wasPaused) this.#advisories.paused(false, untilBefore);
  }

  #interestChanged(): void {
    this.#lastUsed = this.#env.clock.now();
    this.#wake();
    this.#rearm();
  }

  /** Takes a pull request in. @returns the status line that refuses it. */
  #take(request: PullRequest, sink: ReplySink, now: number): string | undefined {
    if (this.#pull === undefined) return '409 Consumer is push based';
    const waiting = new WaitingPull(request, sink, now);
    const refusal = this.#pull.take(waiting, request, this.#config, this.#supply.isDry);
    if (this.#pull.nextDue <= now) this.#isDue = true;
    return refusal;
  }

  #nextAfterAck(body: string, sink: ReplySink): void {
    const request = decodePullRequest(body);
    if (typeof request === 'string') this.refuseRequest(request, sink);
    else this.next(request, sink);
  }

  #settled(seq: number): void {
    this.#ledger.lastSettled = this.#env.clock.instant();
    if (this.#stream.config.retention !== 'limits') this.#stream.acknowledged(this, seq);
  }

  #waitMs(deliveries: number): number {
    const { backoff, ack_wait: wait = 0 } = this.#config;
    if (backoff === undefined || backoff.length === 0) return wait / 1e6;
    return (backoff[Math.min(deliveries, backoff.length) - 1] ?? 0) / 1e6;
  }

  /** Asks for a turn if there may be something to deliver to somebody. */
  #wake(): void {
    if (this.#isQueued) return;
    if (this.#pull === undefined ? this.isBound : this.#pull.queue.length > 0) this.#enqueue();
  }

  #enqueue(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#env.enqueue(this);
  }

  /** Delivers one message, or ends one request. @returns false when there is nothing more to do now. */
  #deliverOne(now: number): boolean {
    if (this.#pausedUntil > now) return false;
    const waiting = this.#pull?.queue.current();
    if (this.#pull !== undefined ? waiting === undefined : !this.#canPush()) return false;
    const row = this.#supply.peek(view);
    if (row === NOTHING) return waiting !== undefined && this.#endDry(waiting);
    const isNew = row === NEW_MESSAGE;
    if (this.#pace !== undefined && this.#holdsBack(this.#pace, isNew, now)) return false;
    const pending = this.#cursor.pending - (isNew ? 1 : 0);
    const count = isNew ? 1 : this.#ledger.pending.count(row) + 1;
    const reply = ackReply(this.#ackPrefix, count, view, this.#ledger.deliveredSeq + 1, pending);
    fill(outgoing, view, reply, this.#config.headers_only === true);
    if (waiting !== undefined && this.#pull !== undefined) {
      if (!this.#pull.admits(waiting, outgoing)) return true;
    }
    this.#note(row, count, now);
    if (waiting !== undefined) this.#pull?.send(waiting, outgoing, now);
    else this.#push?.deliver(outgoing, now);
    this.#pace?.sent(view, isNew, outgoing.size, now);
    if (this.#acks === undefined) this.#passed(view.seq);
    return true;
  }

  /** Notes the delivery of the message in `view`. */
  #note(row: number, count: number, now: number): void {
    const ledger = this.#ledger;
    const dueAt = now + this.#waitMs(count);
    if (row !== NEW_MESSAGE) {
      ledger.sentAgain(row, now, dueAt);
      return;
    }
    this.#cursor.take(view.seq);
    if (this.#acks === undefined) ledger.passed(view.seq);
    else ledger.sent(view.seq, now, dueAt);
  }

  /** A message that needs no acknowledgement is settled by going out. */
  #passed(seq: number): void {
    if (this.#stream.config.retention !== 'limits') this.#stream.acknowledged(this, seq);
  }

  #canPush(): boolean {
    return this.#push?.active === true && !this.#push.stalled;
  }

  #holdsBack(pace: Pace, isNew: boolean, now: number): boolean {
    this.#notBefore = pace.readyAt(view, isNew);
    return this.#notBefore > now;
  }

  /** Ends a request that does not wait, when nothing is left but what a full window holds back. */
  #endDry(waiting: WaitingPull): boolean {
    if (!waiting.endsWhenDry || this.#cursor.pending > 0) return false;
    this.#pull?.endCurrent(statusHeader('404 No Messages'));
    return true;
  }

  /** Does what has fallen due. */
  #tend(now: number): void {
    this.#isDue = false;
    if (this.#pausedUntil !== 0 && this.#pausedUntil <= now) this.#resume();
    this.#supply.expire(now);
    if (this.#pull !== undefined && this.#pull.queue.length > 0) {
      this.#lastUsed = now;
      this.#pull.tend(now, this.#ledger.deliveredSeq, this.#cursor.position);
    }
    if (this.#push !== undefined && this.#push.heartbeatDue <= now) {
      this.#push.heartbeat(this.#ledger.deliveredSeq, this.#cursor.position, now);
    }
    if (this.#inactiveDue() <= now) this.#stream.deleteConsumer(this.name);
  }

  #resume(): void {
    this.#pausedUntil = 0;
    this.#advisories.paused(false, this.#config.pause_until ?? '');
  }

  /** When an unused consumer goes (ms). A bound subscriber is use, and requests that wait when this is looked at. */
  #inactiveDue(): number {
    const threshold = this.#config.inactive_threshold;
    if (threshold === undefined || this.isBound) return NEVER;
    return this.#lastUsed + threshold / 1e6;
  }

  #nextDue(): number {
    const pull = this.#pull?.nextDue ?? NEVER;
    const beat = this.#push?.heartbeatDue ?? NEVER;
    const pause = this.#pausedUntil === 0 ? NEVER : this.#pausedUntil;
    const now = this.#env.clock.now();
    const pace = this.#notBefore > now ? this.#notBefore : NEVER;
    return Math.min(this.#ledger.pending.nextDue, pull, beat, pause, pace, this.#inactiveDue());
  }

  /** Makes sure that the timer fires no later than the next thing is due. */
  #rearm(): void {
    if (this.#closed) return;
    const due = Math.ceil(this.#nextDue());
    if (due >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = due;
    this.#timer = this.#env.scheduler.at(due, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timerAt = NEVER;
    this.#isDue = true;
    this.#enqueue();
  }
}

function filterOf(config: ConsumerConfig): SubjectFilter {
  return new SubjectFilter(filterSubjects(config).map(toBytes));
}
