import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../src/index.ts';
import type { Target } from './play.ts';

/** A running server of either kind. */
export interface RunningTarget extends Target {
  stop(): Promise<void>;
}

const TCP_SILENCE_MS = 40;
const START_WITHIN_MS = 5_000;

/** Bulkhead inside this process. */
export async function inProcess(config: string): Promise<RunningTarget> {
  const server = await startServer({ config: config === '' ? {} : config, port: null });
  return { silenceMs: 0, open: () => server.socket(), stop: () => server.stop() };
}

/** Bulkhead over TCP. */
export async function overTcp(config: string): Promise<RunningTarget> {
  const server = await startServer({ config: config === '' ? {} : config, port: -1 });
  return {
    silenceMs: TCP_SILENCE_MS,
    open: () => connect(server.port, '127.0.0.1'),
    stop: () => server.stop(),
  };
}

/** The real server's binary: $NATS_SERVER, else `nats-server` on the PATH. @throws when it cannot be run. */
export function realBinary(): string {
  const binary = process.env['NATS_SERVER'] ?? 'nats-server';
  const { error, status } = spawnSync(binary, ['--version']);
  if (error === undefined && status === 0) return binary;
  throw new Error(
    `cannot run "${binary}" (${error?.message ?? `it ended with ${status}`}). test:peer compares with the real server: ` +
      'install nats-server, or name its binary in the environment variable NATS_SERVER.',
  );
}

/** The real server, in a process and a folder of its own. */
export async function realServer(config: string): Promise<RunningTarget & { readonly port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-peer-'));
  const port = await freePort();
  const file = join(folder, 'server.conf');
  writeFileSync(file, `${config}\n`);
  const binary = realBinary();
  const args = ['-a', '127.0.0.1', '-p', String(port), '-c', file, '-sd', join(folder, 'store')];
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await started(child, binary);
  return {
    port,
    silenceMs: TCP_SILENCE_MS,
    open: () => connect(port, '127.0.0.1'),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function started(child: ChildProcess, binary: string): Promise<void> {
  let failure: Error | undefined;
  let log = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    log = (log + bytes.toString()).slice(-4_000);
  });
  child.once('error', (error) => {
    failure = error;
  });
  child.once('exit', (code) => {
    failure ??= new Error(`${binary} ended with code ${code}: ${log}`);
  });
  const deadline = performance.now() + START_WITHIN_MS;
  while (performance.now() < deadline) {
    if (failure !== undefined) throw failure;
    if (log.includes('Server is ready')) return;
    await sleep(10);
  }
  throw new Error(`${binary} was not ready within ${START_WITHIN_MS} ms: ${log}`);
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
