import type { Instant } from '../../base/index.ts';
import type { MemoryBudget } from '../env.ts';
import { demand, type StateReader, type StateWriter } from '../state/index.ts';
import { PendingAcks } from './pending.ts';
import { SeqQueue } from './redelivery.ts';

/**
 * What a consumer has delivered and what of it is settled: the two positions that `info` reports, the deliveries that
 * wait for acknowledgement, and those to be repeated. How the floor moves is measured on 2.14.5.
 */
export class Ledger {
  readonly pending: PendingAcks;
  readonly redeliveries = new SeqQueue();
  /** Deliveries made, repeated ones included. */
  deliveredSeq = 0;
  /** Highest stream sequence delivered, or the one before the start. */
  deliveredStream: number;
  floorSeq = 0;
  floorStream: number;
  lastDelivered: Instant | undefined;
  lastSettled: Instant | undefined;

  constructor(start: number, memory: MemoryBudget) {
    this.pending = new PendingAcks(memory);
    this.deliveredStream = start;
    this.floorStream = start;
  }

  /** Notes a first delivery that needs no acknowledgement. */
  passed(seq: number): void {
    this.deliveredSeq++;
    if (seq > this.deliveredStream) this.deliveredStream = seq;
    this.#floorIsDelivered();
  }

  /** Notes a first delivery that waits for its acknowledgement. Times are ms. */
  sent(seq: number, now: number, dueAt: number): void {
    this.deliveredSeq++;
    if (seq > this.deliveredStream) this.deliveredStream = seq;
    this.pending.add(seq, this.deliveredSeq, now, dueAt);
  }

  /** Notes that the oldest queued redelivery went out. */
  sentAgain(row: number, now: number, dueAt: number): void {
    this.deliveredSeq++;
    this.redeliveries.shift();
    this.pending.redeliver(row, now, dueAt);
  }

  /** Puts a waiting message into the redelivery queue, once. */
  requeue(row: number): void {
    if (this.pending.queue(row)) this.redeliveries.push(this.pending.seq(row));
  }

  /** One message is settled: acknowledged, terminated or gone. */
  settle(row: number): void {
    const consumerSeq = this.pending.consumerSeq(row);
    const wasLive = this.pending.isLive(row);
    this.pending.remove(row);
    if (!wasLive) return;
    if (this.pending.live === 0) this.#floorIsDelivered();
    else if (consumerSeq === this.floorSeq + 1) this.#floorBelowFirstLive();
  }

  /**
   * Everything up to a delivery is settled (ack policy `all`).
   * @param settled called with each stream sequence that was waited for.
   * @returns false when the positions were never delivered or are settled already.
   */
  settleUpTo(seq: number, consumerSeq: number, settled: (seq: number) => void): boolean {
    if (consumerSeq <= this.floorSeq || consumerSeq > this.deliveredSeq) return false;
    if (seq <= this.floorStream || seq > this.deliveredStream) return false;
    this.floorSeq = consumerSeq;
    this.floorStream = seq;
    for (let row = this.pending.next(0); row !== -1; row = this.pending.next(row + 1)) {
      const found = this.pending.seq(row);
      if (found > seq) break;
      this.pending.remove(row);
      settled(found);
    }
    return true;
  }

  /**
   * Messages went without being told one by one.
   * @param isGone whether a stream sequence is no longer stored; everything below `firstSeq` is gone.
   */
  purged(firstSeq: number, isGone: (seq: number) => boolean): void {
    let lost = firstSeq - 1 > this.floorStream;
    for (let row = this.pending.next(0); row !== -1; row = this.pending.next(row + 1)) {
      const seq = this.pending.seq(row);
      if (seq >= firstSeq && !isGone(seq)) continue;
      this.pending.remove(row);
      lost = true;
    }
    if (firstSeq - 1 > this.deliveredStream) this.deliveredStream = firstSeq - 1;
    if (!lost) return;
    if (this.pending.live === 0) this.#floorIsDelivered();
    else this.#floorBelowFirstLive();
  }

  save(to: StateWriter): void {
    to.number(this.deliveredSeq);
    to.number(this.deliveredStream);
    to.number(this.floorSeq);
    to.number(this.floorStream);
    to.instant(this.lastDelivered);
    to.instant(this.lastSettled);
    this.pending.save(to);
    this.redeliveries.save(to);
  }

  /** Into a new ledger. @param isStored deliveries of messages that are gone are left out. */
  load(from: StateReader, isStored: (seq: number) => boolean): void {
    this.deliveredSeq = from.integer();
    this.deliveredStream = from.integer();
    this.floorSeq = from.integer();
    this.floorStream = from.integer();
    demand(this.floorSeq <= this.deliveredSeq, 'more is acknowledged than was delivered');
    this.lastDelivered = from.instant();
    this.lastSettled = from.instant();
    this.pending.load(from, isStored);
    this.redeliveries.load(from);
  }

  /** Forgets all deliveries: the next one is the first again, behind a stream sequence. */
  restart(streamSeq: number): void {
    this.pending.clear();
    this.redeliveries.clear();
    this.deliveredSeq = this.floorSeq = 0;
    this.deliveredStream = this.floorStream = streamSeq;
    this.lastDelivered = this.lastSettled = undefined;
  }

  #floorIsDelivered(): void {
    this.floorSeq = this.deliveredSeq;
    this.floorStream = this.deliveredStream;
  }

  #floorBelowFirstLive(): void {
    const row = this.pending.firstLive();
    this.floorSeq = this.pending.consumerSeq(row) - 1;
    this.floorStream = this.pending.seq(row) - 1;
  }
}
