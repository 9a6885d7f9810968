import type { MemoryBudget } from '../env.ts';
import { demand, type StateReader, type StateWriter } from '../state/index.ts';

const FIRST_ENTRIES = 16;
/** Entries of one part of a saved state. */
const ROW = 4096;
/** Bytes per entry: when due and sequence, 8 each. */
export const EXPIRY_BYTES = 16;
/** Entries of messages that are gone which may stay, besides as many as there are messages. */
const MOST_STALE = 64;

/** What {@link Expiries} asks of the store. */
interface Messages {
  readonly messages: number;
  has(seq: number): boolean;
}

/** Entries as they were at one moment. */
export interface ExpiryRow {
  readonly due: Float64Array;
  readonly seq: Float64Array;
}

/** Writes entries, the due times first. */
export function saveRow(to: StateWriter, { due, seq }: ExpiryRow): void {
  to.word(due.length);
  for (let at = 0; at < due.length; at++) {
    to.time(due[at] as number);
    to.number(seq[at] as number);
  }
}

/**
 * When messages with a time to live of their own are due: a binary heap in two typed arrays, the earliest first, of
 * two due at once the one with the lower sequence. A message that goes otherwise leaves its entry behind, which is
 * harmless; there are never more than twice as many entries as messages, and a few.
 */
export class Expiries {
  readonly #budget: MemoryBudget;
  readonly #store: Messages;
  #due = new Float64Array(0);
  #seq = new Float64Array(0);
  #size = 0;

  constructor(budget: MemoryBudget, store: Messages) {
    this.#budget = budget;
    this.#store = store;
  }

  get size(): number {
    return this.#size;
  }

  /** When the earliest entry is due, ms since the epoch; infinite without entries. */
  get next(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#due[0] as number);
  }

  /** Makes room for one more entry. @returns false when the process can hold no more. */
  reserve(): boolean {
    if (this.#size < this.#due.length) return true;
    this.#prune();
    const room = this.#due.length;
    if (room > 0 && this.#size <= room / 2) return true;
    const more = Math.max(FIRST_ENTRIES, room);
    if (!this.#budget.reserve(more * EXPIRY_BYTES)) return this.#size < room;
    this.#resize(room + more);
    return true;
  }

  /** Adds an entry that {@link reserve} made room for. @param due ms since the epoch. */
  add(seq: number, due: number): void {
    this.#rise(this.#size++, due, seq);
  }

  /** Takes the earliest entry out; there is one. @returns its sequence. */
  takeFirst(): number {
    const seq = this.#seq[0] as number;
    const last = --this.#size;
    if (last > 0) this.#sink(0, this.#due[last] as number, this.#seq[last] as number);
    return seq;
  }

  /** To be called when messages went: forgets their entries once these are too many. */
  tidy(): void {
    if (this.#size > 2 * this.#store.messages + MOST_STALE) this.#prune();
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#size = 0;
    this.#shrink();
  }

  /** What there is at this moment, in pieces: each is one row of due times and sequences, to be read by {@link load}. */
  rows(): readonly ExpiryRow[] {
    const rows: ExpiryRow[] = [];
    for (let at = 0; at < this.#size; at += ROW) {
      const end = Math.min(at + ROW, this.#size);
      rows.push({ due: this.#due.slice(at, end), seq: this.#seq.slice(at, end) });
    }
    return rows;
  }

  /**
   * Adds what {@link saveRow} wrote, except for messages that are gone.
   * @param known sequences that are there already; without it one may be there twice.
   * @returns false when the process can hold no more.
   */
  load(from: StateReader, known?: Set<number>): boolean {
    for (let left = from.count(EXPIRY_BYTES); left > 0; left--) {
      const due = from.time();
      const seq = from.integer(1);
      demand(Number.isFinite(due), 'a message expires at no time');
      if (!this.#store.has(seq) || known?.has(seq) === true) continue;
      known?.add(seq);
      demand(this.#size <= 2 * this.#store.messages + MOST_STALE, 'more is due than there is');
      if (!this.reserve()) return false;
      this.add(seq, due);
    }
    return true;
  }

  /** Drops the entries of messages that are gone, and memory that is not needed then. */
  #prune(): void {
    let kept = 0;
    for (let at = 0; at < this.#size; at++) {
      const seq = this.#seq[at] as number;
      if (!this.#store.has(seq)) continue;
      this.#seq[kept] = seq;
      this.#due[kept++] = this.#due[at] as number;
    }
    this.#size = kept;
    for (let at = (kept >>> 1) - 1; at >= 0; at--) {
      this.#sink(at, this.#due[at] as number, this.#seq[at] as number);
    }
    this.#shrink();
  }

  #shrink(): void {
    let room = this.#due.length;
    while (room > FIRST_ENTRIES && this.#size * 4 <= room) room /= 2;
    if (this.#size === 0) room = 0;
    if (room === this.#due.length) return;
    this.#budget.release((this.#due.length - room) * EXPIRY_BYTES);
    this.#resize(room);
  }

  #resize(entries: number): void {
    const [due, seq] = [this.#due, this.#seq];
    this.#due = new Float64Array(entries);
    this.#seq = new Float64Array(entries);
    this.#due.set(due.subarray(0, this.#size));
    this.#seq.set(seq.subarray(0, this.#size));
  }

  /** Puts an entry at a free place or above it, where it belongs. */
  #rise(from: number, due: number, seq: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#isLater(parent, due, seq)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#due[at] = due;
    this.#seq[at] = seq;
  }

  /** Puts an entry at a free place or below it, where it belongs. */
  #sink(from: number, due: number, seq: number): void {
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1;
      if (
        right < this.#size &&
        this.#isLater(child, this.#due[right] as number, this.#seq[right] as number)
      ) {
        child = right;
      }
      if (this.#isLater(child, due, seq)) break;
      this.#move(child, at);
      at = child;
    }
    this.#due[at] = due;
    this.#seq[at] = seq;
  }

  #move(from: number, to: number): void {
    this.#due[to] = this.#due[from] as number;
    this.#seq[to] = this.#seq[from] as number;
  }

  /** Whether the entry at a place comes after another one. */
  #isLater(at: number, due: number, seq: number): boolean {
    const other = this.#due[at] as number;
    return other > due || (other === due && (this.#seq[at] as number) > seq);
  }
}
