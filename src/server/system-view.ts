import type { Account, ClientInterest, Doors } from '../accounts/index.ts';
import { API_LEVEL } from '../api/index.ts';
import type { Authenticator } from '../auth/index.ts';
import type { Clock, Instant } from '../base/index.ts';
import { GLOBAL_ACCOUNT, type LoadedConfig, type ServerOptions } from '../config/index.ts';
import { type AccountId, accountBytes, type Guard, type RuleCounters } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import type {
  AccountView,
  ConnectionView,
  DoorsView,
  JetStreamView,
  ProcessView,
  ServerControls,
  ServerTotals,
  SystemView,
} from '../system/index.ts';
import { Connection } from './connection.ts';
import type { Directory } from './directory.ts';
import type { JetStreamHouse } from './jetstream-house.ts';
import type { ListenersView } from './listeners.ts';
import { causeText, type LogSink } from './log.ts';
import { MonitoringBook } from './monitoring-book.ts';
import type { RunQueue } from './run-queue.ts';
import { ServerAccountView } from './system-account-view.ts';
import type { ConnectionBook } from './system-book.ts';
import { toldAddress } from './told-address.ts';

/** The parts of the server that monitoring looks at. */
export interface MonitoredServer {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly options: ServerOptions;
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly port: number | undefined;
  readonly accounts: Directory;
  readonly runQueue: RunQueue;
  readonly log: LogSink;
}

/** What a configuration was read from: its digest is made when somebody asks. */
export type ConfigSource = Pick<LoadedConfig, 'digest'>;

/** What is built for monitoring alone, or kept from sight otherwise. */
export interface MonitoringParts {
  readonly book: ConnectionBook;
  readonly doors: Doors;
  readonly process: ProcessView;
  /** What the configuration was made of; absent: nothing. */
  readonly loaded: ConfigSource | undefined;
  listeners(): ListenersView;
  jetstream(): JetStreamHouse | undefined;
  reload(): Promise<unknown>;
  /** Absent: there is nobody to ask. */
  readonly explain?: ServerControls['explain'];
  settle(): void;
}

/** The server, as the services and events of the system account see it. */
export class ServerSystemView implements SystemView {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly start: Instant;
  readonly process: ProcessView;
  readonly http = new MonitoringBook();
  readonly controls: ServerControls;
  readonly #server: MonitoredServer;
  readonly #parts: MonitoringParts;
  #loaded: ConfigSource | undefined;
  #configLoaded: Instant;
  readonly #accounts = new WeakMap<Account, AccountView>();

  constructor(server: MonitoredServer, parts: MonitoringParts) {
    this.#server = server;
    this.#parts = parts;
    this.id = server.id;
    this.name = server.name;
    this.version = server.version;
    this.guard = server.guard;
    this.clock = server.clock;
    this.process = parts.process;
    this.start = server.clock.instant();
    this.#configLoaded = this.start;
    this.#loaded = parts.loaded;
    this.controls = controlsOf(parts);
  }

  get options(): ServerOptions {
    return this.#server.options;
  }

  get host(): string {
    return this.#told.host;
  }

  get port(): number {
    return this.#told.port;
  }

  get #told(): { readonly host: string; readonly port: number } {
    return toldAddress(this.options, this.#server.port ?? 0);
  }

  get doors(): DoorsView {
    const { tls, allowNonTls } = this.options;
    return { isTlsRequired: tls !== undefined && allowNonTls !== true, ...this.#parts.listeners() };
  }

  /** Empty where the configuration came from nowhere (measured on 2.14.5). */
  get configDigest(): string {
    return this.#loaded?.digest ?? '';
  }

  /** Another configuration is in force from now on. */
  reconfigured(loaded: ConfigSource | undefined): void {
    this.#loaded = loaded;
    this.#configLoaded = this.clock.instant();
  }

  /** When the configuration in force was read. */
  get configLoaded(): Instant {
    return this.#configLoaded;
  }

  get isAuthRequired(): boolean {
    return this.#server.authenticator.isRequired;
  }

  get totals(): ServerTotals {
    return this.#parts.book.totals;
  }

  get system(): Account | undefined {
    return this.#server.accounts.system;
  }

  get jetstream(): JetStreamView | undefined {
    const house = this.#parts.jetstream();
    const { jetstream } = this.options;
    if (house === undefined || jetstream === undefined) return undefined;
    const { total, errors } = house.dispatch.stats.server;
    const { maxMemory = -1, maxStorage = -1, storeDir = '', domain, strict } = jetstream;
    return { maxMemory, maxStorage, storeDir, domain, strict, api: { level: API_LEVEL, total, errors } };
  }

  connections(): readonly ConnectionView[] {
    return this.#parts.book.views();
  }

  closedConnections(): readonly ConnectionView[] {
    return this.#parts.book.closedViews();
  }

  isOffered(subject: ByteString): boolean {
    const { accounts, systemAccount } = this.options;
    const system = accounts.find(({ name }) => name === systemAccount);
    return system?.exports.some((offer) => offer.kind === 'service' && offer.subject === subject) ?? false;
  }

  accounts(): readonly AccountView[] {
    const { accounts } = this.#server;
    const { system } = accounts;
    const all = accounts.tenants();
    if (system !== undefined) all.push(system);
    return all.map((account) => this.viewOf(account));
  }

  account(id: AccountId): AccountView | undefined {
    return this.accountNamed(accountBytes(id));
  }

  accountNamed(name: ByteString): AccountView | undefined {
    const account = this.#server.accounts.named(name);
    return account === undefined ? undefined : this.viewOf(account);
  }

  viewOf(account: Account): AccountView {
    let view = this.#accounts.get(account);
    if (view === undefined) {
      view = new ServerAccountView(account, {
        book: this.#parts.book,
        doors: this.#parts.doors,
        isSystem: account === this.system,
        jetstream: () => this.#parts.jetstream(),
        mappings: () => this.#mappingsOf(account),
        updated: () => this.configLoaded,
        cidOf,
      });
      this.#accounts.set(account, view);
    }
    return view;
  }

  ruleCounters(): RuleCounters {
    return this.guard.ruleCounters();
  }

  emit(account: Account, subject: ByteString, payload: string): void {
    this.#server.runQueue.emit(account, subject, EMPTY_BYTES, undefined, Buffer.from(payload, 'utf8'));
  }

  settle(): void {
    this.#parts.settle();
  }

  logError(message: string, cause: unknown): void {
    this.#server.log.write('error', `${message}: ${causeText(cause)}`);
  }

  #mappingsOf(account: Account): AccountView['mappings'] {
    const name = accountBytes(account.id);
    const { accounts, mappings } = this.options;
    const declared = accounts.find((one) => one.name === name);
    return declared?.mappings ?? (name === GLOBAL_ACCOUNT ? mappings : []);
  }
}

function cidOf(interest: ClientInterest): number {
  return interest.receiver instanceof Connection ? interest.receiver.id : 0;
}

function controlsOf({ book, reload, explain }: MonitoringParts): ServerControls {
  return {
    kick(cid) {
      const connection = book.find(cid);
      connection?.close('Kicked');
      return connection !== undefined;
    },
    warnLameDuck(cid) {
      const connection = book.find(cid);
      connection?.warnLameDuck();
      return connection !== undefined;
    },
    async reload() {
      await reload();
    },
    explain: explain ?? (() => Promise.reject(new Error('this server was started without an explainer'))),
  };
}
