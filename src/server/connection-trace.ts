import type { Message } from '../base/index.ts';
import type { OperationHandler } from '../protocol/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import type { Connection } from './connection.ts';
import type { ConnectionHost } from './host.ts';
import { deliveryTrace, lineTrace, TracingHandler } from './tracing.ts';

/** What one connection says and is told, written to the log while the protocol is traced. */
export class ConnectionTrace {
  readonly #connection: Connection;
  readonly #host: ConnectionHost;

  constructor(connection: Connection, host: ConnectionHost) {
    this.#connection = connection;
    this.#host = host;
  }

  /** Who the parser tells of what arrives: the handler itself, or one that writes it down first. */
  listeningTo(handler: OperationHandler): OperationHandler {
    if (!this.#host.isTracing) return handler;
    return new TracingHandler(
      handler,
      (text) => this.#write('<<-', text),
      () => this.#mostBytes,
    );
  }

  delivery(message: Message, sid: ByteString): void {
    const { headers } = this.#connection.connectOptions;
    for (const text of deliveryTrace(message, sid, headers, this.#mostBytes)) this.#write('->>', text);
  }

  line(bytes: Buffer): void {
    const text = lineTrace(bytes);
    if (text !== undefined) this.#write('->>', text);
  }

  removal(sid: ByteString): void {
    this.#host.trace(this.#connection, '<->', () => `[DELSUB ${toText(sid)}]`);
  }

  #write(direction: '<<-' | '->>', text: string): void {
    this.#host.trace(this.#connection, direction, () => text);
  }

  /** Bytes of a payload that are written down. */
  get #mostBytes(): number {
    return this.#host.options.log.maxTracedBytes ?? Number.POSITIVE_INFINITY;
  }
}
