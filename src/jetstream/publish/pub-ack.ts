import type { ByteString } from '../../subjects/index.ts';
import { toText } from '../../subjects/index.ts';
import type { JsError } from '../errors.ts';

const MOST_DIGITS = 16;
const ZERO = 0x30;

/**
 * Writes the acknowledgements of one stream's publishes: `{"stream":"S","seq":7}`. The bytes are those of one buffer
 * used again and again; whoever sends them copies them.
 */
export class PubAckWriter {
  readonly #buffer: Buffer;
  readonly #digitsAt: number;
  readonly #suffix: Buffer;
  readonly #stream: string;
  readonly #domain: string;
  /** One view of the buffer per number of digits, made when first needed. */
  readonly #views: (Buffer | undefined)[] = [];
  #digits = 0;

  constructor(stream: ByteString, domain: string) {
    this.#stream = JSON.stringify(toText(stream));
    this.#domain = domain === '' ? '' : `,"domain":${JSON.stringify(domain)}`;
    const prefix = Buffer.from(`{"stream":${this.#stream}${this.#domain},"seq":`);
    this.#suffix = Buffer.from('}');
    this.#digitsAt = prefix.length;
    this.#buffer = Buffer.alloc(prefix.length + MOST_DIGITS + this.#suffix.length);
    prefix.copy(this.#buffer);
  }

  /** A message was stored under this sequence. */
  stored(seq: number): Buffer {
    const digits = digitsOf(seq);
    const end = this.#digitsAt + digits;
    if (digits !== this.#digits) {
      this.#digits = digits;
      this.#suffix.copy(this.#buffer, end);
    }
    let rest = seq;
    for (let at = end - 1; at >= this.#digitsAt; at--) {
      const tenth = Math.floor(rest / 10);
      this.#buffer[at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    this.#views[digits] ??= this.#buffer.subarray(0, end + this.#suffix.length);
    return this.#views[digits] as Buffer;
  }

  /** A message with this id was stored before, under this sequence. */
  duplicate(seq: number): Buffer {
    return Buffer.from(`{"stream":${this.#stream}${this.#domain},"seq":${seq},"duplicate": true}`);
  }

  /** The counter of a subject stands at this value now. */
  counted(seq: number, value: bigint): Buffer {
    return Buffer.from(`{"stream":${this.#stream}${this.#domain},"seq":${seq},"val":"${value}"}`);
  }

  /** A batch has ended; `seq` is that of its last message. */
  batch(seq: number, id: string, count: number, isDuplicate = false): Buffer {
    const batch = `${isDuplicate ? ',"duplicate": true' : ''},"batch":${JSON.stringify(id)}`;
    return Buffer.from(`{"stream":${this.#stream}${this.#domain},"seq":${seq}${batch},"count":${count}}`);
  }

  refused(error: JsError): Buffer {
    const { code, errCode, description } = error;
    const body = JSON.stringify({ code, err_code: errCode, description });
    return Buffer.from(`{"error":${body},"stream":${this.#stream},"seq":0}`);
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}
