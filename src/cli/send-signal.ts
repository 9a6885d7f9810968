import { readFileSync } from 'node:fs';
import { codeOf, systemText } from './system-error.ts';

/** What `-sl` sends. */
const SIGNALS: ReadonlyMap<string, NodeJS.Signals> = new Map([
  ['ldm', 'SIGUSR2'],
  ['stop', 'SIGKILL'],
  ['quit', 'SIGINT'],
  ['term', 'SIGTERM'],
  ['reopen', 'SIGUSR1'],
  ['reload', 'SIGHUP'],
]);

/**
 * `-sl command=pid`: sends a running server a signal. The process id may stand in a file.
 * @returns why it did not go; undefined: it did.
 */
export function sendSignal(order: string): string | undefined {
  const [command = '', target, ...rest] = order.split('=');
  if (rest.length > 0) return `invalid signal parameters: [${rest.join(' ')}]`;
  const signal = SIGNALS.get(command);
  if (signal === undefined) return `unknown signal "${command}"; there are ${[...SIGNALS.keys()].join(', ')}`;
  if (target === undefined || target === '')
    return `which process? -sl ${command}=PID, or the path of a pid file instead of PID`;
  const pid = processId(target);
  if (pid === undefined) return `invalid pid: ${target}`;
  try {
    process.kill(pid, signal);
    return undefined;
  } catch (error) {
    return `signal "${command}" ${pid}: ${codeOf(error) === '' ? String(error) : systemText(error)}`;
  }
}

/** A number above 0: lower ones mean whole groups of processes. */
function processId(target: string): number | undefined {
  const text = /^\d+$/.test(target) ? target : contentOf(target);
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return pid > 0 ? pid : undefined;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}
