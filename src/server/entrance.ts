import { ERRORS } from '../protocol/index.ts';
import type { CloseReason } from './close-reasons.ts';
import { Connection } from './connection.ts';
import type { ConnectionHost } from './host.ts';
import type { LifeListener } from './life.ts';
import type { AcceptedEvents, ListenerHost } from './listener.ts';
import type { LogSink } from './log.ts';
import type { Times } from './times.ts';
import type { Transport } from './transport.ts';
import { TurnedAway } from './turned-away.ts';

/** How often connections that do not take their bytes are looked for, ms. */
const WRITE_DEADLINE_CHECK_MS = 1_000;

/** The server, as far as somebody comes in. */
export interface EntranceHost extends ConnectionHost {
  readonly log: LogSink;
  readonly times: Times;
  /** Something went wrong that belongs to no connection. */
  failed(where: string, error: unknown): void;
}

/** Where connections come in, whatever carries them, and who is there. */
export class Entrance implements LifeListener {
  readonly #host: EntranceHost;
  /** Oldest first. */
  readonly #connections = new Set<Connection>();
  readonly #turnedAway: TurnedAway;
  #lastId = 0;
  #isShut = false;

  constructor(host: EntranceHost) {
    this.#host = host;
    this.#turnedAway = new TurnedAway(host.log, host.clock);
  }

  /** Everybody who is there, oldest first. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** From now on whoever comes is sent away at once. */
  shut(): void {
    this.#isShut = true;
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
  }

  closeAll(reason: CloseReason): void {
    for (const connection of [...this.#connections]) connection.close(reason);
  }

  accept(transport: Transport): AcceptedEvents {
    const host = this.#host;
    const connection = new Connection(++this.#lastId, transport, host);
    this.#connections.add(connection);
    host.life.accepted(connection);
    if (this.#isShut) connection.close('Server Shutdown');
    return {
      greet: () => {
        connection.greet();
        if (this.#isFull) connection.refuse(ERRORS.maximumConnections);
        host.loop.settle();
      },
      begin: () => connection.begin(),
      onData: (chunk) => connection.receive(chunk),
      onClose: (reason) => connection.peerClosed(reason),
    };
  }

  /** What listeners need; they know nothing else of the server. */
  forListeners(): ListenerHost {
    const { times } = this.#host;
    const isFull = (): boolean => this.#isFull;
    return {
      get isFull() {
        return isFull();
      },
      accept: (transport) => this.accept(transport),
      after: (delayMs, task) => times.wireAfter(false, delayMs, task),
      wireNow: () => times.wireNow(),
      refused: (text) => this.#turnedAway.tell(text),
      failed: (where, error) => this.#host.failed(where, error),
    };
  }

  get #isFull(): boolean {
    return this.#connections.size > this.#host.options.maxConnections;
  }

  /** Closes from now on who does not take its bytes in time. */
  watchWriteDeadlines(): void {
    const { times } = this.#host;
    times.wireAfter(false, WRITE_DEADLINE_CHECK_MS, () => {
      const late = times.wireNow() - this.#host.options.writeDeadlineMs;
      for (const connection of this.#connections) {
        if (connection.waitingSince !== undefined && connection.waitingSince < late)
          connection.close('Slow Consumer (Write Deadline)');
      }
      this.watchWriteDeadlines();
    });
  }
}
