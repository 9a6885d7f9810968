import { Message, statusHeader } from '../base/index.ts';
import type { ReplySink, Runnable, StoredMessage, Stream } from '../jetstream/index.ts';
import { directHeader } from './direct-header.ts';

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

/** Sends the answers to one batched DIRECT.GET from the run queue, and the end-of-batch message behind them. */
export class DirectBatch implements Runnable {
  readonly #stream: Stream;
  readonly #plan: BatchPlan;
  readonly #sink: ReplySink;
  readonly #maxBytes: number;
  readonly #message = new Message();
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
      const found = this.#isFull() ? undefined : this.#next();
      if (found === undefined) {
        this.#finish();
        return false;
      }
      if (!this.#sendStored(found)) return false;
    }
    return true;
  }

  #isFull(): boolean {
    return this.#left <= 0 || (this.#maxBytes > 0 && this.#bytes >= this.#maxBytes);
  }

  /** The next message still stored; what went meanwhile is passed over. */
  #next(): StoredMessage | undefined {
    for (let seq = this.#plan.next(this.#last); seq > 0; seq = this.#plan.next(seq)) {
      const found = this.#stream.store.copy(seq);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #sendStored(found: StoredMessage): boolean {
    this.#left--;
    this.#bytes += found.subject.length + found.header.length + found.payload.length;
    if (this.#plan.isBare) {
      this.#last = found.seq;
      return this.#send(Buffer.alloc(0), found.payload);
    }
    this.#pending = Math.max(0, this.#pending - 1);
    const counts = `Nats-Num-Pending: ${this.#pending}\r\nNats-Last-Sequence: ${this.#last}\r\n`;
    this.#last = found.seq;
    return this.#send(directHeader(found, this.#stream.name, counts), found.payload);
  }

  #finish(): void {
    const fields: [string, string][] = [
      ['Nats-Num-Pending', String(this.#pending)],
      ['Nats-Last-Sequence', String(this.#last)],
    ];
    if (this.#plan.upTo !== undefined) fields.push(['Nats-UpTo-Sequence', String(this.#plan.upTo)]);
    this.#send(statusHeader('204 EOB', fields), Buffer.alloc(0));
  }

  #send(header: Buffer, payload: Buffer): boolean {
    const bytes = Buffer.concat([header, payload]);
    this.#message.subject = this.#sink.subject;
    this.#message.place(bytes, 0, header.length, bytes.length);
    return this.#sink.send(this.#message);
  }
}
