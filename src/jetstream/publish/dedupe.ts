import { limits } from '../../base/index.ts';
import type { MemoryBudget } from '../env.ts';
import { demand, PART_BYTES, type StateReader, type StateWriter } from '../state/index.ts';

const FIRST_ENTRIES = 16;
const FIRST_BYTES = 512;
const PLACES_PER_ENTRY = 2;
/** Bytes per entry: hash, length (4 each), places, start, sequence, time (8 each). */
const BYTES_PER_ENTRY = 4 + 4 + 8 * PLACES_PER_ENTRY + 3 * 8;

/**
 * The message ids of a stream's duplicate window, with the sequence each was stored under. A ring in order of time,
 * so that what falls out of the window is always at its start; ids as bytes in a second ring; a hash table over both.
 * Bounded: with {@link limits.MAX_DEDUPE_IDS} ids, or without memory for more, the oldest goes early.
 */
export class DedupeWindow {
  readonly #budget: MemoryBudget;
  readonly #seed: number;
  #windowMs: number;
  #hash = new Uint32Array(FIRST_ENTRIES);
  #length = new Uint32Array(FIRST_ENTRIES);
  #start = new Float64Array(FIRST_ENTRIES);
  #seq = new Float64Array(FIRST_ENTRIES);
  #ms = new Float64Array(FIRST_ENTRIES);
  /** Entry numbers; 0 is free. */
  #places = new Float64Array(FIRST_ENTRIES * PLACES_PER_ENTRY);
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** Entries are numbered from 1 for ever; those in [#head, #tail) are here. */
  #head = 1;
  #tail = 1;
  /** Byte positions count for ever too; place = position modulo length, a power of two. */
  #bytesTail = 0;
  #soughtHash = 0;

  /** @param seed secret, for the hash. @param windowMs how long an id counts. */
  constructor(budget: MemoryBudget, seed: number, windowMs: number) {
    this.#budget = budget;
    this.#seed = seed | 0;
    this.#windowMs = windowMs;
  }

  get size(): number {
    return this.#tail - this.#head;
  }

  setWindow(windowMs: number): void {
    this.#windowMs = windowMs;
  }

  /** When the oldest id falls out of the window, ms; `undefined` without ids. */
  get nextExpiry(): number | undefined {
    if (this.size === 0) return undefined;
    return (this.#ms[this.#head & this.#mask] as number) + this.#windowMs;
  }

  /** The sequence stored under the id [start, end) of a buffer within the window; 0 when there is none. */
  find(buffer: Buffer, start: number, end: number, nowMs: number): number {
    this.expire(nowMs);
    const hash = this.#hashOf(buffer, start, end);
    this.#soughtHash = hash;
    if (this.size === 0) return 0;
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = this.#places[place] as number;
      if (entry === 0) return 0;
      if (this.#isEntry(entry, hash, buffer, start, end)) return this.#seq[entry & this.#mask] as number;
    }
  }

  /** Remembers an id that {@link find} was asked for last, and did not find. */
  add(buffer: Buffer, start: number, end: number, seq: number, nowMs: number): void {
    const length = end - start;
    if (this.size >= limits.MAX_DEDUPE_IDS) this.#dropOldest();
    if (!this.#makeRoom(length)) return;
    const entry = this.#tail++;
    const slot = entry & this.#mask;
    this.#hash[slot] = this.#soughtHash;
    this.#length[slot] = length;
    this.#start[slot] = this.#bytesTail;
    this.#seq[slot] = seq;
    this.#ms[slot] = nowMs;
    const bytes = this.#bytes;
    const mask = bytes.length - 1;
    let at = this.#bytesTail;
    for (let i = start; i < end; i++) bytes[at++ & mask] = buffer[i] as number;
    this.#bytesTail = at;
    this.#enter(entry);
  }

  /** Forgets what fell out of the window. */
  expire(nowMs: number): void {
    while (
      this.#head < this.#tail &&
      (this.#ms[this.#head & this.#mask] as number) + this.#windowMs <= nowMs
    ) {
      this.#dropOldest();
    }
    if (this.#head === this.#tail && this.#hash.length > FIRST_ENTRIES) this.clear();
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#budget.release(
      (this.#hash.length - FIRST_ENTRIES) * BYTES_PER_ENTRY + this.#bytes.length - FIRST_BYTES,
    );
    this.#head = this.#tail;
    this.#allocateEntries(FIRST_ENTRIES);
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#bytesTail = 0;
  }

  /**
   * Writes entries of a number on, oldest first, until so many bytes are written; those that fell out of the window
   * meanwhile are passed over.
   * @param below the entry not to write any more: {@link bounds} at the beginning.
   * @returns the number to go on with.
   */
  save(to: StateWriter, from: number, below: number, bytes: number): number {
    let entry = Math.max(from, this.#head);
    for (; entry < below && to.length < bytes; entry++) {
      const slot = entry & this.#mask;
      const start = this.#start[slot] as number;
      const length = this.#length[slot] as number;
      to.number(this.#seq[slot] as number);
      to.time(this.#ms[slot] as number);
      to.word(length);
      for (let at = start; at < start + length; at++)
        to.byte(this.#bytes[at & (this.#bytes.length - 1)] as number);
    }
    return entry;
  }

  /** The numbers of the entries that are here: from the first up to, but not with, the second. */
  get bounds(): readonly [number, number] {
    return [this.#head, this.#tail];
  }

  /** Adds what {@link save} wrote. */
  load(from: StateReader): void {
    while (!from.isAtEnd) {
      demand(from.at < PART_BYTES, 'a part has too many message ids');
      const seq = from.integer(1);
      const ms = from.time();
      const id = from.bytes();
      const newest = this.size === 0 ? 0 : (this.#ms[(this.#tail - 1) & this.#mask] as number);
      demand(Number.isFinite(ms) && ms >= newest, 'message ids are not in order');
      if (this.find(id, 0, id.length, ms) === 0) this.add(id, 0, id.length, seq, ms);
    }
  }

  get #mask(): number {
    return this.#hash.length - 1;
  }

  #hashOf(buffer: Buffer, start: number, end: number): number {
    let hash = this.#seed;
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ (buffer[i] as number), 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #isEntry(entry: number, hash: number, buffer: Buffer, start: number, end: number): boolean {
    const slot = entry & this.#mask;
    if (this.#hash[slot] !== hash || this.#length[slot] !== end - start) return false;
    let at = this.#start[slot] as number;
    const bytes = this.#bytes;
    const mask = bytes.length - 1;
    for (let i = start; i < end; i++) if (bytes[at++ & mask] !== buffer[i]) return false;
    return true;
  }

  #enter(entry: number): void {
    const mask = this.#places.length - 1;
    let place = (this.#hash[entry & this.#mask] as number) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = entry;
  }

  #dropOldest(): void {
    const places = this.#places;
    const mask = places.length - 1;
    let hole = (this.#hash[this.#head & this.#mask] as number) & mask;
    while (places[hole] !== this.#head) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const home = (this.#hash[(places[place] as number) & this.#mask] as number) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      places[hole] = places[place] as number;
      hole = place;
    }
    places[hole] = 0;
    this.#head++;
  }

  /** Makes room for one more entry of so many bytes, at the cost of the oldest when there is no memory. */
  #makeRoom(length: number): boolean {
    if (length > limits.MAX_MSG_ID_LENGTH) return false;
    while (this.size + 1 > this.#mask && !this.#growEntries()) {
      if (this.size === 0) return false;
      this.#dropOldest();
    }
    while (this.#bytesUsed + length > this.#bytes.length && !this.#growBytes()) {
      if (this.size === 0) return false;
      this.#dropOldest();
    }
    return true;
  }

  get #bytesUsed(): number {
    return this.size === 0 ? 0 : this.#bytesTail - (this.#start[this.#head & this.#mask] as number);
  }

  #growEntries(): boolean {
    const before = this.#hash.length;
    if (!this.#budget.reserve(before * BYTES_PER_ENTRY)) return false;
    const [hash, length, start, seq, ms] = [this.#hash, this.#length, this.#start, this.#seq, this.#ms];
    const oldMask = this.#mask;
    this.#allocateEntries(before * 2);
    for (let entry = this.#head; entry < this.#tail; entry++) {
      const [from, to] = [entry & oldMask, entry & this.#mask];
      this.#hash[to] = hash[from] as number;
      this.#length[to] = length[from] as number;
      this.#start[to] = start[from] as number;
      this.#seq[to] = seq[from] as number;
      this.#ms[to] = ms[from] as number;
      this.#enter(entry);
    }
    return true;
  }

  #allocateEntries(entries: number): void {
    this.#hash = new Uint32Array(entries);
    this.#length = new Uint32Array(entries);
    this.#start = new Float64Array(entries);
    this.#seq = new Float64Array(entries);
    this.#ms = new Float64Array(entries);
    this.#places = new Float64Array(entries * PLACES_PER_ENTRY);
  }

  #growBytes(): boolean {
    const { length } = this.#bytes;
    if (!this.#budget.reserve(length)) return false;
    const bigger = Buffer.allocUnsafeSlow(length * 2);
    let to = 0;
    for (let entry = this.#head; entry < this.#tail; entry++) {
      const slot = entry & this.#mask;
      const start = this.#start[slot] as number;
      this.#start[slot] = to;
      const end = start + (this.#length[slot] as number);
      for (let at = start; at < end; at++) bigger[to++] = this.#bytes[at & (length - 1)] as number;
    }
    this.#bytes = bigger;
    this.#bytesTail = to;
    return true;
  }
}
