import type { Message } from '../base/index.ts';
import { REQUEST_INFO } from './request-info.ts';
import type { Scratch } from './scratch.ts';

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;
const PREAMBLE = Buffer.from('NATS/1.0\r\n', 'latin1');
const LINE_END = Buffer.from('\r\n', 'latin1');
const KEY = REQUEST_INFO.toLowerCase();
/** What a header block can grow by, besides the line itself. */
const OVERHEAD = PREAMBLE.length + 2 * LINE_END.length;

/**
 * Gives a crossing message the header and payload of the original, with this identity line and no other. *All* lines
 * with the key go, in whatever case and wherever they stand, because a reader takes the first one left (CVE-2026-33223
 * removed only the first); the server's own becomes the last line before the blank one.
 */
export function placeWithIdentity(scratch: Scratch, original: Message, line: Buffer): void {
  const { buffer, headerStart, payloadStart, end } = original;
  const target = scratch.room(end - headerStart + line.length + OVERHEAD);
  const payloadAt = writeHeader(target, buffer, headerStart, payloadStart, line);
  buffer.copy(target, payloadAt, payloadStart, end);
  scratch.message.place(target, 0, payloadAt, payloadAt + end - payloadStart);
}

/**
 * The message without any line of that key, as streams keep it; a header block with nothing else goes as a whole
 * (measured on 2.14.5). A message without one is returned as it is, any other is put into `bare`.
 */
export function withoutIdentity(message: Message, bare: Message): Message {
  const { buffer, headerStart, payloadStart, end } = message;
  if (!hasIdentity(message)) return message;
  const target = Buffer.allocUnsafe(end - headerStart);
  let at = 0;
  for (let from = headerStart; from < payloadStart; ) {
    const next = lineEnd(buffer, from, payloadStart);
    if (!isIdentity(buffer, from, next)) at += buffer.copy(target, at, from, next);
    from = next;
  }
  if (at === PREAMBLE.length + LINE_END.length) at = 0;
  const size = at + buffer.copy(target, at, payloadStart, end);
  bare.subject = message.subject;
  bare.route = message.route;
  bare.reply = message.reply;
  bare.place(target, 0, at, size);
  return bare;
}

/** Whether any line of a message's header has the key. */
export function hasIdentity({ buffer, headerStart, payloadStart }: Message): boolean {
  for (let from = headerStart; from < payloadStart; ) {
    const next = lineEnd(buffer, from, payloadStart);
    if (isIdentity(buffer, from, next)) return true;
    from = next;
  }
  return false;
}

/** Writes the block [start, end) of a buffer to the start of `target`. @returns where it ends there. */
function writeHeader(target: Buffer, source: Buffer, start: number, end: number, line: Buffer): number {
  if (start === end) return append(target, append(target, append(target, 0, PREAMBLE), line), LINE_END);
  let at = 0;
  let isWritten = false;
  for (let from = start; from < end; ) {
    const next = lineEnd(source, from, end);
    if (!isIdentity(source, from, next)) {
      if (!isWritten && isBlank(source, from, next)) {
        at = append(target, at, line);
        isWritten = true;
      }
      at += source.copy(target, at, from, next);
    }
    from = next;
  }
  if (isWritten) return at;
  if (at > 0 && target[at - 1] !== LF) at = append(target, at, LINE_END);
  return append(target, append(target, at, line), LINE_END);
}

function append(target: Buffer, at: number, bytes: Buffer): number {
  bytes.copy(target, at);
  return at + bytes.length;
}

/** Behind the line that begins at `from`. Readers disagree about what ends a line; each of their ends counts. */
function lineEnd(source: Buffer, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    if (source[i] === LF) return i + 1;
    if (source[i] === CR) return source[i + 1] === LF && i + 1 < end ? i + 2 : i + 1;
  }
  return end;
}

function isBlank(source: Buffer, from: number, next: number): boolean {
  return source[from] === LF || (source[from] === CR && source[from + 1] === LF && next === from + 2);
}

/** Whether a line carries the key, with or without white space around it. */
function isIdentity(source: Buffer, from: number, next: number): boolean {
  let start = from;
  while (start < next && isSpace(source[start])) start++;
  let end = start + KEY.length;
  if (end >= next) return false;
  for (let i = 0; i < KEY.length; i++) {
    if (lowered(source[start + i] as number) !== KEY.charCodeAt(i)) return false;
  }
  while (end < next && isSpace(source[end])) end++;
  return source[end] === COLON;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function lowered(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
