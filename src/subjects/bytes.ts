declare const byteString: unique symbol;

/**
 * A string with one character per byte (latin-1 of the wire bytes). Subjects, queue names and account names are
 * byte strings inside the server, so that a rule on a non-ASCII subject means the very bytes a client sends.
 */
export type ByteString = string & { readonly [byteString]: true };

/** Converts text (configuration, JSON) to the byte string of its UTF-8 encoding. */
export function toBytes(text: string): ByteString {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, 'utf8').latin1Slice() as ByteString;
  }
  return text as ByteString;
}

/** Converts a byte string back to text (JSON, log). Bytes that are not UTF-8 become U+FFFD. */
export function toText(bytes: ByteString): string {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes.charCodeAt(i) > 0x7f) return Buffer.from(bytes, 'latin1').utf8Slice();
  }
  return bytes;
}

/** The byte string that stands between two offsets of a buffer. */
export function bytesAt(buffer: Buffer, start: number, end: number): ByteString {
  return buffer.latin1Slice(start, end) as ByteString;
}

export const EMPTY_BYTES = '' as ByteString;
