import { toBytes } from '../subjects/index.ts';
import { readAccounts } from './accounts.ts';
import { type Authorization, readAuthorization } from './authorization.ts';
import { DEFAULTS, defaultOptions } from './defaults.ts';
import { durationMs, durationOrSecondsMs } from './durations.ts';
import { DEFAULT_JETSTREAM, readJetStream } from './jetstream.ts';
import { SERVER_KEYS } from './keys/server.ts';
import { checkedPort, readListen } from './listen.ts';
import { readMetadata, readTags } from './lists.ts';
import { readMappings } from './mappings.ts';
import { monitoringHandlers } from './monitoring.ts';
import type { LogOptions, Position, ServerOptions } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { advertisedOf, booleanOf, countOf, countOr, integerOf, stringOf } from './read.ts';
import { type Handlers, readSection } from './section.ts';
import { readTls } from './tls.ts';
import type { ConfigEntry, ConfigMap } from './values.ts';
import { readWebsocket } from './websocket.ts';

/** Options while they are being read. */
export type OptionsDraft = { -readonly [K in keyof ServerOptions]: ServerOptions[K] };
type LogDraft = { -readonly [K in keyof LogOptions]: LogOptions[K] };

/** What a reading of the top level has to remember beyond the options, for the checks at the end. */
export interface Reading {
  readonly draft: OptionsDraft;
  readonly findings: Findings;
  readonly check: boolean;
  /** Where each key of the top level stands, by its lower-case name. */
  readonly positions: Map<string, Position>;
  authorization?: Authorization;
  storeDir?: string;
  noSystemAccount: boolean;
}

type ServerHandlers = Handlers<typeof SERVER_KEYS>;

/** Reads the top level. What several keys say together is checked afterwards, in `startup.ts`. */
export function readServer(map: ConfigMap, findings: Findings, check: boolean): Reading {
  const log: LogDraft = { ...DEFAULTS.log };
  const draft: OptionsDraft = { ...defaultOptions(), log };
  const reading: Reading = { draft, findings, check, positions: new Map(), noSystemAccount: false };
  for (const entry of map.entries.values()) reading.positions.set(entry.key.toLowerCase(), entry.at);
  readSection(map, SERVER_KEYS, handlersOf(reading, log), findings);
  settle(reading);
  return reading;
}

function handlersOf(reading: Reading, log: LogDraft): ServerHandlers {
  return {
    ...addressHandlers(reading),
    ...whoHandlers(reading),
    ...boundHandlers(reading),
    ...timeHandlers(reading),
    ...logHandlers(log),
    ...monitoringHandlers(reading.draft),
    ...processHandlers(reading),
    ...listenerHandlers(reading),
  };
}

/** How the client port is guarded, and what else is listened for. */
function listenerHandlers({ draft, findings, check }: Reading) {
  return {
    tls: (entry: ConfigEntry) => {
      draft.tls = readTls(entry, findings);
    },
    allow_non_tls: (entry: ConfigEntry) => {
      if (booleanOf(entry.value)) draft.allowNonTls = true;
      else delete draft.allowNonTls;
    },
    websocket: (entry: ConfigEntry) => {
      const websocket = readWebsocket(entry, findings, check);
      if (websocket !== undefined) draft.websocket = websocket;
    },
  };
}

function addressHandlers({ draft }: Reading) {
  return {
    port: (entry: ConfigEntry) => {
      draft.port = checkedPort(integerOf(entry.value), entry) || DEFAULTS.port;
    },
    host: (entry: ConfigEntry) => {
      draft.host = stringOf(entry.value) || DEFAULTS.host;
    },
    listen: (entry: ConfigEntry) => {
      const { host, port } = readListen(entry);
      draft.port = port || DEFAULTS.port;
      if (host !== undefined) draft.host = host;
    },
    server_name: (entry: ConfigEntry) => {
      const name = stringOf(entry.value);
      if (name.includes(' ')) throw new Refusal(entry.at, 'server name cannot contain spaces');
      if (name !== '') draft.serverName = name;
    },
    client_advertise: (entry: ConfigEntry) => {
      const address = advertisedOf(entry);
      if (address !== undefined) draft.clientAdvertise = address;
    },
    server_tags: (entry: ConfigEntry) => {
      draft.tags = readTags(entry);
    },
    server_metadata: (entry: ConfigEntry) => {
      draft.metadata = readMetadata(entry);
    },
    no_header_support: (entry: ConfigEntry) => {
      draft.headers = !booleanOf(entry.value);
    },
    no_fast_producer_stall: (entry: ConfigEntry) => {
      draft.fastProducerStall = !booleanOf(entry.value);
    },
  };
}

function whoHandlers(reading: Reading) {
  const { draft, findings } = reading;
  return {
    authorization: (entry: ConfigEntry) => {
      reading.authorization = readAuthorization(entry, findings);
    },
    accounts: (entry: ConfigEntry) => {
      draft.accounts = readAccounts(entry, findings);
    },
    mappings: (entry: ConfigEntry) => {
      draft.mappings = [...draft.mappings, ...readMappings(entry, findings)];
    },
    no_auth_user: (entry: ConfigEntry) => {
      draft.noAuthUser = toBytes(stringOf(entry.value));
      draft.noAuthUserAt = entry.at;
    },
    system_account: (entry: ConfigEntry) => {
      draft.systemAccount = toBytes(stringOf(entry.value) || '$SYS');
      draft.systemAccountAt = entry.at;
    },
    no_system_account: (entry: ConfigEntry) => {
      reading.noSystemAccount = booleanOf(entry.value);
      if (reading.noSystemAccount) draft.systemAccountAt = entry.at;
    },
    jetstream: (entry: ConfigEntry) => {
      const jetstream = readJetStream(entry, findings);
      if (jetstream === undefined) delete draft.jetstream;
      else draft.jetstream = jetstream;
      draft.jetstreamAt = entry.at;
    },
    store_dir: (entry: ConfigEntry) => {
      reading.storeDir = stringOf(entry.value);
    },
  };
}

