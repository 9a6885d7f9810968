import { formatInstant, type Instant } from '../base/index.ts';
import type { ConsumerConfig } from './consumer-config.ts';

/** One of the two positions of a consumer. */
export interface SequenceInfo {
  readonly consumer_seq: number;
  readonly stream_seq: number;
  readonly last_active?: string;
}

/** A consumer as replies show it: JSON-ready, keys in the server's order (measured on 2.14.5). */
export interface ConsumerInfo {
  readonly stream_name: string;
  readonly name: string;
  readonly created: string;
  readonly config: ConsumerConfig;
  readonly delivered: SequenceInfo;
  readonly ack_floor: SequenceInfo;
  readonly num_ack_pending: number;
  readonly num_redelivered: number;
  readonly num_waiting: number;
  readonly num_pending: number;
  readonly push_bound?: true;
  readonly paused?: true;
  /** Nanoseconds. */
  readonly pause_remaining?: number;
  readonly ts: string;
}

/** A pair of sequences as replies show it; without a time where nothing happened yet. */
export function sequenceInfo(
  consumerSeq: number,
  streamSeq: number,
  active: Instant | undefined,
): SequenceInfo {
  const info = { consumer_seq: consumerSeq, stream_seq: streamSeq };
  return active === undefined ? info : { ...info, last_active: formatInstant(active) };
}
