import type { Account, AnyExport, AnyImport } from '../accounts/index.ts';
import type { Clock, Instant } from '../base/index.ts';
import type { MappingOptions, ServerOptions } from '../config/index.ts';
import type { AccountId, Caller, Grant, RuleCounters, Scope, ScopeRequest, Verdict } from '../guard/index.ts';
import type { JetStream } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** Messages and bytes in one direction. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

/** One subscription of a connection, or of the server itself inside an account. */
export interface SubscriptionView {
  readonly subject: ByteString;
  /** Empty outside of queue groups. */
  readonly queue: ByteString;
  readonly sid: ByteString;
  /** Messages delivered since SUB. */
  readonly delivered: number;
  /** Deliveries after which it ends; 0: no limit. */
  readonly max: number;
  /** The connection's id; 0 for the server itself. */
  readonly cid: number;
}

/** What monitoring shows of a certificate: nothing that is secret. */
export interface CertificateView {
  /** In the form of RFC 2253: `CN=alice,O=NATS`. */
  readonly subject: string;
  /** SHA-256 of the public key, and of the whole certificate, in hex. */
  readonly keyDigest: string;
  readonly digest: string;
}

/** What monitoring shows of a connection's encryption. */
export interface TlsView {
  /** `1.3` and the like. */
  readonly version: string;
  readonly cipherSuite: string;
  /** Whether the handshake went before INFO. */
  readonly first: boolean;
  /** The certificates that the client showed, its own first; empty for a closed connection. */
  certificates(): readonly CertificateView[];
}

/** One connection, live or closed, as monitoring shows it. */
export interface ConnectionView {
  readonly id: number;
  readonly kind: 'Client';
  readonly clientType: 'nats' | 'websocket';
  readonly ip: string;
  readonly port: number;
  readonly start: Instant;
  readonly lastActivity: Instant;
  /** The last measured round trip, ns; 0: not measured. */
  readonly rttNs: number;
  readonly pendingBytes: number;
  readonly received: Traffic;
  readonly sent: Traffic;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  /** The account it is, or was last, in; absent before login. */
  readonly account: AccountId | undefined;
  /** The authenticated user, as text; empty for users without a name and before login. */
  readonly user: string;
  /** Present for connections over TLS. */
  readonly tls?: TlsView | undefined;
  readonly subscriptionCount: number;
  subscriptions(): readonly SubscriptionView[];
  /** When and why it ended. */
  readonly closed?: { readonly at: Instant; readonly reason: string };
}

/** Where connections are listed from: the whole server, or one account. */
export interface ConnectionSource {
  /** Live ones, by id. */
  connections(): readonly ConnectionView[];
  /** Closed ones, the oldest first; so many as are remembered. */
  closedConnections(): readonly ConnectionView[];
}

/** One account, and what is known of its use. Nothing in it leads to another account. */
export interface AccountView extends ConnectionSource {
  readonly account: Account;
  readonly id: AccountId;
  readonly name: ByteString;
  readonly isSystem: boolean;
  /** When its configuration was read. */
  readonly updated: Instant;
  /** Its doors, built-in ones included, and its subject mappings. */
  readonly exports: readonly AnyExport[];
  readonly imports: readonly AnyImport[];
  readonly mappings: readonly MappingOptions[];
  /** Messages of its connections, live and closed. */
  readonly received: Traffic;
  readonly sent: Traffic;
  readonly slowConsumers: number;
  /** Connections that are in it now. */
  readonly connectionCount: number;
  /** Absent where JetStream is off. */
  readonly jetstream: AccountJetStreamView | undefined;
  /** Every subscription inside it, the server's own included. */
  subscriptions(): readonly SubscriptionView[];
}

/** JetStream of one account, and how many API requests it made. */
export interface AccountJetStreamView {
  readonly jetstream: JetStream;
  readonly api: { readonly total: number; readonly errors: number };
}

/** JetStream of the whole server. */
export interface JetStreamView {
  readonly maxMemory: number;
  readonly maxStorage: number;
  readonly storeDir: string;
  readonly domain: string;
  readonly strict: boolean;
  readonly api: { readonly level: number; readonly total: number; readonly errors: number };
}

