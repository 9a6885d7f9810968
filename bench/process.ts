import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The server has one core, the load generator and this program share the other. */
export const SERVER_CORE = 1;
export const LOAD_CORE = 0;

const STOP_LIMIT_MS = 3_000;
const OUTPUT_KEPT = 4_096;

const running = new Set<ChildProcess>();
const directories = new Set<string>();

/** Makes every way out of this program end the processes that it started and remove their directories. */
export function killChildrenOnExit(): void {
  process.on('exit', () => {
    for (const child of running) signal(child, 'SIGKILL');
    for (const dir of directories) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(130));
}

/** A started process, with the end of what it has written. */
export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The last few kilobytes of standard output and error together. */
  tail(): string;
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>;
}

/** Starts a command pinned to one core, in a process group of its own so that nothing of it can be left. */
export function startPinned(taskset: string, core: number, command: readonly string[]): Promise<Started> {
  const child = spawn(taskset, ['-c', String(core), ...command], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GOMAXPROCS: '1' }, // one core, so that the Go scheduler does not plan for more
  });
  let output = '';
  const keep = (data: Buffer) => {
    output = (output + data.toString()).slice(-OUTPUT_KEPT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  running.add(child);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('spawn', () => resolve({ child, pid: child.pid ?? 0, tail: () => output, ended }));
  });
}

/** Ends a process and what it started: first politely, then by force. */
export async function stop(started: Started): Promise<void> {
  signal(started.child, 'SIGTERM');
  const force = setTimeout(() => signal(started.child, 'SIGKILL'), STOP_LIMIT_MS);
  await started.ended;
  clearTimeout(force);
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return; // it never started, and group 0 would be this program's own
  try {
    process.kill(-child.pid, name);
  } catch {
    // the group has ended
  }
}

/** A fresh directory for a server's files, removed on every way out of this program. */
export function temporaryDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  directories.add(dir);
  return dir;
}

/** Removes a directory that `temporaryDirectory` made. */
export function removeDirectory(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  directories.delete(dir);
}
