import { limits, statusHeader } from '../../base/index.ts';
import type { MemoryBudget, ReplySink } from '../env.ts';
import type { PullRequest } from './pull-request.ts';
import { TurnRing } from './turn-ring.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** What a waiting request keeps of what it says for priority policies: texts of the server's own. */
export interface PullPriority {
  readonly group: string;
  readonly pinId: string;
  readonly asksForPin: boolean;
}

const NO_PRIORITY: PullPriority = { group: '', pinId: '', asksForPin: false };

/** A pull request that waits for messages. Times are ms since the epoch, `Infinity` for never. */
export class WaitingPull {
  readonly sink: ReplySink;
  readonly noWait: boolean;
  expiresAt: number;
  /** Interval of idle heartbeats in ms, 0 for none. */
  readonly heartbeatMs: number;
  readonly limitsBytes: boolean;
  /** What the consumer's priority policy goes by. The group is the consumer's own text, not the request's. */
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

  /** Whether only the pinned client is served, once there is one. */
  readonly #asksForPin: boolean;

  /** @param priority what of the consumer's priority policy the request comes under. */
  constructor(request: PullRequest, sink: ReplySink, now: number, priority: PullPriority = NO_PRIORITY) {
    const expires = request.expires ?? 0;
    this.sink = sink;
    this.noWait = request.no_wait === true;
    this.expiresAt = expires === 0 ? NEVER : now + expires / 1e6;
    this.heartbeatMs = heartbeatMs(request.idle_heartbeat ?? 0);
    this.messagesLeft = Math.min(request.batch ?? 0, limits.MAX_SAFE);
    this.bytesLeft = Math.min(Math.max(0, request.max_bytes ?? 0), limits.MAX_SAFE);
    this.limitsBytes = this.bytesLeft > 0;
    this.lastSentAt = now;
    this.group = priority.group;
    this.minPending = request.min_pending ?? 0;
    this.minAckPending = request.min_ack_pending ?? 0;
    this.priority = request.priority ?? 0;
    this.pinId = priority.pinId;
    this.#asksForPin = priority.asksForPin;
  }

  /** What it is charged for. */
  get bytes(): number {
    return limits.WAITING_PULL_BYTES + this.sink.subject.length;
  }

