import { type ByteString, bytesAt, EMPTY_BYTES } from '../subjects/index.ts';
import { type Viewed, viewOf } from './copy.ts';

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));

/**
 * A message on its way. Header block and payload stand back to back in `buffer`:
 * header = [headerStart, payloadStart), payload = [payloadStart, end). The bytes, and the object itself, are valid
 * during the call that hands them over; who keeps them copies them.
 *
 * Subject and reply subject may stand in the buffer too, the latter also in other bytes. They become texts when somebody
 * asks for them: most reply subjects come once, and are only copied.
 */
export class Message implements Viewed {
  #subject: ByteString | undefined = EMPTY_BYTES;
  #route: ByteString | undefined = EMPTY_BYTES;
  #reply: ByteString | undefined = EMPTY_BYTES;
  buffer: Buffer = NO_BYTES;
  #subjectStart = -1;
  #subjectEnd = -1;
  #replyStart = -1;
  #replyEnd = -1;
  #replyBytes: Viewed = this;
  headerStart = 0;
  payloadStart = 0;
  end = 0;
  #viewOf: Buffer = NO_BYTES;
  #view: DataView = NO_VIEW;

  /** What receivers see as subject. */
  get subject(): ByteString {
    this.#subject ??= bytesAt(this.buffer, this.#subjectStart, this.#subjectEnd);
    return this.#subject;
  }

  set subject(subject: ByteString) {
    this.#subject = subject;
    this.#subjectStart = -1;
  }

  /** What it is routed on: the subject, except for deliveries of consumers. Set by the account that delivers. */
  get route(): ByteString {
    return this.#route ?? this.subject;
  }

  set route(route: ByteString | undefined) {
    this.#route = route;
  }

  /** Reply subject, empty when there is none. */
  get reply(): ByteString {
    this.#reply ??= bytesAt(this.#replyBytes.bytes, this.#replyStart, this.#replyEnd);
    return this.#reply;
  }

  set reply(reply: ByteString) {
    this.#reply = reply;
    this.#replyStart = -1;
    this.#replyBytes = this;
  }

  get hasReply(): boolean {
    return this.#reply !== EMPTY_BYTES;
  }

  /** Where the subject's own bytes stand in the buffer; -1 when they do not. */
  get subjectStart(): number {
    return this.#subjectStart;
  }

  /** Where the bytes of the reply subject stand in {@link replyBytes}; -1 when they do not. */
  get replyStart(): number {
    return this.#replyStart;
  }

  /** Where {@link replyStart} points into: this message, or other bytes. */
  get replyBytes(): Viewed {
    return this.#replyBytes;
  }

  get subjectLength(): number {
    return this.#subject?.length ?? this.#subjectEnd - this.#subjectStart;
  }

  /** The byte of the subject at an index, without making a text of it; -1 behind its end. */
  subjectByte(index: number): number {
    if (index >= this.subjectLength) return -1;
    if (this.#subjectStart < 0) return (this.#subject ?? EMPTY_BYTES).charCodeAt(index);
    return this.buffer[this.#subjectStart + index] as number;
  }

  get replyLength(): number {
    return this.#reply?.length ?? this.#replyEnd - this.#replyStart;
  }

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

  /** Points this message at header and payload bytes. Subject and reply subject stay, as far as they are texts. */
  place(buffer: Buffer, headerStart: number, payloadStart: number, end: number): void {
    this.buffer = buffer;
    this.headerStart = headerStart;
    this.payloadStart = payloadStart;
    this.end = end;
    this.#subject ??= EMPTY_BYTES;
    this.#subjectStart = -1;
    if (this.#replyBytes !== this) return;
    this.#reply ??= EMPTY_BYTES;
    this.#replyStart = -1;
  }

  /** The subject stands in the buffer that the message was placed in. @param text the same as a text, where it is known. */
  placeSubject(start: number, end: number, text?: ByteString): void {
    this.#subject = text;
    this.#subjectStart = start;
    this.#subjectEnd = end;
  }

  /** The subject is that of a message in the same buffer. */
  placeSubjectOf(other: Message): void {
    this.#subject = other.#subject;
    this.#subjectStart = other.#subjectStart;
    this.#subjectEnd = other.#subjectEnd;
  }

  /** The reply subject stands in the buffer that the message was placed in; there is none when the range is empty. */
  placeReply(start: number, end: number): void {
    this.#reply = end > start ? undefined : EMPTY_BYTES;
    this.#replyStart = start;
    this.#replyEnd = end;
    this.#replyBytes = this;
  }

  /** The reply subject stands in other bytes, from the first one on. */
  placeReplyOf(bytes: Viewed, end: number): void {
    this.#reply = undefined;
    this.#replyStart = 0;
    this.#replyEnd = end;
    this.#replyBytes = bytes;
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
