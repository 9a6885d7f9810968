import { Duplex } from 'node:stream';
import type { Transport } from './transport.ts';

/** What an in-process connection is told of its client's end. */
export interface PipeEvents {
  onData(chunk: Buffer): void;
  onClose(): void;
}

/**
 * The two ends of an in-process connection: a transport for the server, a stream for the client. Bytes the client
 * writes, and those it is sent, arrive in a later microtask, so that neither side runs inside the other's call.
 */
export class PipeTransport implements Transport {
  readonly connectionType = 'IN_PROCESS';
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 0;
  readonly client: Duplex;
  #events: PipeEvents | undefined;
  #paused = false;
  #held: (() => void)[] = [];
  /** Writes that the client has not read yet: they count as pending, as in a socket's send buffer. */
  #unread: (() => void)[] = [];

  constructor() {
    this.client = new Duplex({
      allowHalfOpen: false,
      read: () => this.#drained(),
      write: (chunk: Buffer, _encoding, done) => this.#arrive(chunk, done),
      final: (done) => {
        this.#later(() => this.#events?.onClose());
        done();
      },
      destroy: (error, done) => {
        this.#later(() => this.#events?.onClose());
        done(error);
      },
    });
  }

  attach(events: PipeEvents): void {
    this.#events = events;
  }

  write(bytes: Buffer, written: () => void): void {
    const copy = Buffer.from(bytes);
    this.#later(() => {
      if (this.client.destroyed) return;
      if (this.client.push(copy)) written();
      else this.#unread.push(written);
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = [];
    for (const deliver of held) this.#later(deliver);
  }

  end(): void {
    this.#later(() => {
      if (!this.client.destroyed) this.client.push(null);
    });
  }

  destroy(): void {
    this.client.destroy();
  }

  #arrive(chunk: Buffer, done: () => void): void {
    const deliver = (): void => {
      this.#events?.onData(Buffer.from(chunk));
      done();
    };
    if (this.#paused) this.#held.push(deliver);
    else this.#later(deliver);
  }

  #drained(): void {
    const unread = this.#unread;
    this.#unread = [];
    for (const written of unread) this.#later(written);
  }

  #later(task: () => void): void {
    queueMicrotask(task);
  }
}
