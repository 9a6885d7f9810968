import type { MemoryBudget } from '../env.ts';
import { jsError } from '../errors.ts';
import { demand, type StateReader, type StateWriter } from '../state/index.ts';

/** The message waits for its acknowledgement. */
const LIVE = 1;
/** It also stands in the redelivery queue. */
const QUEUED = 2;
/** It was delivered as often as allowed: no longer waited for, but its count is still reported. */
const EXHAUSTED = 4;

const FIRST_CAPACITY = 16;
/** Columns longer than this are given up when nothing waits any more. */
const KEPT_CAPACITY = 1024;
/** What a row is charged for: its columns, and its place in the redelivery queue. */
const ROW_BYTES = 48;
/** Consumers without deliveries share these, so that one costs little. */
const NO_NUMBERS = new Float64Array(0);
const NO_COUNTS = new Uint32Array(0);
const NO_FLAGS = new Uint8Array(0);
/** From this many rows on waits end in steps, so that looking through all of them stays cheap. */
const COARSE_FROM = 10_000;
const COARSE_MS = 20;
const NEVER = Number.POSITIVE_INFINITY;
/** Bytes of a row in a saved state. */
const SAVED_ROW = 4 * 8 + 4 + 1;

/**
 * Deliveries that wait for acknowledgement, in columns of numbers instead of one object a message. Messages are first
 * delivered in the order of their stream sequence, so rows are appended in that order and found by binary search;
 * rows given up are skipped and squeezed out when the columns are full. A row number is valid until {@link add}.
 */
export class PendingAcks {
  readonly #memory: MemoryBudget;
  #seqs = NO_NUMBERS;
  #consumerSeqs = NO_NUMBERS;
  #sentAt = NO_NUMBERS;
  #dueAt = NO_NUMBERS;
  #counts = NO_COUNTS;
  #flags = NO_FLAGS;
  /** First row that may be in use, and the row behind the last one. */
  #head = 0;
  #end = 0;
  /** First row that may be live; rows before it never become live again. */
  #firstLive = 0;
  #used = 0;
  #nextDue = NEVER;
  /** Deliveries that wait for acknowledgement. */
  live = 0;
  /** Messages not acknowledged that were delivered more than once, exhausted ones included (measured on 2.14.5). */
  redelivered = 0;

  /** @param memory what the rows are charged to. */
  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  /** Whether one more delivery can be noted; false when the process can hold no more. */
  hasRoom(): boolean {
    return this.#end < this.#seqs.length || this.#makeRoom();
  }

