import type { Socket } from 'node:net';

/** A way to one client: a TCP socket or an in-process pipe. */
export interface Transport {
  /** The kind as users' allowed_connection_types name it. */
  readonly connectionType: 'STANDARD' | 'IN_PROCESS';
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Writes; calls back when the bytes are out, in the order of the writes. */
  write(bytes: Buffer, written: () => void): void;
  /** Stops reading until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Writes what is pending, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** A TCP connection. */
export class TcpTransport implements Transport {
  readonly connectionType = 'STANDARD';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.remotePort = socket.remotePort ?? 0;
    socket.setNoDelay(true);
  }

  write(bytes: Buffer, written: () => void): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes, written);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
