import type { ServerOptions } from '../config/index.ts';
import type { DoorsView } from '../system/index.ts';
import { ClientListener, tlsWay } from './client-listener.ts';
import type { ListenerHost } from './listener.ts';
import type { LogSink } from './log.ts';
import type { WebsocketListener } from './websocket-listener.ts';

/** What the listeners of a server are opened with. */
export interface Opening {
  readonly host: string;
  readonly port: number;
  /** The port of an earlier time, so that a server comes back where it was. */
  readonly websocketPort?: number | undefined;
}

/** What only listeners know of themselves. */
export type ListenersView = Omit<DoorsView, 'isTlsRequired'>;

/** Of a server that does not listen. */
export const NO_LISTENERS: ListenersView = {
  certificateEnd: undefined,
  websocketPort: 0,
  websocketCertificateEnd: undefined,
};

/** Everything that clients come in by: the TCP port, and the one for WebSockets where it is configured. */
export class Listeners {
  readonly #clients: ClientListener;
  readonly #websockets: WebsocketListener | undefined;

  private constructor(clients: ClientListener, websockets: WebsocketListener | undefined) {
    this.#clients = clients;
    this.#websockets = websockets;
  }

  /**
   * Listens everywhere, or nowhere.
   * @param live the configuration that is in force, at any time.
   * @throws {ConfigError} for certificates that cannot be used, or the system's error for an address.
   */
  static async open(
    live: () => ServerOptions,
    { host, port, websocketPort }: Opening,
    house: ListenerHost,
    log: LogSink,
  ): Promise<Listeners> {
    const options = live();
    const websockets = await openWebsockets(live, websocketPort, house);
    try {
      const clients = await ClientListener.open(options, { host, port }, house);
      if (websockets !== undefined) announce(websockets, log);
      return new Listeners(clients, websockets);
    } catch (error) {
      await websockets?.close();
      throw error;
    }
  }

  get port(): number {
    return this.#clients.port;
  }

  /** Undefined where there are none. */
  get websocketPort(): number | undefined {
    return this.#websockets?.port;
  }

  /** What monitoring shows of them. */
  get view(): ListenersView {
    return {
      certificateEnd: this.#clients.certificateEnd,
      websocketPort: this.websocketPort ?? 0,
      websocketCertificateEnd: this.#websockets?.certificateEnd,
    };
  }

  /**
   * Makes another configuration ready.
   * @returns what puts it in force for connections to come. @throws {ConfigError} for what cannot be served.
   */
  prepare(after: ServerOptions): () => void {
    const steps = [this.#clients.prepare(after), this.#websockets?.prepare(after.websocket)];
    return () => {
      for (const step of steps) step?.();
    };
  }

  /** Takes no more connections; those that are there stay. */
  stopAccepting(): void {
    this.#clients.stopAccepting();
    this.#websockets?.stopAccepting();
  }

  async close(): Promise<void> {
    await Promise.all([this.#clients.close(), this.#websockets?.close()]);
  }
}

async function openWebsockets(
  live: () => ServerOptions,
  port: number | undefined,
  house: ListenerHost,
): Promise<WebsocketListener | undefined> {
  const { websocket } = live();
  if (websocket === undefined) return undefined;
  const { WebsocketListener } = await import('./websocket-listener.ts');
  return WebsocketListener.open(port === undefined ? websocket : { ...websocket, port }, house, live);
}

/** The lines of nats-server about WebSockets, which it writes before those about the client port. */
function announce({ scheme, options, port }: WebsocketListener, log: LogSink): void {
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  log.write('info', `Listening for websocket clients on ${scheme}://${host}:${port}`);
  if (scheme === 'ws') log.write('warn', 'Websocket not configured with TLS. DO NOT USE IN PRODUCTION!');
}

/** The lines of nats-server about TLS on the client port, behind the one that names it. */
export function announceTls({ tls, allowNonTls }: ServerOptions, log: LogSink): void {
  const way = tlsWay(tls, allowNonTls === true);
  if (way === 'none') return;
  log.write('info', `TLS ${way === 'offered' ? 'available' : 'required'} for client connections`);
  if (tls?.handshakeFirst === true)
    log.write('warn', 'Clients that are not using "TLS Handshake First" option will fail to connect');
}
