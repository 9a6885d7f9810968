import type { Socket } from 'node:net';
import type { CertificateNames, ListenerKind } from '../auth/index.ts';
import type { ConnectionKind } from '../config/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { CloseReason } from './close-reasons.ts';
import { RuntimeAlarm } from './effects.ts';

/** How long a closed connection waits for its client to take the last bytes and close its own end, ms. */
export const LINGER_MS = 2_000;

/** What TLS found out about a client. */
export interface TlsFacts {
  /** `1.3` and the like, as monitoring names it. */
  readonly version: string;
  /** By the name of the standard: `TLS_AES_128_GCM_SHA256`. */
  readonly cipherSuite: string;
  /** Whether the handshake went before INFO. */
  readonly first: boolean;
  /** The names in the client's certificate; absent where none was asked for. */
  readonly certificate?: CertificateNames;
  /** The client's certificates in DER, its own first: for monitoring. */
  readonly chain: readonly Buffer[];
}

/** Credentials that came with a connection instead of with CONNECT: secrets. */
export interface OfferedCredentials {
  readonly user?: ByteString;
  readonly pass?: string;
  readonly authToken?: string;
}

/** A way to one client: a socket, a WebSocket or an in-process pipe. */
export interface Transport {
  readonly connectionType: ConnectionKind;
  /** The listener that it came in by; absent: the one of clients. */
  readonly listener?: ListenerKind;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Present once a handshake is done. */
  readonly tls?: TlsFacts | undefined;
  /** What a browser's cookies say. */
  readonly offered?: OfferedCredentials;
  /** Writes; calls back when the bytes are out, in the order of the writes. */
  write(bytes: Buffer, written: () => void): void;
  /** Stops reading until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Its client has logged in: bounds that hold for strangers end. */
  admitted?(): void;
  /** Writes what is pending, then closes. */
  end(reason?: CloseReason): void;
  /** Closes at once. */
  destroy(): void;
}

/** Writes that may wait for the end of a handshake: nobody has said anything yet that would be answered. */
const MAX_HELD_WRITES = 16;

/** A TCP connection, which may go over to TLS. */
export class TcpTransport implements Transport {
  readonly connectionType = 'STANDARD';
  readonly remoteAddress: string;
  readonly remotePort: number;
  #socket: Socket;
  #tls: TlsFacts | undefined;
  /** While a handshake is waited for or under way: nothing is written between its bytes. */
  #held: [Buffer, () => void][] | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remoteAddress = addressOf(socket);
    this.remotePort = socket.remotePort ?? 0;
    socket.setNoDelay(true);
  }

  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  /** A handshake comes next: what is written from now on waits for {@link secured}. */
  awaitHandshake(): void {
    this.#held ??= [];
  }

  /** A handshake may still come, but need not: what is written goes out. */
  awaitNoHandshake(): void {
    this.#held = undefined;
  }

  /** Says something in clear although a handshake is waited for. */
  speakInClear(say: () => void): void {
    this.#held = undefined;
    say();
    this.#held = [];
  }

  /** The handshake is done: everything goes through this socket now. */
  secured(socket: Socket, facts: TlsFacts): void {
    this.#socket = socket;
    this.#tls = facts;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [bytes, written] of held) this.write(bytes, written);
  }

  write(bytes: Buffer, written: () => void): void {
    if (this.#socket.destroyed) return;
    if (this.#held === undefined) this.#socket.write(bytes, written);
    else if (this.#held.length < MAX_HELD_WRITES) this.#held.push([Buffer.from(bytes), written]);
    else this.destroy();
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
    if (this.#held !== undefined) return this.destroy();
    endGently(socket);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Ends a socket after its last bytes, and cuts it when its client does not take them. */
export function endGently(socket: Socket): void {
  socket.end();
  socket.resume();
  const alarm = new RuntimeAlarm();
  alarm.arm(LINGER_MS, () => socket.destroy());
  socket.once('close', () => alarm.disarm());
}

/** The client's address; IPv4 as such. */
export function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}
