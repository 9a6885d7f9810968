import { formatInstant } from '../base/index.ts';
import type { StoredMessage } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** The stored header block with the lines that say where the message stands. */
export function directHeader(found: StoredMessage, stream: ByteString, more = ''): Buffer {
  const own =
    found.header.length === 0 ? 'NATS/1.0\r\n' : found.header.latin1Slice(0, found.header.length - 2);
  const place = `Nats-Stream: ${stream}\r\nNats-Subject: ${found.subject}\r\nNats-Sequence: ${found.seq}\r\n`;
  const time = `Nats-Time-Stamp: ${formatInstant(found.time)}\r\n`;
  return Buffer.from(`${own}${place}${time}${more}\r\n`, 'latin1');
}
