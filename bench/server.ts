import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  removeDirectory,
  SERVER_CORE,
  type Started,
  startPinned,
  stop,
  temporaryDirectory,
} from './process.ts';

const START_LIMIT_MS = 15_000;

/** A server that listens, and its address. */
export interface Server {
  readonly url: string;
  readonly process: Started;
}

/** Runs `use` against a fresh server; the server and its directory are gone afterwards, whatever happens. */
export async function withServer<T>(
  taskset: string,
  template: string,
  use: (server: Server) => Promise<T>,
): Promise<T> {
  const dir = temporaryDirectory();
  const port = await freePort();
  const command = template
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.replace('{port}', String(port)).replace('{dir}', dir));
  try {
    const started = await startPinned(taskset, SERVER_CORE, command);
    try {
      await untilListening(port, started);
      return await use({ url: `nats://127.0.0.1:${port}`, process: started });
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
  for (const end = Date.now() + START_LIMIT_MS; Date.now() < end; await sleep(20)) {
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
