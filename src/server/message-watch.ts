import type { Message } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Connection } from './connection.ts';
import type { EventListeners } from './events.ts';
import type { Pause } from './pause.ts';

/** Whoever looks at messages as they pass by: listeners of events, and a pause of deliveries. */
export interface MessageWatch {
  /** A client publishes a message, and may. */
  published(connection: Connection, message: Message): void;
  /** A client is about to be sent a message. @returns whether it is kept back. */
  delivering(connection: Connection, message: Message, sid: ByteString): boolean;
}

/** The watch of a server: it is there only while somebody has a use for it. */
export class Watching implements MessageWatch {
  readonly #events: EventListeners;
  readonly #pause: Pause;
  readonly #mostHeld: () => number;

  /** @param mostHeld how many bytes a pause may keep back from one connection. */
  constructor(events: EventListeners, pause: Pause, mostHeld: () => number) {
    this.#events = events;
    this.#pause = pause;
    this.#mostHeld = mostHeld;
  }

  /** Itself, or nothing while nobody looks. */
  current(): MessageWatch | undefined {
    return this.#pause.isOn || this.#events.has('message') ? this : undefined;
  }

  published(connection: Connection, message: Message): void {
    if (this.#events.has('message')) this.#events.message('published', connection, message);
  }

  delivering(connection: Connection, message: Message, sid: ByteString): boolean {
    if (this.#events.has('message')) this.#events.message('delivered', connection, message);
    if (!this.#pause.isOn) return false;
    this.#pause.hold(connection, message, sid, this.#mostHeld());
    return true;
  }
}
