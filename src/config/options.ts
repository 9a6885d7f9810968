import type { ByteString } from '../subjects/index.ts';

/** Where something stands in a configuration, for messages and for `explain`. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in an options tree that was passed as a value (`accounts.A.users.0`); then line and column are 0. */
  readonly path?: string;
}

/** The kinds of connection, as users' `allowed_connection_types` name them. */
export const CONNECTION_KINDS = [
  'STANDARD',
  'WEBSOCKET',
  'LEAFNODE',
  'LEAFNODE_WS',
  'MQTT',
  'MQTT_WS',
  'IN_PROCESS',
] as const;

export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** One side of a permission: subjects that are allowed (absent: all) minus those denied. */
export interface SubjectPermission {
  readonly allow?: readonly PermissionEntry[];
  readonly deny?: readonly PermissionEntry[];
  readonly at?: Position;
}

/** `"subject"` or, for subscriptions, `"subject queue"`. */
export interface PermissionEntry {
  readonly subject: ByteString;
  readonly queue?: ByteString;
  readonly at?: Position;
}

/** What `allow_responses` grants. */
export interface ResponsePermission {
  /** How many replies per request; -1 is unlimited. Default 1. */
  readonly max: number;
  /** How long the grant lives, ms. Default 120,000; -1 is unlimited. */
  readonly expiresMs: number;
  readonly at?: Position;
}

/** What a user may do; the guard says what an absent part means. */
export interface PermissionsOptions {
  readonly publish?: SubjectPermission;
  readonly subscribe?: SubjectPermission;
  readonly responses?: ResponsePermission;
  /** Where the block stands. Users without one of their own share the object, and so the place, of their defaults. */
  readonly at?: Position;
}

/** One user, as configured. */
export interface UserOptions {
  /** User name, absent for nkey users. */
  readonly user?: ByteString;
  /** Plain or bcrypt (`$2a$…`); absent means the empty password. */
  readonly password?: string;
  /** Public nkey `U…`. */
  readonly nkey?: string;
  readonly permissions?: PermissionsOptions;
  /** Upper-case names (STANDARD, WEBSOCKET, IN_PROCESS, …); absent allows every kind. */
  readonly connectionTypes?: readonly string[];
  readonly connectionTypesAt?: Position;
  readonly at?: Position;
}

/** Limits of an account; -1 is unlimited. */
export interface AccountLimitsOptions {
  readonly maxConnections: number;
  readonly maxSubscriptions: number;
  readonly maxPayload: number;
  readonly maxLeafnodes: number;
  /** Imports that the configuration may give the account. This and the two below are Bulkhead's own keys. */
  readonly maxImports: number;
  readonly maxExports: number;
  /** Whether the account may export subjects with wildcards. */
  readonly wildcardExports: boolean;
  readonly at?: Position;
}

/** JetStream limits of an account; -1 is unlimited, 0 for a storage kind is none. Bytes. */
export interface JetStreamLimitsOptions {
  readonly maxMemory: number;
  readonly maxStorage: number;
  readonly maxStreams: number;
  readonly maxConsumers: number;
  readonly maxAckPending: number;
  readonly maxBytesRequired: boolean;
  readonly memoryMaxStreamBytes: number;
  readonly storageMaxStreamBytes: number;
}

/** How a service export's use is measured: a share of requests in percent, or those whose headers ask for a trace. */
export interface LatencyOptions {
  /** Where metrics are published, in the exporting account. */
  readonly subject: ByteString;
  /** 1 to 100, or `headers`. */
  readonly sampling: number | 'headers';
  readonly at?: Position;
}

/** How many answers a request may get. Stream and chunked end with an empty message (measured on 2.14.5). */
export type ResponseType = 'singleton' | 'stream' | 'chunked';

/** What an account offers to others. */
export interface ExportOptions {
  readonly kind: 'stream' | 'service';
  readonly subject: ByteString;
  /** The accounts it is offered to; absent: to every account. */
  readonly accounts?: readonly ByteString[];
  readonly responseType: ResponseType;
  /** How long a way back lives without an answer, ms. Default 120,000. */
  readonly thresholdMs: number;
  readonly latency?: LatencyOptions;
  /** Which token (from 1) has to be the name of the importing account. */
  readonly accountTokenPosition?: number;
  readonly allowTrace: boolean;
  readonly at?: Position;
}

