import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import { type Viewed, viewOf } from './copy.ts';

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));

/**
 * A message on its way. Header block and payload stand back to back in `buffer`:
 * header = [headerStart, payloadStart), payload = [payloadStart, end). The bytes, and the object itself, are valid
 * during the call that hands them over; who keeps them copies them.
 */
export class Message implements Viewed {
  /** What receivers see as subject. */
  subject: ByteString = EMPTY_BYTES;
  /** What it is routed on: the subject, except for deliveries of consumers. Set by the account that delivers. */
  route: ByteString = EMPTY_BYTES;
  /** Reply subject, empty when there is none. */
  reply: ByteString = EMPTY_BYTES;
  buffer: Buffer = NO_BYTES;
  /** Where the subject's own bytes stand in the buffer; -1 when they do not. */
  subjectStart = -1;
  headerStart = 0;
  payloadStart = 0;
  end = 0;
  #viewOf: Buffer = NO_BYTES;
  #view: DataView = NO_VIEW;

  get bytes(): Buffer {
    return this.buffer;
  }

  /** Bytes of header block and payload together, as `max_payload` and MSG lines count them. */
  get size(): number {
    return this.end - this.headerStart;
  }

  get hasHeader(): boolean {
    return this.payloadStart > this.headerStart;
  }

  /** The buffer's bytes for whoever copies words of them; made once per buffer. */
  get view(): DataView {
    const { buffer } = this;
    if (this.#viewOf !== buffer) {
      this.#view = viewOf(buffer);
      this.#viewOf = buffer;
    }
    return this.#view;
  }

  /** Points this message at header and payload bytes. */
  place(buffer: Buffer, headerStart: number, payloadStart: number, end: number): void {
    this.buffer = buffer;
    this.headerStart = headerStart;
    this.payloadStart = payloadStart;
    this.end = end;
    this.subjectStart = -1;
  }

  /** A copy of the header block (`NATS/1.0…` with its blank line), or an empty buffer. */
  copyHeader(): Buffer {
    return Buffer.from(this.buffer.subarray(this.headerStart, this.payloadStart));
  }

  copyPayload(): Buffer {
    return Buffer.from(this.buffer.subarray(this.payloadStart, this.end));
  }

  payloadText(): string {
    return this.buffer.utf8Slice(this.payloadStart, this.end);
  }
}
