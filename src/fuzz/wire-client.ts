import type { Duplex } from 'node:stream';
import type { Field } from './actions.ts';
import { deadline, PONG_MS } from './patience.ts';

/** What arrives on a connection. All text is one character per byte. */
export type Frame =
  | {
      readonly op: 'MSG';
      readonly subject: string;
      readonly sid: string;
      readonly reply: string;
      readonly header: string;
      readonly payload: string;
    }
  | { readonly op: 'INFO' | 'ERR' | 'OTHER'; readonly text: string }
  | { readonly op: 'CLOSED' };

const CRLF = '\r\n';
const NOTHING = Buffer.alloc(0);

/**
 * The smallest client there can be: it writes what it is told, keeps every frame in order, answers PING, and uses its
 * own PING as a barrier. It checks nothing, because it is there to do what a good client would not.
 */
export class WireClient {
  /** Everything that arrived, PING and PONG left out. */
  readonly frames: Frame[] = [];
  readonly #socket: Duplex;
  readonly #pongs: ((alive: boolean) => void)[] = [];
  readonly #replies = new Map<string, () => void>();
  #rest: Buffer = NOTHING;
  #closed = false;
  /** The message whose payload has not arrived yet. */
  #open: { words: string[]; headerSize: number; size: number } | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => this.#end());
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  write(bytes: string): void {
    if (!this.#closed) this.#socket.write(Buffer.from(bytes, 'latin1'));
  }

  /** Logs in, with everything switched on that lets a client see more. */
  login(user: string, password: string, name: string): void {
    const options = {
      user,
      pass: password,
      name,
      verbose: false,
      pedantic: false,
      echo: true,
      protocol: 1,
      headers: true,
      no_responders: true,
    };
    this.write(`CONNECT ${JSON.stringify(options)}${CRLF}`);
  }

  subscribe(subject: string, queue: string | undefined, sid: string): void {
    this.write(`SUB ${subject}${queue === undefined ? '' : ` ${queue}`} ${sid}${CRLF}`);
  }

  unsubscribe(sid: string, max: number | undefined): void {
    this.write(`UNSUB ${sid}${max === undefined ? '' : ` ${max}`}${CRLF}`);
  }

  publish(subject: string, reply: string | undefined, headers: readonly Field[], body: string): void {
    const to = reply === undefined ? subject : `${subject} ${reply}`;
    if (headers.length === 0) {
      this.write(`PUB ${to} ${body.length}${CRLF}${body}${CRLF}`);
      return;
    }
    const block = `NATS/1.0${CRLF}${headers.map(([key, value]) => `${key}: ${value}${CRLF}`).join('')}${CRLF}`;
    this.write(`HPUB ${to} ${block.length} ${block.length + body.length}${CRLF}${block}${body}${CRLF}`);
  }

  /** Resolves when the server has answered everything written before; to false when the connection ended instead. */
  ping(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    this.write(`PING${CRLF}`);
    return new Promise((resolve) => {
      const stop = deadline(PONG_MS, () => resolve(false));
      this.#pongs.push((alive) => {
        stop();
        resolve(alive);
      });
    });
  }

  /** Resolves when a message on `subject` arrives, or after `ms`. */
  arrival(subject: string, ms: number): Promise<void> {
    if (this.#closed || this.frames.some((frame) => frame.op === 'MSG' && frame.subject === subject))
      return Promise.resolve();
    return new Promise((resolve) => {
      const stop = deadline(ms, resolve);
      this.#replies.set(subject, () => {
        stop();
        resolve();
      });
    });
  }

  close(): void {
    this.#socket.destroy();
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.frames.push({ op: 'CLOSED' });
    for (const pong of this.#pongs.splice(0)) pong(false);
    for (const wake of this.#replies.values()) wake();
    this.#replies.clear();
  }

  #read(chunk: Buffer): void {
    if (this.#closed) return;
    let buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const used = this.#open === undefined ? this.#readLine(buffer) : this.#readPayload(buffer);
      if (used === 0) break;
      buffer = buffer.subarray(used);
    }
    this.#rest = buffer;
  }

  #readLine(buffer: Buffer): number {
    const end = buffer.indexOf(CRLF);
    if (end === -1) return 0;
    this.#line(buffer.latin1Slice(0, end));
    return end + CRLF.length;
  }

  #line(line: string): void {
    const verb = line.slice(0, line.indexOf(' ') === -1 ? line.length : line.indexOf(' '));
    const text = line.slice(verb.length).trim();
    if (verb === 'MSG' || verb === 'HMSG') this.#expect(line.split(' '));
    else if (verb === 'PONG') this.#pongs.shift()?.(true);
    else if (verb === 'PING') this.write(`PONG${CRLF}`);
    else if (verb === 'INFO') this.frames.push({ op: 'INFO', text });
    else if (verb === '-ERR') this.frames.push({ op: 'ERR', text });
    else this.frames.push({ op: 'OTHER', text: line });
  }

  /** `MSG subject sid [reply] size`, or with the size of the header before the last word. */
  #expect(words: string[]): void {
    const headerSize = words[0] === 'HMSG' ? Number(words.splice(-2, 1)[0]) : 0;
    this.#open = { words, headerSize, size: Number(words.at(-1)) };
  }

  #readPayload(buffer: Buffer): number {
    const open = this.#open;
    if (open === undefined || buffer.length < open.size + CRLF.length) return 0;
    const [, subject = '', sid = ''] = open.words;
    const reply = open.words.length === 5 ? (open.words[3] ?? '') : '';
    const header = buffer.latin1Slice(0, open.headerSize);
    const payload = buffer.latin1Slice(open.headerSize, open.size);
    this.#open = undefined;
    this.frames.push({ op: 'MSG', subject, sid, reply, header, payload });
    const wake = this.#replies.get(subject);
    if (wake !== undefined) {
      this.#replies.delete(subject);
      wake();
    }
    return open.size + CRLF.length;
  }
}

/** A client that has logged in, and everything it was told meanwhile. */
export async function openClient(
  socket: Duplex,
  user: string,
  password: string,
  name: string,
): Promise<WireClient> {
  const client = new WireClient(socket);
  client.login(user, password, name);
  await client.ping();
  return client;
}
