import { Message } from '../../base/index.ts';
import { EMPTY_BYTES } from '../../subjects/index.ts';
import type { ReplySink } from '../env.ts';

/** Filled and used up within one call. */
const status = new Message();

/** Sends a status without payload to a request; only from a Runnable. */
export function sendStatus(sink: ReplySink, header: Buffer): void {
  status.subject = sink.subject;
  status.reply = EMPTY_BYTES;
  status.place(header, 0, header.length, header.length);
  sink.send(status);
}

/** Statuses that wait for the run queue: what takes a request in may not send. */
export class StatusQueue {
  #waiting: { readonly sink: ReplySink; readonly header: Buffer }[] = [];

  add(sink: ReplySink, header: Buffer): void {
    this.#waiting.push({ sink, header });
  }

  /** Sends all of them; only from a Runnable. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { sink, header } of waiting) sendStatus(sink, header);
  }
}
