import {
  type Account,
  ClientInterest,
  type ClientInterestContext,
  type Interest,
  type Receiver,
} from '../accounts/index.ts';
import { type Clock, limits } from '../base/index.ts';
import type { ServerOptions } from '../config/index.ts';
import type { Guard } from '../guard/index.ts';
import {
  type Arguments,
  ERRORS,
  type ProtocolError,
  subscriptionViolation,
  tooManyTokens,
} from '../protocol/index.ts';
import { type ByteString, hasValidTokens, tokenCount } from '../subjects/index.ts';
import { tokenAt } from './routes.ts';

/** What a connection's subscriptions need of the server. */
export interface SubscriptionHost {
  readonly options: ServerOptions;
  readonly guard: Guard;
  readonly clock: Clock;
  /** Whether the protocol is written to the log. */
  readonly isTracing: boolean;
}

/** The connection, as its subscriptions know it. */
export interface Subscriber extends Receiver {
  /** For the log of the protocol. */
  traceRemoval(sid: ByteString): void;
}

/** The subscriptions of one connection in the account it is in, by subscription id. */
export class Subscriptions {
  readonly #receiver: Subscriber;
  readonly #account: Account;
  readonly #host: SubscriptionHost;
  readonly #bySid = new Map<ByteString, ClientInterest>();
  readonly #context: ClientInterestContext;

  constructor(receiver: Subscriber, account: Account, host: SubscriptionHost) {
    this.#receiver = receiver;
    this.#account = account;
    this.#host = host;
    this.#context = {
      guard: host.guard,
      nowMs: () => host.clock.now(),
      onExhausted: (interest) => this.#remove(interest),
    };
  }

  /**
   * SUB. What is asked first follows the real server: permission, tokens, limit, then the subscription id (one in use
   * keeps its first subscription, without error) and only then the subject (measured on 2.14.5).
   */
  subscribe(buffer: Buffer, { count, starts, ends }: Arguments): ProtocolError | undefined {
    const subject = tokenAt(buffer, starts[0] ?? 0, ends[0] ?? 0);
    const queue = count === 3 ? tokenAt(buffer, starts[1] ?? 0, ends[1] ?? 0) : tokenAt(buffer, 0, 0);
    const sid = tokenAt(buffer, starts[count - 1] ?? 0, ends[count - 1] ?? 0);
    const { options, guard } = this.#host;
    const verdict = guard.subscribe(this.#receiver.principal, subject, queue);
    if (!verdict.allowed) return subscriptionViolation(subject, queue);
    if (options.maxSubscriptionTokens > 0 && tokenCount(subject) > options.maxSubscriptionTokens) {
      return tooManyTokens(subject);
    }
    if (tokenCount(subject) > limits.MAX_SUBJECT_TOKENS) return tooManyTokens(subject);
    if (this.#isFull()) return ERRORS.maximumSubscriptions;
    if (this.#bySid.has(sid)) return undefined;
    if (!hasValidTokens(subject)) return ERRORS.invalidSubject;
    const interest = new ClientInterest(subject, queue, sid, this.#receiver, verdict.filtered, this.#context);
    this.#bySid.set(sid, interest);
    this.#account.add(interest);
    return undefined;
  }

  /** UNSUB, at once or after a number of deliveries in all. */
  unsubscribe(buffer: Buffer, { count, starts, ends }: Arguments): void {
    const interest = this.#bySid.get(tokenAt(buffer, starts[0] ?? 0, ends[0] ?? 0));
    if (interest === undefined) return;
    const max = count > 1 ? readMax(tokenAt(buffer, starts[1] ?? 0, ends[1] ?? 0)) : 0;
    if (max === 0 || interest.limitTo(max)) this.#remove(interest);
  }

  /** The connection's own subscription outside of queue groups that matches a subject. */
  findFor(subject: ByteString): ClientInterest | undefined {
    for (const interest of this.#account.match(subject).plain) if (this.#isOwn(interest)) return interest;
    return undefined;
  }

  list(): readonly ClientInterest[] {
    return [...this.#bySid.values()];
  }

  get count(): number {
    return this.#bySid.size;
  }

  /** Asks the guard anew for each of them. @returns those it refuses, which are gone. */
  rejudge(): ClientInterest[] {
    const lost: ClientInterest[] = [];
    for (const interest of [...this.#bySid.values()]) {
      const verdict = this.#host.guard.subscribe(this.#receiver.principal, interest.subject, interest.queue);
      interest.isFiltered = verdict.filtered;
      if (verdict.allowed) continue;
      this.#remove(interest);
      lost.push(interest);
    }
    return lost;
  }

  /** Whether there are more than the account's limit, which may have been lowered. */
  get areTooMany(): boolean {
    const { maxSubscriptions } = this.#account.limits;
    return maxSubscriptions >= 0 && this.#bySid.size > maxSubscriptions;
  }

  clear(): void {
    for (const interest of this.#bySid.values()) {
      this.#account.remove(interest);
      if (this.#host.isTracing) this.#receiver.traceRemoval(interest.sid);
    }
    this.#bySid.clear();
  }

  #remove(interest: ClientInterest): void {
    this.#bySid.delete(interest.sid);
    this.#account.remove(interest);
    if (this.#host.isTracing) this.#receiver.traceRemoval(interest.sid);
  }

  #isOwn(interest: Interest): interest is ClientInterest {
    return interest instanceof ClientInterest && this.#bySid.get(interest.sid) === interest;
  }

  /** The account's limit holds per connection (measured on 2.14.5). */
  #isFull(): boolean {
    const { maxSubscriptions } = this.#host.options;
    if (maxSubscriptions > 0 && this.#bySid.size >= maxSubscriptions) return true;
    const perAccount = this.#account.limits.maxSubscriptions;
    return perAccount >= 0 && this.#bySid.size >= perAccount;
  }
}

/** The number after UNSUB; anything but one to nine digits counts as none (measured on 2.14.5). */
function readMax(text: ByteString): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
