import type { ByteString } from '../subjects/index.ts';

/** What a stream tells its consumers and asks them. */
export interface StreamConsumer {
  readonly name: ByteString;
  /** A message was stored. Only notes it; delivery happens from the run queue. */
  onStored(seq: number, subject: ByteString): void;
  /** A message went (deleted, expired, discarded, acknowledged). It is already out of the store. */
  onRemoved(seq: number, subject: ByteString): void;
  /** Many went at once: everything below `firstSeq`, or (with a filter) an unknown set. Look at the store again. */
  onPurged(firstSeq: number): void;
  /**
   * Whether this consumer still has to see or acknowledge a message; asked under interest retention only, before a
   * message without any such consumer is dropped.
   */
  needs(seq: number, subject: ByteString): boolean;
}
