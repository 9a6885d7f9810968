import { totalmem } from 'node:os';
import { API_LEVEL } from '../api/index.ts';
import {
  ConfigError,
  type ConfigWarning,
  defaultOptions,
  formatPosition,
  GLOBAL_ACCOUNT,
  type LoadedConfig,
  loadConfigFile,
  type ServerOptions,
  type UserOptions,
} from '../config/index.ts';
import { Explaining } from '../explaining.ts';
import { type LogSink, Server } from '../server/index.ts';
import { toText } from '../subjects/index.ts';
import { BULKHEAD_VERSION, NATS_VERSION } from '../version.ts';
import { applyFlags, type FlagOverrides, helpText, parseFlags } from './flags.ts';
import { openLog } from './log.ts';
import type { ProgramName } from './main.ts';

/** Users named at the start, at most. */
const HINTED_USERS = 20;
/** The share of the machine's memory that stored messages may take, as the real server's default. */
const MEMORY_SHARE = 0.75;

/** Reads the command line and serves until a signal comes. @returns the exit code. */
export async function serve(words: readonly string[], name: ProgramName): Promise<number> {
  const command = parseFlags(words);
  switch (command.kind) {
    case 'version':
      process.stdout.write(`nats-server: v${NATS_VERSION}\nbulkhead: v${BULKHEAD_VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write(helpText());
      return 0;
    case 'error':
      process.stderr.write(`${command.message}\n${command.usage ? helpText() : ''}`);
      return 1;
    case 'check':
      return check(command.config);
    case 'serve':
      return run(command.config, command.overrides, command.warnings, name);
  }
}

/** `-t`: says whether a configuration is valid. */
function check(path: string): number {
  try {
    const { digest } = loadConfigFile(path, { env: process.env, check: true });
    process.stderr.write(`nats-server: configuration file ${path} is valid (${digest})\n`);
    return 0;
  } catch (error) {
    return refused(error);
  }
}

async function run(
  path: string | undefined,
  overrides: FlagOverrides,
  warnings: readonly string[],
  name: ProgramName,
): Promise<number> {
  let loaded: LoadedConfig;
  let options: ServerOptions;
  try {
    loaded =
      path === undefined
        ? { options: defaultOptions(), warnings: [], digest: '' }
        : loadConfigFile(path, { env: process.env });
    options = applyFlags(loaded.options, overrides);
  } catch (error) {
    return refused(error);
  }
  const log = await openLog({ ...options.log, json: process.env['BULKHEAD_LOG'] === 'json' });
  const source = (from: string): LoadedConfig => {
    const again = loadConfigFile(from, { env: process.env });
    return { ...again, options: applyFlags(again.options, overrides), digest: again.digest };
  };
  const explaining = new Explaining();
  const server = new Server(options, {
    log,
    memoryBytes: Math.floor(totalmem() * MEMORY_SHARE),
    explain: (asked, question) => explaining.answer(asked, question),
    ...(path === undefined ? {} : { source: () => source(path) }),
  });
  announce(server, log, path, [...warnings, ...loaded.warnings.map(warningText)]);
  try {
    await server.listen(options.host, options.port);
  } catch (error) {
    log.write('error', listenFailure(error, options, name));
    await server.stop();
    return 1;
  }
  log.write('info', `Listening for client connections on ${address(options.host, server.port ?? 0)}`);
  if (name === 'bulkhead') hint(server, log, path);
  log.write('info', 'Server is ready');
  return untilSignal(server, log);
}

function refused(error: unknown): number {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(error.message.replace(/^/gm, 'nats-server: ').concat('\n'));
  return 1;
}

function warningText({ position, message }: ConfigWarning): string {
  return `${formatPosition(position)}${message}`;
}

/** The lines nats-server begins with, which scripts read. */
function announce(server: Server, log: LogSink, path: string | undefined, warnings: readonly string[]): void {
  const info = (text: string): void => log.write('info', text);
  info('Starting nats-server');
  info(`  Version:  ${NATS_VERSION} (Bulkhead ${BULKHEAD_VERSION})`);
  info(`  Name:     ${server.name}`);
  info(`  ID:       ${server.id}`);
  if (path !== undefined) info(`Using configuration file: ${path}`);
  for (const warning of warnings) log.write('warn', warning);
  const { jetstream } = server.options;
  if (jetstream === undefined) return;
  info('Starting JetStream');
  const storage = jetstream.storeDir === undefined ? '' : ` (store_dir "${jetstream.storeDir}" is not used)`;
  info(`  Everything is kept in memory; nothing is written to disk${storage}`);
  info(`  Max Memory:      ${(server.memory.limit / 1024 ** 3).toFixed(2)} GB`);
  info(`  API Level:       ${API_LEVEL}`);
}

/** What a newcomer can do now: who can log in, and what to try. */
function hint(server: Server, log: LogSink, path: string | undefined): void {
  const { options } = server;
  const nameOf = (user: UserOptions): string =>
    user.user === undefined ? (user.nkey ?? '') : toText(user.user);
  const users = [
    ...options.users.map((user) => `${nameOf(user)} (${toText(GLOBAL_ACCOUNT)})`),
    ...options.accounts.flatMap((account) =>
      account.users.map((user) => `${nameOf(user)} (${toText(account.name)})`),
    ),
  ].slice(0, HINTED_USERS);
  if (users.length > 0 && path !== undefined)
    log.write('info', `Users: ${users.join(', ')}; their credentials are in ${path}`);
  else if (!server.authenticator.isRequired)
    log.write('info', 'Anybody can connect: no users are configured');
  log.write('info', 'Try next: `bin/bulkhead demo seed` plays the advisory this server grew out of');
}

function listenFailure(error: unknown, { host, port }: ServerOptions, name: ProgramName): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const where = address(host, port);
  if (code === 'EADDRINUSE') {
    const advice = name === 'bulkhead' ? '; another port: npm start -- -p 4333' : '';
    return `Error listening on port: ${where}, "listen tcp ${where}: bind: address already in use"${advice}`;
  }
  return `Error listening on port: ${where}, "${error instanceof Error ? error.message : String(error)}"`;
}

function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** SIGHUP: the server says in its log what came of it, and keeps the configuration it has when that is refused. */
function rereadConfiguration(server: Server, log: LogSink): void {
  log.write('info', 'Trapped "hangup" signal');
  server.reloadFromSource().catch(() => undefined);
}

/** Serves until SIGINT or SIGTERM, then stops cleanly; SIGHUP reads the configuration anew. */
function untilSignal(server: Server, log: LogSink): Promise<number> {
  return new Promise((resolve) => {
    const stop = (signal: string): void => {
      log.write('info', `Trapped "${signal}" signal`);
      log.write('info', 'Initiating Shutdown...');
      void server.stop().then(() => {
        log.write('info', 'Server Exiting..');
        resolve(0);
      });
    };
    process.on('SIGHUP', () => rereadConfiguration(server, log));
    process.once('SIGINT', () => stop('interrupt'));
    process.once('SIGTERM', () => stop('terminated'));
  });
}
