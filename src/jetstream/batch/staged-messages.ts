import { copyBytes, type Message, type Viewed, viewOf } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import { extendHeader } from '../publish/header-block.ts';

/** First block, bytes; each further one is twice as big, up to the largest. Bigger messages have one of their own. */
const SMALLEST_BLOCK = 1024;
const LARGEST_BLOCK = 64 * 1024;

/** Memory that holds the bytes of messages back to back. */
class Block implements Viewed {
  readonly bytes: Buffer;
  readonly view: DataView;
  used = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
}

interface Staged {
  readonly subject: ByteString;
  readonly buffer: Buffer;
  readonly headerStart: number;
  readonly payloadStart: number;
  readonly end: number;
}

/**
 * The messages of a batch that wait for its end. Their bytes are copied once, into a few blocks, and are read from there
 * as often as it takes.
 */
export class StagedMessages {
  readonly #staged: Staged[] = [];
  #block: Block | undefined;

  get length(): number {
    return this.#staged.length;
  }

  add(message: Message): void {
    const { subject, headerStart, payloadStart, end } = message;
    const block = this.#room(message.size);
    const at = block.used;
    block.used = copyBytes(message, headerStart, end, block, at);
    this.#staged.push({
      subject,
      buffer: block.bytes,
      headerStart: at,
      payloadStart: at + payloadStart - headerStart,
      end: block.used,
    });
  }

  /** Makes `to` the message with this number, from 0. */
  place(number: number, to: Message): Message {
    const { subject, buffer, headerStart, payloadStart, end } = this.#staged[number] as Staged;
    to.subject = subject;
    to.place(buffer, headerStart, payloadStart, end);
    return to;
  }

  /** Gives the last message one more header line. */
  extendLast(line: readonly [key: string, value: string]): void {
    const last = this.#staged.pop();
    if (last === undefined) return;
    const { subject, buffer, headerStart, payloadStart, end } = last;
    const header = extendHeader(buffer.subarray(headerStart, payloadStart), [line]);
    const bytes = Buffer.concat([header, buffer.subarray(payloadStart, end)]);
    this.#staged.push({
      subject,
      buffer: bytes,
      headerStart: 0,
      payloadStart: header.length,
      end: bytes.length,
    });
  }

  /** Bytes of subjects, headers and payloads. */
  bytes(): number {
    let bytes = 0;
    for (const { subject, headerStart, end } of this.#staged) bytes += subject.length + end - headerStart;
    return bytes;
  }

  #room(bytes: number): Block {
    const last = this.#block;
    if (last !== undefined && last.used + bytes <= last.bytes.length) return last;
    const size = last === undefined ? SMALLEST_BLOCK : Math.min(2 * last.bytes.length, LARGEST_BLOCK);
    if (bytes > size) return new Block(Buffer.allocUnsafeSlow(bytes));
    this.#block = new Block(Buffer.allocUnsafeSlow(size));
    return this.#block;
  }
}
