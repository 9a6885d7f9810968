import type { Socket } from 'node:net';
import type { ServerOptions, TlsOptions } from '../config/index.ts';
import { type AcceptedEvents, type ListenerHost, SocketListener } from './listener.ts';
import { HANDSHAKE_BYTE, TlsDoor } from './tls-door.ts';
import { endGently, TcpTransport } from './transport.ts';

const THROTTLED = Buffer.from("-ERR 'Connection throttling is active. Please try again later.'\r\n");

/** How clients of a TCP port begin. */
export type TlsWay =
  /** No TLS. */
  | 'none'
  /** INFO in clear, then the handshake, and nothing but that. */
  | 'required'
  /** INFO in clear; the first byte tells whether a handshake follows. */
  | 'offered'
  /** The handshake goes before INFO. */
  | 'first';

/**
 * How clients begin under a configuration. With the handshake first, none come without TLS unless it has a fallback
 * (measured on 2.14.5).
 */
export function tlsWay(tls: TlsOptions | undefined, allowNonTls: boolean): TlsWay {
  if (tls === undefined) return 'none';
  if (tls.handshakeFirst !== false) return 'first';
  return allowNonTls ? 'offered' : 'required';
}

/** Listens for clients of the protocol, with and without TLS on one port. */
export class ClientListener {
  #door: TlsDoor | undefined;
  #allowNonTls: boolean;
  readonly #host: ListenerHost;
  #listener: SocketListener | undefined;

  private constructor({ tls, allowNonTls }: ServerOptions, host: ListenerHost) {
    this.#host = host;
    this.#allowNonTls = allowNonTls === true;
    this.#door = tls === undefined ? undefined : new TlsDoor(tls, host);
  }

  /** @throws {ConfigError} for certificates that cannot be used, or the system's error for the address. */
  static async open(options: ServerOptions, address: { host: string; port: number }, host: ListenerHost) {
    const clients = new ClientListener(options, host);
    clients.#listener = await SocketListener.open(
      address.host,
      address.port,
      (socket) => clients.#connected(socket),
      (error) => host.failed('while accepting', error),
    );
    return clients;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** When its certificate ends; undefined without TLS. */
  get certificateEnd(): string | undefined {
    return this.#door?.certificateEnd;
  }

