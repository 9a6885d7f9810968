import { limits, statusHeader } from '../../base/index.ts';
import type { ReplySink } from '../env.ts';
import type { PullRequest } from './pull-request.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** A pull request that waits for messages. Times are ms since the epoch, `Infinity` for never. */
export class WaitingPull {
  readonly sink: ReplySink;
  readonly noWait: boolean;
  expiresAt: number;
  /** Interval of idle heartbeats in ms, 0 for none. */
  readonly heartbeatMs: number;
  readonly limitsBytes: boolean;
  /** What the consumer's priority policy goes by. */
  readonly group: string;
  readonly minPending: number;
  readonly minAckPending: number;
  readonly priority: number;
  /** The id of the pinned client that asks; empty for any other. */
  pinId: string;
  /** A request for 0 messages or less gets one all the same, and counts on downwards (measured on 2.14.5). */
  messagesLeft: number;
  bytesLeft: number;
  served = 0;
  lastSentAt: number;

  constructor(request: PullRequest, sink: ReplySink, now: number) {
    const expires = request.expires ?? 0;
    this.sink = sink;
    this.noWait = request.no_wait === true;
    this.expiresAt = expires === 0 ? NEVER : now + expires / 1e6;
    this.heartbeatMs = heartbeatMs(request.idle_heartbeat ?? 0);
    this.messagesLeft = request.batch ?? 0;
    this.bytesLeft = Math.max(0, request.max_bytes ?? 0);
    this.limitsBytes = this.bytesLeft > 0;
    this.lastSentAt = now;
    this.group = request.group ?? '';
    this.minPending = request.min_pending ?? 0;
    this.minAckPending = request.min_ack_pending ?? 0;
    this.priority = request.priority ?? 0;
    this.pinId = request.id ?? '';
  }

  /**
   * Whether the request ends when there is no message for it: with `no_wait`, except that together with `expires` it
   * waits for its first message (measured on 2.14.5).
   */
  get endsWhenDry(): boolean {
    return this.noWait && (this.expiresAt === NEVER || this.served > 0);
  }

  /** When something has to be done about it next. */
  get dueAt(): number {
    return this.heartbeatMs === 0
      ? this.expiresAt
      : Math.min(this.expiresAt, this.lastSentAt + this.heartbeatMs);
  }

  /** A status line that ends the request, with what remained of it (measured on 2.14.5). */
  ending(status: string): Buffer {
    return statusHeader(status, [
      ['Nats-Pending-Messages', String(this.messagesLeft)],
      ['Nats-Pending-Bytes', String(this.bytesLeft)],
    ]);
  }
}

/**
 * The pull requests of one consumer. Each gets one message in turn; when they are ranked, each of those that rank first
 * (measured on 2.14.5).
 */
export class WaitQueue {
  readonly #waiting: WaitingPull[] = [];
  #turn = 0;
  #nextDue = NEVER;
  #isRanked = false;

  get length(): number {
    return this.#waiting.length;
  }

  /** When a request expires or wants a heartbeat, possibly earlier than it really is. */
  get nextDue(): number {
    return this.#waiting.length === 0 ? NEVER : this.#nextDue;
  }

  /** Whether requests of a lower priority number go before others. */
  get isRanked(): boolean {
    return this.#isRanked;
  }

  set isRanked(isRanked: boolean) {
    if (isRanked === this.#isRanked) return;
    this.#isRanked = isRanked;
    this.#retain(() => true);
    if (isRanked) this.#waiting.sort((a, b) => a.priority - b.priority);
  }

  /** Messages that all requests together still want. */
  messagesWanted(): number {
    let sum = 0;
    for (const waiting of this.#waiting) sum += waiting.messagesLeft;
    return sum;
  }

  /** Puts a request behind all others, or behind those that do not rank after it. */
  add(waiting: WaitingPull): void {
    this.#nextDue = Math.min(this.#nextDue, waiting.dueAt);
    if (this.#isRanked) {
      this.#waiting.splice(this.#endOfRank(waiting.priority), 0, waiting);
      return;
    }
    this.#waiting.splice(this.#turn, 0, waiting);
    if (this.#waiting.length > 1) this.#turn++;
    if (this.#turn === this.#waiting.length) this.#turn = 0;
  }

  #endOfRank(priority: number): number {
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.priority ?? 0) > priority) at--;
    return at;
  }

  /** The request whose turn it is. Those nobody listens for any more are dropped on the way. */
  current(): WaitingPull | undefined {
    for (;;) {
      const waiting = this.#waiting[this.#turn];
      if (waiting === undefined || waiting.sink.interested()) return waiting;
      this.removeCurrent();
    }
  }

  /** Takes all requests of another queue, in turn order. @param shiftMs how much the clock moves at the same moment. */
  takeOver(other: WaitQueue, shiftMs: number): void {
    other.tend((waiting) => {
      waiting.expiresAt += shiftMs;
      waiting.lastSentAt += shiftMs;
      this.add(waiting);
      return false;
    });
  }

  /** Gives the turn to the next request. */
  rotate(): void {
    if (++this.#turn >= this.#waiting.length) this.#turn = 0;
  }

  /** Puts the request that was served behind all others, or behind those that do not rank after it. */
  pass(): void {
    const served = this.#isRanked ? this.#waiting.shift() : undefined;
    if (served === undefined) this.rotate();
    else this.#waiting.splice(this.#endOfRank(served.priority), 0, served);
  }

  removeCurrent(): void {
    this.#waiting.splice(this.#turn, 1);
    if (this.#turn >= this.#waiting.length) this.#turn = 0;
  }

  /** Drops requests nobody listens for. */
  prune(): void {
    this.#retain((waiting) => waiting.sink.interested());
  }

  /** Calls `visit` for every request in turn order; those for which it returns false are dropped. */
  tend(visit: (waiting: WaitingPull) => boolean): void {
    this.#retain(visit);
    this.#nextDue = NEVER;
    for (const waiting of this.#waiting) this.#nextDue = Math.min(this.#nextDue, waiting.dueAt);
  }

  #retain(keep: (waiting: WaitingPull) => boolean): void {
    const turned = [...this.#waiting.slice(this.#turn), ...this.#waiting.slice(0, this.#turn)];
    this.#waiting.length = 0;
    for (const waiting of turned) if (keep(waiting)) this.#waiting.push(waiting);
    this.#turn = 0;
  }
}

/** The interval of heartbeats asked for in ns, in ms. */
function heartbeatMs(ns: number): number {
  return ns <= 0 ? 0 : Math.max(limits.MIN_PULL_HEARTBEAT_MS, ns / 1e6);
}
