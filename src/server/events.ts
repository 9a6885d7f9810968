import type { Message } from '../base/index.ts';
import type { Guard, RuleId } from '../guard/index.ts';
import { toText } from '../subjects/index.ts';
import type { CloseReason } from './close-reasons.ts';
import { type ConnectedClient, clientOf } from './connected-client.ts';
import type { Connection } from './connection.ts';
import { DecisionListeners, type ServerDecision } from './decisions.ts';
import type { LifeListener } from './life.ts';

/** A client came into an account. */
export interface ConnectEvent {
  readonly client: ConnectedClient;
}

/** A connection ended, whether it had logged in or not. */
export interface DisconnectEvent {
  readonly client: ConnectedClient;
  /** In the words of nats-server's closed connections. */
  readonly reason: CloseReason;
}

/** A message that a client published and was allowed to, or that one is sent. */
export interface MessageEvent {
  readonly direction: 'published' | 'delivered';
  readonly client: ConnectedClient;
  /** May hold any character. */
  readonly subject: string;
  /** Empty when there is none. */
  readonly reply: string;
  /** The header block as it is on the wire (`NATS/1.0…`); empty when there is none. A copy. */
  readonly header: Buffer;
  /** A copy. */
  readonly payload: Buffer;
}

/** What became of one API request: "not answered" and "not allowed" are different things. */
export interface AuditEntry {
  readonly subject: string;
  readonly account: string;
  readonly user: string;
  readonly rule: RuleId | undefined;
  /** Whether the guard minted a grant. */
  readonly granted: boolean;
  readonly handlerRan: boolean;
}

/** What a server tells its owner while it happens. */
export interface ServerEvents {
  readonly connect: ConnectEvent;
  readonly disconnect: DisconnectEvent;
  readonly decision: ServerDecision;
  readonly message: MessageEvent;
  readonly api: AuditEntry;
}

export type ServerEventName = keyof ServerEvents;
export type ServerEventListener<E extends ServerEventName> = (event: ServerEvents[E]) => void;

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