/** What an account takes from another one. */
export interface ImportOptions {
  readonly kind: 'stream' | 'service';
  /** The exporting account. */
  readonly account: ByteString;
  /** The subject in the exporting account. */
  readonly subject: ByteString;
  /** Streams: goes before the subject in the importing account. */
  readonly prefix?: ByteString;
  /**
   * The subject in the importing account, where it is another one. `$n` or `{{wildcard(n)}}` stand for the wildcards of
   * the exporting account's subject, a plain `*` for the next of them.
   */
  readonly to?: ByteString;
  /** Services: whether the exporting account learns who asks, beyond the account. */
  readonly share: boolean;
  readonly allowTrace: boolean;
  readonly at?: Position;
}

/** One destination of a mapping. */
export interface MappingDestination {
  /** With `$n` and `{{function(…)}}` of the source's wildcards. */
  readonly subject: ByteString;
  /** Percent of the messages, 0 to 100. */
  readonly weight: number;
  /** Only in the cluster of this name; absent: wherever no other destination names its cluster. */
  readonly cluster?: string;
  readonly at?: Position;
}

/** A subject mapping: what clients of the account publish on `source` goes to one of the destinations instead. */
export interface MappingOptions {
  readonly source: ByteString;
  readonly destinations: readonly MappingDestination[];
  readonly at?: Position;
}

/** One account, as configured. */
export interface AccountOptions {
  readonly name: ByteString;
  readonly users: readonly UserOptions[];
  readonly exports: readonly ExportOptions[];
  readonly imports: readonly ImportOptions[];
  readonly mappings: readonly MappingOptions[];
  readonly defaultPermissions?: PermissionsOptions;
  readonly limits: AccountLimitsOptions;
  /** Absent: JetStream is off for this account. */
  readonly jetstream?: JetStreamLimitsOptions;
  readonly jetstreamAt?: Position;
  readonly at?: Position;
}

/** JetStream of the whole server. */
export interface JetStreamOptions {
  readonly storeDir?: string;
  /** Bytes; absent: what the process can hold. */
  readonly maxMemory?: number;
  readonly maxStorage?: number;
  readonly domain: string;
  /** Unknown fields in API requests are errors. Default true. */
  readonly strict: boolean;
  /** What holds for streams, consumers and batches of every account. */
  readonly limits?: JetStreamServerLimits;
}

/** `jetstream { limits { … } }`; 0 stands for no limit, or in a batch for the default. */
export interface JetStreamServerLimits {
  readonly maxAckPending: number;
  readonly maxRequestBatch: number;
  readonly duplicateWindowNs: number;
  readonly batchMessages: number;
  readonly batchesPerStream: number;
  readonly batchesPerAccount: number;
  readonly batchTimeoutMs: number;
}

/** A certificate and its key, as files with PEM. They are read when a server starts, see `certificates.ts`. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What `tls` says of one listener. */
export interface TlsOptions {
  /** None: every handshake fails. */
  readonly certificates: readonly CertificateFiles[];
  /** Who may sign the certificates of clients; absent: whom the runtime trusts. */
  readonly caFile?: string;
  /** Whether a client has to show a certificate. */
  readonly verify: boolean;
  /** Whether that certificate says which user the client is; implies `verify`. */
  readonly mapsUsers: boolean;
  /** How long a handshake may take, ms. */
  readonly timeoutMs: number;
  /** Whether the handshake goes before INFO: a number waits for it so many ms, then sends INFO. */
  readonly handshakeFirst: boolean | number;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Cipher suites of TLS 1.2, in OpenSSL's names; absent: the runtime's. */
  readonly ciphers?: readonly string[];
  /** In OpenSSL's names; absent: the runtime's. */
  readonly curves?: readonly string[];
  /** SHA-256 of the public keys that clients may have, in lower-case hex; absent: any. */
  readonly pinnedKeys?: readonly string[];
  /** Handshakes begun in a second, at most; 0: any number. */
  readonly connectionRateLimit: number;
  readonly at?: Position;
}

/** The login of a WebSocket listener that has one of its own: nobody else comes in by it. */
export interface OwnLoginOptions {
  readonly user?: ByteString;
  readonly password?: string;
  readonly token?: string;
}

/** An address that clients are told. */
export interface AdvertisedAddress {
  /** As it was written. */
  readonly text: string;
  readonly host: string;
  /** Absent: the one that is listened on. */
  readonly port?: number;
}

