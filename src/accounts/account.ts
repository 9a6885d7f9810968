import type { Clock, Closable, Message, Random, Scheduler } from '../base/index.ts';
import type { AccountLimitsOptions, MappingOptions } from '../config/index.ts';
import { type AccountId, accountBytes, type Guard, type Principal } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, type MatchResult, SubjectTrie } from '../subjects/index.ts';
import { deliverTo } from './deliver.ts';
import { Offers, type ServiceExport, type StreamExport } from './exports.ts';
import { type Interest, InternalInterest, type InternalReceive, type Sender } from './interest.ts';
import { Mappings } from './mappings.ts';
import type { Passage } from './passage.ts';
import { ReplyMappings } from './replies.ts';
import { type StreamImport, StreamImports } from './stream-imports.ts';

/** Length of the ids that events carry, as nats-server's. */
const EVENT_ID_LENGTH = 22;
const PERCENT = 100;

/** What all accounts share: time, the reference monitor, and a queue for what they publish themselves. */
export interface AccountHouse {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly guard: Guard;
  /** Queues an event for an account: it goes out when the delivery in hand is over. */
  emit(account: Account, subject: ByteString, payload: Buffer): void;
}

/**
 * One account: its own subject space. Nothing in it is visible from another account except through an export and an
 * import of it, and messages change account in `crossing.ts` only.
 */
export class Account {
  readonly id: AccountId;
  /** Replaced when the configuration changes. */
  limits: AccountLimitsOptions;
  readonly house: AccountHouse;
  readonly random: Random;
  /** The server asking on behalf of this account. */
  readonly ownSender: Sender;
  /** The server telling this account something. */
  readonly teller: Sender;
  /** Connections that are in the account now. */
  connections = 0;
  readonly #trie = new SubjectTrie<Interest>();
  /** What it offers to others. */
  readonly services = new Offers<ServiceExport>();
  readonly streams = new Offers<StreamExport>();
  readonly #streamImports = new StreamImports();
  /** Imports of other accounts that stand in this one's trie now. */
  readonly #outlets = new Set<StreamImport>();
  readonly #watchers = new Map<ByteString, Set<() => void>>();
  readonly #queueChoice: Random;
  readonly #eventIds: Random;
  readonly #latencySamples: Random;
  readonly #mappingChoice: Random;
  #mappings: Mappings | undefined;
  /** Weak: an account that is gone takes its ways back with it. */
  readonly #replies = new WeakMap<Account, ReplyMappings>();

  /** @param random chance of this account alone. */
  constructor(id: AccountId, limits: AccountLimitsOptions, house: AccountHouse, random: Random) {
    this.id = id;
    this.limits = limits;
    this.house = house;
    this.random = random;
    this.#queueChoice = random.fork('queue groups');
    this.#eventIds = random.fork('event ids');
    this.#latencySamples = random.fork('latency samples');
    this.#mappingChoice = random.fork('mappings');
    const principal: Principal = { account: id, user: EMPTY_BYTES };
    this.ownSender = { principal, receiver: undefined, onReceiverBehind: () => {} };
    this.teller = { ...this.ownSender, onlyTells: true };
  }

  get subscriptions(): number {
    return this.#trie.size;
  }

  /** Everything that stands in it. */
  interests(): Iterable<Interest> {
    return this.#trie.entries();
  }

  get interestStats(): ReturnType<SubjectTrie<Interest>['stats']> {
    return this.#trie.stats();
  }

