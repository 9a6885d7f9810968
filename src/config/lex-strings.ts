import { type ByteString, toText } from '../subjects/index.ts';
import type { Cursor } from './cursor.ts';
import { shown } from './cursor.ts';

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '"': '"', '\\': '\\' };

/** Reads `'…'`: raw, no escapes, may span lines. */
export function readSingleQuoted(cursor: Cursor): string {
  cursor.skip();
  const end = cursor.text.indexOf("'", cursor.offset);
  if (end === -1) return failAtEnd(cursor, 'Unexpected EOF.');
  const value = cursor.text.slice(cursor.offset, end);
  cursor.moveTo(end + 1);
  return value;
}

/** Reads `"…"` with the escapes of the language; may span lines. */
export function readDoubleQuoted(cursor: Cursor): string {
  cursor.skip();
  const parts: string[] = [];
  for (;;) {
    parts.push(cursor.take(/[^"\\]*/y));
    if (cursor.atEnd) return failAtEnd(cursor, 'Unexpected EOF.');
    if (cursor.here === '"') break;
    parts.push(readEscape(cursor));
  }
  cursor.skip();
  return parts.join('');
}

/** `\xHH` stands for a byte; a run of them is read as UTF-8, since the server's strings are bytes. */
function readEscape(cursor: Cursor): string {
  const bytes = cursor.take(/(?:\\x[0-9a-fA-F]{2})+/y);
  if (bytes !== '') {
    const codes = bytes.slice(2).split('\\x');
    return toText(codes.map((code) => String.fromCharCode(Number.parseInt(code, 16))).join('') as ByteString);
  }
  cursor.skip();
  const char = cursor.here;
  if (char === 'x') {
    const got = cursor.text.slice(cursor.offset + 1, cursor.offset + 3);
    return cursor.fail(`Expected two hexadecimal digits after '\\x', but got '${got}'`);
  }
  if (cursor.atEnd) return failAtEnd(cursor, 'Unexpected EOF.');
  if (!Object.hasOwn(ESCAPES, char)) return cursor.fail(escapeMessage(char));
  cursor.skip();
  return ESCAPES[char] as string;
}

function escapeMessage(char: string): string {
  const known = '\\xXX, \\t, \\n, \\r, \\", \\\\';
  return `Invalid escape character '${shown(char)}'. Only the following escape characters are allowed: ${known}.`;
}

/** Reads `(…)`: everything up to a `)` that stands first on a line and alone on it. */
export function readBlock(cursor: Cursor): string {
  cursor.skip();
  const from = cursor.offset;
  const end = /\n\)[ \t\r]*(?=\n|$)/g;
  end.lastIndex = from;
  const found = end.exec(cursor.text);
  if (found === null) return failAtEnd(cursor, 'Unexpected EOF processing block.');
  cursor.moveTo(end.lastIndex);
  return cursor.text.slice(from, found.index + 1);
}

/** Reads an unquoted string, which ends at white space, `,`, `;`, `]`, `}`. */
export function readBare(cursor: Cursor): string {
  return cursor.take(/[^\s,;\]}']+/y);
}

function failAtEnd(cursor: Cursor, message: string): never {
  cursor.moveTo(cursor.text.length);
  return cursor.fail(message);
}
