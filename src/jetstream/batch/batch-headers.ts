import { type ByteString, toBytes } from '../../subjects/index.ts';
import { HEADER, type PublishHeaders } from '../publish/publish-headers.ts';

/** The largest 64-bit number, which a batch sequence may be. */
const LARGEST = '18446744073709551615';
/** A number as publishers write it, surely below the largest. */
const USUAL = /^[1-9]\d{0,9}$/;
const COMMITS = { '1': 'with-this', eob: 'without-this' } as const;

/** What the headers of one message say about its batch. */
export interface BatchHeaders {
  readonly id: ByteString;
  /** Position in the batch, from 1; `undefined` when the header is missing or can not be read. */
  readonly sequence: number | undefined;
  /** Whether the batch ends here, and whether this message belongs to it; `invalid` when that is not said rightly. */
  readonly commit: 'with-this' | 'without-this' | 'invalid' | undefined;
}

/** Reads the headers of a message in an atomic batch, as 2.14.5 does (measured). */
export function readBatchHeaders(headers: PublishHeaders): BatchHeaders {
  return {
    id: headers.text(HEADER.batchId) as ByteString,
    sequence: readSequence(headers.text(HEADER.batchSequence)),
    commit: readCommit(headers),
  };
}

function readSequence(text: string): number | undefined {
  if (USUAL.test(text)) return Number(text);
  if (!/^\d+$/.test(text)) return undefined;
  const digits = text.replace(/^0+(?=\d)/, '');
  const fits = digits.length < LARGEST.length || (digits.length === LARGEST.length && digits <= LARGEST);
  return fits ? Number(digits) : undefined;
}

function readCommit(headers: PublishHeaders): BatchHeaders['commit'] {
  if (!headers.hasLine(HEADER.batchCommit)) return undefined;
  const text = headers.text(HEADER.batchCommit);
  return Object.hasOwn(COMMITS, text) ? COMMITS[text as keyof typeof COMMITS] : 'invalid';
}

/** The line that the last message of a batch carries. */
export const COMMIT_LINE = ['Nats-Batch-Commit', toBytes('1')] as const;