/** The process; real values where there are any. */
export interface ProcessView {
  /** Resident memory, bytes. */
  memory(): number;
  readonly cores: number;
  /** Percent of one core, since the last time it was asked for. */
  cpu(): number;
  /** What the runtime says of its heap, under the runtime's own names. */
  memoryStats(): Readonly<Record<string, number>>;
  /** How many timers, sockets and so on keep the process alive, by the runtime's own names. */
  waitsFor(): Readonly<Record<string, number>>;
}

/** Monitoring over HTTP, as monitoring itself shows it. */
export interface HttpView {
  /** Where it is offered; empty while it is not. */
  readonly host: string;
  /** The real ports; 0: not offered. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly basePath: string;
  /** Requests by the path of the page. */
  readonly requests: ReadonlyMap<string, number>;
}

/** What is known of the listeners for clients beyond their options. */
export interface DoorsView {
  /** Whether clients of the TCP port have to use TLS. */
  readonly isTlsRequired: boolean;
  /** When the certificate that clients are shown ends, RFC 3339; absent without TLS. */
  readonly certificateEnd: string | undefined;
  /** The real port for WebSockets; 0 while there is none. */
  readonly websocketPort: number;
  readonly websocketCertificateEnd: string | undefined;
}

/** Counters of the whole server. */
export interface ServerTotals {
  readonly connections: number;
  /** Every connection there ever was. */
  readonly totalConnections: number;
  readonly received: Traffic;
  readonly sent: Traffic;
  readonly slowConsumers: number;
  readonly staleConnections: number;
}

/** The facts of the server that every account may know: the same stand in INFO. */
export interface HouseView {
  readonly id: string;
  readonly name: string;
  /** The version that replies show. */
  readonly version: string;
  /** The host that clients are told. */
  readonly host: string;
  readonly options: Pick<ServerOptions, 'tags' | 'metadata' | 'jetstream'>;
  readonly clock: Clock;
}

/** The guard as system services see it. */
export interface ServiceGuard {
  scope<S extends Scope>(
    caller: Caller,
    request: ScopeRequest<S>,
    subject: ByteString,
  ): { readonly verdict: Verdict; readonly grant?: Grant<S> };
}

/** What can be done to the server. */
export interface ServerControls {
  /** Ends a connection without an error line. @returns whether there is such a connection. */
  kick(cid: number): boolean;
  /** Tells a client to look for another server. @returns whether there is such a connection. */
  warnLameDuck(cid: number): boolean;
  /** Reads the configuration again. @throws what is wrong with the new one; the old one stays. */
  reload(): void | Promise<void>;
  /** Answers a question about authority, given as JSON. @throws what is wrong with the question. */
  explain(question: string): Promise<Readonly<Record<string, unknown>>>;
}

/**
 * What the system account's services and events need of the server. `server` implements it. Everything that monitoring
 * shows is made from this view by plain functions, whoever carries the result: a service here, HTTP elsewhere.
 */
export interface SystemView extends HouseView, ConnectionSource {
  readonly options: ServerOptions;
  readonly guard: ServiceGuard;
  /** The port that clients are told; 0 when it does not listen. */
  readonly port: number;
  readonly doors: DoorsView;
  readonly start: Instant;
  readonly configLoaded: Instant;
  /** `sha256:…` of the configuration's values; empty where there is none. */
  readonly configDigest: string;
  readonly isAuthRequired: boolean;
  readonly totals: ServerTotals;
  readonly http: HttpView;
  readonly process: ProcessView;
  readonly controls: ServerControls;
  readonly system: Account | undefined;
  readonly jetstream: JetStreamView | undefined;
  /** Whether the configuration itself offers this subject as a service of the system account. */
  isOffered(subject: ByteString): boolean;
  accounts(): readonly AccountView[];
  account(id: AccountId): AccountView | undefined;
  accountNamed(name: ByteString): AccountView | undefined;
  /** How often each rule of the guard decided since the start. */
  ruleCounters(): RuleCounters;
  /** Queues a message for an account. */
  emit(account: Account, subject: ByteString, payload: string): void;
  /** Delivers what was queued outside of a delivery. */
  settle(): void;
  logError(message: string, cause: unknown): void;
}
