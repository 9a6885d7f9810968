import { ConfigError, type ServerOptions, type UserOptions } from '../config/index.ts';
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
  if (flags.clientAdvertise !== undefined) draft.clientAdvertise = flags.clientAdvertise;
  applyJetStream(draft, flags);
  applyLog(draft, flags);
  applyCredentials(draft, flags);
  return draft;
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
  };
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
