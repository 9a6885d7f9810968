import type { Message } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Connection } from './connection.ts';

/** Whoever looks at messages as they pass by: listeners of events, and a pause of deliveries. */
export interface MessageWatch {
  /** A client publishes a message, and may. */
  published(connection: Connection, message: Message): void;
  /** A client is about to be sent a message. @returns whether it is kept back. */
  delivering(connection: Connection, message: Message, sid: ByteString): boolean;
}
