import { type Clock, Message } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import type { StateReader, StateWriter } from '../state/index.ts';
import { MessageView } from '../store/message-view.ts';
import { ackWaitMs, type ConsumerConfig } from './consumer-config.ts';
import type { Cursor } from './cursor.ts';
import { ackReply, fill } from './delivery.ts';
import type { Ledger } from './ledger.ts';
import type { Outlet, Progress } from './outlet.ts';
import { Pace } from './pace.ts';
import { NEW_MESSAGE, NOTHING, type Supply } from './supply.ts';

/** One of each serves all consumers: they are filled and used up within one delivery, which never nests. */
const outgoing = new Message();
const view = new MessageView();

/** What deliveries are made of. */
export interface HandoutParts {
  readonly supply: Supply;
  readonly cursor: Cursor;
  readonly ledger: Ledger;
  /** Where the numbers start in the reply subjects of deliveries. */
  readonly ackPrefix: ByteString;
  /** A stream sequence that nobody acknowledges went out. */
  passed(seq: number): void;
}

/** Delivers one message after the other: from the supply to the outlet, noted in the ledger. */
export class Handout {
  /** Where messages go to; set whenever it changes. */
  outlet: Outlet;
  readonly #parts: HandoutParts;
  #config: ConsumerConfig;
  #pace: Pace | undefined;
  /** When pacing lets the next message go (ms). */
  #notBefore = 0;

  constructor(parts: HandoutParts, config: ConsumerConfig, outlet: Outlet) {
    this.#parts = parts;
    this.outlet = outlet;
    this.#config = config;
    this.configure(config);
  }

  configure(config: ConsumerConfig): void {
    this.#config = config;
    this.#pace = Pace.wanted(config) ? new Pace(config) : undefined;
    this.#notBefore = 0;
  }

  /** When the outlet has something to do, or pacing lets a message go that it holds back (ms); `Infinity` for never. */
  nextDue(clock: Clock): number {
    const { nextDue } = this.outlet;
    if (this.#notBefore === 0 || this.#notBefore <= clock.now()) return nextDue;
    return Math.min(nextDue, this.#notBefore);
  }

  /** Does what has fallen due at the outlet; only from a Runnable. */
  tend(now: number): void {
    this.outlet.tend(now, this.#progress());
  }

  /** Delivers one message, or ends one request. @returns false when there is nothing more to do now. */
  one(now: number): boolean {
    const { outlet } = this;
    if (!outlet.isOpen) return false;
    const { supply, cursor, ledger } = this.#parts;
    const row = supply.peek(view);
    if (row === NOTHING) return !supply.isSaturated && outlet.dry();
    const isNew = row === NEW_MESSAGE;
    if (this.#pace !== undefined && this.#holdsBack(this.#pace, isNew, now)) return false;
    const pending = isNew ? cursor.pending - 1 : cursor.pending;
    const count = isNew ? 1 : ledger.pending.count(row) + 1;
    fill(outgoing, view, this.#config.headers_only === true);
    const reply = ackReply(this.#parts.ackPrefix, count, view, ledger.deliveredSeq + 1, pending);
    outgoing.placeReplyOf(reply, reply.end);
    if (!outlet.offer(outgoing, pending, ledger.pending.live)) return false;
    this.#note(row, count, now);
    outlet.send(outgoing, now);
    if (supply.isSaturated) outlet.full();
    this.#pace?.sent(view, isNew, outgoing.size, now);
    if (this.#config.ack_policy === 'none') this.#parts.passed(view.seq);
    return true;
  }

  save(to: StateWriter): void {
    to.byte(this.#pace === undefined ? 0 : 1);
    this.#pace?.save(to);
  }

  load(from: StateReader): void {
    if (from.flag()) (this.#pace ?? new Pace(this.#config)).load(from);
  }

  #progress(): Progress {
    const { supply, cursor, ledger } = this.#parts;
    // Measured: one that is acknowledged by flow control asks with every heartbeat as long as something waits.
    const asksOn = this.#config.ack_policy === 'flow_control' && ledger.pending.live > 0;
    return {
      consumerSeq: ledger.deliveredSeq,
      streamSeq: cursor.position,
      isSaturated: supply.isSaturated || asksOn,
    };
  }

  #holdsBack(pace: Pace, isNew: boolean, now: number): boolean {
    this.#notBefore = pace.readyAt(view, isNew);
    return this.#notBefore > now;
  }

  /** Notes the delivery of the message in `view`. */
  #note(row: number, count: number, now: number): void {
    const { ledger, cursor } = this.#parts;
    const dueAt = now + ackWaitMs(this.#config, count);
    if (row !== NEW_MESSAGE) {
      ledger.sentAgain(row, now, dueAt);
      return;
    }
    cursor.take(view.seq);
    if (this.#config.ack_policy === 'none') ledger.passed(view.seq);
    else ledger.sent(view.seq, now, dueAt);
  }
}
