import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { deadline } from '../patience.ts';

/** A connection that nobody logged in on: what it was sent, and whether it is still open. */
export class Stranger {
  readonly #socket: Duplex;
  #wake: (() => void)[] = [];
  /** What came, one character a byte; the beginning is forgotten when it is much. */
  heard = '';
  isClosed = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.heard = (this.heard + chunk.latin1Slice()).slice(-MOST_HEARD);
      this.#changed();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      this.#changed();
    });
  }

  static at(port: number): Stranger {
    return new Stranger(connectTcp(port, '127.0.0.1'));
  }

  /** Begins with the handshake; what is sent goes through it. The server's certificate is not checked. */
  static overTls(port: number, own: { readonly cert?: Buffer; readonly key?: Buffer } = {}): Stranger {
    return new Stranger(connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...own }));
  }

  send(bytes: Buffer): void {
    if (!this.isClosed) this.#socket.write(bytes);
  }

  /** @returns whether something held within so many ms; looked at whenever something was heard, and at its end. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    let isLate = false;
    const cancel = deadline(withinMs, () => {
      isLate = true;
      this.#changed();
    });
    while (!holds() && !isLate) await new Promise<void>((resolve) => this.#wake.push(resolve));
    cancel();
    return holds();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

const MOST_HEARD = 64 * 1024;
