import type { Clock, Closable, Message, Random, Scheduler } from '../base/index.ts';
import type { AccountLimitsOptions } from '../config/index.ts';
import { type AccountId, accountBytes, type Guard, type Principal } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, type MatchResult, SubjectTrie } from '../subjects/index.ts';
import { deliverTo } from './deliver.ts';
import type { ServiceExport } from './exports.ts';
import {
  type Interest,
  InternalInterest,
  type InternalReceive,
  type Passage,
  type Sender,
} from './interest.ts';
import { ReplyMappings } from './replies.ts';

/** Length of the ids that events carry, as nats-server's. */
const EVENT_ID_LENGTH = 22;

/** What all accounts share: time, and the reference monitor. */
export interface AccountHouse {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly guard: Guard;
}

/**
 * One account: its own subject space. Nothing in it is visible from another account except through
 * {@link ServiceExport} and an import of it, and messages change account in `crossing.ts` only.
 */
export class Account {
  readonly id: AccountId;
  readonly limits: AccountLimitsOptions;
  readonly house: AccountHouse;
  readonly random: Random;
  /** The server acting on behalf of this account. */
  readonly ownSender: Sender;
  /** Connections that are in the account now. */
  connections = 0;
  readonly #trie = new SubjectTrie<Interest>();
  readonly #exports: ServiceExport[] = [];
  readonly #watchers = new Map<ByteString, Set<() => void>>();
  readonly #queueChoice: Random;
  readonly #eventIds: Random;
  readonly #replies = new Map<Account, ReplyMappings>();

  /** @param random chance of this account alone. */
  constructor(id: AccountId, limits: AccountLimitsOptions, house: AccountHouse, random: Random) {
    this.id = id;
    this.limits = limits;
    this.house = house;
    this.random = random;
    this.#queueChoice = random.fork('queue groups');
    this.#eventIds = random.fork('event ids');
    const principal: Principal = { account: id, user: EMPTY_BYTES };
    this.ownSender = { principal, receiver: undefined, onReceiverBehind: () => {} };
  }

  get subscriptions(): number {
    return this.#trie.size;
  }

  get interestStats(): ReturnType<SubjectTrie<Interest>['stats']> {
    return this.#trie.stats();
  }

  add(interest: Interest): void {
    this.#trie.insert(interest);
    this.#tellWatchers(interest.subject);
  }

  remove(interest: Interest): void {
    this.#trie.remove(interest);
    this.#tellWatchers(interest.subject);
  }

  /** Subscribes a part of the server inside this account. */
  subscribe(subject: ByteString, receive: InternalReceive): Closable {
    const interest = new InternalInterest(subject, EMPTY_BYTES, receive);
    this.add(interest);
    return { close: () => this.remove(interest) };
  }

  match(subject: ByteString): MatchResult<Interest> {
    return this.#trie.match(subject);
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

  /** As {@link deliver}, with a match result that the caller knows to be fresh. */
  deliverTo(
    result: MatchResult<Interest>,
    route: ByteString,
    message: Message,
    sender: Sender,
    passage?: Passage,
  ): number {
    message.route = route;
    return deliverTo(result, message, sender, passage, this.#queueChoice);
  }

  hasInterest(subject: ByteString): boolean {
    const { plain, queues } = this.#trie.match(subject);
    return plain.length > 0 || queues.length > 0;
  }

  /** Whether a subscription stands on literally this subject, in this queue group (empty: outside all groups). */
  hasLiteralInterest(subject: ByteString, queue: ByteString = EMPTY_BYTES): boolean {
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

  /** Offers a service to other accounts. */
  export(offer: ServiceExport): void {
    this.#exports.push(offer);
  }

  /** The export that covers a subject: the very same subject first, then any that contains it. */
  exportFor(subject: ByteString): ServiceExport | undefined {
    return (
      this.#exports.find((offer) => offer.subject === subject) ??
      this.#exports.find((offer) => offer.covers(subject))
    );
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

  #tellWatchers(subject: ByteString): void {
    if (this.#watchers.size === 0) return;
    const watchers = this.#watchers.get(subject);
    if (watchers !== undefined) for (const changed of [...watchers]) changed();
  }
}
