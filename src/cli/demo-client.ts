import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

const INBOX = '_INBOX.demo';
/** How long an answer is waited for, ms. In process everything that comes at all comes at once. */
const ANSWER_MS = 100;

/** As much of a NATS client as a demonstration needs: log in, ask one thing, see what comes back. */
export class DemoClient {
  readonly #socket: Duplex;
  #received = '';

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
    });
  }

  static async connect(socket: Duplex, user: string, password: string): Promise<DemoClient> {
    const client = new DemoClient(socket);
    client.#write(`CONNECT ${JSON.stringify({ user, pass: password, verbose: false, headers: true })}\r\n`);
    client.#write(`SUB ${INBOX} 1\r\nPING\r\n`);
    await client.#until(/\r\nPONG\r\n/);
    return client;
  }

  /** @returns the payload of the answer; undefined when none comes. */
  async request(subject: string, body: string): Promise<string | undefined> {
    this.#received = '';
    this.#write(`PUB ${subject} ${INBOX} ${Buffer.byteLength(body)}\r\n${body}\r\n`);
    const answer = await this.#until(/MSG [^\r]*\r\n([\s\S]*)\r\n$/);
    return answer?.[1];
  }

  close(): void {
    this.#socket.destroy();
  }

  #write(text: string): void {
    this.#socket.write(Buffer.from(text, 'utf8'));
  }

  async #until(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    const deadline = performance.now() + ANSWER_MS;
    for (;;) {
      const found = pattern.exec(this.#received);
      if (found !== null) return found;
      if (performance.now() >= deadline) return undefined;
      await wait(1);
    }
  }
}
