import { integerText, Message, statusHeader } from '../base/index.ts';
import { MessageView, type ReplySink, type Runnable, type Stream } from '../jetstream/index.ts';
import { DirectAnswer } from './direct-answer.ts';

/** Which messages a batch sends, and what its headers count. */
export interface BatchPlan {
  /** The next sequence behind the last one sent, 0 at the end. */
  next(after: number): number;
  /** How many messages match in all. */
  readonly pending: number;
  /** The bound that a request for the last of each subject had. */
  readonly upTo: number | undefined;
  /**
   * Messages go out without any header; what is pending is then not counted down (measured on 2.14.5, where a request
   * for the last of each subject has its headers always).
   */
  readonly isBare: boolean;
}

/** Filled and used up within one delivery, which never nests. */
const view = new MessageView();
const answer = new DirectAnswer();
const message = new Message();

/** Sends the answers to one batched DIRECT.GET from the run queue, and the end-of-batch message behind them. */
export class DirectBatch implements Runnable {
  readonly #stream: Stream;
  readonly #plan: BatchPlan;
  readonly #sink: ReplySink;
  readonly #maxBytes: number;
  #left: number;
  #bytes = 0;
  #pending: number;
  #last = 0;

  /** @param maxBytes stops the batch once this many were sent; 0 is no bound. */
  constructor(stream: Stream, plan: BatchPlan, count: number, maxBytes: number, sink: ReplySink) {
    this.#stream = stream;
    this.#plan = plan;
    this.#left = count;
    this.#maxBytes = maxBytes;
    this.#sink = sink;
    this.#pending = plan.pending;
  }

  run(budget: number): boolean {
    for (let sent = 0; sent < budget; sent++) {
      if (this.#isFull() || !this.#next()) {
        this.#finish();
        return false;
      }
      if (!this.#sendStored()) return false;
    }
    return true;
  }

  #isFull(): boolean {
    return this.#left <= 0 || (this.#maxBytes > 0 && this.#bytes >= this.#maxBytes);
  }

  /** Loads the next message still stored; what went meanwhile is passed over. @returns whether there is one. */
  #next(): boolean {
    for (let seq = this.#plan.next(this.#last); seq > 0; seq = this.#plan.next(seq))
      if (this.#stream.store.load(seq, view)) return true;
    return false;
  }

  #sendStored(): boolean {
    this.#left--;
    this.#bytes += view.subject.length + view.size;
    if (this.#plan.isBare) answer.writeBare(view);
    else {
      this.#pending = Math.max(0, this.#pending - 1);
      const counts = `Nats-Num-Pending: ${this.#pending}\r\nNats-Last-Sequence: ${this.#last}\r\n`;
      answer.write(view, this.#stream.name, counts);
    }
    this.#last = view.seq;
    return this.#send(answer.bytes.bytes, answer.payloadStart, answer.end);
  }

  #finish(): void {
    const fields: [string, string][] = [
      ['Nats-Num-Pending', String(this.#pending)],
      ['Nats-Last-Sequence', String(this.#last)],
    ];
    if (this.#plan.upTo !== undefined) fields.push(['Nats-UpTo-Sequence', integerText(this.#plan.upTo)]);
    const header = statusHeader('204 EOB', fields);
    this.#send(header, header.length, header.length);
  }

  #send(bytes: Buffer, payloadStart: number, end: number): boolean {
    message.subject = this.#sink.subject;
    message.place(bytes, 0, payloadStart, end);
    return this.#sink.send(message);
  }
}
