import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { CloseReason } from './close-reasons.ts';
import { RuntimeAlarm } from './effects.ts';
import type { Transport } from './transport.ts';

/** How long a client that does not read may hold up the end, ms. */
const CUT_MS = 200;

/** What the owner of a connection wants to hear of it. */
export interface AcceptedEvents {
  /** The client can be spoken to: INFO goes out. */
  greet(): void;
  /** The client can speak: the time that it has to log in begins. */
  begin(): void;
  onData(chunk: Buffer): void;
  onClose(reason?: CloseReason): void;
}

/** What a listener needs of the server. */
export interface ListenerHost {
  /** Whether there are more connections already than there may be. */
  readonly isFull: boolean;
  accept(transport: Transport): AcceptedEvents;
  /** Runs a task on the wire clock. */
  after(delayMs: number, task: () => void): { cancel(): void };
  wireNow(): number;
  /** Somebody was turned away before it was a connection. */
  refused(text: string): void;
  failed(where: string, error: unknown): void;
}

const overTls = new WeakSet<Socket>();

/** Another socket speaks TLS over this one from now on: that one ends first, or its last bytes would be lost. */
export function carriesTls(socket: Socket): void {
  overTls.add(socket);
}

/** Listens for TCP connections, whatever they speak. */
export class SocketListener {
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();
  #ended: Promise<void> | undefined;
  #port = 0;

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
    connected: (socket: Socket) => void,
    onError: (error: unknown) => void = () => {},
  ): Promise<SocketListener> {
    const server = createServer({ noDelay: true });
    const listener = new SocketListener(server);
    server.on('connection', (socket) => {
      listener.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => listener.#sockets.delete(socket));
      connected(socket);
    });
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

  /** Kept, because every INFO says it and to ask the system costs a call. */
  get port(): number {
    if (this.#port === 0) {
      const address = this.#server.address();
      this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    }
    return this.#port;
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
    for (const socket of this.#sockets) if (!overTls.has(socket)) socket.destroySoon();
    await this.#ended;
    alarm.disarm();
  }
}
