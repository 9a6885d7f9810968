import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { elapsed, sleep } from './patience.ts';
import type { Session, Target } from './target.ts';
import { openClient } from './wire-client.ts';
import { ownerOf, passwordOf, type World, type WorldAccount, worldConfig } from './world.ts';

/** How long a spawned server may take until it accepts connections, ms. */
const BOOT_MS = 10_000;
/** How long an answer of the JetStream API may take before it counts as silence, ms. */
const PATIENCE_MS = 20;
/** What a server may still do after it has answered everybody, ms. */
const SETTLE_MS = 8;
const HOST = '127.0.0.1';
const WORLD_FILE = 'world.conf';
/** What the log says when a reload is over, well or not. */
const RELOADED = /Reloaded server configuration|Failed to reload server configuration/;

/** A server that does not take a configuration that others take: older versions know less. */
export class WorldRefusedError extends Error {}

interface Running {
  readonly process: ChildProcess;
  /** What it runs with now. */
  config: string;
  readonly port: number;
  readonly folder: string;
  /** How many reloads it has ended. */
  reloads(): number;
}

/** A running server somewhere, whose configuration is the world's. Between sessions each account deletes its streams. */
export class UrlTarget implements Target {
  readonly name: string;
  readonly exact = false;
  readonly #host: string;
  readonly #port: number;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.name = url;
    this.#host = hostname;
    this.#port = port === '' ? 4222 : Number(port);
  }

  async start(world: World): Promise<Session> {
    const session = new TcpSession(this.#host, this.#port);
    for (const account of world.accounts) await clean(session, account);
    return session;
  }

  async stop(): Promise<void> {}
}

/** A server started from a binary on a free port with an empty store; started anew when the world is another one. */
export class BinaryTarget implements Target {
  readonly name: string;
  readonly exact = false;
  readonly #binary: string;
  #running: Running | undefined;

  constructor(binary: string) {
    this.name = binary;
    this.#binary = binary;
  }

  async start(world: World): Promise<Session> {
    const config = worldConfig(world);
    if (this.#running?.config !== config || this.#running.process.exitCode !== null) {
      await this.stop();
      await this.#spawn(config);
    }
    const running = this.#running;
    const session = new TcpSession(HOST, running?.port ?? 0);
    for (const account of world.accounts) await clean(session, account);
    session.reload = (to) => this.#reload(worldConfig(to));
    return session;
  }

  /** Rewrites the file and signals. The next session, which wants another configuration, gets another process. */
  async #reload(config: string): Promise<void> {
    const running = this.#running;
    if (running === undefined || running.config === config) return;
    const before = running.reloads();
    writeFileSync(join(running.folder, WORLD_FILE), config);
    running.config = config;
    running.process.kill('SIGHUP');
    const giveUp = elapsed() + BOOT_MS;
    while (running.reloads() === before && elapsed() < giveUp) await sleep(5);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const ended = new Promise((resolve) => running.process.once('exit', resolve));
    if (running.process.exitCode === null && running.process.kill('SIGKILL')) await ended;
    rmSync(running.folder, { recursive: true, force: true });
  }

  async #spawn(config: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-fuzz-'));
    const file = join(folder, WORLD_FILE);
    writeFileSync(file, config);
    const port = await freePort();
    const args = ['-c', file, '-a', HOST, '-p', String(port), '-sd', join(folder, 'store')];
    const process = spawn(this.#binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    let reloads = 0;
    process.stderr?.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      reloads += text.split(RELOADED).length - 1;
      log = (log + text).slice(-2000);
    });
    this.#running = { process, config, port, folder, reloads: () => reloads };
    await untilItListens(process, port, () => log);
  }
}

class TcpSession implements Session {
  readonly patienceMs = PATIENCE_MS;
  reload?: (world: World) => Promise<void>;
  readonly #host: string;
  readonly #port: number;
  readonly #sockets: Socket[] = [];

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  async socket(): Promise<Duplex> {
    const socket = await dial(this.#host, this.#port);
    this.#sockets.push(socket);
    return socket;
  }

  settle(): Promise<void> {
    return sleep(SETTLE_MS);
  }

  async advance(): Promise<void> {}

  audit(): undefined {
    return undefined;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function dial(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function untilItListens(process: ChildProcess, port: number, log: () => string): Promise<void> {
  const giveUp = elapsed() + BOOT_MS;
  for (;;) {
    if (process.exitCode !== null)
      throw new WorldRefusedError(`the server ended with ${process.exitCode}: ${log()}`);
    try {
      (await dial(HOST, port)).destroy();
      return;
    } catch (error) {
      if (elapsed() > giveUp)
        throw new Error(`the server did not listen after ${BOOT_MS} ms`, { cause: error });
    }
    await sleep(10);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const CLEAN_MS = 2000;

/** Deletes every stream of an account, over its own API. */
async function clean(session: TcpSession, account: WorldAccount): Promise<void> {
  if (!account.jetstream) return;
  const user = ownerOf(account);
  const client = await openClient(await session.socket(), user, passwordOf(user), 'clean');
  const ask = async (subject: string): Promise<string> => {
    const reply = `_INBOX.clean.${client.frames.length}`;
    client.subscribe(reply, undefined, reply);
    client.publish(subject, reply, [], '');
    await client.arrival(reply, CLEAN_MS);
    const frame = client.frames.find((each) => each.op === 'MSG' && each.subject === reply);
    return frame?.op === 'MSG' ? frame.payload : '';
  };
  const names = JSON.parse((await ask('$JS.API.STREAM.NAMES')) || '{}') as { streams?: string[] | null };
  for (const name of names.streams ?? []) await ask(`$JS.API.STREAM.DELETE.${name}`);
  client.close();
}
