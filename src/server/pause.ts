import type { Message } from '../base/index.ts';
import { Chunk, encodedBound, encodeMessage } from '../protocol/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Connection } from './connection.ts';
import type { LifeListener } from './life.ts';

/** Messages that wait for one connection, as they will be written. */
interface Held {
  readonly lines: Buffer[];
  bytes: number;
}

/**
 * Keeps messages back from clients while it is on: everything else goes on, +OK, PONG and errors included, so that a
 * client's flush says that its messages were handled, and nothing has come of them. What waits is bounded as what a slow
 * client does not take.
 */
export class Pause implements LifeListener {
  isOn = false;
  readonly #held = new Map<Connection, Held>();

  /** @param mostBytes that may wait for one connection; one that is over it is closed as a slow consumer. */
  hold(connection: Connection, message: Message, sid: ByteString, mostBytes: number): void {
    const chunk = new Chunk(encodedBound(message, sid));
    const length = encodeMessage(chunk, 0, message, sid, connection.connectOptions.headers);
    const held = this.#held.get(connection) ?? { lines: [], bytes: 0 };
    held.lines.push(chunk.bytes.subarray(0, length));
    held.bytes += length;
    this.#held.set(connection, held);
    if (held.bytes > mostBytes) connection.close('Slow Consumer (Pending Bytes)');
  }

  /** A connection is gone: what waited for it is dropped. */
  closed(connection: Connection): void {
    this.#held.delete(connection);
  }

  /** Sends what waited, in the order in which it came for each connection. */
  end(): void {
    this.isOn = false;
    const all = [...this.#held];
    this.#held.clear();
    for (const [connection, { lines }] of all) for (const line of lines) connection.line(line);
  }
}
