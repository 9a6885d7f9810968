import type { Socket } from 'node:net';
import { RuntimeAlarm } from './effects.ts';

/** How long a closed connection waits for its client to take the last bytes and close its own end, ms. */
const LINGER_MS = 2_000;

/** The kinds of connection as users' allowed_connection_types name them. */
export const CONNECTION_KINDS = [
  'STANDARD',
  'WEBSOCKET',
  'LEAFNODE',
  'LEAFNODE_WS',
  'MQTT',
  'MQTT_WS',
  'IN_PROCESS',
] as const;

export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** A way to one client: a TCP socket or an in-process pipe. */
export interface Transport {
  readonly connectionType: ConnectionKind;
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

  /** What the client still sends is read and dropped: to close over unread bytes would cost it the last error. */
  end(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.end();
    socket.resume();
    const alarm = new RuntimeAlarm();
    alarm.arm(LINGER_MS, () => socket.destroy());
    socket.once('close', () => alarm.disarm());
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
