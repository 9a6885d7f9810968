import { totalmem } from 'node:os';
import {
  ConfigError,
  checkCertificates,
  defaultOptions,
  type LoadedConfig,
  loadConfigFile,
  type ServerOptions,
} from '../config/index.ts';
import { Explaining } from '../explaining.ts';
import { announceTls, Server } from '../server/index.ts';
import { BULKHEAD_VERSION, NATS_VERSION } from '../version.ts';
import { applyFlags, type CommandLine, helpText, parseFlags } from './flags.ts';
import { announce, hint } from './greeting.ts';
import { CommandLog, timestamp } from './log.ts';
import type { ProgramName } from './main.ts';
import { ProcessFiles } from './process-files.ts';
import { sendSignal } from './send-signal.ts';
import { untilEnded } from './signals.ts';
import { address, checkStoreDir, listenFailure, StartFailure } from './start-up.ts';
import { codeOf, fileText } from './system-error.ts';

/** The share of the machine's memory that stored messages may take, as the real server's default. */
const MEMORY_SHARE = 0.75;

type ServeCommand = Extract<CommandLine, { kind: 'serve' }>;

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
    case 'signal':
      return refusedWith(sendSignal(command.order));
    case 'serve':
      return run(command, name);
  }
}

/** `-t`: says whether a configuration is valid. */
function check(path: string): number {
  try {
    const { digest, options } = loadConfigFile(path, { env: process.env, check: true });
    checkCertificates(options);
    process.stderr.write(`nats-server: configuration file ${path} is valid (${digest})\n`);
    return 0;
  } catch (error) {
    return refused(error);
  }
}

async function run(command: ServeCommand, name: ProgramName): Promise<number> {
  const { config: path, overrides } = command;
  const again = (): LoadedConfig => {
    const loaded = configurationOf(path);
    return { ...loaded, options: applyFlags(loaded.options, overrides) };
  };
  let file: LoadedConfig;
  let options: ServerOptions;
  try {
    file = configurationOf(path);
    options = applyFlags(file.options, overrides);
    checkCertificates(options);
  } catch (error) {
    return refused(error);
  }
  const log = await openLog(options);
  if (log === undefined) return 1;
  const files = new ProcessFiles(name === 'bulkhead' ? 'bulkhead' : 'nats-server', log);
  const explaining = new Explaining();
  const server: Server = new Server(options, {
    log,
    memoryBytes: Math.floor(totalmem() * MEMORY_SHARE),
    explain: (asked, question) => explaining.answer(asked, question),
    reconfigured: (after) => {
      log.adopt(after.log);
      files.follow(after, server);
    },
    ...(path === undefined ? {} : { loaded: file, source: again }),
  });
  announce(server, log, path, file, command.warnings);
  try {
    checkStoreDir(options);
    files.writePid(options);
    await server.listen(options.host, options.port);
  } catch (error) {
    log.fatal(error instanceof StartFailure ? error.message : listenFailure(error, options, name));
    await server.stop();
    return 1;
  }
  log.write('info', `Listening for client connections on ${address(options.host, server.port ?? 0)}`);
  announceTls(options, log);
  if (name === 'bulkhead') hint(server, log, path);
  // Before the line that others wait for: SIGUSR1 has another meaning to a runtime in which nobody listens to it.
  const end = untilEnded(server, log);
  log.write('info', 'Server is ready');
  files.writePorts(options, server);
  await end;
  files.remove();
  log.write('info', 'Server Exiting..');
  return 0;
}

function configurationOf(path: string | undefined): LoadedConfig {
  if (path === undefined) return { options: defaultOptions(), warnings: [], digest: '' };
  return loadConfigFile(path, { env: process.env });
}

async function openLog({ log }: ServerOptions): Promise<CommandLog | undefined> {
  try {
    return await CommandLog.open(log, process.env['BULKHEAD_LOG'] === 'json');
  } catch (error) {
    if (codeOf(error) === '') throw error;
    const why = fileText('open', log.file ?? '', error);
    process.stderr.write(
      `${timestamp(Date.now(), false).slice(0, -'.000000'.length)} error opening file: ${why}\n`,
    );
    return undefined;
  }
}

function refused(error: unknown): number {
  if (!(error instanceof ConfigError)) throw error;
  return refusedWith(error.message);
}

/** @param text why, one line each; undefined: it is not refused. @returns the exit code. */
function refusedWith(text: string | undefined): number {
  if (text === undefined) return 0;
  process.stderr.write(text.replace(/^/gm, 'nats-server: ').concat('\n'));
  return 1;
}