  add(interest: Interest): void {
    const before = this.#trie.size;
    this.#trie.insert(interest);
    if (this.#streamImports.size > 0 && interest.drawsStreams && this.#trie.size > before)
      this.#streamImports.demand(1, interest.subject);
    this.tellWatchers(interest.subject);
  }

  remove(interest: Interest): void {
    const wasThere = this.#trie.remove(interest);
    if (this.#streamImports.size > 0 && interest.drawsStreams && wasThere)
      this.#streamImports.demand(-1, interest.subject);
    this.tellWatchers(interest.subject);
  }

  /**
   * Subscribes a part of the server inside this account.
   * @param listens whether it takes messages as any subscription does; else it serves requests, and neither messages
   *   of imported streams nor answers are for it.
   */
  subscribe(subject: ByteString, receive: InternalReceive, listens = false): Closable {
    const interest = new InternalInterest(subject, EMPTY_BYTES, receive, listens);
    this.add(interest);
    return { close: () => this.remove(interest) };
  }

  match(subject: ByteString): MatchResult<Interest> {
    return this.#trie.match(subject);
  }

  /** As {@link match}, for all subjects below a literal beginning at once; undefined when they differ. */
  matchBelow(beginning: ByteString, isOneToken: boolean): MatchResult<Interest> | undefined {
    return this.#trie.matchBelow(beginning, isOneToken);
  }

  /** Whether a subscription may stand on a literal subject below a beginning: false is certain. @param mark of it. */
  mayStandBelow(mark: number): boolean {
    return this.#trie.mayStandBelow(mark);
  }

  /** Whether a subscription stands on literally this subject. */
  standsOn(subject: ByteString): boolean {
    return this.#trie.standsOn(subject);
  }

  isFresh(result: MatchResult<Interest>): boolean {
    return this.#trie.isFresh(result);
  }

  /**
   * Delivers a message inside this account to whoever is interested in `route`.
   * @returns how many received it, other accounts included.
   */
  deliver(route: ByteString, message: Message, sender: Sender, passage?: Passage): number {
    return this.deliverTo(this.#trie.match(route), route, message, sender, passage);
  }

  /**
   * As {@link deliver}, with a match result that the caller knows to be fresh.
   * @param route undefined: the message's own subject.
   */
  deliverTo(
    result: MatchResult<Interest>,
    route: ByteString | undefined,
    message: Message,
    sender: Sender,
    passage?: Passage,
  ): number {
    message.route = route;
    return deliverTo(result, message, sender, passage, this.#queueChoice);
  }

  /** Whether anybody would receive a message on this subject now. */
  hasInterest(subject: ByteString): boolean {
    const { plain, queues } = this.#trie.match(subject);
    if (queues.length > 0) return true;
    for (let i = 0; i < plain.length; i++) if ((plain[i] as Interest).wouldReach(subject)) return true;
    return false;
  }

  /** Whether anybody in this account listens to a subject, doors to other accounts aside. */
  hasListeners(subject: ByteString): boolean {
    const { plain, queues } = this.#trie.match(subject);
    return queues.length > 0 || plain.some((interest) => interest.drawsStreams);
  }

  /**
   * Whether a subscription stands on literally this subject, in this queue group (empty: outside all groups), be it in
   * an account that imports the subject.
   */
  hasLiteralInterest(subject: ByteString, queue: ByteString = EMPTY_BYTES): boolean {
    if (this.#outlets.size === 0) return this.#trie.hasLiteral(subject, queue);
    const { plain, queues } = this.#trie.match(subject);
    if (plain.some((interest) => interest.standsFor(subject, queue))) return true;
    const group = queues.find(({ name }) => name === queue);
    return group?.members.some((interest) => interest.standsFor(subject, queue)) ?? false;
  }

  /** As {@link hasLiteralInterest}, in this account alone. */
  hasOwnLiteral(subject: ByteString, queue: ByteString): boolean {
    return this.#trie.hasLiteral(subject, queue);
  }

  /** Calls back after every subscription on literally this subject came or went. */
  watchInterest(subject: ByteString, changed: () => void): Closable {
    let watchers = this.#watchers.get(subject);
    if (watchers === undefined) {
      watchers = new Set();
      this.#watchers.set(subject, watchers);
    }
    const own = watchers;
    own.add(changed);
    return {
      close: () => {
        own.delete(changed);
        if (own.size === 0 && this.#watchers.get(subject) === own) this.#watchers.delete(subject);
      },
    };
  }

  /** A fresh id for an event that is published in this account. */
  eventId(): string {
    return this.#eventIds.token(EVENT_ID_LENGTH);
  }

  /** What becomes of the subjects that its clients publish to; absent: they stay as they are. */
  get mappings(): Mappings | undefined {
    return this.#mappings;
  }

  /**
   * Replaces all mappings.
   * @throws {TransformError} and keeps those it has.
   */
  setMappings(options: readonly MappingOptions[]): void {
    this.#mappings = options.length === 0 ? undefined : new Mappings(options, this.#mappingChoice);
  }

  /** Whether a request is one of the sample whose latency is measured. @param percent 1 to 100. */
  drawsLatencySample(percent: number): boolean {
    return percent >= PERCENT || this.#latencySamples.below(PERCENT) < percent;
  }

  /** Offers a service or a stream to other accounts. */
  export(offer: ServiceExport | StreamExport): void {
    if (offer.kind === 'service') this.services.add(offer);
    else this.streams.add(offer);
    this.house.guard.policyChanged();
  }

  /** Takes an offer back: nothing crosses over it from now on. */
  withdraw(offer: ServiceExport | StreamExport): void {
    if (offer.kind === 'service') this.services.remove(offer);
    else this.streams.remove(offer);
    this.house.guard.policyChanged();
  }

  /** From now on subscriptions in this account draw from a stream import. */
  drawFrom(door: StreamImport): void {
    this.#streamImports.add(door);
    for (const interest of this.#trie.entries()) {
      if (interest.drawsStreams && door.reaches(interest.subject)) door.demand(1, interest.subject);
    }
  }

  drawNoMore(door: StreamImport): void {
    this.#streamImports.remove(door);
  }

  /** A stream import of another account begins or ceases to listen here. */
  setOutlet(door: StreamImport, stands: boolean): void {
    if (stands) {
      this.#outlets.add(door);
      this.add(door);
    } else {
      this.#outlets.delete(door);
      this.remove(door);
    }
  }

  /** The ways back from this account to one that imports from it. */
  repliesTo(importer: Account): ReplyMappings {
    let replies = this.#replies.get(importer);
    if (replies === undefined) {
      replies = new ReplyMappings(
        this,
        importer,
        this.random.fork(`replies to ${accountBytes(importer.id)}`),
      );
      this.#replies.set(importer, replies);
    }
    return replies;
  }

  /** Interest on literally this subject came or went. */
  tellWatchers(subject: ByteString): void {
    if (this.#watchers.size === 0) return;
    const watchers = this.#watchers.get(subject);
    if (watchers !== undefined) for (const changed of [...watchers]) changed();
  }
}
