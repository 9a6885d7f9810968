import type { Duplex } from 'node:stream';
import type { Finding } from '../auth/index.ts';
import type { Timer } from '../base/index.ts';
import type { ConnectionKind, ServerOptions } from '../config/index.ts';
import type { ControlId } from '../guard/index.ts';
import type { ConnectOptions, ProtocolError } from '../protocol/index.ts';
import { Admission, type Arrival } from './admission.ts';
import { Connection } from './connection.ts';
import { type Life, LifeStream } from './life.ts';
import { Server } from './server.ts';
import type { Entry } from './session.ts';
import type { Transport } from './transport.ts';

export type { Finding, Identity } from '../auth/index.ts';

/** Turns of the run queue that one action may take in a rehearsal. */
const MAX_TURNS = 1_000;
/** Bytes a rehearsed client keeps of what it is sent. */
const MAX_RECEIVED = 1024 * 1024;

/** Where a rehearsed client would have its socket: what it is sent is kept as text, one character a byte. */
class RehearsalTransport implements Transport {
  readonly connectionType: ConnectionKind;
  readonly remoteAddress = 'rehearsal';
  readonly remotePort = 0;
  received = '';

  constructor(kind: ConnectionKind) {
    this.connectionType = kind;
  }

  write(bytes: Buffer, written: () => void): void {
    if (this.received.length < MAX_RECEIVED) this.received += bytes.toString('latin1');
    written();
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

const UNSEEN: Life = new LifeStream([]);

/** A client in a rehearsal. */
export interface Rehearsed {
  /** What the server sent to it so far, one character a byte. */
  readonly received: string;
  /** Writes protocol lines, one character a byte, and lets the server finish with them. */
  say(...lines: readonly string[]): void;
  leave(): void;
}

/**
 * A server to try things out on: nobody but rehearsed clients is in it, and nobody can reach it. It is made from the
 * options of the real one and decides by the same code; only who somebody is is told to it, instead of found out from
 * a password. That is why it neither listens nor has sockets.
 */
export class RehearsalServer extends Server {
  readonly #findings = new Map<Connection, Finding>();
  readonly #doorman: Admission;
  #lastId = 0;

  constructor(options: ServerOptions, controlsOff: readonly ControlId[] = []) {
    super(options, { clock: 'manual', controlsOff });
    this.#doorman = new Admission(this.authenticator, this.accounts, this.guard);
    // Nothing happens here but what is rehearsed: no timer may keep it alive.
    this.times.stop();
  }

  override wireAfter(): Timer {
    return { cancel: () => {} };
  }

  // Rehearsed clients are in no list of connections, and no event tells of them.
  override get life(): Life {
    return UNSEEN;
  }

  override listen(): Promise<number> {
    throw new TypeError('a rehearsal does not listen');
  }

  override socket(): Duplex {
    throw new TypeError('a rehearsal has no sockets');
  }

  /** A client that will be taken for whom the finding says as soon as it says CONNECT. */
  rehearse(finding: Finding, kind: ConnectionKind): Rehearsed {
    const transport = new RehearsalTransport(kind);
    const connection = new Connection(++this.#lastId, transport, this);
    this.#findings.set(connection, finding);
    connection.open();
    const leave = (): void => {
      connection.close('Client Closed');
      this.#findings.delete(connection);
      this.#finish();
    };
    return {
      get received() {
        return transport.received;
      },
      say: (...lines) => {
        connection.receive(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
        this.#finish();
      },
      leave,
    };
  }

  override login(
    connection: Connection,
    options: ConnectOptions,
    nonce: string | undefined,
  ): Entry | ProtocolError | Promise<Arrival> {
    const finding = this.#findings.get(connection);
    return finding === undefined
      ? super.login(connection, options, nonce)
      : this.#doorman.admit(connection, finding);
  }

  #finish(): void {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      this.settle();
      if (this.runQueue.isEmpty) return;
    }
  }
}
