import { headerValue, type Instant, type Message, type Random } from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES } from '../../subjects/index.ts';
import type { JetStreamEnv } from '../env.ts';
import { AckSubject, ackArgument, ackKind, nakDelayMs, nextArgument } from './ack.ts';
import type { ConsumerAdvisories, DeliveryFacts } from './consumer-advisories.ts';
import { samplePercent } from './consumer-check.ts';
import { ackWaitMs, type ConsumerConfig } from './consumer-config.ts';
import type { Ledger } from './ledger.ts';

/** What acknowledgements change outside the ledger. */
export interface AckEffects {
  readonly env: JetStreamEnv;
  readonly ledger: Ledger;
  readonly advisories: ConsumerAdvisories;
  /** Where the numbers start in an acknowledgement's subject of the usual layout. */
  readonly prefix: string;
  readonly random: () => Random;
  /** A stream sequence is settled for good. */
  settled(seq: number): void;
  /** Something may be deliverable now. */
  wake(): void;
}

const read = new AckSubject();

/** Handles the acknowledgements of one consumer. What it does with each is measured on 2.14.5. */
export class AckDesk {
  readonly #effects: AckEffects;
  #config: ConsumerConfig;
  /** Percent of acknowledgements to report. */
  #samplePercent = 0;

  constructor(config: ConsumerConfig, effects: AckEffects) {
    this.#effects = effects;
    this.#config = config;
    this.configure(config);
  }

  configure(config: ConsumerConfig): void {
    this.#config = config;
    this.#samplePercent = samplePercent(config.sample_freq) ?? 0;
  }

  /**
   * Takes an acknowledgement. What cannot be read, or acknowledges what was never delivered, changes nothing and is not
   * confirmed; a repeated one is. The confirmation goes before whatever the acknowledgement sets free.
   * @returns what `+NXT` asks for in place of a confirmation.
   */
  take(message: Message, at: Instant): ByteString | undefined {
    const { buffer, payloadStart, end } = message;
    if (!read.read(message, this.#effects.prefix.length)) return undefined;
    const kind = ackKind(buffer, payloadStart, end);
    const isDelivered = read.streamSeq <= this.#effects.ledger.deliveredStream;
    if (!isDelivered && (kind === 'ack' || kind === 'term')) return undefined;
    if (kind !== 'next') this.#confirm(message.reply);
    switch (kind) {
      case 'ack':
        this.#acknowledge(at);
        return undefined;
      case 'next':
        if (isDelivered) this.#acknowledge(at);
        return nextArgument(buffer, payloadStart, end);
      case 'nak':
        this.#refuse(ackArgument(buffer, payloadStart, end, '-NAK'), at.ms);
        return undefined;
      case 'term':
        this.#terminate(ackArgument(buffer, payloadStart, end, '+TERM'), at);
        return undefined;
      case 'progress':
        this.#progress(at.ms);
        return undefined;
      case 'unknown':
        return undefined;
    }
  }

  /**
   * Takes what the answer to a flow control request acknowledges (ack policy `flow_control`): everything up to the
   * positions in its headers, if they are ones that were delivered.
   */
  settleByFlow({ buffer, headerStart, payloadStart }: Message, at: Instant): void {
    const consumerSeq = headerValue(buffer, headerStart, payloadStart, 'Nats-Last-Consumer') ?? '';
    const streamSeq = headerValue(buffer, headerStart, payloadStart, 'Nats-Last-Stream') ?? '';
    if (!/^\d{1,16}$/.test(consumerSeq) || !/^\d{1,16}$/.test(streamSeq)) return;
    this.#settleUpTo(Number(streamSeq), Number(consumerSeq), at);
  }

  /** Tells who acknowledges that it has been heard, if it gave a reply subject. */
  #confirm(reply: ByteString): void {
    if (reply !== '') this.#effects.env.emit(reply, EMPTY_BYTES, undefined, undefined);
  }

  #settleUpTo(streamSeq: number, consumerSeq: number, at: Instant): void {
    const { ledger } = this.#effects;
    if (!ledger.settleUpTo(streamSeq, consumerSeq, (seq) => this.#effects.settled(seq))) return;
    ledger.lastSettled = at;
    this.#effects.wake();
  }

  #acknowledge(at: Instant): void {
    const { ledger } = this.#effects;
    ledger.lastSettled = at;
    const row = ledger.pending.find(read.streamSeq);
    if (row !== -1) this.#sample(row, at.ms);
    if (this.#config.ack_policy === 'all') this.#settleUpTo(read.streamSeq, read.consumerSeq, at);
    else if (row !== -1) {
      ledger.settle(row);
      this.#effects.settled(read.streamSeq);
      this.#effects.wake();
    }
  }

  #refuse(argument: string, now: number): void {
    const { pending } = this.#effects.ledger;
    const row = pending.find(read.streamSeq);
    if (row === -1 || !pending.isLive(row)) return;
    const delay = nakDelayMs(argument);
    if (delay > 0) {
      pending.unqueue(row);
      pending.postpone(row, now + delay);
    } else this.#effects.ledger.requeue(row);
    this.#effects.advisories.naked(facts());
    this.#effects.wake();
  }

  #terminate(reason: string, at: Instant): void {
    const { ledger } = this.#effects;
    ledger.lastSettled = at;
    const row = ledger.pending.find(read.streamSeq);
    if (row === -1 || !ledger.pending.isLive(row)) return;
    ledger.settle(row);
    this.#effects.advisories.terminated(facts(), reason);
    this.#effects.settled(read.streamSeq);
    this.#effects.wake();
  }

  #progress(now: number): void {
    const { pending } = this.#effects.ledger;
    const row = pending.find(read.streamSeq);
    if (row === -1 || !pending.isLive(row)) return;
    pending.postpone(row, now + ackWaitMs(this.#config, pending.count(row)));
  }

  #sample(row: number, now: number): void {
    const percent = this.#samplePercent;
    if (percent <= 0 || (percent < 100 && this.#effects.random().below(100) >= percent)) return;
    const { pending } = this.#effects.ledger;
    const ackTime = Math.round((now - pending.sentAt(row)) * 1e6);
    this.#effects.advisories.acknowledged(read.consumerSeq, read.streamSeq, ackTime, read.delivered);
  }
}

function facts(): DeliveryFacts {
  return { consumer_seq: read.consumerSeq, stream_seq: read.streamSeq, deliveries: read.delivered };
}
