import type { Instant } from '../../base/index.ts';
import { limits, viewOf } from '../../base/index.ts';
import { type ByteString, bytesAt } from '../../subjects/index.ts';

/** Bytes that are no state, or not one that can be had here. Nothing has changed when it is thrown. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** @throws StateError unless what was read is as it can be. */
export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new StateError(`the state is damaged: ${what}`);
}

/**
 * Reads what {@link StateWriter} wrote. The bytes may be anybody's: every length is compared with what is there before
 * anything is taken, every number with what it can be.
 */
export class StateReader {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #shiftMs: number;
  readonly #deadlineShiftMs: number;
  #at = 0;

  /**
   * @param shiftMs what is added to every moment, whole ms.
   * @param deadlineShiftMs what is added to those that something is counted from or that it is due at.
   */
  constructor(bytes: Uint8Array, shiftMs = 0, deadlineShiftMs = shiftMs) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = viewOf(this.#buffer);
    this.#shiftMs = shiftMs;
    this.#deadlineShiftMs = deadlineShiftMs;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#buffer.length;
  }

  /** Bytes that were read. */
  get at(): number {
    return this.#at;
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#buffer.length - this.#at;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  flag(): boolean {
    return this.byte() !== 0;
  }

  word(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** How many items of at least so many bytes follow; not more than there is room for. */
  count(bytesEach: number): number {
    const count = this.word();
    demand(count * bytesEach <= this.left, 'it announces more than it holds');
    return count;
  }

  number(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** An integer within bounds. */
  integer(least = 0, most: number = limits.MAX_SAFE - 1): number {
    const value = this.number();
    demand(Number.isSafeInteger(value) && value >= least && value <= most, 'a number is out of its range');
    return value;
  }

  /** A moment in ms, shifted; 0 and infinite ones stay what they are. */
  time(): number {
    return this.#moment(this.#shiftMs);
  }

  /** A moment that something is counted from, or due at. */
  deadline(): number {
    return this.#moment(this.#deadlineShiftMs);
  }

  #moment(shiftMs: number): number {
    const ms = this.number();
    demand(!Number.isNaN(ms) && ms >= 0, 'a time is none');
    if (ms === 0 || ms === Number.POSITIVE_INFINITY) return ms;
    return Math.min(Math.max(1, ms + shiftMs), LAST_MS);
  }

  instant(): Instant | undefined {
    const ms = Math.floor(this.time());
    const ns = this.word();
    demand(ns < 1e6 && ms <= LAST_MS, 'a time is none');
    return ms === 0 ? undefined : { ms, ns };
  }

  /** Bytes with their length before them, not copied. */
  bytes(): Buffer {
    return this.raw(this.word());
  }

  raw(length: number): Buffer {
    const start = this.#take(length);
    return this.#buffer.subarray(start, start + length);
  }

  /** Passes over bytes. @returns where they begin in {@link buffer}. */
  skip(length: number): number {
    return this.#take(length);
  }

  /** All bytes, those read already too. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  text(): ByteString {
    return this.latin1(this.word());
  }

  latin1(length: number): ByteString {
    const start = this.#take(length);
    return bytesAt(this.#buffer, start, start + length);
  }

  json(): unknown {
    const text = this.bytes().utf8Slice();
    try {
      return JSON.parse(text);
    } catch {
      throw new StateError('the state is damaged: a configuration is no JSON');
    }
  }

  #take(length: number): number {
    demand(length <= this.left, 'it ends too early');
    const start = this.#at;
    this.#at += length;
    return start;
  }
}

/** The last moment that a date can be. */
const LAST_MS = 8.64e15;
