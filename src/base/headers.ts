/**
 * The header block of a message: `NATS/1.0[ status[ description]]`, lines of `Key: Value`, a blank line. The server
 * matches its own keys case-sensitively at a line's start and takes the first occurrence (measured on 2.14.5).
 */
const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SPACE = 0x20;
const PREAMBLE = 'NATS/1.0\r\n';

/** Where the value of a header stands in a buffer. */
export interface HeaderSpan {
  /** Start of the line. */
  line: number;
  /** Start of the value. */
  start: number;
  /** End of the value (exclusive). */
  end: number;
  /** Start of the next line. */
  next: number;
}

function lineEnd(buffer: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i++) if (buffer[i] === LF) return i + 1;
  return end;
}

function startsWithKey(buffer: Uint8Array, from: number, end: number, key: string): boolean {
  if (from + key.length >= end) return false;
  for (let i = 0; i < key.length; i++) if (buffer[from + i] !== key.charCodeAt(i)) return false;
  return buffer[from + key.length] === COLON;
}

/** The first line with this key in the header block [start, end) of a buffer, or `undefined`. */
export function findHeader(
  buffer: Uint8Array,
  start: number,
  end: number,
  key: string,
): HeaderSpan | undefined {
  let line = lineEnd(buffer, start, end);
  while (line < end) {
    const next = lineEnd(buffer, line, end);
    if (startsWithKey(buffer, line, end, key)) {
      let valueStart = line + key.length + 1;
      if (buffer[valueStart] === SPACE) valueStart++;
      let valueEnd = next;
      if (valueEnd > valueStart && buffer[valueEnd - 1] === LF) valueEnd--;
      if (valueEnd > valueStart && buffer[valueEnd - 1] === CR) valueEnd--;
      return { line, start: valueStart, end: Math.max(valueStart, valueEnd), next };
    }
    line = next;
  }
  return undefined;
}

/** The value of the first header with this key, one character per byte, or `undefined`. */
export function headerValue(buffer: Buffer, start: number, end: number, key: string): string | undefined {
  const span = findHeader(buffer, start, end, key);
  return span === undefined ? undefined : buffer.latin1Slice(span.start, span.end);
}

/**
 * A copy of a header block without any line of this key, in whatever case and wherever it stands: *all* copies go,
 * because a reader takes the first one left (CVE-2026-33223 removed only the first).
 */
export function withoutHeader(block: Buffer, key: string): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (let line = 0; line < block.length; ) {
    const next = lineEnd(block, line, block.length);
    if (startsWithKeyInAnyCase(block, line, next, key)) {
      kept.push(block.subarray(from, line));
      from = next;
    }
    line = next;
  }
  return from === 0 ? block : Buffer.concat([...kept, block.subarray(from)]);
}

function startsWithKeyInAnyCase(block: Buffer, line: number, end: number, key: string): boolean {
  const colon = line + key.length;
  if (colon >= end || block[colon] !== COLON) return false;
  return block.latin1Slice(line, colon).toLowerCase() === key.toLowerCase();
}

/**
 * The bytes of header text, one for each character. Text that was never made bytes is encoded as UTF-8: cut down to its
 * low byte, U+010A would be a line feed and begin a line of its own.
 */
function encoded(text: string): Buffer {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return Buffer.from(text, 'utf8');
  return Buffer.from(text, 'latin1');
}

/**
 * A header block with one more line behind its last one, on a line of its own however the block ends. An empty block
 * becomes one with this line alone.
 */
export function withHeader(block: Buffer, key: string, value: string): Buffer {
  const line = `${key}: ${value}\r\n`;
  if (block.length === 0) return encoded(`${PREAMBLE}${line}\r\n`);
  const end = startOfBlankLine(block);
  const isLineEnd = end === 0 || block[end - 1] === LF;
  const rest = end === block.length ? '\r\n' : '';
  return Buffer.concat([
    block.subarray(0, end),
    encoded(`${isLineEnd ? '' : '\r\n'}${line}${rest}`),
    block.subarray(end),
  ]);
}

/** Where the first blank line begins: readers look no further. The block's end when the sender left it out. */
function startOfBlankLine(block: Buffer): number {
  for (let line = 0; line < block.length; ) {
    if (block[line] === LF || (block[line] === CR && block[line + 1] === LF)) return line;
    line = lineEnd(block, line, block.length);
  }
  return block.length;
}

/** A header block of a status line and fields, as the server sends for 100, 404, 408, 409, 503 and the like. */
export function statusHeader(status: string, fields: readonly (readonly [string, string])[] = []): Buffer {
  let text = `NATS/1.0 ${status}\r\n`;
  for (const [key, value] of fields) text += `${key}: ${value}\r\n`;
  return encoded(`${text}\r\n`);
}
