import { API_LEVEL } from '../api/index.ts';
import {
  formatPosition,
  GLOBAL_ACCOUNT,
  type LoadedConfig,
  type ServerOptions,
  type UserOptions,
} from '../config/index.ts';
import type { LogSink, Server } from '../server/index.ts';
import { toText } from '../subjects/index.ts';
import { BULKHEAD_VERSION, NATS_VERSION } from '../version.ts';

/** Users named at the start, at most. */
const HINTED_USERS = 20;

/** The lines nats-server begins with, which scripts read. */
export function announce(
  server: Server,
  log: LogSink,
  path: string | undefined,
  { warnings, digest }: LoadedConfig,
  ownWarnings: readonly string[],
): void {
  const info = (text: string): void => log.write('info', text);
  info('Starting nats-server');
  info(`  Version:  ${NATS_VERSION} (Bulkhead ${BULKHEAD_VERSION})`);
  info(`  Name:     ${server.name}`);
  info(`  ID:       ${server.id}`);
  if (path !== undefined) info(`Using configuration file: ${path} (${digest})`);
  for (const warning of ownWarnings) log.write('warn', warning);
  for (const { position, message } of warnings) log.write('warn', `${formatPosition(position)}${message}`);
  announceJetStream(server, info);
}

function announceJetStream({ options, memory }: Server, info: (text: string) => void): void {
  const { jetstream } = options;
  if (jetstream === undefined) return;
  info('Starting JetStream');
  const storage = jetstream.storeDir === undefined ? '' : ` (store_dir "${jetstream.storeDir}" is not used)`;
  info(`  Everything is kept in memory; nothing is written to disk${storage}`);
  info(`  Max Memory:      ${(memory.limit / 1024 ** 3).toFixed(2)} GB`);
  info(`  API Level:       ${API_LEVEL}`);
}

/** What a newcomer can do now: who can log in, and what to try. */
export function hint(server: Server, log: LogSink, path: string | undefined): void {
  const users = namedUsers(server.options).slice(0, HINTED_USERS);
  if (users.length > 0 && path !== undefined)
    log.write('info', `Users: ${users.join(', ')}; their credentials are in ${path}`);
  else if (!server.authenticator.isRequired)
    log.write('info', 'Anybody can connect: no users are configured');
  log.write('info', 'Try next: `bin/bulkhead demo seed` plays the advisory this server grew out of');
}

function namedUsers({ users, accounts }: ServerOptions): string[] {
  const nameOf = (user: UserOptions): string =>
    user.user === undefined ? (user.nkey ?? '') : toText(user.user);
  return [
    ...users.map((user) => `${nameOf(user)} (${toText(GLOBAL_ACCOUNT)})`),
    ...accounts.flatMap((account) =>
      account.users.map((user) => `${nameOf(user)} (${toText(account.name)})`),
    ),
  ];
}
