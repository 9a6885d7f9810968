import { copyBytes, type Message, type Viewed, viewOf } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';

const SPACE = 0x20;
const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
/** Below this many characters a loop beats a call into the runtime. */
const LOOP_CHARACTERS = 48;
/** The longest decimal a size can have. */
const SIZE_DIGITS = 10;

export const PONG_LINE = Buffer.from('PONG\r\n');
export const PING_LINE = Buffer.from('PING\r\n');
export const OK_LINE = Buffer.from('+OK\r\n');

/** Bytes that wait to be written, with a view of them by words. */
export class Chunk implements Viewed {
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.bytes);
  }
}

/** An upper bound of the bytes that {@link encodeMessage} writes. */
export function encodedBound(message: Message, sid: ByteString): number {
  const { subjectLength, replyLength, size } = message;
  return 5 + subjectLength + sid.length + replyLength + 2 * SIZE_DIGITS + 9 + size;
}

/**
 * Writes MSG or HMSG for one receiver. A receiver without header support gets the payload alone.
 * @returns the offset behind the message. The buffer has room for {@link encodedBound} bytes.
 */
export function encodeMessage(
  chunk: Chunk,
  at: number,
  message: Message,
  sid: ByteString,
  headers: boolean,
): number {
  const out = chunk.bytes;
  const { payloadStart, end } = message;
  const withHeader = headers && payloadStart > message.headerStart;
  if (withHeader) out[at++] = 0x48;
  out[at] = 0x4d;
  out[at + 1] = 0x53;
  out[at + 2] = 0x47;
  out[at + 3] = SPACE;
  at = writeSubject(chunk, at + 4, message);
  at = writeToken(out, at, sid);
  if (message.hasReply) at = writeReply(chunk, at, message);
  if (withHeader) {
    at = writeNumber(out, at, payloadStart - message.headerStart);
    out[at++] = SPACE;
  }
  const bodyStart = withHeader ? message.headerStart : payloadStart;
  at = writeNumber(out, at, end - bodyStart);
  out[at] = CR;
  out[at + 1] = LF;
  at = copyBytes(message, bodyStart, end, chunk, at + 2);
  out[at] = CR;
  out[at + 1] = LF;
  return at + 2;
}

/** A subject that came with the message is copied from where it came; a text has to be written out. */
function writeSubject(chunk: Chunk, at: number, message: Message): number {
  const { subjectStart } = message;
  if (subjectStart < 0) return writeToken(chunk.bytes, at, message.subject);
  return copyToken(chunk, at, message, subjectStart, message.subjectLength);
}

function writeReply(chunk: Chunk, at: number, message: Message): number {
  const { replyStart } = message;
  if (replyStart < 0) return writeToken(chunk.bytes, at, message.reply);
  return copyToken(chunk, at, message.replyBytes, replyStart, message.replyLength);
}

function copyToken(chunk: Chunk, at: number, from: Viewed, start: number, length: number): number {
  at = copyBytes(from, start, start + length, chunk, at);
  chunk.bytes[at] = SPACE;
  return at + 1;
}

function writeToken(out: Buffer, at: number, text: ByteString): number {
  const length = text.length;
  if (length > LOOP_CHARACTERS) {
    out.latin1Write(text, at, length);
    at += length;
  } else {
    for (let i = 0; i < length; i++) out[at++] = text.charCodeAt(i);
  }
  out[at] = SPACE;
  return at + 1;
}

function writeNumber(out: Buffer, at: number, value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = (value / 10) | 0;
    out[i] = ZERO + value - rest * 10;
    value = rest;
  }
  return at + digits;
}

/** An `-ERR` line. */
export function errorLine(text: string): Buffer {
  return Buffer.from(`-ERR '${text}'\r\n`, 'latin1');
}
