import { limits, Message } from '../base/index.ts';
import type { Account } from '../accounts/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** Work that does at most `budget` units at a time and says whether it has more. */
export interface Runnable {
  run(budget: number): boolean;
}

/** Items handled before the event loop gets a turn again. */
const ITEMS_PER_TURN = 65_536;

/** A message that waits to be delivered in its account. */
class Emission implements Runnable {
  readonly #account: Account;
  readonly #message: Message;
  readonly #route: ByteString;

  constructor(account: Account, route: ByteString, message: Message) {
    this.#account = account;
    this.#route = route;
    this.#message = message;
  }

  run(_budget: number): boolean {
    this.#account.deliver(this.#route, this.#message, this.#account.ownSender);
    return false;
  }
}

/** What waits on behalf of one account, first in first out. */
class Lane {
  #items: Runnable[] = [];
  #head = 0;
  readonly #queued = new Set<Runnable>();

  get isEmpty(): boolean {
    return this.#head === this.#items.length;
  }

  push(item: Runnable): void {
    this.#items.push(item);
  }

  /** Puts an item that may already wait; it waits once. */
  pushOnce(item: Runnable): void {
    if (this.#queued.has(item)) return;
    this.#queued.add(item);
    this.#items.push(item);
  }

  /** Runs up to a slice of items; @returns how many units that took. */
  runSlice(onError: (error: unknown) => void): number {
    let used = 0;
    while (!this.isEmpty && used < limits.RUN_QUEUE_SLICE) {
      const item = this.#shift();
      used++;
      try {
        if (item.run(limits.RUN_QUEUE_SLICE - used)) {
          this.pushOnce(item);
          return limits.RUN_QUEUE_SLICE;
        }
      } catch (error) {
        onError(error);
      }
    }
    return used;
  }

  #shift(): Runnable {
    const item = this.#items[this.#head++] as Runnable;
    if (this.#queued.size > 0) this.#queued.delete(item);
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

/**
 * What the server's own parts emit waits here until the delivery in hand is over, so that a chain of republishing
 * streams goes through a queue and not through the stack. Accounts take turns.
 */
export class RunQueue {
  readonly #lanes = new Map<Account, Lane>();
  /** Lanes with something in them, in turn. */
  #active: Lane[] = [];
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get isEmpty(): boolean {
    return this.#active.length === 0;
  }

  /** Queues a message for an account. The bytes are copied now. */
  emit(
    account: Account,
    subject: ByteString,
    reply: ByteString,
    header: Buffer | undefined,
    payload: Buffer | undefined,
  ): void {
    const message = new Message();
    message.subject = subject;
    message.reply = reply;
    const headerLength = header?.length ?? 0;
    const size = headerLength + (payload?.length ?? 0);
    if (size > 0) {
      const bytes = Buffer.allocUnsafe(size);
      if (header !== undefined) header.copy(bytes, 0);
      if (payload !== undefined) payload.copy(bytes, headerLength);
      message.place(bytes, 0, headerLength, size);
    }
    this.#activate(account).push(new Emission(account, subject, message));
  }

  /** Queues work for an account; work that already waits is not queued twice. */
  enqueue(account: Account, work: Runnable): void {
    this.#activate(account).pushOnce(work);
  }

  /** Runs what waits, account by account. @returns whether something is left for the next turn of the event loop. */
  drain(): boolean {
    let left = ITEMS_PER_TURN;
    while (this.#active.length > 0 && left > 0) {
      const turn = this.#active;
      this.#active = [];
      for (const lane of turn) {
        left -= lane.runSlice(this.#onError);
        if (!lane.isEmpty) this.#active.push(lane);
      }
    }
    return this.#active.length > 0;
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#lanes.clear();
    this.#active = [];
  }

  #activate(account: Account): Lane {
    let lane = this.#lanes.get(account);
    if (lane === undefined) {
      lane = new Lane();
      this.#lanes.set(account, lane);
    }
    if (lane.isEmpty && !this.#active.includes(lane)) this.#active.push(lane);
    return lane;
  }
}
