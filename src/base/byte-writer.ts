import { copyBytes, type Viewed, viewOf } from './copy.ts';

const ZERO = 0x30;
/** Whole numbers below this are divided as integers, which is several times faster. */
const SHORT = 1e9;
const SHORT_DIGITS = 9;

/**
 * Puts texts, numbers and bytes one behind the other, in a buffer that is used again and again: nothing is allocated for
 * what is written and at once copied on. Whoever writes says first how much it can be.
 */
export class ByteWriter implements Viewed {
  readonly #usual: Buffer;
  bytes: Buffer;
  view: DataView;
  /** Behind the last byte written. */
  end = 0;

  /** @param size bytes that are kept ready; for more there is a buffer of its own each time. */
  constructor(size: number) {
    this.#usual = Buffer.allocUnsafeSlow(size);
    this.bytes = this.#usual;
    this.view = viewOf(this.bytes);
  }

  /** Starts over behind `from`, with room for so many bytes up to the end. */
  begin(size: number, from = 0): void {
    this.end = from;
    if (size > this.bytes.length) this.#goOnIn(Buffer.allocUnsafeSlow(size));
    else if (this.bytes !== this.#usual && size <= this.#usual.length) this.#goOnIn(this.#usual);
  }

  /** Adds a text of one character a byte. */
  text(text: string): void {
    const { bytes } = this;
    let at = this.end;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.end = at;
  }

  /** Adds a whole number up to 2⁵³ in decimal, with zeros before it up to so many digits. */
  number(value: number, leastDigits = 1): void {
    if (value < SHORT) this.#short(value, leastDigits);
    else {
      const high = Math.floor(value / SHORT);
      this.#short(high, leastDigits - SHORT_DIGITS);
      this.#short(value - high * SHORT, SHORT_DIGITS);
    }
  }

  /** Adds bytes of another buffer. */
  copy(from: Viewed, start: number, end: number): void {
    this.end = copyBytes(from, start, end, this, this.end);
  }

  #goOnIn(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  #short(value: number, leastDigits: number): void {
    const { bytes } = this;
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    if (digits < leastDigits) digits = leastDigits;
    let rest = value | 0;
    for (let at = this.end + digits - 1; at >= this.end; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.end += digits;
  }
}
