import type { Instant } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import type { JetStreamEnv } from '../env.ts';
import type { ServerLimits } from '../limits.ts';
import type { SubjectFilter } from '../store/filter.ts';
import type { MessageView } from '../store/message-view.ts';
import type { Consumer } from './consumer.ts';
import type { ReadonlyConsumerRoster } from './consumer-roster.ts';

/** What a consumer reads of its stream's messages; `MessageStore` is one. */
export interface ConsumerStore {
  readonly firstSeq: number;
  readonly numSubjects: number;
  readonly lastSeq: number;
  has(seq: number): boolean;
  /** Fills `into`; false when there is no such message. Its bytes are valid until the next change of the store. */
  load(seq: number, into: MessageView): boolean;
  /** The smallest stored sequence ≥ `from` that passes the filter, 0 when there is none. */
  next(from: number, filter: SubjectFilter | undefined, into?: MessageView): number;
  /** The largest stored sequence that passes the filter, 0 when there is none. */
  lastOf(filter: SubjectFilter | undefined): number;
  /** How many messages from `seq` on pass the filter. */
  countFrom(seq: number, filter: SubjectFilter | undefined): number;
  /** Sequence of the last message of each matching subject, ascending. */
  lastPerSubject(filter: SubjectFilter | undefined): Float64Array;
  /** The smallest stored sequence whose time is at or after an instant, `lastSeq + 1` when there is none. */
  seqAtTime(at: Instant): number;
}

/** What a consumer needs of its stream; `Stream` is one. */
export interface ConsumerStream {
  readonly name: ByteString;
  /** The account's JetStream: where it stands, and what its consumers may be. */
  readonly jetstream: {
    readonly env: JetStreamEnv;
    readonly limits: { readonly maxConsumers: number; readonly maxAckPending: number };
    readonly server: ServerLimits;
  };
  readonly config: {
    readonly subjects?: readonly string[];
    readonly retention: 'limits' | 'interest' | 'workqueue';
    readonly max_consumers: number;
    readonly consumer_limits: { readonly inactive_threshold?: number; readonly max_ack_pending?: number };
  };
  readonly store: ConsumerStore;
  readonly consumers: ReadonlyConsumerRoster;
  /** Takes a consumer in, or notes that it wants other subjects than before. */
  addConsumer(consumer: Consumer): void;
  /** The consumer will not ask for this message again: retention by interest or as a work queue may remove it. */
  acknowledged(consumer: Consumer, seq: number): void;
  /** Takes a consumer out and closes it. */
  deleteConsumer(name: ByteString): void;
}
