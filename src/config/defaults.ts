import { toBytes } from '../subjects/index.ts';
import type {
  AccountLimitsOptions,
  AccountOptions,
  JetStreamLimitsOptions,
  ResponsePermission,
  ServerOptions,
} from './options.ts';

/** The account of everybody who is in no declared one. */
export const GLOBAL_ACCOUNT = toBytes('$G');

/** An account without `limits`: everything unlimited. */
export const UNLIMITED_ACCOUNT: AccountLimitsOptions = {
  maxConnections: -1,
  maxSubscriptions: -1,
  maxPayload: -1,
  maxLeafnodes: -1,
  maxImports: -1,
  maxExports: -1,
  wildcardExports: true,
};

/** An account of which nothing is configured but its name. */
export const BARE_ACCOUNT: Omit<AccountOptions, 'name'> = Object.freeze({
  users: [],
  exports: [],
  imports: [],
  mappings: [],
  limits: UNLIMITED_ACCOUNT,
});

/** An account with `jetstream: true`: everything unlimited. */
export const UNLIMITED_JETSTREAM: JetStreamLimitsOptions = {
  maxMemory: -1,
  maxStorage: -1,
  maxStreams: -1,
  maxConsumers: -1,
  maxAckPending: -1,
  maxBytesRequired: false,
  memoryMaxStreamBytes: -1,
  storageMaxStreamBytes: -1,
};

/** How long a service may take to answer, ms, where an export does not say so (measured on 2.14.5). */
export const DEFAULT_THRESHOLD_MS = 120_000;

/** `allow_responses: true`: one reply within two minutes. */
export const DEFAULT_RESPONSES: ResponsePermission = { max: 1, expiresMs: 120_000 };

/** Where a listener listens unless the configuration says so. */
export const DEFAULT_HOST = '0.0.0.0';

/** The options of an empty configuration: the real server's defaults (measured on 2.14.5). */
export const DEFAULTS: ServerOptions = Object.freeze({
  host: DEFAULT_HOST,
  port: 4222,
  accounts: [],
  users: [],
  mappings: [],
  systemAccount: toBytes('$SYS'),
  authTimeoutMs: 2_000,
  maxPayload: 1_048_576,
  maxControlLine: 4_096,
  maxConnections: 65_536,
  maxSubscriptions: 0,
  maxSubscriptionTokens: 0,
  maxPending: 67_108_864,
  pingIntervalMs: 120_000,
  pingMax: 2,
  writeDeadlineMs: 10_000,
  headers: true,
  fastProducerStall: true,
  alwaysEnableNonce: false,
  lameDuckDurationMs: 120_000,
  lameDuckGracePeriodMs: 10_000,
  log: { debug: false, trace: false, traceVerbose: false, time: true, timeUtc: false },
  monitoring: { httpPort: 0, httpsPort: 0, basePath: '' },
  tags: [],
  metadata: {},
});

/** A fresh copy of the defaults. */
export function defaultOptions(): ServerOptions {
  return { ...DEFAULTS, log: { ...DEFAULTS.log } };
}