  /**
   * From how many pending messages on it has to be looked at, the one to deliver included; `Infinity` when these are
   * not what it waits for, 0 when it is served or ends whatever there is.
   */
  get wantsPending(): number {
    if (this.endsWhenDry) return 0;
    if (this.#asksForPin && this.pinId === '') return NEVER;
    if (this.minPending > 0) return this.minPending;
    return this.minAckPending > 0 ? NEVER : 0;
  }

  /** From how many unacknowledged deliveries on it has to be looked at. */
  get wantsUnsettled(): number {
    return this.minAckPending > 0 ? this.minAckPending : NEVER;
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

/** What a consumer without waiting requests has in the place of rings. */
const NO_RINGS: readonly TurnRing[] = [];

/**
 * The pull requests of one consumer. Each gets one message in turn; when they are ranked, each of those that rank first
 * (measured on 2.14.5). What a request takes of the memory that all accounts share is counted while it waits.
 */
export class WaitQueue {
  readonly #memory: MemoryBudget;
  /** By priority number when they are ranked, one otherwise. */
  #rings: readonly TurnRing[] = NO_RINGS;
  #length = 0;
  #nextDue = NEVER;
  #isRanked = false;

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  get length(): number {
    return this.#length;
  }

  /** When a request expires or wants a heartbeat, possibly earlier than it really is. */
  get nextDue(): number {
    return this.#length === 0 ? NEVER : this.#nextDue;
  }

  /** Whether requests of a lower priority number go before others. */
  get isRanked(): boolean {
    return this.#isRanked;
  }

  set isRanked(isRanked: boolean) {
    if (isRanked === this.#isRanked) return;
    this.#isRanked = isRanked;
    const all = this.#rings.flatMap((ring) => [...ring.inOrder()]);
    this.#rings = NO_RINGS;
    for (const waiting of all) this.#ringOf(waiting).add(waiting);
  }

  /** Whether all requests together still want more messages than so many. */
  wantsMoreThan(messages: number): boolean {
    let sum = 0;
    for (const ring of this.#rings) {
      for (const waiting of ring.inOrder()) {
        sum += waiting.messagesLeft;
        if (sum > messages) return true;
      }
    }
    return false;
  }

  /** Puts a request behind all others, or behind those that do not rank after it. @returns false without memory for it. */
  add(waiting: WaitingPull): boolean {
    if (!this.#memory.reserve(waiting.bytes)) return false;
    this.#nextDue = Math.min(this.#nextDue, waiting.dueAt);
    this.#ringOf(waiting).add(waiting);
    this.#length++;
    return true;
  }

  /** The request whose turn it is. Those nobody listens for any more are dropped on the way. */
  current(): WaitingPull | undefined {
    for (;;) {
      const waiting = this.#ring?.current;
      if (waiting === undefined || waiting.sink.interested()) return waiting;
      this.removeCurrent();
    }
  }

  /**
   * Gives the turn to the next request that waits for no more than this; only when they are not ranked.
   * @returns false when there is none; the turn stays where it is.
   */
  seek(pending: number, unsettled: number): boolean {
    return this.#ring?.seek(pending, unsettled) ?? false;
  }

  /** Takes all requests of another queue, in turn order. @param shiftMs how much the clock moves at the same moment. */
  takeOver(other: WaitQueue, shiftMs: number): void {
    const all: WaitingPull[] = [];
    other.tend((waiting) => {
      all.push(waiting);
      return false;
    });
    for (const waiting of all) {
      waiting.expiresAt += shiftMs;
      waiting.lastSentAt += shiftMs;
      this.add(waiting);
    }
  }

  /** Puts the request whose turn it is behind all others, or behind those that do not rank after it. */
  pass(): void {
    this.#ring?.pass();
  }

  removeCurrent(): void {
    const waiting = this.#ring?.current;
    if (waiting === undefined) return;
    this.#ring?.remove();
    this.#dropped(waiting);
  }

  /** Drops requests nobody listens for; of very many it looks at some, others every time. */
  prune(): void {
    for (const ring of this.#rings) {
      ring.sweep(limits.PRUNED_AT_ONCE, (waiting) => waiting.sink.interested() || this.#dropped(waiting));
    }
  }

  /** Calls `visit` for every request in turn order; those for which it returns false are dropped. */
  tend(visit: (waiting: WaitingPull) => boolean): void {
    this.#nextDue = NEVER;
    this.#retain((waiting) => {
      if (!visit(waiting)) return false;
      this.#nextDue = Math.min(this.#nextDue, waiting.dueAt);
      return true;
    });
  }

  #retain(keep: (waiting: WaitingPull) => boolean): void {
    for (const ring of this.#rings) {
      ring.retain((waiting) => keep(waiting) || this.#dropped(waiting));
    }
  }

  /** Gives back what a request was charged for. @returns that it does not stay. */
  #dropped(waiting: WaitingPull): false {
    this.#length--;
    this.#memory.release(waiting.bytes);
    return false;
  }

  /** The requests that rank first. */
  get #ring(): TurnRing | undefined {
    for (const ring of this.#rings) if (ring.length > 0) return ring;
    return undefined;
  }

  #ringOf({ priority }: WaitingPull): TurnRing {
    const rank = this.#isRanked ? priority : 0;
    const known = this.#rings[rank];
    if (known !== undefined) return known;
    this.#rings = Array.from({ length: rank + 1 }, (_, at) => this.#rings[at] ?? new TurnRing());
    return this.#rings[rank] as TurnRing;
  }
}

/** The interval of heartbeats asked for in ns, in ms. */
function heartbeatMs(ns: number): number {
  return ns <= 0 ? 0 : Math.max(limits.MIN_PULL_HEARTBEAT_MS, ns / 1e6);
}
