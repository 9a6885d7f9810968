import { copyBytes, type Instant, LastView, viewOf } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';

const FIRST_ROOM = 256;
/** Bytes after which a part of messages or message ids ends: nothing begins behind them. */
export const PART_BYTES = 64 * 1024;

/** Where bytes come from and go to: one writer writes at a time. */
const source = new LastView();
const target = new LastView();

/**
 * Writes state as bytes, little-endian: numbers as doubles, bytes and texts with their length before them. What a class
 * saves it writes itself, next to the fields; {@link StateReader} reads the same in the same order.
 */
export class StateWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  #view = viewOf(this.#buffer);
  #used = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#used;
  }

  /** A copy of what was written. */
  toBuffer(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#used));
  }

  /** Forgets what was written; the room stays. */
  startOver(): void {
    this.#used = 0;
  }

  byte(value: number): void {
    this.#room(1);
    this.#view.setUint8(this.#used, value);
    this.#used += 1;
  }

  /** An integer of 32 bits: lengths and counts. */
  word(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#used, value, true);
    this.#used += 4;
  }

  number(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#used, value, true);
    this.#used += 8;
  }

  /** A moment in ms since the epoch; 0 and infinite ones stand for none and are never shifted. */
  time(ms: number): void {
    this.number(ms);
  }

  /** An optional moment. */
  instant(at: Instant | undefined): void {
    this.time(at?.ms ?? 0);
    this.word(at?.ns ?? 0);
  }

  bytes(bytes: Uint8Array): void {
    this.word(bytes.length);
    this.raw(bytes);
  }

  /** Bytes whose length the reader knows. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** A range of a buffer whose length the reader knows. */
  rawFrom(buffer: Buffer, start: number, end: number): void {
    this.#room(end - start);
    this.#used = copyBytes(source.of(buffer), start, end, target.of(this.#buffer), this.#used);
  }

  text(text: ByteString): void {
    this.word(text.length);
    this.latin1(text);
  }

  /** A text whose length the reader knows. */
  latin1(text: ByteString): void {
    this.#room(text.length);
    this.#used += this.#buffer.latin1Write(text, this.#used);
  }

  /** Anything that JSON can say: configurations. */
  json(value: unknown): void {
    this.bytes(Buffer.from(JSON.stringify(value), 'utf8'));
  }

  #room(bytes: number): void {
    const wanted = this.#used + bytes;
    if (wanted <= this.#buffer.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(wanted, this.#buffer.length * 2));
    this.#buffer.copy(bigger, 0, 0, this.#used);
    this.#buffer = bigger;
    this.#view = viewOf(bigger);
  }
}
