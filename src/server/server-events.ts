import type { RuleId } from '../guard/index.ts';
import type { CloseReason } from './close-reasons.ts';
import type { ServerDecision } from './decisions.ts';

/** A connection, as the owner of a server sees it. */
export interface ConnectedClient {
  /** The number that INFO tells it as `client_id`. */
  readonly id: number;
  /** The name it gave itself; empty when it gave none. */
  readonly name: string;
  /** Absent until it is logged in. */
  readonly account?: string;
  /** User name or public nkey; empty for somebody who needed none. Absent until it is logged in. */
  readonly user?: string;
}

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
