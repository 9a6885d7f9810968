import type { Message, Random } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { AckSubject, ackArgument, ackKind, nakDelayMs } from './ack.ts';
import type { ConsumerAdvisories, DeliveryFacts } from './consumer-advisories.ts';
import type { AckPolicy } from './consumer-config.ts';
import type { Ledger } from './ledger.ts';

/** What acknowledgements change outside the ledger. */
export interface AckEffects {
  readonly ledger: Ledger;
  readonly advisories: ConsumerAdvisories;
  readonly policy: AckPolicy;
  /** Where the numbers start in an acknowledgement's subject of the usual layout. */
  readonly prefix: string;
  /** How long (ms) to wait for an acknowledgement of the n-th delivery. */
  waitMs(deliveries: number): number;
  /** Percent of acknowledgements to report. */
  samplePercent(): number;
  readonly random: () => Random;
  /** A stream sequence is settled for good. */
  settled(seq: number): void;
  /** Something may be deliverable now. */
  wake(): void;
}

const NAMES_BEFORE_NUMBERS_V2 = 6;
const read = new AckSubject();

/** Handles the acknowledgements of one consumer. What it does with each is measured on 2.14.5. */
export class AckDesk {
  readonly #effects: AckEffects;

  constructor(effects: AckEffects) {
    this.#effects = effects;
  }

  /**
   * Takes an acknowledgement; what cannot be read, was settled before, or was never delivered changes nothing.
   * @returns the argument of `+NXT`, which asks for more messages, otherwise `undefined`.
   */
  take(message: Message, now: number): string | undefined {
    const { buffer, payloadStart, end } = message;
    if (!this.#readSubject(message.subject)) return undefined;
    switch (ackKind(buffer, payloadStart, end)) {
      case 'ack':
        this.#acknowledge(now);
        return undefined;
      case 'next':
        this.#acknowledge(now);
        return ackArgument(buffer, payloadStart, end, '+NXT');
      case 'nak':
        this.#refuse(ackArgument(buffer, payloadStart, end, '-NAK'), now);
        return undefined;
      case 'term':
        this.#terminate(ackArgument(buffer, payloadStart, end, '+TERM'));
        return undefined;
      case 'progress':
        this.#progress(now);
        return undefined;
      case 'unknown':
        return undefined;
    }
  }

  #readSubject(subject: ByteString): boolean {
    const prefix = this.#effects.prefix;
    return read.read(subject, subject.startsWith(prefix) ? prefix.length : startOfNumbersV2(subject));
  }

  #acknowledge(now: number): void {
    const { ledger, policy } = this.#effects;
    if (policy === 'all') {
      const row = ledger.pending.find(read.streamSeq);
      if (row !== -1) this.#sample(row, now);
      if (!ledger.settleUpTo(read.streamSeq, read.consumerSeq, (seq) => this.#effects.settled(seq))) return;
    } else {
      const row = ledger.pending.find(read.streamSeq);
      if (row === -1) return;
      this.#sample(row, now);
      ledger.settle(row);
      this.#effects.settled(read.streamSeq);
    }
    this.#effects.wake();
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

  #terminate(reason: string): void {
    const { ledger } = this.#effects;
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
    pending.postpone(row, now + this.#effects.waitMs(pending.count(row)));
  }

  #sample(row: number, now: number): void {
    const percent = this.#effects.samplePercent();
    if (percent <= 0 || (percent < 100 && this.#effects.random().below(100) >= percent)) return;
    const { pending } = this.#effects.ledger;
    const ackTime = Math.round((now - pending.sentAt(row)) * 1e6);
    this.#effects.advisories.acknowledged(read.consumerSeq, read.streamSeq, ackTime, read.delivered);
  }
}

function facts(): DeliveryFacts {
  return { consumer_seq: read.consumerSeq, stream_seq: read.streamSeq, deliveries: read.delivered };
}

/** `$JS.ACK.<domain>.<account hash>.<stream>.<consumer>.` stands before the numbers in the longer layout. */
function startOfNumbersV2(subject: string): number {
  let at = 0;
  for (let token = 0; token < NAMES_BEFORE_NUMBERS_V2; token++) {
    at = subject.indexOf('.', at) + 1;
    if (at === 0) return subject.length;
  }
  return at;
}
