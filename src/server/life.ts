import type { Account } from '../accounts/index.ts';
import type { CloseReason } from './close-reasons.ts';
import type { Connection } from './connection.ts';

/** What becomes of connections. A connection tells it, in this order; entering and leaving may happen more than once. */
export interface Life {
  /** It is there; it is in no account yet. */
  accepted(connection: Connection): void;
  /** It came into the account that it is in now. */
  entered(connection: Connection): void;
  /** It is in this account no more: closed, or about to be somebody else. */
  left(connection: Connection, account: Account): void;
  /** It is closed, and still in its account. */
  closed(connection: Connection, reason: CloseReason): void;
  /** It is closed and in no account any more. */
  ended(connection: Connection): void;
}

/** Whoever follows some of it. */
export type LifeListener = Partial<Life>;

/**
 * The one stream of what becomes of connections. Log lines, `$SYS` events, the book that monitoring reads, and what
 * `on('connect', …)` tells are its listeners, told in their order.
 */
export class LifeStream implements Life {
  readonly #listeners: readonly LifeListener[];

  constructor(listeners: readonly LifeListener[]) {
    this.#listeners = listeners;
  }

  accepted(connection: Connection): void {
    for (const listener of this.#listeners) listener.accepted?.(connection);
  }

  entered(connection: Connection): void {
    for (const listener of this.#listeners) listener.entered?.(connection);
  }

  left(connection: Connection, account: Account): void {
    for (const listener of this.#listeners) listener.left?.(connection, account);
  }

  closed(connection: Connection, reason: CloseReason): void {
    for (const listener of this.#listeners) listener.closed?.(connection, reason);
  }

  ended(connection: Connection): void {
    for (const listener of this.#listeners) listener.ended?.(connection);
  }
}
