import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseConfig } from '../../src/config/index.ts';
import { type ReloadReport, Server, type ServerSetup } from '../../src/server/index.ts';

/** Turns of the event loop after which everything that was written has arrived. */
const TURNS = 6;

/** A client that keeps what it is sent as text, the end as `<closed>`. */
export class LiveClient {
  readonly #socket: Duplex;
  #received = '';

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#received += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.#received += '<closed>';
    });
  }

  /** Writes lines in one piece. */
  write(...lines: readonly string[]): void {
    this.#socket.write(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
  }

  /** What arrived since last time, without INFO and PING lines, a `|` for each end of line. */
  async take(): Promise<string> {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    const text = this.#received.replace(/(INFO [^\r]*|PING)\r\n/g, '').replaceAll('\r\n', '|');
    this.#received = '';
    return text;
  }

  /** As {@link take}, with everything that arrived. */
  async takeAll(): Promise<string> {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    const text = this.#received;
    this.#received = '';
    return text;
  }

  async say(...lines: readonly string[]): Promise<string> {
    this.write(...lines);
    return this.take();
  }

  leave(): void {
    this.#socket.destroy();
  }
}

/** A server in this process whose configuration changes. */
export class LiveWorld {
  readonly server: Server;

  constructor(config: string, setup: ServerSetup = {}) {
    this.server = new Server(parseConfig(config).options, { clock: 'manual', seed: 1, ...setup });
  }

  reload(config: string): ReloadReport {
    return this.server.reload(parseConfig(config).options);
  }

  client(): LiveClient {
    return new LiveClient(this.server.socket());
  }

  /** A client that sends CONNECT with so much of itself, and what it was answered. */
  async enter(login: Readonly<Record<string, unknown>> = {}): Promise<LiveClient> {
    const client = this.client();
    const connect = { verbose: false, headers: true, no_responders: true, ...login };
    const answer = await client.say(`CONNECT ${JSON.stringify(connect)}`, 'PING');
    if (answer !== 'PONG|') throw new Error(`not let in: ${answer}`);
    return client;
  }

  /** Logs in as a user whose password is `p`. */
  as(user: string): Promise<LiveClient> {
    return this.enter({ user, pass: 'p' });
  }
}