function boundHandlers({ draft }: Reading) {
  return {
    max_payload: (entry: ConfigEntry) => {
      draft.maxPayload = heldToInt32(countOr(entry, DEFAULTS.maxPayload), entry);
    },
    max_control_line: (entry: ConfigEntry) => {
      draft.maxControlLine = heldToInt32(countOr(entry, DEFAULTS.maxControlLine), entry);
    },
    max_pending: (entry: ConfigEntry) => {
      draft.maxPending = countOr(entry, DEFAULTS.maxPending);
    },
    max_connections: (entry: ConfigEntry) => {
      draft.maxConnections = Math.max(-1, integerOf(entry.value)) || DEFAULTS.maxConnections;
    },
    max_subscriptions: (entry: ConfigEntry) => {
      draft.maxSubscriptions = Math.max(0, integerOf(entry.value));
    },
    max_subscription_tokens: (entry: ConfigEntry) => {
      const tokens = countOf(entry);
      if (tokens > 255) throw new Refusal(entry.at, `${entry.key} value is too big`);
      draft.maxSubscriptionTokens = tokens;
    },
  };
}

function heldToInt32(value: number, entry: ConfigEntry): number {
  if (value <= 0x7fff_ffff) return value;
  throw new Refusal(entry.at, `${entry.key} value is too big`);
}

function timeHandlers({ draft, findings, check }: Reading) {
  return {
    ping_interval: (entry: ConfigEntry) => {
      draft.pingIntervalMs = positiveOr(durationOrSecondsMs(entry, findings, check), DEFAULTS.pingIntervalMs);
    },
    ping_max: (entry: ConfigEntry) => {
      draft.pingMax = integerOf(entry.value) || DEFAULTS.pingMax;
    },
    write_deadline: (entry: ConfigEntry) => {
      draft.writeDeadlineMs = positiveOr(
        durationOrSecondsMs(entry, findings, check),
        DEFAULTS.writeDeadlineMs,
      );
    },
    lame_duck_duration: (entry: ConfigEntry) => {
      const ms = durationMs(entry);
      const text = `invalid lame_duck_duration of ${stringOf(entry.value)}, minimum is 30 seconds`;
      if (ms < 30_000) throw new Refusal(entry.at, text);
      draft.lameDuckDurationMs = ms;
    },
    lame_duck_grace_period: (entry: ConfigEntry) => {
      const ms = durationMs(entry);
      if (ms < 0) throw new Refusal(entry.at, 'invalid lame_duck_grace_period, needs to be positive');
      draft.lameDuckGracePeriodMs = ms || DEFAULTS.lameDuckGracePeriodMs;
    },
  };
}

function positiveOr(ms: number, fallback: number): number {
  return ms > 0 ? ms : fallback;
}

function processHandlers({ draft }: Reading) {
  return {
    pid_file: (entry: ConfigEntry) => {
      draft.pidFile = stringOf(entry.value);
    },
    ports_file_dir: (entry: ConfigEntry) => {
      draft.portsFileDir = stringOf(entry.value);
    },
  };
}

function logHandlers(log: LogDraft) {
  return {
    debug: (entry: ConfigEntry) => {
      log.debug = booleanOf(entry.value);
    },
    trace: (entry: ConfigEntry) => {
      log.trace = booleanOf(entry.value);
    },
    trace_verbose: (entry: ConfigEntry) => {
      log.traceVerbose = booleanOf(entry.value);
      if (log.traceVerbose) log.trace = true;
    },
    logtime: (entry: ConfigEntry) => {
      log.time = booleanOf(entry.value);
    },
    logtime_utc: (entry: ConfigEntry) => {
      log.timeUtc = booleanOf(entry.value);
    },
    logfile: (entry: ConfigEntry) => {
      const file = stringOf(entry.value);
      if (file !== '') log.file = file;
    },
    max_traced_msg_len: (entry: ConfigEntry) => {
      const bytes = integerOf(entry.value);
      if (bytes > 0) log.maxTracedBytes = bytes;
    },
  };
}

/** Takes over what depends on more than one key. */
function settle(reading: Reading): void {
  const { draft, authorization, storeDir } = reading;
  // The time to log in is that of the handshake and a second (measured on 2.14.5).
  if (draft.tls !== undefined) draft.authTimeoutMs = draft.tls.timeoutMs + 1_000;
  if (authorization !== undefined) {
    draft.authorizationDeclared = true;
    draft.authorizationAt = authorization.at;
    draft.users = authorization.users;
    if (authorization.single) draft.singleUser = true;
    if (authorization.token !== undefined) draft.token = authorization.token;
    if (authorization.timeoutMs !== undefined)
      draft.authTimeoutMs = positiveOr(authorization.timeoutMs, DEFAULTS.authTimeoutMs);
    if (authorization.defaultPermissions !== undefined)
      draft.defaultPermissions = authorization.defaultPermissions;
  }
  if (reading.noSystemAccount) delete draft.systemAccount;
  if (storeDir !== undefined && draft.jetstream !== undefined) {
    draft.jetstream = { ...DEFAULT_JETSTREAM, storeDir, ...draft.jetstream };
  }
  if (draft.jetstream?.storeDir === undefined) return;
  const at = reading.positions.get('store_dir') ?? reading.positions.get('jetstream');
  const text = '"store_dir" has no effect: streams are held in memory and end with the server';
  reading.findings.warn(at, 'store_dir', text);
}