  /** When the first wait may be over (ms), possibly earlier than it really is; `Infinity` when nothing waits. */
  get nextDue(): number {
    if (this.live === 0) return NEVER;
    if (this.live < COARSE_FROM || this.#nextDue === NEVER) return this.#nextDue;
    return Math.ceil(this.#nextDue / COARSE_MS) * COARSE_MS;
  }

  /** Whether no message is known here, live or exhausted. */
  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /**
   * Notes a first delivery that {@link hasRoom} made room for. `seq` has to be greater than all before. Times are ms
   * since the epoch.
   */
  add(seq: number, consumerSeq: number, sentAt: number, dueAt: number): void {
    const row = this.#end++;
    this.#seqs[row] = seq;
    this.#consumerSeqs[row] = consumerSeq;
    this.#sentAt[row] = sentAt;
    this.#dueAt[row] = dueAt;
    this.#counts[row] = 1;
    this.#flags[row] = LIVE;
    this.#used++;
    this.live++;
    if (dueAt < this.#nextDue) this.#nextDue = dueAt;
  }

  /** The row of a message that waits for acknowledgement or is exhausted, -1 when it does neither. */
  find(seq: number): number {
    let low = this.#head;
    let high = this.#end - 1;
    if (low <= high && this.seq(low) === seq) high = low;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.seq(middle);
      if (found === seq) return this.#flags[middle] === 0 ? -1 : middle;
      if (found < seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  isLive(row: number): boolean {
    return ((this.#flags[row] ?? 0) & LIVE) !== 0;
  }

  isQueued(row: number): boolean {
    return ((this.#flags[row] ?? 0) & QUEUED) !== 0;
  }

  seq(row: number): number {
    return this.#seqs[row] ?? 0;
  }

  /** The consumer sequence of the first delivery. */
  consumerSeq(row: number): number {
    return this.#consumerSeqs[row] ?? 0;
  }

  sentAt(row: number): number {
    return this.#sentAt[row] ?? 0;
  }

  /** How often the message was delivered. */
  count(row: number): number {
    return this.#counts[row] ?? 0;
  }

  /** Marks a row as waiting for redelivery. @returns false when it already was. */
  queue(row: number): boolean {
    if (this.isQueued(row)) return false;
    this.#flags[row] = LIVE | QUEUED;
    return true;
  }

  /** Notes that a queued message went out again. */
  redeliver(row: number, sentAt: number, dueAt: number): void {
    const count = this.count(row) + 1;
    this.#counts[row] = count;
    if (count === 2) this.redelivered++;
    this.#flags[row] = LIVE;
    this.#sentAt[row] = sentAt;
    this.postpone(row, dueAt);
  }

  /** Sets when the wait for this row is over. */
  postpone(row: number, dueAt: number): void {
    this.#dueAt[row] = dueAt;
    if (dueAt < this.#nextDue) this.#nextDue = dueAt;
  }

  /** Takes a row out of the redelivery queue's view: its place there is void. */
  unqueue(row: number): void {
    this.#flags[row] = (this.#flags[row] ?? 0) & ~QUEUED;
  }

  /** Stops waiting for a message that was delivered as often as allowed. */
  exhaust(row: number): void {
    if (!this.isLive(row)) return;
    this.live--;
    if (this.count(row) < 2) {
      this.#free(row);
    } else this.#flags[row] = EXHAUSTED;
  }

  /** Forgets a message, live or exhausted. */
  remove(row: number): void {
    if (this.isLive(row)) this.live--;
    if (this.count(row) > 1) this.redelivered--;
    this.#free(row);
  }

  /** The first row that waits for acknowledgement, -1 when there is none. */
  firstLive(): number {
    if (this.live === 0) return -1;
    let row = Math.max(this.#firstLive, this.#head);
    while (!this.isLive(row)) row++;
    this.#firstLive = row;
    return row;
  }

  /** The next used row from `row` on, -1 behind the last one: `for (r = next(0); r !== -1; r = next(r + 1))`. */
  next(row: number): number {
    for (let at = Math.max(row, this.#head); at < this.#end; at++) if (this.#flags[at] !== 0) return at;
    return -1;
  }

  /**
   * Calls `due` for every row whose wait is over and that is not queued yet, in the order of stream sequences, and
   * learns when the next wait ends.
   */
  collectDue(now: number, due: (row: number) => void): void {
    this.#nextDue = NEVER;
    for (let row = this.#head; row < this.#end; row++) {
      if (this.#flags[row] !== LIVE) continue;
      const dueAt = this.#dueAt[row] ?? 0;
      if (dueAt <= now) due(row);
      else if (dueAt < this.#nextDue) this.#nextDue = dueAt;
    }
  }

  clear(): void {
    this.#head = this.#end = this.#firstLive = this.#used = 0;
    this.live = this.redelivered = 0;
    this.#nextDue = NEVER;
    if (this.#seqs.length > KEPT_CAPACITY) this.release();
  }

  /** Gives the columns back; nothing may wait any more. */
  release(): void {
    this.#memory.release(this.#seqs.length * ROW_BYTES);
    this.#seqs = this.#consumerSeqs = this.#sentAt = this.#dueAt = NO_NUMBERS;
    this.#counts = NO_COUNTS;
    this.#flags = NO_FLAGS;
    this.#head = this.#end = this.#firstLive = this.#used = 0;
    this.live = this.redelivered = 0;
  }

  save(to: StateWriter): void {
    to.word(this.#used);
    for (let row = this.next(0); row !== -1; row = this.next(row + 1)) {
      to.number(this.seq(row));
      to.number(this.consumerSeq(row));
      to.time(this.sentAt(row));
      to.time(this.#dueAt[row] ?? 0);
      to.word(this.count(row));
      to.byte(this.#flags[row] ?? 0);
    }
  }

  /** Into empty columns. @param isStored rows of messages that are gone are left out. */
  load(from: StateReader, isStored: (seq: number) => boolean): void {
    let last = 0;
    for (let left = from.count(SAVED_ROW); left > 0; left--) {
      const seq = from.integer(last + 1);
      const consumerSeq = from.integer(1);
      const sentAt = from.deadline();
      const dueAt = from.deadline();
      const count = from.word();
      const flags = from.byte();
      demand(isRow(flags, count), 'a delivery is in no known state');
      last = seq;
      if (!isStored(seq)) continue;
      if (!this.hasRoom()) throw jsError('JSInsufficientResourcesErr');
      this.#restore(seq, consumerSeq, sentAt, dueAt, count, flags);
    }
  }

  #restore(
    seq: number,
    consumerSeq: number,
    sentAt: number,
    dueAt: number,
    count: number,
    flags: number,
  ): void {
    this.add(seq, consumerSeq, sentAt, dueAt);
    const row = this.#end - 1;
    this.#counts[row] = count;
    this.#flags[row] = flags;
    if ((flags & LIVE) === 0) this.live--;
    if (count > 1) this.redelivered++;
  }

  #free(row: number): void {
    this.#flags[row] = 0;
    this.#used--;
    while (this.#head < this.#end && this.#flags[this.#head] === 0) this.#head++;
    if (this.#used === 0) this.clear();
  }

  /**
   * Squeezes out free rows, and doubles the columns when they stay half full.
   * @returns false when there is no room for one more.
   */
  #makeRoom(): boolean {
    const capacity = this.#seqs.length;
    const more = this.#used * 2 >= capacity ? Math.max(FIRST_CAPACITY, capacity) : 0;
    const grows = more > 0 && this.#memory.reserve(more * ROW_BYTES);
    if (!grows && this.#used === capacity) return false;
    this.#squeeze(grows ? capacity + more : capacity);
    return true;
  }

  /** Moves the rows in use into columns of so many rows. */
  #squeeze(wanted: number): void {
    const seqs = new Float64Array(wanted);
    const consumerSeqs = new Float64Array(wanted);
    const sentAt = new Float64Array(wanted);
    const dueAt = new Float64Array(wanted);
    const counts = new Uint32Array(wanted);
    const flags = new Uint8Array(wanted);
    let to = 0;
    for (let row = this.#head; row < this.#end; row++) {
      const flag = this.#flags[row] ?? 0;
      if (flag === 0) continue;
      seqs[to] = this.seq(row);
      consumerSeqs[to] = this.consumerSeq(row);
      sentAt[to] = this.sentAt(row);
      dueAt[to] = this.#dueAt[row] ?? 0;
      counts[to] = this.count(row);
      flags[to++] = flag;
    }
    this.#seqs = seqs;
    this.#consumerSeqs = consumerSeqs;
    this.#sentAt = sentAt;
    this.#dueAt = dueAt;
    this.#counts = counts;
    this.#flags = flags;
    this.#head = this.#firstLive = 0;
    this.#end = to;
  }
}

/** Whether a saved row is one that there can be. */
function isRow(flags: number, count: number): boolean {
  if (flags === EXHAUSTED) return count > 1;
  return count > 0 && (flags === LIVE || flags === (LIVE | QUEUED));
}
