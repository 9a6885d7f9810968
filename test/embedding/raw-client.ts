import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A client of a few lines: it writes protocol text and waits for text to come. */
export class RawClient {
  readonly socket: Duplex;
  received = '';
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(socket: Duplex) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
      this.#wake();
    });
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) socket.on(event, () => this.#end());
  }

  static to(port: number): RawClient {
    return new RawClient(connect(port, '127.0.0.1'));
  }

  send(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Waits for text that matches. @throws when the other side ends before it came. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.received);
      if (found !== null) return found;
      if (this.#ended) throw new Error(`ended; received ${this.received}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Asks once. @returns the payload of the answer. */
  async ask(subject: string, body = ''): Promise<string> {
    const inbox = `_INBOX.${Math.random()}`;
    this.send(`SUB ${inbox} ${inbox}`, `PUB ${subject} ${inbox} ${Buffer.byteLength(body)}`, body);
    const [, , text] = await this.until(
      new RegExp(`MSG ${inbox.replaceAll('.', '\\.')} \\S+ (\\d+)\\r\\n(.*)\\r\\n`),
    );
    return text ?? '';
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