  /** @returns what puts another configuration in force for connections to come. @throws {ConfigError} */
  prepare({ tls, allowNonTls }: ServerOptions): () => void {
    const before = this.#door;
    const adopt = tls === undefined ? undefined : before?.prepare(tls);
    const door = tls === undefined ? undefined : (before ?? new TlsDoor(tls, this.#host));
    return () => {
      adopt?.();
      this.#door = door;
      this.#allowNonTls = allowNonTls === true;
    };
  }

  /** Takes no more connections; those that are there stay. */
  stopAccepting(): void {
    this.#listener?.stopAccepting();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  #connected(socket: Socket): void {
    const door = this.#door;
    const way = tlsWay(door?.options, this.#allowNonTls);
    if (way === 'first' && this.#host.isFull) return void socket.destroy();
    const transport = new TcpTransport(socket);
    const visit = new Visit(
      socket,
      transport,
      this.#host.accept(transport),
      door,
      this.#allowNonTls,
      this.#host,
    );
    visit.start(way);
  }
}

/** The beginning of one connection, until it is known what it speaks. */
class Visit {
  readonly #socket: Socket;
  readonly #transport: TcpTransport;
  readonly #events: AcceptedEvents;
  readonly #door: TlsDoor | undefined;
  readonly #allowNonTls: boolean;
  readonly #host: ListenerHost;
  #timer: { cancel(): void } | undefined;
  #isGreeted = false;

  constructor(
    socket: Socket,
    transport: TcpTransport,
    events: AcceptedEvents,
    door: TlsDoor | undefined,
    allowNonTls: boolean,
    host: ListenerHost,
  ) {
    this.#socket = socket;
    this.#transport = transport;
    this.#events = events;
    this.#door = door;
    this.#allowNonTls = allowNonTls;
    this.#host = host;
  }

  start(way: TlsWay): void {
    const socket = this.#socket;
    socket.once('close', () => {
      this.#timer?.cancel();
      this.#events.onClose();
    });
    if (way === 'first') return this.#handshakeFirst();
    this.#greet();
    if (way === 'required' && this.#door !== undefined) {
      if (this.#door.isThrottling) return this.#throttle();
      return this.#await(this.#door.options.timeoutMs, (chunk) => this.#mustBeHandshake(chunk));
    }
    this.#events.begin();
    if (way === 'none') return this.#plain();
    socket.once('data', (chunk: Buffer) => this.#eitherWay(chunk));
  }

  #eitherWay(chunk: Buffer): void {
    if (chunk[0] === HANDSHAKE_BYTE) return this.#handshake(chunk);
    this.#plain();
    this.#events.onData(chunk);
  }

  #greet(): void {
    this.#isGreeted = true;
    this.#events.greet();
  }

  #plain(): void {
    this.#socket.on('data', (chunk: Buffer) => this.#events.onData(chunk));
  }

  #throttle(): void {
    this.#socket.write(THROTTLED);
    endGently(this.#socket);
    this.#events.onClose('Maximum Connections Exceeded');
  }

  /** Waits for the first bytes, for so long at most; nothing is written meanwhile. */
  #await(withinMs: number, arrived: (chunk: Buffer) => void): void {
    this.#transport.awaitHandshake();
    this.#timer = this.#host.after(withinMs, () => this.#fail('i/o timeout'));
    this.#socket.once('data', arrived);
  }

  #mustBeHandshake(chunk: Buffer): void {
    if (chunk[0] === HANDSHAKE_BYTE) this.#handshake(chunk);
    else this.#fail('first record does not look like a TLS handshake');
  }

  /**
   * With a fallback, INFO goes out in clear to who has not begun in time; from then on it may go on without TLS where
   * that is allowed.
   */
  #handshakeFirst(): void {
    const { handshakeFirst = false, timeoutMs = 0 } = this.#door?.options ?? {};
    let fallback: { cancel(): void } | undefined;
    this.#await(timeoutMs, (chunk) => {
      fallback?.cancel();
      if (this.#isGreeted && this.#allowNonTls) this.#eitherWay(chunk);
      else this.#mustBeHandshake(chunk);
    });
    if (typeof handshakeFirst !== 'number') return;
    fallback = this.#host.after(handshakeFirst, () => {
      if (!this.#allowNonTls) return this.#transport.speakInClear(() => this.#greet());
      this.#timer?.cancel();
      this.#transport.awaitNoHandshake();
      this.#greet();
      this.#events.begin();
    });
    this.#socket.once('close', () => fallback?.cancel());
  }

  #handshake(chunk: Buffer): void {
    const { timeoutMs = 0 } = this.#door?.options ?? {};
    this.#timer?.cancel();
    this.#transport.awaitHandshake();
    this.#socket.pause();
    this.#socket.unshift(chunk);
    this.#door?.handshake(this.#socket, !this.#isGreeted, timeoutMs, {
      secured: (socket, facts) => {
        this.#transport.secured(socket, facts);
        socket.on('data', (data: Buffer) => this.#events.onData(data));
        socket.once('close', () => this.#events.onClose());
        if (!this.#isGreeted) this.#greet();
        this.#events.begin();
      },
      failed: (why) => this.#fail(why),
    });
  }

  #fail(why: string): void {
    this.#timer?.cancel();
    const { remoteAddress, remotePort } = this.#transport;
    this.#host.refused(`${remoteAddress}:${remotePort} - TLS handshake error: ${why}`);
    this.#events.onClose('TLS Handshake Failure');
    this.#socket.destroy();
  }
}
