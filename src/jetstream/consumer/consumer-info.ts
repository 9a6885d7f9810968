import { formatInstant, type Instant, ZERO_TIME } from '../../base/index.ts';
import { type ByteString, toText } from '../../subjects/index.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { Ledger } from './ledger.ts';
import type { Pause } from './pause.ts';
import type { Pin } from './priority.ts';

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
  /** The first group stands for all (measured on 2.14.5). */
  readonly priority_groups?: readonly PriorityGroupState[];
}

/** Who is pinned in a priority group. */
export interface PriorityGroupState {
  readonly group: string;
  readonly pinned_client_id?: string;
  /** The year 1 while nobody is. */
  readonly pinned_ts: string;
}

/** What an info is made of. */
export interface ConsumerFacts {
  readonly stream: ByteString;
  readonly name: ByteString;
  readonly created: Instant;
  readonly config: ConsumerConfig;
  readonly ledger: Ledger;
  readonly waiting: number;
  readonly pending: number;
  readonly isBound: boolean;
  readonly pause: Pause;
  readonly pin: Pin | undefined;
  readonly at: Instant;
}

/** A consumer as replies show it, without what they add to the metadata. */
export function consumerInfo(facts: ConsumerFacts): ConsumerInfo {
  const { ledger, pause, config } = facts;
  const now = facts.at.ms;
  return {
    stream_name: toText(facts.stream),
    name: toText(facts.name),
    created: formatInstant(facts.created),
    config,
    delivered: sequenceInfo(ledger.deliveredSeq, ledger.deliveredStream, ledger.lastDelivered),
    ack_floor: sequenceInfo(ledger.floorSeq, ledger.floorStream, ledger.lastSettled),
    num_ack_pending: ledger.pending.live,
    num_redelivered: ledger.pending.redelivered,
    num_waiting: facts.waiting,
    num_pending: facts.pending,
    ...(facts.isBound ? { push_bound: true as const } : {}),
    ...(pause.holds(now) ? { paused: true as const, pause_remaining: pause.remaining(now) } : {}),
    ts: formatInstant(facts.at),
    ...(config.priority_groups === undefined ? {} : { priority_groups: groupState(config, facts.pin) }),
  };
}

function groupState(config: ConsumerConfig, pin: Pin | undefined): PriorityGroupState[] {
  const group = config.priority_groups?.[0] ?? '';
  if (pin?.since === undefined) return [{ group, pinned_ts: ZERO_TIME }];
  return [{ group, pinned_client_id: pin.id, pinned_ts: formatInstant(pin.since) }];
}

/** A pair of sequences as replies show it; without a time where nothing happened yet. */
function sequenceInfo(consumerSeq: number, streamSeq: number, active: Instant | undefined): SequenceInfo {
  const info = { consumer_seq: consumerSeq, stream_seq: streamSeq };
  return active === undefined ? info : { ...info, last_active: formatInstant(active) };
}
