import type { Instant } from '../../base/index.ts';
import {
  DOUBLE_MS,
  DOUBLE_SEQ,
  type Slab,
  WORD_HEADER,
  WORD_LASTING,
  WORD_NS,
  WORD_PAYLOAD,
} from './slabs.ts';

/** Bytes the server counts for a message besides subject, header block and payload (measured on 2.14.5). */
const MEMORY_OVERHEAD = 16;
const FILE_OVERHEAD = 30;
/** File storage counts these more when there is a header block. */
const FILE_HEADER_OVERHEAD = 4;

/** What the server's accounting counts for one message. */
export function accountedBytes(
  storage: 'file' | 'memory',
  subjectLength: number,
  headerLength: number,
  payloadLength: number,
): number {
  const content = subjectLength + headerLength + payloadLength;
  if (storage === 'memory') return content + MEMORY_OVERHEAD;
  return content + FILE_OVERHEAD + (headerLength > 0 ? FILE_HEADER_OVERHEAD : 0);
}

/** Writes the head of a message's record; header block and payload follow it. */
export function writeRecord(
  slab: Slab,
  offset: number,
  seq: number,
  at: Instant,
  headerLength: number,
  payloadLength: number,
): void {
  const word = offset >>> 2;
  const double = offset >>> 3;
  slab.words[word + WORD_HEADER] = headerLength;
  slab.words[word + WORD_PAYLOAD] = payloadLength;
  slab.words[word + WORD_NS] = at.ns;
  slab.words[word + WORD_LASTING] = 0;
  slab.doubles[double + DOUBLE_SEQ] = seq;
  slab.doubles[double + DOUBLE_MS] = at.ms;
}
