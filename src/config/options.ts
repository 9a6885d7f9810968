import type { ByteString } from '../subjects/index.ts';

/** Where something stands in a configuration, for messages and for `explain`. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in an options tree that was passed as a value (`accounts.A.users.0`); then line and column are 0. */
  readonly path?: string;
}

/** One side of a permission: subjects that are allowed (absent: all) minus those denied. */
export interface SubjectPermission {
  readonly allow?: readonly PermissionEntry[];
  readonly deny?: readonly PermissionEntry[];
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
}

/** What a user may do; the guard says what an absent part means. */
export interface PermissionsOptions {
  readonly publish?: SubjectPermission;
  readonly subscribe?: SubjectPermission;
  readonly responses?: ResponsePermission;
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
  readonly at?: Position;
}

/** Limits of an account; -1 is unlimited. */
export interface AccountLimitsOptions {
  readonly maxConnections: number;
  readonly maxSubscriptions: number;
  readonly maxPayload: number;
  readonly maxLeafnodes: number;
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

/** One account, as configured. */
export interface AccountOptions {
  readonly name: ByteString;
  readonly users: readonly UserOptions[];
  readonly defaultPermissions?: PermissionsOptions;
  readonly limits: AccountLimitsOptions;
  /** Absent: JetStream is off for this account. */
  readonly jetstream?: JetStreamLimitsOptions;
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
}

/** The typed form of a configuration, defaults filled in. Durations are ms, sizes bytes. */
export interface ServerOptions {
  readonly host: string;
  /** -1: a free port. */
  readonly port: number;
  readonly serverName?: string;
  readonly clientAdvertise?: string;
  readonly accounts: readonly AccountOptions[];
  /** Users of the `authorization` block; they live in `$G`. */
  readonly users: readonly UserOptions[];
  /** Whether there is an `authorization` block, be it without users: then nobody comes in without credentials. */
  readonly authorizationDeclared?: true;
  readonly token?: string;
  readonly defaultPermissions?: PermissionsOptions;
  readonly noAuthUser?: ByteString;
  /**
   * The configuration leaves logins to something this server does not have yet (operator mode, auth callout). Nobody is
   * let in then, except users it can check itself.
   */
  readonly foreignLogin?: true;
  /** Name of the system account; absent with `no_system_account`. */
  readonly systemAccount?: ByteString;
  readonly jetstream?: JetStreamOptions;
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
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LogOptions {
  readonly debug: boolean;
  readonly trace: boolean;
  readonly traceVerbose: boolean;
  readonly time: boolean;
  readonly timeUtc: boolean;
  readonly file?: string;
}
