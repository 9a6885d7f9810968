import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { parseConfig } from '../../src/config/index.ts';
import { Server } from '../../src/server/index.ts';

/** A server that does not listen; stopped after the test. */
export function serve(config: string, setup: ConstructorParameters<typeof Server>[1] = {}): Server {
  const server = new Server(parseConfig(config).options, setup);
  onTestFinished(() => server.stop());
  return server;
}

/** The accounts that the recorded replies come from. */
export const RECORDED_WORLD = `
  server_name: ref
  host: 127.0.0.1
  jetstream: { store_dir: "/tmp/unused", max_mem: 100M, max_file: 200M }
  accounts: {
    SYS: { users: [{user: sys, password: sys}] }
    A: {
      users: [{user: a, password: a}, {user: a2, password: a2, permissions: {publish: {allow: [">"], deny: ["x.>"]}}}]
      jetstream: enabled
      exports: [{service: "svc.>", response_type: stream}, {stream: "feed.>", accounts: [B]}]
      mappings: { "m.in": "m.out" }
    }
    B: {
      users: [{user: b, password: b}]
      imports: [{service: {account: A, subject: "svc.x"}}, {stream: {account: A, subject: "feed.a"}, prefix: "p"}]
    }
    EMPTY: { users: [{user: e, password: e}] }
  }
  system_account: SYS`;

/** What became of a request: its replies in order, each as its text; the status of no responders is `503`. */
export type Answers = readonly string[];

/** A message as it came. */
export interface Received {
  readonly subject: string;
  readonly sid: string;
  readonly payload: string;
}

/** A client that asks and collects. Silence is told by PINGs that came back meanwhile, not by waiting. */
export class Asker {
  readonly #socket: Duplex;
  /** Everything received, one character for each byte. */
  text = '';
  isClosed = false;
  #asked = 0;
  #pings = 0;
  #pongs = 0;
  #read = 0;
  #taken = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    for (const event of ['end', 'close']) socket.on(event, () => this.#end());
  }

  /** Logs in; the password is the user's name. */
  static async as(server: Pick<Server, 'socket'>, user: string, name = ''): Promise<Asker> {
    const asker = new Asker(server.socket());
    const said = { verbose: false, headers: true, no_responders: true, lang: 'raw', version: '1', name };
    const who = user === '' ? {} : { user, pass: user };
    asker.send(`CONNECT ${JSON.stringify({ ...said, ...who })}`);
    await asker.settled();
    return asker;
  }

  /** Its id on the server. */
  get id(): number {
    return Number(/"client_id":(\d+)/.exec(this.text)?.[1]);
  }

  async say(...lines: string[]): Promise<void> {
    this.send(...lines);
    await this.settled();
  }

  send(...lines: string[]): void {
    this.#socket.write(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Everything said so far is done, and what it caused has come; or the connection is closed. */
  async settled(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      this.#pings++;
      this.send('PING');
      while (this.#pongs < this.#pings && !this.isClosed) await this.#change();
    }
  }

  /** Waits for text to come. */
  async until(text: string): Promise<void> {
    while (!this.text.includes(text) && !this.isClosed) await this.#change();
  }

  async ask(subject: string, body = ''): Promise<Answers> {
    const inbox = `_INBOX.${this.id}.${++this.#asked}`;
    const length = Buffer.byteLength(body);
    const bytes = Buffer.from(body, 'utf8').latin1Slice();
    await this.say(`SUB ${inbox} ${inbox}`, `PUB ${subject} ${inbox} ${length}`, bytes);
    await this.say(`UNSUB ${inbox}`);
    return this.#frames()
      .filter(({ sid }) => sid === inbox)
      .map(({ payload }) => payload);
  }

  /** The one answer, as an object. */
  async object(subject: string, body = ''): Promise<Record<string, unknown>> {
    const answers = await this.ask(subject, body);
    if (answers.length !== 1) throw new Error(`${subject} was answered ${answers.length} times: ${answers}`);
    return JSON.parse(answers[0] ?? '') as Record<string, unknown>;
  }

  /** The `data` of the one answer. */
  async data<T = Record<string, unknown>>(subject: string, body = ''): Promise<T> {
    return (await this.object(subject, body))['data'] as T;
  }

  /** What came since this was asked for the last time. */
  async received(): Promise<Received[]> {
    await this.settled();
    const all = this.#frames();
    const fresh = all.slice(this.#taken);
    this.#taken = all.length;
    return fresh;
  }

  #frames(): Received[] {
    const frames: Received[] = [];
    const received = this.text;
    const head = /\r\n(H?)MSG (\S+) (\S+)(?: \S+)?? (?:(\d+) )?(\d+)\r\n/g;
    for (let found = head.exec(received); found !== null; found = head.exec(received)) {
      const [, h, subject = '', sid = '', headerBytes = '0', total = '0'] = found;
      const start = head.lastIndex;
      const text = received.slice(start, start + Number(total));
      const isStatus = h === 'H' && text.startsWith('NATS/1.0 503');
      const body = h === 'H' ? text.slice(Number(headerBytes)) : text;
      frames.push({ subject, sid, payload: isStatus ? '503' : Buffer.from(body, 'latin1').utf8Slice() });
      head.lastIndex = start + Number(total);
    }
    return frames;
  }

  #receive(bytes: Buffer): void {
    this.text += bytes.latin1Slice();
    for (;;) {
      const at = this.text.indexOf('PONG\r\n', this.#read);
      if (at < 0) break;
      this.#pongs++;
      this.#read = at + 6;
    }
    this.#wake();
  }

  #end(): void {
    this.isClosed = true;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
