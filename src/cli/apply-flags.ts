import { advertisedAddress, ConfigError, type ServerOptions, type UserOptions } from '../config/index.ts';
import { toBytes } from '../subjects/index.ts';
import type { FlagOverrides } from './command-line.ts';

type Draft = { -readonly [K in keyof ServerOptions]: ServerOptions[K] };

/**
 * The options with the flags of the command line over them.
 * @throws {ConfigError} when flags and file exclude each other.
 */
export function applyFlags(options: ServerOptions, flags: FlagOverrides): ServerOptions {
  const draft: Draft = { ...options };
  if (flags.host) draft.host = flags.host;
  if (flags.port) draft.port = flags.port;
  if (flags.serverName) draft.serverName = flags.serverName;
  applyAdvertise(draft, flags);
  applyJetStream(draft, flags);
  applyLog(draft, flags);
  applyFiles(draft, flags);
  applyMonitoring(draft, flags);
  applyTls(draft, flags);
  applyCredentials(draft, flags);
  return draft;
}

function applyAdvertise(draft: Draft, { clientAdvertise: text }: FlagOverrides): void {
  if (text === undefined) return;
  try {
    const address = advertisedAddress(text);
    if (address !== undefined) draft.clientAdvertise = address;
  } catch (error) {
    throw refusal((error as RangeError).message);
  }
}

function applyJetStream(draft: Draft, flags: FlagOverrides): void {
  if (flags.jetstream === false) delete draft.jetstream;
  if (flags.jetstream === true) draft.jetstream ??= { domain: '', strict: true };
  if (flags.storeDir !== undefined && draft.jetstream !== undefined) {
    draft.jetstream = { ...draft.jetstream, storeDir: flags.storeDir };
  }
  if (draft.jetstream === undefined) return;
  const system = draft.accounts.find((account) => account.name === draft.systemAccount);
  if (system?.jetstream !== undefined) throw refusal('Not allowed to enable JetStream on the system account');
}

function applyLog(draft: Draft, flags: FlagOverrides): void {
  const { log } = draft;
  draft.log = {
    ...log,
    debug: flags.debug ?? log.debug,
    trace: flags.trace ?? log.trace,
    traceVerbose: flags.traceVerbose ?? log.traceVerbose,
    time: flags.logTime ?? log.time,
    ...(flags.logFile ? { file: flags.logFile } : {}),
    ...(flags.maxTracedBytes ? { maxTracedBytes: flags.maxTracedBytes } : {}),
  };
}

function applyFiles(draft: Draft, { pidFile, portsFileDir }: FlagOverrides): void {
  if (pidFile) draft.pidFile = pidFile;
  if (portsFileDir) draft.portsFileDir = portsFileDir;
}

function applyMonitoring(draft: Draft, { httpPort, httpsPort }: FlagOverrides): void {
  const { monitoring } = draft;
  draft.monitoring = {
    ...monitoring,
    httpPort: httpPort ?? monitoring.httpPort,
    httpsPort: httpsPort ?? monitoring.httpsPort,
  };
}

/** How long a handshake may take unless the configuration says so, and the time for a login behind it, ms. */
const TLS_TIMEOUT_MS = 2_000;
const LOGIN_MORE_MS = 1_000;

/** Any flag about TLS switches it on; what no flag says is as in the file. */
function applyTls(draft: Draft, { tls, tlsCert, tlsKey, tlsVerify, tlsCaCert }: FlagOverrides): void {
  if (!tls && !tlsVerify && !tlsCert && !tlsKey && !tlsCaCert) return;
  const before = draft.tls;
  const [certFile = '', keyFile = ''] = [
    tlsCert ?? before?.certificates[0]?.certFile,
    tlsKey ?? before?.certificates[0]?.keyFile,
  ];
  if (certFile === '') throw refusal('TLS Server certificate must be present and valid');
  if (keyFile === '') throw refusal('TLS Server private key must be present and valid');
  draft.tls = {
    verify: false,
    mapsUsers: false,
    timeoutMs: TLS_TIMEOUT_MS,
    handshakeFirst: false,
    minVersion: 'TLSv1.2',
    connectionRateLimit: 0,
    ...before,
    certificates: [{ certFile, keyFile }],
    ...(tlsVerify ? { verify: true } : {}),
    ...(tlsCaCert ? { caFile: tlsCaCert } : {}),
  };
  if (before === undefined)
    draft.authTimeoutMs = Math.max(draft.authTimeoutMs, TLS_TIMEOUT_MS + LOGIN_MORE_MS);
}

/** Credentials from flags take the place of those of the `authorization` block, never a place beside them. */
function applyCredentials(draft: Draft, flags: FlagOverrides): void {
  const { password, token } = flags;
  const named = Boolean(flags.user) || Boolean(password);
  if (!named && !token) return;
  if (draft.accounts.some((account) => account.users.length > 0)) {
    throw refusal(`Can not have a ${token ? 'token' : 'single user/pass'} and accounts`);
  }
  const single = draft.users.length <= 1 ? draft.users[0]?.user : undefined;
  if (draft.users.length > 0 && single === undefined) {
    throw refusal(`Can not have a ${token ? 'token' : 'single user/pass'} and a users array`);
  }
  const user = flags.user ? toBytes(flags.user) : single;
  if (named && user === undefined) throw refusal('authorization has a password but no user');
  delete draft.token;
  draft.users = [];
  if (token) draft.token = token;
  if (!named || user === undefined) return;
  const one: UserOptions = { user, ...(password === undefined ? {} : { password }) };
  const permissions = draft.defaultPermissions;
  draft.users = [permissions === undefined ? one : { ...one, permissions }];
}

function refusal(message: string): ConfigError {
  return new ConfigError([{ file: '', line: 0, column: 0, message }]);
}
