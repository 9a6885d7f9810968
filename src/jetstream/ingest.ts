import type { Instant, Message } from '../base/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import { type JsError, jsError } from './errors.ts';
import { checkAfterDuplicates, checkBeforeDuplicates, rollupOf, timeToLiveOf } from './expectations.ts';
import { PubAckWriter } from './pub-ack.ts';
import { HEADER, PublishHeaders } from './publish-headers.ts';
import type { Stream } from './stream.ts';
import { FOR_EVER } from './time-to-live.ts';

/** Longest header block a stream keeps, bytes (measured: 65,535 is stored, 65,536 is refused). */
const MAX_HEADER = 65_535;
const MS_PER_SECOND = 1000;

/**
 * Takes the messages published to a stream's subjects: what its headers expect, duplicates, limits, storing, the
 * acknowledgement. One per stream; nothing is allocated for a plain message but its instant.
 */
export class Ingest {
  readonly #stream: Stream;
  readonly #headers = new PublishHeaders();
  readonly #acks: PubAckWriter;
  #lastMsgId = '';
  /** Sequence of the message being taken, and whether it was there before. */
  #seq = 0;
  #isDuplicate = false;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#acks = new PubAckWriter(stream.name, stream.jetstream.env.domain);
  }

  /** Id of the last message taken, empty when it had none. */
  get lastMsgId(): string {
    return this.#lastMsgId;
  }

  receive(message: Message): void {
    const error = this.#take(message);
    if (message.reply === '' || this.#stream.config.no_ack === true) return;
    this.#stream.jetstream.env.emit(message.reply, EMPTY_BYTES, undefined, this.#answer(error));
  }

  #answer(error: JsError | undefined): Buffer {
    if (error !== undefined) return this.#acks.refused(error);
    return this.#isDuplicate ? this.#acks.duplicate(this.#seq) : this.#acks.stored(this.#seq);
  }

  #take(message: Message): JsError | undefined {
    const { config } = this.#stream;
    this.#isDuplicate = false;
    if (config.sealed) return jsError('JSStreamSealedErr');
    const headers = this.#headers;
    if (!message.hasHeader) headers.clear();
    else headers.read(message.buffer, message.headerStart, message.payloadStart);
    if (headers.any) {
      const error = this.#checkHeaders(message);
      if (error !== undefined || this.#isDuplicate) return error;
    }
    const tooBig = this.#checkSize(message);
    if (tooBig !== undefined) return tooBig;
    // Measured: a time to live that can not be read is the last thing to be refused.
    const seconds = headers.any ? timeToLiveOf(headers) : 0;
    if (seconds === undefined) return jsError('JSMessageTTLInvalidErr');
    return this.#store(message, seconds);
  }

  #checkHeaders(message: Message): JsError | undefined {
    const headers = this.#headers;
    if (headers.has(HEADER.batchId)) return this.#checkSize(message) ?? jsError('JSAtomicPublishDisabledErr');
    const expected = this.#stream;
    const error = checkBeforeDuplicates(headers, message.subject, expected);
    if (error !== undefined) return error;
    if (headers.has(HEADER.msgId) && this.#findDuplicate(message)) return undefined;
    return checkAfterDuplicates(headers, expected);
  }

  #findDuplicate(message: Message): boolean {
    const start = this.#headers.start(HEADER.msgId);
    const end = this.#headers.end(HEADER.msgId);
    const now = this.#stream.jetstream.env.clock.now();
    const seq = this.#stream.dedupe.find(message.buffer, start, end, now);
    if (seq === 0) return false;
    this.#seq = seq;
    this.#isDuplicate = true;
    return true;
  }

  #checkSize(message: Message): JsError | undefined {
    const limit = this.#stream.config.max_msg_size ?? -1;
    if (limit >= 0 && message.size > limit) return jsError('JSStreamMessageExceedsMaximumErr');
    if (message.payloadStart - message.headerStart > MAX_HEADER)
      return jsError('JSStreamHeaderExceedsMaximumErr');
    return undefined;
  }

  /** @param seconds how long the message may live; 0 when only the stream says. */
  #store(message: Message, seconds: number): JsError | undefined {
    const stream = this.#stream;
    const { store } = stream;
    const headerLength = message.payloadStart - message.headerStart;
    const cost = store.cost(message.subject, headerLength, message.end - message.payloadStart);
    const at = stream.jetstream.env.clock.instant();
    if (stream.isWanted(message.subject)) {
      const full = this.#checkRoom(message.subject, cost);
      if (full !== undefined) return full;
      this.#seq = this.#append(message, at, seconds);
    } else {
      this.#seq = store.skip(at);
    }
    if (this.#seq === 0) return jsError('JSInsufficientResourcesErr');
    this.#remember(message, at.ms);
    stream.stored(this.#seq, message.subject, this.#headers.any ? rollupOf(this.#headers) : undefined);
    return undefined;
  }

  /** @returns the sequence, 0 (and nothing changed) when the process can hold no more. */
  #append(message: Message, at: Instant, seconds: number): number {
    const { store, expiries } = this.#stream;
    const expires = seconds > 0 && seconds !== FOR_EVER;
    if (expires && !expiries.reserve()) return 0;
    const { subject, buffer, headerStart, payloadStart, end } = message;
    const seq = store.append(subject, buffer, headerStart, payloadStart, end, at);
    if (seq === 0) return 0;
    if (expires) expiries.add(seq, at.ms + seconds * MS_PER_SECOND);
    else if (seconds === FOR_EVER) store.setLasting(seq);
    return seq;
  }

  #remember(message: Message, nowMs: number): void {
    const headers = this.#headers;
    if (!headers.has(HEADER.msgId)) {
      this.#lastMsgId = '';
      return;
    }
    this.#lastMsgId = headers.text(HEADER.msgId);
    const start = headers.start(HEADER.msgId);
    const end = headers.end(HEADER.msgId);
    this.#stream.dedupe.add(message.buffer, start, end, this.#seq, nowMs);
  }

  /** Whether account and stream have room for a message of this cost. */
  #checkRoom(subject: ByteString, cost: number): JsError | undefined {
    const { config, jetstream } = this.#stream;
    if (!jetstream.hasRoom(config.storage, cost)) return jsError('JSAccountResourcesExceededErr');
    return config.discard === 'new' ? this.#checkFull(subject, cost) : undefined;
  }

  /** A stream that discards new messages takes one only if it stays within its limits; replacing counts as staying. */
  #checkFull(subject: ByteString, cost: number): JsError | undefined {
    const { config, store } = this.#stream;
    const perSubject = config.max_msgs_per_subject;
    const replaces = perSubject > 0 && store.countOnSubject(subject) >= perSubject;
    if (replaces && config.discard_new_per_subject === true)
      return full('maximum messages per subject exceeded');
    if (config.max_msgs > 0 && store.messages >= config.max_msgs && !replaces)
      return full('maximum messages exceeded');
    if (config.max_bytes > 0) {
      const freed = replaces ? store.costOf(store.firstOnSubject(subject)) : 0;
      if (store.bytes + cost - freed > config.max_bytes) return full('maximum bytes exceeded');
    }
    return undefined;
  }
}

function full(err: string): JsError {
  return jsError('JSStreamStoreFailedF', { err });
}
