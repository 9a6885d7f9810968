import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import { limits } from '../base/index.ts';
import type { ServerOptions, WebsocketOptions } from '../config/index.ts';
import { type ListenerHost, SocketListener } from './listener.ts';
import { HANDSHAKE_BYTE, TlsDoor } from './tls-door.ts';
import { addressOf, endGently, type TlsFacts } from './transport.ts';
import { WebsocketTransport } from './websocket-transport.ts';
import {
  offeredCredentials,
  refusalAnswer,
  type UpgradeRefusal,
  upgradeRefusal,
} from './websocket-upgrade.ts';

const NO_HTTP =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';
/** Messages compressed at a time, by all connections. */
const COMPRESSIONS = 4;

/** What is known of a socket before it is a WebSocket. */
interface Arrival {
  /** Ends the socket when TLS and upgrade take too long. */
  readonly timer: { cancel(): void };
  tls?: TlsFacts;
}

/** Bounds of what a client may send, as they are at the moment. */
export type ClientBounds = Pick<ServerOptions, 'maxControlLine' | 'maxPayload'>;

/** Listens for WebSockets. The library that speaks them is loaded by the first one to listen. */
export class WebsocketListener {
  readonly options: WebsocketOptions;
  readonly #host: ListenerHost;
  readonly #bounds: () => ClientBounds;
  readonly #door: TlsDoor | undefined;
  readonly #http: HttpServer;
  readonly #upgrades: WebSocketServer;
  readonly #arrivals = new WeakMap<Duplex, Arrival>();
  #listener: SocketListener | undefined;

