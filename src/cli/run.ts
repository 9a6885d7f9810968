import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ConfigError } from '../config/index.ts';
import { startEmbedded } from '../server/index.ts';
import { codeOf } from './system-error.ts';

/** Exit codes of the command, besides those of the command that it runs: a shell's. */
const USAGE = 2;
const NOT_STARTED = 126;
const NOT_FOUND = 127;
const KILLED_BASE = 128;

const USAGE_TEXT = `usage: bulkhead run [-c FILE] -- COMMAND [ARGUMENTS]
  -c, --config FILE      the configuration of the server (default: JetStream on, anybody may connect)
Starts a server on a free port of this host, runs the command with NATS_URL set, stops the server when it ends, and
exits as it does. The server writes nothing; what is printed is the command's.
`;

/** Signals that are meant for the command, and end the server with it. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

interface Order {
  readonly config?: string;
  readonly command: string;
  readonly words: readonly string[];
}

/** `run [-c FILE] -- COMMAND`: a command with a server beside it. @returns the command's exit code. */
export async function run(words: readonly string[]): Promise<number> {
  const order = read(words);
  if (typeof order === 'string') {
    process[order === '' ? 'stdout' : 'stderr'].write(`${order}${order === '' ? '' : '\n\n'}${USAGE_TEXT}`);
    return order === '' ? 0 : USAGE;
  }
  try {
    const { config: configFile } = order;
    const address = { host: '127.0.0.1', port: -1 };
    const { server, url } = await startEmbedded({
      ...address,
      ...(configFile === undefined ? {} : { configFile }),
    });
    try {
      return await beside(order, url);
    } finally {
      await server.stop();
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(error.message.replace(/^/gm, 'bulkhead: ').concat('\n'));
    return USAGE;
  }
}

/** @returns what is wrong with the words; empty where help is asked for. */
function read(words: readonly string[]): Order | string {
  let config: string | undefined;
  let at = 0;
  for (let word = words[at]; word?.startsWith('-') && word !== '--'; word = words[at]) {
    const [, name, given] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === 'h' || name === 'help') return '';
    if (name !== 'c' && name !== 'config') return `unknown option ${word}`;
    config = given ?? words[++at];
    if (config === undefined) return `${word} needs a file`;
    at++;
  }
  if (words[at] === '--') at++;
  const [command, ...rest] = words.slice(at);
  if (command === undefined) return 'which command?';
  return { ...(config === undefined ? {} : { config }), command, words: rest };
}

/** Runs the command; it has the terminal, and hears of the signals that are sent to this process. */
function beside({ command, words }: Order, url: string): Promise<number> {
  const child = spawn(command, words, { stdio: 'inherit', env: { ...process.env, NATS_URL: url } });
  // At a terminal, Ctrl-C reaches the command by itself; a second one would be taken for impatience.
  const passOn = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  return ended(child, command).finally(() => {
    process.off('exit', killed);
    for (const signal of PASSED_ON) process.off(signal, passOn);
  });
}

function ended(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      const isMissing = codeOf(error) === 'ENOENT';
      process.stderr.write(`bulkhead: cannot run ${command}: ${isMissing ? 'not found' : error.message}\n`);
      resolve(isMissing ? NOT_FOUND : NOT_STARTED);
    });
    child.once('exit', (code, signal) =>
      resolve(code ?? KILLED_BASE + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
