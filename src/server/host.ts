import type { Authenticator } from '../auth/index.ts';
import type { Clock, Timer } from '../base/index.ts';
import type { ServerOptions } from '../config/index.ts';
import type { Guard } from '../guard/index.ts';
import type { ConnectOptions, ProtocolError, ServerInfo } from '../protocol/index.ts';
import type { Arrival } from './admission.ts';
import type { Connection } from './connection.ts';
import type { Life } from './life.ts';
import type { Loop } from './loop.ts';
import type { MessageWatch } from './message-watch.ts';
import type { Entry } from './session.ts';

/** What a connection needs of the server. */
export interface ConnectionHost {
  readonly options: ServerOptions;
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  /** The service clock: replies and grants expire on it. */
  readonly clock: Clock;
  /** RFC 3339 text of the present moment. */
  timestamp(): string;
  /** A fresh challenge for nkey users. */
  nonce(connectionId: number): string;
  /** Wire time, ms. */
  wireNow(): number;
  /**
   * Runs a task on the wire clock. In-process connections of a server with a manual clock have no wire timers.
   * @param connection whose timer it is; undefined: the server's own.
   */
  wireAfter(connection: Connection | undefined, delayMs: number, task: () => void): Timer;
  infoFor(connection: Connection, nonce: string | undefined, afterConnect: boolean): ServerInfo;
  /** Who is it, and may it enter? At once where no hashing is needed. */
  login(
    connection: Connection,
    options: ConnectOptions,
    nonce: string | undefined,
  ): Entry | ProtocolError | Promise<Arrival>;
  /** The way in for a connection that did not send CONNECT. */
  enterAsGuest(connection: Connection): Entry | ProtocolError;
  /** Traffic came before the CONNECT that is required: tells the guard's listeners. */
  refusedBeforeConnect(connection: Connection): void;
  readonly loop: Loop;
  /** Is told what becomes of the connection. */
  readonly life: Life;
  internalError(connection: Connection, error: unknown): void;
  /** Who looks at messages as they pass; undefined while nobody does. */
  readonly watch: MessageWatch | undefined;
  /** Whether the protocol is written to the log. */
  readonly isTracing: boolean;
  trace(connection: Connection, direction: '<<-' | '->>' | '<->', text: () => string): void;
}