/** The names of cookies from which credentials are taken that CONNECT does not have. */
export interface CookieNames {
  readonly jwt?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/** What `websocket` says. The listener is on when this is there. */
export interface WebsocketOptions {
  readonly host: string;
  /** -1: a free port. */
  readonly port: number;
  /** Accepted: only servers of a cluster tell such addresses (measured on 2.14.5). */
  readonly advertise?: AdvertisedAddress;
  /** Absent: `no_tls`. */
  readonly tls?: TlsOptions;
  readonly sameOrigin: boolean;
  /** Origins that browsers may come from, in lower case with their port (`http://a.com:80`); absent: any. */
  readonly allowedOrigins?: readonly string[];
  /** How long TLS and upgrade may take, ms. */
  readonly handshakeTimeoutMs: number;
  readonly compression: boolean;
  readonly login?: OwnLoginOptions;
  /** Absent: as for other clients. */
  readonly authTimeoutMs?: number;
  /** Absent: as for other clients. */
  readonly noAuthUser?: ByteString;
  readonly cookies: CookieNames;
  /** Sent with the answer to an upgrade. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Absent: as for other clients. */
  readonly pingIntervalMs?: number;
  readonly at?: Position;
}

/** The typed form of a configuration, defaults filled in. Durations are ms, sizes bytes. */
export interface ServerOptions {
  readonly host: string;
  /** -1: a free port. */
  readonly port: number;
  readonly serverName?: string;
  /** What clients are told in place of the address that is listened on. */
  readonly clientAdvertise?: AdvertisedAddress;
  readonly tls?: TlsOptions;
  /** Whether clients may also come without TLS where `tls` is configured. */
  readonly allowNonTls?: true;
  readonly websocket?: WebsocketOptions;
  readonly accounts: readonly AccountOptions[];
  /** Users of the `authorization` block; they live in `$G`. */
  readonly users: readonly UserOptions[];
  /** Subject mappings of the global account. */
  readonly mappings: readonly MappingOptions[];
  /** Whether there is an `authorization` block, be it without users: then nobody comes in without credentials. */
  readonly authorizationDeclared?: true;
  readonly authorizationAt?: Position;
  readonly token?: string;
  /** The one user of `user` and `password`: no certificate stands for it (measured on 2.14.5). */
  readonly singleUser?: true;
  readonly defaultPermissions?: PermissionsOptions;
  readonly noAuthUser?: ByteString;
  readonly noAuthUserAt?: Position;
  /**
   * The configuration leaves logins to something this server does not have yet (operator mode, auth callout). Nobody is
   * let in then, except users it can check itself.
   */
  readonly foreignLogin?: true;
  /** Name of the system account; absent with `no_system_account`. */
  readonly systemAccount?: ByteString;
  /** Where the system account is named, or taken away; absent where nothing is said of it. */
  readonly systemAccountAt?: Position;
  readonly jetstream?: JetStreamOptions;
  readonly jetstreamAt?: Position;
  readonly authTimeoutMs: number;
  readonly maxPayload: number;
  readonly maxControlLine: number;
  readonly maxConnections: number;
  /** 0: unlimited. */
  readonly maxSubscriptions: number;
  /** 0: unlimited. */
  readonly maxSubscriptionTokens: number;
  readonly maxPending: number;
  readonly pingIntervalMs: number;
  readonly pingMax: number;
  readonly writeDeadlineMs: number;
  readonly headers: boolean;
  readonly fastProducerStall: boolean;
  readonly alwaysEnableNonce: boolean;
  readonly lameDuckDurationMs: number;
  readonly lameDuckGracePeriodMs: number;
  readonly log: LogOptions;
  /** Where the command writes its process id. */
  readonly pidFile?: string;
  /** Where the command writes the file that says what it listens on. */
  readonly portsFileDir?: string;
  readonly monitoring: MonitoringOptions;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where monitoring is offered over HTTP: nowhere as long as both ports are 0. */
export interface MonitoringOptions {
  /** Default: where clients are listened for. */
  readonly host?: string;
  /** -1: a free port; 0: not offered. */
  readonly httpPort: number;
  /** The same over TLS; a server offers one of the two. */
  readonly httpsPort: number;
  /** Goes before the paths of all pages: empty, or `/nats`, without a slash at the end. */
  readonly basePath: string;
}

export interface LogOptions {
  readonly debug: boolean;
  readonly trace: boolean;
  readonly traceVerbose: boolean;
  readonly time: boolean;
  readonly timeUtc: boolean;
  readonly file?: string;
  /** Bytes of a payload that a trace line shows; absent: all. */
  readonly maxTracedBytes?: number;
}
