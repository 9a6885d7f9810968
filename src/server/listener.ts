import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { RuntimeAlarm } from './effects.ts';
import { TcpTransport } from './transport.ts';

/** How long a client that does not read may hold up the end, ms. */
const CUT_MS = 200;

/** What a listener's owner wants to hear of a connection. */
export interface AcceptedEvents {
  onData(chunk: Buffer): void;
  onClose(): void;
}

/** Listens for TCP clients. */
export class TcpListener {
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();
  #ended: Promise<void> | undefined;

  private constructor(server: NetServer) {
    this.#server = server;
  }

  /**
   * @param onError told of errors while listening: a connection that cannot be accepted ends nothing but itself.
   * @throws the system's error when the address cannot be listened on.
   */
  static async open(
    host: string,
    port: number,
    accept: (transport: TcpTransport) => AcceptedEvents,
    onError: (error: unknown) => void = () => {},
  ): Promise<TcpListener> {
    const server = createServer({ noDelay: true });
    const listener = new TcpListener(server);
    server.on('connection', (socket) => listener.#connected(socket, accept));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: Math.max(port, 0), backlog: 1024 }, () => {
        server.removeListener('error', reject);
        server.on('error', onError);
        resolve();
      });
    });
    return listener;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Takes no more connections; those that are there stay. */
  stopAccepting(): void {
    this.#ended ??= new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Stops listening; connections end after their last bytes, or are cut where these are not taken. */
  async close(): Promise<void> {
    const alarm = new RuntimeAlarm();
    alarm.arm(CUT_MS, () => {
      for (const socket of this.#sockets) socket.destroy();
    });
    this.stopAccepting();
    for (const socket of this.#sockets) socket.destroySoon();
    await this.#ended;
    alarm.disarm();
  }

  #connected(socket: Socket, accept: (transport: TcpTransport) => AcceptedEvents): void {
    this.#sockets.add(socket);
    const events = accept(new TcpTransport(socket));
    socket.on('data', (chunk: Buffer) => events.onData(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      events.onClose();
    });
  }
}
