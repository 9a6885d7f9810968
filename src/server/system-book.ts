import type { Account } from '../accounts/index.ts';
import { type Clock, limits } from '../base/index.ts';
import type { ConnectionView, ServerTotals, Traffic } from '../system/index.ts';
import type { CloseReason } from './close-reasons.ts';
import type { Connection } from './connection.ts';
import { closedConnection, LiveConnection } from './system-connections.ts';

/** Messages and bytes in both directions. */
interface Counters {
  inMessages: number;
  inBytes: number;
  outMessages: number;
  outBytes: number;
}

/** The last of many, so many at most. */
class Ring<T> {
  readonly #size: number;
  #items: T[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#items.length >= this.#size * 2) this.#items = this.#items.slice(-this.#size);
  }

  items(): readonly T[] {
    return this.#items.slice(-this.#size);
  }
}

/** What is known of the connections of one account. */
export class AccountBook {
  readonly live = new Set<Connection>();
  closed = new Ring<ConnectionView>(limits.CLOSED_CONNECTIONS_PER_ACCOUNT);
  /** What connections did in it that are no longer in it. */
  past: Counters = newCounters();
  slowConsumers = 0;
}

/**
 * What is counted about connections beyond what they count themselves. Nothing is done per message: totals are the sums
 * of what live connections have counted and what was noted when others left.
 */
export class ConnectionBook {
  readonly #clock: Clock;
  readonly #live = new Map<Connection, LiveConnection>();
  readonly #byAccount = new WeakMap<Account, AccountBook>();
  /** The counters of live connections when they entered the account they are in. */
  readonly #atEntry = new Map<Connection, Counters>();
  #closed = new Ring<ConnectionView>(limits.CLOSED_CONNECTIONS);
  #past = newCounters();
  #total = 0;
  #slowConsumers = 0;
  #stale = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  accepted(connection: Connection): void {
    this.#total++;
    this.#live.set(connection, new LiveConnection(connection, this.#clock.instant()));
  }

  entered(connection: Connection, account: Account): void {
    this.of(account).live.add(connection);
    this.#atEntry.set(connection, add(newCounters(), connection));
  }

  left(connection: Connection, account: Account): void {
    const book = this.of(account);
    book.live.delete(connection);
    addSince(book.past, connection, this.#atEntry.get(connection));
    this.#atEntry.delete(connection);
  }

  /** A connection is closed, still in its account. @returns what is remembered of it. */
  closed(connection: Connection, reason: CloseReason): ConnectionView {
    const live = this.viewOf(connection);
    const view = closedConnection(live, this.#clock.instant(), reason);
    this.#live.delete(connection);
    this.#closed.push(view);
    add(this.#past, connection);
    const { account } = connection;
    const own = account === undefined ? undefined : this.of(account);
    own?.closed.push(view);
    if (reason === 'Stale Connection') this.#stale++;
    if (!reason.startsWith('Slow Consumer')) return view;
    this.#slowConsumers++;
    if (own !== undefined) own.slowConsumers++;
    return view;
  }

  /** Counts from zero again what the connections of an account did, and forgets those that ended. */
  resetAccount(account: Account): void {
    const book = this.of(account);
    for (const connection of book.live) {
      add(this.#past, connection);
      Object.assign(connection, newCounters());
      this.#atEntry.set(connection, newCounters());
    }
    book.closed = new Ring(limits.CLOSED_CONNECTIONS_PER_ACCOUNT);
    book.past = newCounters();
    book.slowConsumers = 0;
  }

  /** Counts from zero again what the server as a whole counts; accounts are reset one by one, before. */
  resetTotals(): void {
    for (const connection of this.#live.keys()) Object.assign(connection, newCounters());
    this.#closed = new Ring(limits.CLOSED_CONNECTIONS);
    this.#past = newCounters();
    this.#total = this.#live.size;
    this.#slowConsumers = 0;
    this.#stale = 0;
  }

  of(account: Account): AccountBook {
    let book = this.#byAccount.get(account);
    if (book === undefined) {
      book = new AccountBook();
      this.#byAccount.set(account, book);
    }
    return book;
  }

  /** What connections have sent and received in an account since the start. */
  trafficOf(account: Account): { readonly received: Traffic; readonly sent: Traffic } {
    const book = this.of(account);
    const sum = { ...book.past };
    for (const connection of book.live) addSince(sum, connection, this.#atEntry.get(connection));
    return traffic(sum);
  }

  viewOf(connection: Connection): ConnectionView {
    return this.#live.get(connection) ?? new LiveConnection(connection, this.#clock.instant());
  }

  /** Live ones in the order they came. */
  views(): readonly ConnectionView[] {
    return [...this.#live.values()];
  }

  closedViews(): readonly ConnectionView[] {
    return this.#closed.items();
  }

  /** The live connection with this id. */
  find(cid: number): Connection | undefined {
    for (const connection of this.#live.keys()) if (connection.id === cid) return connection;
    return undefined;
  }

  get totals(): ServerTotals {
    const sum = { ...this.#past };
    for (const connection of this.#live.keys()) add(sum, connection);
    return {
      connections: this.#live.size,
      totalConnections: this.#total,
      ...traffic(sum),
      slowConsumers: this.#slowConsumers,
      staleConnections: this.#stale,
    };
  }
}

function newCounters(): Counters {
  return { inMessages: 0, inBytes: 0, outMessages: 0, outBytes: 0 };
}

function add(sum: Counters, more: Counters): Counters {
  sum.inMessages += more.inMessages;
  sum.inBytes += more.inBytes;
  sum.outMessages += more.outMessages;
  sum.outBytes += more.outBytes;
  return sum;
}

function addSince(sum: Counters, now: Counters, then: Counters = newCounters()): void {
  sum.inMessages += now.inMessages - then.inMessages;
  sum.inBytes += now.inBytes - then.inBytes;
  sum.outMessages += now.outMessages - then.outMessages;
  sum.outBytes += now.outBytes - then.outBytes;
}

function traffic(sum: Counters): { readonly received: Traffic; readonly sent: Traffic } {
  return {
    received: { messages: sum.inMessages, bytes: sum.inBytes },
    sent: { messages: sum.outMessages, bytes: sum.outBytes },
  };
}
