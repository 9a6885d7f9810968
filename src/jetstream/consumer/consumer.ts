import { type Instant, type Message, type Random, statusHeader } from '../../base/index.ts';
import { type ByteString, toBytes } from '../../subjects/index.ts';
import type { JetStreamEnv, ReplySink } from '../env.ts';
import type { Footprint } from '../footprint.ts';
import type { StateReader, StateWriter } from '../state/index.ts';
import { SubjectFilter } from '../store/filter.ts';
import { AckDesk } from './ack-desk.ts';
import { ConsumerAdvisories } from './consumer-advisories.ts';
import { type ConsumerConfig, filterSubjects } from './consumer-config.ts';
import { type ConsumerInfo, consumerInfo } from './consumer-info.ts';
import { loadConsumerState, type StatefulParts, saveConsumerState } from './consumer-state.ts';
import type { ConsumerStream } from './consumer-stream.ts';
import { Cursor } from './cursor.ts';
import { Handout, type HandoutParts } from './handout.ts';
import { Idleness } from './idleness.ts';
import { Ledger } from './ledger.ts';
import { Pause } from './pause.ts';
import { Pin, unpinGroup } from './priority.ts';
import { PullDesk } from './pull-desk.ts';
import type { PullRequest } from './pull-request.ts';
import { goesElsewhere, PushChannel, pushOptions } from './push.ts';
import { startOver } from './reset.ts';
import { RunTurns, type TurnTaker } from './run-turns.ts';
import { StatusQueue } from './status.ts';
import { StreamListener } from './stream-listener.ts';
import { Supply } from './supply.ts';

/**
 * Hands out a stream's messages to pull requests or to a deliver subject. Here its parts are put together; it delivers
 * from the run queue only.
 */
