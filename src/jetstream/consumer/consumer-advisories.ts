import { type ByteString, toText } from '../../subjects/index.ts';
import type { JetStreamEnv } from '../env.ts';

const ADVISORY = '$JS.EVENT.ADVISORY.CONSUMER';
const ADVISORY_TYPE = 'io.nats.jetstream.advisory.v1';

/** What an advisory about one delivery tells. */
export interface DeliveryFacts {
  readonly consumer_seq: number;
  readonly stream_seq: number;
  readonly deliveries: number;
}

/** The advisories and metrics of one consumer (fields and their order measured on 2.14.5). */
export class ConsumerAdvisories {
  readonly #env: JetStreamEnv;
  readonly #path: string;
  readonly #who: { readonly stream: string; readonly consumer: string };
  readonly #domain: { readonly domain?: string };

  constructor(env: JetStreamEnv, stream: ByteString, consumer: ByteString) {
    this.#env = env;
    this.#domain = env.domain === '' ? {} : { domain: env.domain };
    this.#path = `${stream}.${consumer}`;
    this.#who = { stream: toText(stream), consumer: toText(consumer) };
  }

  created(): void {
    this.#advise('CREATED', 'consumer_action', { action: 'create' });
  }

  deleted(): void {
    this.#advise('DELETED', 'consumer_action', { action: 'delete' });
  }

  naked(facts: DeliveryFacts): void {
    this.#advise('MSG_NAKED', 'nak', { ...facts });
  }

  terminated(facts: DeliveryFacts, reason: string): void {
    this.#advise('MSG_TERMINATED', 'terminated', reason === '' ? { ...facts } : { ...facts, reason });
  }

  exhausted(streamSeq: number, deliveries: number): void {
    this.#advise('MAX_DELIVERIES', 'max_deliver', { stream_seq: streamSeq, deliveries });
  }

  paused(paused: boolean, until: string): void {
    this.#advise('PAUSE', 'consumer_pause', { paused, pause_until: until });
  }

  /** A client is the only one of its priority group that is served from now on. */
  pinned(group: string, id: string): void {
    this.#adviseGroup('PINNED', 'consumer_group_pinned', { group, pinned_id: id });
  }

  unpinned(group: string, reason: 'admin' | 'timeout'): void {
    this.#adviseGroup('UNPINNED', 'consumer_group_unpinned', { group, reason });
  }

  /** The metric of one sampled acknowledgement; `ackTime` is nanoseconds since its delivery. */
  acknowledged(consumerSeq: number, streamSeq: number, ackTime: number, deliveries: number): void {
    const body = { consumer_seq: consumerSeq, stream_seq: streamSeq, ack_time: ackTime, deliveries };
    this.#env.advise(
      `$JS.EVENT.METRIC.CONSUMER.ACK.${this.#path}` as ByteString,
      'io.nats.jetstream.metric.v1.consumer_ack',
      { ...this.#who, ...body, ...this.#domain },
    );
  }

  #advise(event: string, type: string, body: Record<string, unknown>): void {
    const subject = `${ADVISORY}.${event}.${this.#path}` as ByteString;
    this.#env.advise(subject, `${ADVISORY_TYPE}.${type}`, { ...this.#who, ...body, ...this.#domain });
  }

  /** As {@link #advise}; these name the account too, and everything in another order. */
  #adviseGroup(event: string, type: string, body: Record<string, unknown>): void {
    const subject = `${ADVISORY}.${event}.${this.#path}` as ByteString;
    const who = { account: this.#env.accountName, ...this.#who, ...this.#domain };
    this.#env.advise(subject, `${ADVISORY_TYPE}.${type}`, { ...who, ...body });
  }
}
