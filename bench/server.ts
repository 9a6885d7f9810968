import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './configs.ts';
import {
  removeDirectory,
  SERVER_CORE,
  type Started,
  startPinned,
  stop,
  temporaryDirectory,
} from './process.ts';

const START_LIMIT_MS = 90_000;
/** How often a starting server is asked. */
const ASK_EVERY_MS = 2;

/** A server that listens. */
export interface Server extends Place {
  readonly process: Started;
  /** From the start of the process to its first INFO, ms of wall time. */
  readonly readyMs: number;
}

/** How to start a server. */
export interface Plan {
  readonly taskset: string;
  /** The command with `{port}` and, where it wants one, `{dir}` in it. */
  readonly template: string;
  /** Its configuration, added to the command with `-c`. */
  readonly config?: ((place: Place) => string) | undefined;
  /** Program that makes a certificate; without one there is none. */
  readonly loadgen?: string | undefined;
}

/** Runs `use` against a fresh server; the server and its directory are gone afterwards, whatever happens. */
export async function withServer<T>(plan: Plan, use: (server: Server) => Promise<T>): Promise<T> {
  const dir = temporaryDirectory();
  const place = { dir, port: await freePort(), websocketPort: await freePort() };
  const command = plan.template
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.replace('{port}', String(place.port)).replace('{dir}', dir));
  try {
    if (plan.loadgen !== undefined)
      execFileSync(plan.loadgen, ['-make-certificate', dir], { stdio: 'inherit' });
    if (plan.config !== undefined) {
      const file = join(dir, 'bench.conf');
      writeFileSync(file, plan.config(place));
      command.push('-c', file);
    }
    const start = performance.now();
    const started = await startPinned(plan.taskset, SERVER_CORE, command);
    try {
      await untilListening(place.port, started);
      return await use({ ...place, process: started, readyMs: performance.now() - start });
    } finally {
      await stop(started);
    }
  } finally {
    removeDirectory(dir);
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

async function untilListening(port: number, started: Started): Promise<void> {
  let exited = false;
  void started.ended.then(() => {
    exited = true;
  });
  for (const end = Date.now() + START_LIMIT_MS; Date.now() < end; await sleep(ASK_EVERY_MS)) {
    if (exited) throw new Error(`the server ended at its start:\n${started.tail()}`);
    if (await greets(port)) return;
  }
  throw new Error(`the server did not listen within ${START_LIMIT_MS} ms:\n${started.tail()}`);
}

/** Whether something on the port sends its INFO. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once('data', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
