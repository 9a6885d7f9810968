import type { Instant } from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES } from '../../subjects/index.ts';

const NO_BYTES = Buffer.alloc(0);

/**
 * A stored message, seen in place: header = [headerStart, payloadStart), payload = [payloadStart, end) of `buffer`.
 * The bytes are valid until the store changes next; who keeps them copies them. One view is used again and again.
 */
export class MessageView implements Instant {
  seq = 0;
  subject: ByteString = EMPTY_BYTES;
  buffer: Buffer = NO_BYTES;
  headerStart = 0;
  payloadStart = 0;
  end = 0;
  /** When it was stored: ms since the epoch, and nanoseconds within that millisecond. */
  ms = 0;
  ns = 0;

  get hasHeader(): boolean {
    return this.payloadStart > this.headerStart;
  }

  /** Bytes of header block and payload together. */
  get size(): number {
    return this.end - this.headerStart;
  }
}

/** A stored message with bytes of its own, for replies. */
export interface StoredMessage {
  readonly seq: number;
  readonly subject: ByteString;
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly time: Instant;
}
