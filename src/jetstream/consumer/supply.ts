import type { MessageView } from '../store/message-view.ts';
import type { ConsumerAdvisories } from './consumer-advisories.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { ConsumerStore } from './consumer-stream.ts';
import type { Cursor } from './cursor.ts';
import type { Ledger } from './ledger.ts';

/** What {@link Supply.peek} found instead of a redelivery: a new message, or nothing. */
export const NEW_MESSAGE = -1;
export const NOTHING = -2;

/** Which message a consumer delivers next: redeliveries before new ones, within what its configuration permits. */
export class Supply {
  readonly store: ConsumerStore;
  readonly cursor: Cursor;
  readonly ledger: Ledger;
  readonly #advisories: ConsumerAdvisories;
  #maxDeliver = -1;
  #maxAckPending = -1;
  /** Whether deliveries are acknowledged. */
  #tracks = false;

  constructor(store: ConsumerStore, cursor: Cursor, ledger: Ledger, advisories: ConsumerAdvisories) {
    this.store = store;
    this.cursor = cursor;
    this.ledger = ledger;
    this.#advisories = advisories;
  }

  configure(config: ConsumerConfig): void {
    this.#maxDeliver = config.max_deliver;
    this.#tracks = config.ack_policy !== 'none';
    this.#maxAckPending = config.ack_policy === 'none' ? -1 : (config.max_ack_pending ?? -1);
  }

  /** Whether as many deliveries wait for acknowledgement as may; repeated ones still go out (measured on 2.14.5). */
  get isSaturated(): boolean {
    return this.#maxAckPending > 0 && this.ledger.pending.live >= this.#maxAckPending;
  }

  /** New messages and those to repeat. */
  get available(): number {
    return this.cursor.pending + this.ledger.redeliveries.length;
  }

  /**
   * Loads the next message to deliver into `view`, without taking it.
   * @returns the pending row of a redelivery, {@link NEW_MESSAGE}, or {@link NOTHING}.
   */
  peek(view: MessageView): number {
    const row = this.ledger.redeliveries.length === 0 ? NOTHING : this.#peekRedelivery(view);
    if (row !== NOTHING) return row;
    if (this.isSaturated || this.cursor.peek(view) === 0) return NOTHING;
    return this.#tracks && !this.ledger.pending.hasRoom() ? NOTHING : NEW_MESSAGE;
  }

  /** Queues what has waited too long for its acknowledgement, or gives it up. */
  expire(now: number): void {
    const { pending } = this.ledger;
    if (pending.nextDue > now) return;
    pending.collectDue(now, (row) => {
      if (!this.#giveUp(row)) this.ledger.requeue(row);
    });
  }

  #peekRedelivery(view: MessageView): number {
    const { pending, redeliveries } = this.ledger;
    for (let seq = redeliveries.peek(); seq !== 0; seq = redeliveries.peek()) {
      const row = pending.find(seq);
      const counts = row !== -1 && pending.isQueued(row);
      if (counts && !this.#giveUp(row) && this.store.load(seq, view)) return row;
      redeliveries.shift();
    }
    return NOTHING;
  }

  /** Gives a message up when it was delivered as often as allowed. @returns whether it was. */
  #giveUp(row: number): boolean {
    const { pending } = this.ledger;
    const most = this.#maxDeliver;
    if (most <= 0 || pending.count(row) < most) return false;
    this.#advisories.exhausted(pending.seq(row), pending.count(row));
    pending.exhaust(row);
    return true;
  }
}
