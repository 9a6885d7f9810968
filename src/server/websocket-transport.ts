import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { limits } from '../base/index.ts';
import type { CloseReason } from './close-reasons.ts';
import { RuntimeAlarm } from './effects.ts';
import { StrangerBudget } from './stranger-budget.ts';
import {
  addressOf,
  endGently,
  LINGER_MS,
  type OfferedCredentials,
  type TlsFacts,
  type Transport,
} from './transport.ts';
import { boundMessages } from './websocket-bounds.ts';
import { closeCode } from './websocket-close.ts';

/** Bytes of a message below which compressing it does not pay (measured on 2.14.5). */
const COMPRESS_FROM = 64;

/** What a WebSocket is made of. */
export interface WebsocketParts {
  readonly socket: Socket;
  readonly websocket: WebSocket;
  readonly tls?: TlsFacts | undefined;
  readonly offered?: OfferedCredentials | undefined;
  readonly maxControlLine: number;
  /** Bytes of one message of somebody who has logged in. */
  readonly maxMessage: number;
}

/** What a WebSocket tells of. */
export interface WebsocketEvents {
  onData(chunk: Buffer): void;
  onClose(reason?: CloseReason): void;
  /** It broke a rule: the words are for the log. */
  onFault(why: string): void;
}

/**
 * A WebSocket. Its messages are a stream of bytes, wherever they begin and end; what is written at the end of a batch
 * is one message. Before the login everything that arrives is counted, as raw bytes and inflated.
 */
export class WebsocketTransport implements Transport {
  readonly connectionType = 'WEBSOCKET';
  readonly listener = 'websocket';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tls?: TlsFacts;
  readonly offered?: OfferedCredentials;
  readonly #socket: Socket;
  readonly #websocket: WebSocket;
  readonly #maxMessage: number;
  #budget: StrangerBudget | undefined;
  #inflated: StrangerBudget | undefined;
  #isPaused = false;
  /** Bytes that arrived although the input is paused: frames that had been read already. */
  #heldBytes = 0;
  /** Writes that are under way. */
  #flying = 0;
  #isEnding = false;
  #events: WebsocketEvents | undefined;

  constructor({ socket, websocket, tls, offered, maxControlLine, maxMessage }: WebsocketParts) {
    this.#socket = socket;
    this.#websocket = websocket;
    this.#maxMessage = maxMessage;
    this.remoteAddress = addressOf(socket);
    this.remotePort = socket.remotePort ?? 0;
    if (tls !== undefined) this.tls = tls;
    if (offered !== undefined) this.offered = offered;
    this.#budget = new StrangerBudget(maxControlLine);
    this.#inflated = new StrangerBudget(maxControlLine);
    boundMessages(websocket, limits.STRANGER_BYTES + maxControlLine);
    // Before the library's own listener: what is too much is not looked at.
    socket.prependListener('data', this.#countRaw);
  }

  attach(events: WebsocketEvents): void {
    this.#events = events;
    this.#websocket.on('message', (data: Buffer) => this.#arrived(data));
    this.#websocket.on('error', (error) => events.onFault(error.message));
    this.#websocket.on('close', () => events.onClose());
  }

  readonly #countRaw = (chunk: Buffer): void => {
    if (this.#budget?.take(chunk.length) === false) this.#cut('too many bytes before the login');
  };

  #arrived(data: Buffer): void {
    if (this.#socket.destroyed) return;
    if (this.#inflated?.take(data.length) === false) return this.#cut('too many bytes before the login');
    if (this.#isPaused) {
      this.#heldBytes += data.length;
      if (this.#heldBytes > this.#maxMessage) return this.#cut('too many bytes while the input is paused');
    }
    this.#events?.onData(data);
  }

  #cut(why: string): void {
    this.#events?.onFault(why);
    this.#socket.destroy();
  }

  write(bytes: Buffer, written: () => void): void {
    if (this.#websocket.readyState !== this.#websocket.OPEN) return;
    const compress = bytes.length >= COMPRESS_FROM;
    this.#flying++;
    this.#websocket.send(bytes, { binary: true, compress }, (error) => {
      this.#flying--;
      if (this.#isEnding) this.#endWhenWritten();
      if (error === undefined || error === null) written();
    });
  }

  pause(): void {
    this.#isPaused = true;
    this.#websocket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#heldBytes = 0;
    this.#websocket.resume();
  }

  admitted(): void {
    if (this.#budget === undefined) return;
    this.#budget = undefined;
    this.#inflated = undefined;
    this.#socket.removeListener('data', this.#countRaw);
    boundMessages(this.#websocket, this.#maxMessage);
  }

  end(reason: CloseReason = 'Client Closed'): void {
    if (this.#socket.destroyed) return;
    this.#websocket.resume();
    this.#websocket.close(closeCode(reason), reason);
    this.#isEnding = true;
    this.#endWhenWritten();
    const alarm = new RuntimeAlarm();
    alarm.arm(LINGER_MS, () => this.destroy());
    this.#socket.once('close', () => alarm.disarm());
  }

  /** The close frame goes out behind the last message, which may still be compressed; nobody waits for its answer. */
  #endWhenWritten(): void {
    if (this.#flying === 0) endGently(this.#socket);
  }

  destroy(): void {
    this.#websocket.terminate();
    this.#socket.destroy();
  }
}
