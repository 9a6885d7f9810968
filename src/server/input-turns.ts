import type { Account } from '../accounts/index.ts';

/** A connection whose input can wait in the middle of a batch. */
export interface Interruptible {
  readonly account: Account | undefined;
  readonly isClosed: boolean;
  /** Nothing more is parsed or read until {@link goOn}. */
  interrupt(): void;
  /** Handles what waited, as a batch of its own. */
  goOn(): void;
}

/**
 * Connections that were interrupted because what they asked for took long. One goes on in each turn of the event loop,
 * in between everybody else's input is read; accounts take turns, however many connections each of them has.
 */
export class InputTurns {
  readonly #waiting = new Map<Account | undefined, Interruptible[]>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(connection: Interruptible): void {
    const { account } = connection;
    const others = this.#waiting.get(account);
    if (others === undefined) this.#waiting.set(account, [connection]);
    else others.push(connection);
  }

  /** The one whose turn it is; undefined when nobody waits. */
  next(): Interruptible | undefined {
    for (const [account, waiting] of this.#waiting) {
      this.#waiting.delete(account);
      const [first, ...rest] = waiting;
      if (rest.length > 0) this.#waiting.set(account, rest);
      return first;
    }
    return undefined;
  }

  clear(): void {
    this.#waiting.clear();
  }
}
