import type { Stream } from '../stream/stream.ts';
import { HEADER, type PublishHeaders } from './publish-headers.ts';

/** The `Nats-Msg-Id` of the message in hand: whether it was seen before, and the one that was stored last. */
export class MessageIds {
  /** Id of the last message stored, empty when it had none. */
  last = '';
  readonly #stream: Stream;
  readonly #headers: PublishHeaders;

  constructor(stream: Stream, headers: PublishHeaders) {
    this.#stream = stream;
    this.#headers = headers;
  }

  /** The sequence under which a message with this id was stored within the duplicate window, 0 without one. */
  find(): number {
    const headers = this.#headers;
    if (!headers.has(HEADER.msgId)) return 0;
    const now = this.#stream.jetstream.env.clock.now();
    const { dedupe } = this.#stream;
    return dedupe.find(headers.buffer, headers.start(HEADER.msgId), headers.end(HEADER.msgId), now);
  }

  /** Notes that the message was stored; {@link find} was asked for it last. */
  remember(seq: number, nowMs: number): void {
    const headers = this.#headers;
    this.last = headers.text(HEADER.msgId);
    if (this.last === '') return;
    const { dedupe } = this.#stream;
    dedupe.add(headers.buffer, headers.start(HEADER.msgId), headers.end(HEADER.msgId), seq, nowMs);
  }
}
