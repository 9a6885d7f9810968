import type { Message } from '../base/index.ts';
import type { Guard } from '../guard/index.ts';
import { toText } from '../subjects/index.ts';
import type { CloseReason } from './close-reasons.ts';
import { clientOf } from './connected-client.ts';
import type { Connection } from './connection.ts';
import { DecisionListeners } from './decisions.ts';
import type { LifeListener } from './life.ts';
import type {
  AuditEntry,
  MessageEvent,
  ServerEventListener,
  ServerEventName,
  ServerEvents,
} from './server-events.ts';

type Told = Exclude<ServerEventName, 'decision'>;
type Listeners = { readonly [E in Told]: Set<ServerEventListener<E>> };

/** Who listens to what. Nothing is made for an event to which nobody listens. */
export class EventListeners implements LifeListener {
  readonly #decisions: DecisionListeners;
  readonly #onError: (error: unknown) => void;
  readonly #onChange: () => void;
  readonly #listeners: Listeners = {
    connect: new Set(),
    disconnect: new Set(),
    message: new Set(),
    api: new Set(),
  };

  /**
   * @param onError is told what a listener throws: what happened stands, and the server goes on.
   * @param onChange called when somebody begins to listen, or does so no more.
   */
  constructor(guard: Guard, onError: (error: unknown) => void, onChange: () => void) {
    this.#decisions = new DecisionListeners(guard, onError);
    this.#onError = onError;
    this.#onChange = onChange;
  }

  /** From now on the listener is told, at once. A listener listens once. */
  add<E extends ServerEventName>(event: E, listener: ServerEventListener<E>): void {
    if (event === 'decision') this.#decisions.add(listener as ServerEventListener<'decision'>);
    else this.#of(event).add(listener as never);
    this.#onChange();
  }

  remove<E extends ServerEventName>(event: E, listener: ServerEventListener<E>): void {
    if (event === 'decision') this.#decisions.remove(listener as ServerEventListener<'decision'>);
    else this.#of(event).delete(listener as never);
    this.#onChange();
  }

  has(event: Told): boolean {
    return this.#listeners[event].size > 0;
  }

  entered(connection: Connection): void {
    if (this.has('connect')) this.#tell('connect', { client: clientOf(connection) });
  }

  closed(connection: Connection, reason: CloseReason): void {
    if (this.has('disconnect')) this.#tell('disconnect', { client: clientOf(connection), reason });
  }

  api(event: AuditEntry): void {
    this.#tell('api', event);
  }

  /** To be called only while somebody listens. */
  message(direction: MessageEvent['direction'], connection: Connection, message: Message): void {
    this.#tell('message', { direction, client: clientOf(connection), ...copyOf(message) });
  }

  #of(event: Told): Set<never> {
    const listeners = Object.hasOwn(this.#listeners, event) ? this.#listeners[event] : undefined;
    if (listeners === undefined) throw new TypeError(`there is no event ${JSON.stringify(event)}`);
    return listeners as unknown as Set<never>;
  }

  /** A listener may stop listening, and others may begin, while it is told. */
  #tell<E extends Told>(event: E, told: ServerEvents[E]): void {
    for (const listener of [...(this.#listeners[event] as Set<ServerEventListener<E>>)]) {
      try {
        listener(told);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

function copyOf(message: Message): Omit<MessageEvent, 'direction' | 'client'> {
  return {
    subject: toText(message.subject),
    reply: toText(message.reply),
    header: message.copyHeader(),
    payload: message.copyPayload(),
  };
}