export class Consumer implements TurnTaker {
  readonly name: ByteString;
  readonly created: Instant;
  readonly footprint: Footprint;
  /** What the stream tells of its messages. */
  readonly listener: StreamListener;
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
  readonly #idleness: Idleness;
  readonly #turns: RunTurns;
  readonly #statuses = new StatusQueue();
  #random: Random | undefined;
  #config: ConsumerConfig;
  #closed = false;
  #isStopping = false;

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
    this.#idleness = new Idleness(env.clock.now());
    this.#config = config;
    const filter = filterOf(config);
    this.#cursor = new Cursor(stream.store, filter, config);
    this.#ledger = new Ledger(this.#cursor.position, env.memory);
    this.#advisories = new ConsumerAdvisories(env, stream.name, name);
    this.#supply = new Supply(stream.store, this.#cursor, this.#ledger, this.#advisories);
    this.#turns = new RunTurns(env, this);
    this.listener = new StreamListener(this.#supply, this.#advisories, this.#turns, filter);
    this.#ackPrefix = `$JS.ACK.${stream.name}.${name}.` as ByteString;
    this.#acks = config.ack_policy === 'none' ? undefined : this.#newAckDesk(config);
    this.#pause = new Pause(env.clock, this.#advisories);
    this.#pause.adopt(config.pause_until);
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

  /** Whether somebody may be there to deliver to. */
  get isWanted(): boolean {
    return this.#pull?.isOpen ?? this.isBound;
  }

  /** What is told to the world when it comes to be. */
  announce(): void {
    this.#env.assets.consumerAdded(this.#stream.name, this.name);
    this.#advisories.created();
    this.#pause.announce();
    this.#changed();
  }

  /** What it knows besides its configuration. */
  save(to: StateWriter): void {
    saveConsumerState(to, this.#stateful());
  }

  /** Into a new consumer, which sleeps until {@link begin}. */
  load(from: StateReader): void {
    this.#turns.hold();
    loadConsumerState(from, this.#stateful(), (seq) => this.#stream.store.has(seq));
  }

  /** A loaded consumer begins to act. */
  begin(): void {
    this.#turns.begin();
    this.#env.assets.consumerAdded(this.#stream.name, this.name);
    this.#changed();
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
    this.#turns.ask();
  }

  /** Gives up a consumer that never began. */
  discard(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.footprint.release();
    this.#ledger.pending.release();
    this.#turns.close();
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
    if (filterSubjects(before).join() !== filterSubjects(config).join()) {
      this.listener.refilter(filterOf(config));
      this.#stream.addConsumer(this);
    }
    this.#apply(config);
    if (goesElsewhere(before, config)) this.#handout.outlet = this.#newChannel(config);
    this.#pause.change(config.pause_until);
    this.#changed();
  }

  /** Takes a pull request (MSG.NEXT). Every answer, also a refusal, goes to `sink` from the run queue. */
  next(request: PullRequest, sink: ReplySink): void {
    const now = this.#env.clock.now();
    this.#idleness.used(now);
    const refusal = this.#take(request, sink, now);
    if (refusal !== undefined) this.#statuses.add(sink, statusHeader(refusal));
    this.#turns.ask();
    this.#rearm();
  }

  /**
   * Takes a message published to `$JS.ACK.<stream>.<consumer>.…`, and confirms it when it has a reply subject.
   * @returns what `+NXT` asks for in place of a confirmation: the body of a pull request.
   */
  acknowledge(message: Message): ByteString | undefined {
    if (this.#acks === undefined) return undefined;
    const at = this.#env.clock.instant();
    this.#idleness.used(at.ms);
    const next = this.#acks.take(message, at);
    this.#rearm();
    return message.reply === '' ? undefined : next;
  }

  /** Takes the answer to a flow control request: a message to `$JS.FC.<stream>.<consumer>.<token>`. */
  flowControl(message: Message): void {
    if (this.#push?.answered(message.subject) !== true) return;
    if (this.#config.ack_policy === 'flow_control')
      this.#acks?.settleByFlow(message, this.#env.clock.instant());
    this.#changed();
  }

  /**
   * Starts over: from a stream sequence on, or (0) behind what is acknowledged. Whoever waits goes on waiting.
   * @returns the sequence. @throws JsError when the deliver policy does not let it go there.
   */
  reset(seq: number): number {
    const to = startOver(seq, this.#config, this.#supply);
    this.#changed();
    return to;
  }

  /**
   * Lets the pinned client of a priority group go, for an administrator.
   * @throws JsError when there is no such group.
   */
  unpin(group: string): void {
    if (unpinGroup(this.#pull?.pin, group, this.#config)) this.#changed();
  }

  /** Answers a request whose body could not be read: `400 Bad Request - <complaint>`. */
  refuseRequest(complaint: string, sink: ReplySink): void {
    this.#statuses.add(sink, statusHeader(`400 Bad Request - ${complaint}`));
    this.#turns.ask();
  }

  /** Ends it: the stream has taken it out. Waiting pull requests learn it from the run queue. */
  close(): void {
    if (this.#closed) return;
    this.discard();
    this.#env.assets.consumerRemoved(this.#stream.name, this.name);
    this.#advisories.deleted();
    this.#turns.ask();
  }

  /** The server stops: requests that wait learn it from the run queue. */
  serverStops(): void {
    if (this.#pull === undefined || this.#pull.queue.length === 0) return;
    this.#isStopping = true;
    this.#turns.ask();
  }

  run(budget: number): boolean {
    this.#turns.begin();
    this.#statuses.flush();
    if (this.#closed || this.#isStopping) {
      this.#pull?.farewell(this.#closed ? 'Consumer Deleted' : 'Server Shutdown');
      this.#isStopping = false;
      return false;
    }
    const now = this.#env.clock.now();
    if (this.#turns.isDue) this.#tend(now);
    const before = this.#ledger.deliveredSeq;
    let done = 0;
    if (!this.#pause.holds(now)) while (done < budget && this.#handout.one(now)) done++;
    if (this.#ledger.deliveredSeq !== before) {
      this.#idleness.used(now);
      this.#ledger.lastDelivered = this.#env.clock.instant();
    }
    this.#rearm();
    return done === budget;
  }

  /** Settles on what a configuration says about the parts that it can change. */
  #apply(config: ConsumerConfig): void {
    this.#idleness.configure(config);
    this.#supply.configure(config);
    this.#acks?.configure(config);
    this.#handout.configure(config);
    this.#pull?.configure(config);
  }

  #stateful(): StatefulParts {
    return {
      idleness: this.#idleness,
      pause: this.#pause,
      cursor: this.#cursor,
      ledger: this.#ledger,
      handout: this.#handout,
      pin: this.#pull?.pin,
    };
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
    this.#push = new PushChannel(
      this.#env,
      () => this.#ownRandom(),
      pushOptions(config, this.#stream.name, this.name),
      () => this.#interestChanged(),
    );
    return this.#push;
  }

  #newAckDesk(config: ConsumerConfig): AckDesk {
    return new AckDesk(config, {
      ledger: this.#ledger,
      advisories: this.#advisories,
      prefix: this.#ackPrefix,
      random: () => this.#ownRandom(),
      settled: (seq) => this.#passed(seq),
      wake: () => this.#turns.wake(),
      env: this.#env,
    });
  }

  #ownRandom(): Random {
    this.#random ??= this.#env.random.fork(`consumer ${this.#stream.name} ${this.name}`);
    return this.#random;
  }

  #interestChanged(): void {
    this.#idleness.used(this.#env.clock.now());
    this.#changed();
  }

  /** Takes a pull request in. @returns the status line that refuses it. */
  #take(request: PullRequest, sink: ReplySink, now: number): string | undefined {
    if (this.#pull === undefined) return '409 Consumer is push based';
    const refusal = this.#pull.take(request, sink, now, this.#supply.available);
    if (this.#pull.nextDue <= now) this.#turns.isDue = true;
    return refusal;
  }

  /** It may have to act now, or at another time than before. */
  #changed(): void {
    this.#turns.wake();
    this.#rearm();
  }

  /** A message will not be delivered any more. */
  #passed(seq: number): void {
    if (this.#stream.config.retention !== 'limits') this.#stream.acknowledged(this, seq);
  }

  /** Does what has fallen due. */
  #tend(now: number): void {
    this.#turns.isDue = false;
    this.#pause.tend(now);
    this.#supply.expire(now);
    if (this.#pull?.isOpen === true) this.#idleness.used(now);
    this.#handout.tend(now);
    if (this.#idleness.endsAt(this.isBound) <= now) this.#stream.deleteConsumer(this.name);
  }

  #nextDue(): number {
    const handout = this.#handout.nextDue(this.#env.clock);
    const unused = this.#idleness.endsAt(this.isBound);
    return Math.min(this.#ledger.pending.nextDue, handout, this.#pause.dueAt, unused);
  }

  /** Makes sure to be woken when the next thing is due. */
  #rearm(): void {
    if (!this.#closed) this.#turns.before(this.#nextDue());
  }
}

function filterOf(config: ConsumerConfig): SubjectFilter {
  return new SubjectFilter(filterSubjects(config).map(toBytes));
}
