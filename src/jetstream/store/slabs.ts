import { copyBytes, LastView, type Viewed, viewOf } from '../../base/index.ts';
import type { MemoryBudget } from '../env.ts';

/** First slab of a store, bytes; each further one is twice as big, up to the largest. */
const SMALLEST_SLAB = 2048;
const LARGEST_SLAB = 1 << 20;
/** The slab being written to is kept when it becomes empty, up to this size. */
const KEPT_EMPTY = 64 * 1024;
/** A record bigger than this gets a slab of its own, so that small ones do not leave half-empty slabs behind. */
const ALONE_FROM = LARGEST_SLAB / 4;
/** A slab with less than this share of its bytes alive is emptied into the current one. */
const WORTH_KEEPING = 1 / 4;

/**
 * Layout of a record, aligned to 8 bytes: four 32-bit words (header length, payload length, nanoseconds, 1 when the
 * message never grows old), two doubles (sequence, milliseconds), then the bytes of header block and payload.
 */
export const RECORD_HEADER = 32;
export const WORD_HEADER = 0;
export const WORD_PAYLOAD = 1;
export const WORD_NS = 2;
export const WORD_LASTING = 3;
export const DOUBLE_SEQ = 2;
export const DOUBLE_MS = 3;

/** A block of memory outside the JS heap that holds records back to back. */
export class Slab implements Viewed {
  readonly id: number;
  readonly buffer: Buffer;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  readonly view: DataView;
  /** Bytes written so far. */
  used = 0;
  /** Bytes of records that still count. */
  live = 0;

  constructor(id: number, size: number) {
    this.id = id;
    this.buffer = Buffer.allocUnsafeSlow(size);
    this.words = new Uint32Array(this.buffer.buffer, 0, size >>> 2);
    this.doubles = new Float64Array(this.buffer.buffer, 0, size >>> 3);
    this.view = viewOf(this.buffer);
  }

  get bytes(): Buffer {
    return this.buffer;
  }
}

/** Bytes a record takes in a slab, for so many bytes of header and payload. */
export function recordSize(length: number): number {
  return (RECORD_HEADER + length + 7) & ~7;
}

/** One message is copied into a slab at a time, whatever the store: one view of where they come from is enough. */
const source = new LastView();

/** Copies bytes into a slab; the ranges are known to fit. */
export function copyInto(slab: Slab, at: number, from: Buffer, start: number, end: number): void {
  copyBytes(source.of(from), start, end, slab, at);
}

/** The slabs of one store. An address is a slab id (from 1) and an offset in it. */
export class Slabs {
  readonly #budget: MemoryBudget;
  readonly #slabs: (Slab | undefined)[] = [undefined];
  readonly #freeIds: number[] = [];
  #current: Slab | undefined;
  #nextSize = SMALLEST_SLAB;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** The slab with this id, which must exist. */
  at(id: number): Slab {
    return this.#slabs[id] as Slab;
  }

  /**
   * A slab with room for a record of `size` bytes (see {@link recordSize}); nothing is taken yet.
   * @returns `undefined` when the process can hold no more.
   */
  roomFor(size: number): Slab | undefined {
    const current = this.#current;
    if (current !== undefined && current.used + size <= current.buffer.length) return current;
    if (size > ALONE_FROM) return this.#allocate(size);
    while (this.#nextSize < size) this.#nextSize *= 2;
    const slab = this.#allocate(this.#nextSize);
    if (slab === undefined) return undefined;
    if (current !== undefined && current.live === 0) this.#release(current);
    this.#nextSize = Math.min(this.#nextSize * 2, LARGEST_SLAB);
    this.#current = slab;
    return slab;
  }

  /** Takes `size` bytes at the end of a slab that has room; returns their offset. */
  take(slab: Slab, size: number): number {
    const offset = slab.used;
    slab.used += size;
    slab.live += size;
    return offset;
  }

  /** A record of `size` bytes in this slab does not count any more. */
  drop(slab: Slab, size: number): void {
    slab.live -= size;
    if (slab.live > 0) return;
    slab.used = 0;
    if (slab !== this.#current) this.#release(slab);
    else if (slab.buffer.length > KEPT_EMPTY) {
      this.#release(slab);
      this.#nextSize = KEPT_EMPTY;
    }
  }

  /** Whether a slab holds so little that its live records should move and its memory be freed. */
  isWasteful(slab: Slab): boolean {
    return slab !== this.#current && slab.live > 0 && slab.live < slab.buffer.length * WORTH_KEEPING;
  }

  /** Gives up a slab that {@link roomFor} returned and that stayed empty. */
  discardIfEmpty(slab: Slab): void {
    if (slab.live === 0 && slab !== this.#current) this.#release(slab);
  }

  /** Frees everything. */
  clear(): void {
    for (const slab of this.#slabs) if (slab !== undefined) this.#budget.release(slab.buffer.length);
    this.#slabs.length = 1;
    this.#freeIds.length = 0;
    this.#current = undefined;
    this.#nextSize = SMALLEST_SLAB;
  }

  #allocate(size: number): Slab | undefined {
    if (!this.#budget.reserve(size)) return undefined;
    const id = this.#freeIds.pop() ?? this.#slabs.length;
    const slab = new Slab(id, size);
    this.#slabs[id] = slab;
    return slab;
  }

  #release(slab: Slab): void {
    if (slab === this.#current) this.#current = undefined;
    this.#slabs[slab.id] = undefined;
    this.#freeIds.push(slab.id);
    this.#budget.release(slab.buffer.length);
  }
}
