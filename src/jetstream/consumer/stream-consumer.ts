import type { ByteString } from '../../subjects/index.ts';
import type { SubjectFilter } from '../store/filter.ts';
import type { ConsumerIndex } from '../stream/consumer-index.ts';

/** What a stream tells its consumers and asks them. */
export interface StreamConsumer {
  /** Which messages it wants. */
  readonly filter: SubjectFilter;
  /**
   * A message was stored. Only notes it; delivery happens from the run queue.
   * @returns whether it wants to hear of the next one too, because somebody waits; otherwise it may be let {@link rest}.
   */
  onStored(seq: number, subject: ByteString): boolean;
  /**
   * Nothing is told from here on but what is removed; when it is looked at it catches up and rejoins the index. Only
   * for a consumer of all messages. @returns whether it waits for acknowledgements.
   */
  rest(index: ConsumerIndex): boolean;
  /**
   * A message went (deleted, expired, discarded, acknowledged). It is already out of the store.
   * @returns whether it still waits for acknowledgements of others.
   */
  onRemoved(seq: number, subject: ByteString): boolean;
  /** Many went at once: those it was told of, or everything. None below `firstSeq` is left. */
  onPurged(firstSeq: number): void;
  /**
   * Whether this consumer still has to see or acknowledge a message; asked under interest retention only, before a
   * message without any such consumer is dropped.
   */
  needs(seq: number, subject: ByteString): boolean;
}