  private constructor(
    options: WebsocketOptions,
    host: ListenerHost,
    bounds: () => ClientBounds,
    upgrades: WebSocketServer,
  ) {
    this.options = options;
    this.#host = host;
    this.#bounds = bounds;
    this.#door = options.tls === undefined ? undefined : new TlsDoor(options.tls, host);
    this.#upgrades = upgrades;
    this.#upgrades.on('headers', (headers) => {
      headers.push(...options.headers.map(([name, value]) => `${name}: ${value}`));
    });
    this.#http = this.#makeHttp();
  }

  /** @throws {ConfigError} for certificates that cannot be used, or the system's error for the address. */
  static async open(
    options: WebsocketOptions,
    host: ListenerHost,
    bounds: () => ClientBounds,
  ): Promise<WebsocketListener> {
    const { WebSocketServer } = await import('ws');
    const upgrades = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      skipUTF8Validation: true,
      handleProtocols: () => false,
      maxPayload: limits.STRANGER_BYTES,
      maxFragments: limits.WEBSOCKET_FRAGMENTS,
      maxBufferedChunks: limits.WEBSOCKET_PIECES,
      perMessageDeflate: options.compression && {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        concurrencyLimit: COMPRESSIONS,
        zlibDeflateOptions: { level: 1, memLevel: 5 },
        threshold: 0,
      },
    });
    const listener = new WebsocketListener(options, host, bounds, upgrades);
    listener.#listener = await SocketListener.open(
      options.host,
      options.port,
      (socket) => listener.#connected(socket),
      (error) => host.failed('while accepting WebSockets', error),
    );
    return listener;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** When its certificate ends; undefined without TLS. */
  get certificateEnd(): string | undefined {
    return this.#door?.certificateEnd;
  }

  get scheme(): 'ws' | 'wss' {
    return this.options.tls === undefined ? 'ws' : 'wss';
  }

  /** @returns what puts other certificates in force for connections to come. @throws {ConfigError} */
  prepare(options: WebsocketOptions | undefined): () => void {
    return (options?.tls === undefined ? undefined : this.#door?.prepare(options.tls)) ?? (() => {});
  }

  /** Takes no more connections; those that are there stay. */
  stopAccepting(): void {
    this.#listener?.stopAccepting();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.#http.close();
    this.#upgrades.close();
  }

  #makeHttp(): HttpServer {
    const http = createServer({ maxHeaderSize: limits.UPGRADE_REQUEST_BYTES, insecureHTTPParser: false });
    // Time is kept by the server's own clock, from the moment the socket was accepted.
    http.headersTimeout = 0;
    http.requestTimeout = 0;
    http.keepAliveTimeout = 0;
    http.on('request', (request) => this.#requested(request, request.socket));
    http.on('upgrade', (request, socket, head) => this.#requested(request, socket as Socket, head));
    http.on('clientError', (error: Error, socket) => {
      if (!socket.writable) return void socket.destroy();
      this.#log(socket as Socket, `websocket handshake error: ${error.message}`);
      socket.write(NO_HTTP);
      endGently(socket as Socket);
    });
    return http;
  }

  #connected(socket: Socket): void {
    if (this.#host.isFull) return void socket.destroy();
    const timer = this.#host.after(this.options.handshakeTimeoutMs, () => {
      this.#log(socket, 'websocket handshake error: i/o timeout');
      socket.destroy();
    });
    socket.once('close', () => timer.cancel());
    const arrival: Arrival = { timer };
    if (this.#door === undefined) return this.#speakHttp(socket, arrival);
    socket.once('data', (chunk: Buffer) => this.#firstBytes(socket, chunk, arrival));
  }

  #firstBytes(socket: Socket, chunk: Buffer, arrival: Arrival): void {
    const failed = (why: string): void => {
      this.#log(socket, `websocket: TLS handshake error: ${why}`);
      socket.destroy();
    };
    if (chunk[0] !== HANDSHAKE_BYTE) return failed('first record does not look like a TLS handshake');
    if (this.#door?.isThrottling !== false) return failed('too many in this second');
    socket.pause();
    socket.unshift(chunk);
    this.#door.handshake(socket, true, this.options.handshakeTimeoutMs, {
      secured: (secure, facts) => {
        arrival.tls = facts;
        secure.once('close', () => arrival.timer.cancel());
        this.#speakHttp(secure, arrival);
      },
      failed,
    });
  }

  #speakHttp(socket: Socket, arrival: Arrival): void {
    this.#arrivals.set(socket, arrival);
    this.#http.emit('connection', socket);
  }

  #requested(request: IncomingMessage, socket: Socket, head: Buffer = Buffer.alloc(0)): void {
    // What a client asks behind a question that was refused is not looked at.
    if (!socket.writable) return;
    const refusal = upgradeRefusal(request, this.options);
    if (refusal !== undefined) return this.#refuse(socket, refusal);
    this.#upgrades.handleUpgrade(request, socket, head, (websocket) => {
      const arrival = this.#arrivals.get(socket);
      arrival?.timer.cancel();
      const { maxControlLine, maxPayload } = this.#bounds();
      const transport = new WebsocketTransport({
        socket,
        websocket,
        tls: arrival?.tls,
        offered: offeredCredentials(request, this.options),
        maxControlLine,
        maxMessage: Math.max(limits.WEBSOCKET_MESSAGE_BYTES, 2 * maxPayload),
      });
      const events = this.#host.accept(transport);
      const label = `${transport.remoteAddress}:${transport.remotePort}`;
      transport.attach({
        onData: (chunk) => events.onData(chunk),
        onClose: (reason) => events.onClose(reason),
        onFault: (why) => {
          this.#host.refused(`${label} - read error: ${why}`);
          events.onClose('Read Error');
        },
      });
      events.greet();
      events.begin();
    });
  }

  #refuse(socket: Socket, refusal: UpgradeRefusal): void {
    this.#log(socket, `websocket handshake error: ${refusal.why}`);
    socket.write(refusalAnswer(refusal));
    endGently(socket);
  }

  #log(socket: Socket, text: string): void {
    this.#host.refused(`${addressOf(socket)}:${socket.remotePort ?? 0} - ${text}`);
  }
}
