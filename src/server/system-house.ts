import type { Account } from '../accounts/index.ts';
import type { Timer } from '../base/index.ts';
import { toText } from '../subjects/index.ts';
import { type ConnectionView, ServerStamp, ServiceDispatch, SystemEvents } from '../system/index.ts';
import type { CloseReason } from './close-reasons.ts';
import type { Connection } from './connection.ts';
import type { Life } from './life.ts';
import { ConnectionBook } from './system-book.ts';
import {
  type ConfigSource,
  type MonitoredServer,
  type MonitoringParts,
  ServerSystemView,
} from './system-view.ts';

/** How often the server tells its statistics, ms. */
const STATSZ_MS = 10_000;
/** How long after its last change an account's connections are told again, ms. */
const CONNECTIONS_MS = 30_000;

/** What the house of the system account is built from. */
export interface SystemHouseSetup extends Omit<MonitoringParts, 'book'> {
  readonly server: MonitoredServer;
  /** Runs a task on the wire clock: to advance the other by a year must not mean three million heartbeats. */
  after(delayMs: number, task: () => void): Timer;
}

/** Services and events of the system account, and the book of connections that they read from. */
export class SystemHouse implements Life {
  readonly view: ServerSystemView;
  readonly #book: ConnectionBook;
  readonly #events: SystemEvents;
  readonly #dispatch: ServiceDispatch;
  readonly #after: SystemHouseSetup['after'];
  readonly #ending = new Map<Connection, ConnectionView>();
  /** Until when the connections of an account need not be told again. */
  readonly #heartbeats = new Map<Account, Timer>();
  #statsz: Timer | undefined;

  constructor({ server, after, ...parts }: SystemHouseSetup) {
    this.#after = after;
    this.#book = new ConnectionBook(server.clock);
    this.view = new ServerSystemView(server, { ...parts, book: this.#book });
    const stamp = new ServerStamp(this.view);
    this.#events = new SystemEvents(this.view, stamp);
    this.#dispatch = new ServiceDispatch(this.view, stamp);
    const { system } = server.accounts;
    if (system === undefined) return;
    this.#dispatch.start(system);
    this.#beat();
  }

  accepted(connection: Connection): void {
    this.#book.accepted(connection);
  }

  entered(connection: Connection): void {
    const { account } = connection;
    if (account === undefined) return;
    this.#book.entered(connection, account);
    this.#connectionsChanged(account);
    this.#events.connected(this.#book.viewOf(connection));
  }

  left(connection: Connection, account: Account): void {
    this.#book.left(connection, account);
    this.#connectionsChanged(account);
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#ending.set(connection, this.#book.closed(connection, reason));
  }

  ended(connection: Connection): void {
    const view = this.#ending.get(connection);
    if (view === undefined) return;
    this.#ending.delete(connection);
    const { user } = connection.connectOptions;
    this.#events.disconnected(view, user === undefined ? '' : toText(user));
  }

  /** Another configuration is in force from now on. */
  reconfigured(loaded: ConfigSource | undefined): void {
    this.view.reconfigured(loaded);
  }

  /** Counts what connections did from zero again, in these accounts and, where that is all, the whole server. */
  resetStatistics(accounts: readonly Account[], isAll: boolean): void {
    for (const account of accounts) this.#book.resetAccount(account);
    if (isAll) this.#book.resetTotals();
  }

  lameDuck(): void {
    this.#events.lameDuck();
  }

  /** The server stops: told while somebody can still hear it. */
  shutdown(): void {
    this.#events.shutdown();
    this.#statsz?.cancel();
    for (const timer of this.#heartbeats.values()) timer.cancel();
    this.#heartbeats.clear();
  }

  /** Told at once, and again and again while the account has connections and nothing else changes. */
  #connectionsChanged(account: Account): void {
    this.#heartbeats.get(account)?.cancel();
    this.#heartbeats.delete(account);
    this.#events.connections(this.view.viewOf(account));
    if (account.connections === 0 || this.view.system === undefined) return;
    this.#heartbeats.set(
      account,
      this.#after(CONNECTIONS_MS, () => this.#connectionsChanged(account)),
    );
  }

  #beat(): void {
    this.#statsz = this.#after(STATSZ_MS, () => {
      this.#events.statsz();
      this.#beat();
    });
  }
}
