import type { Instant, Message } from '../base/index.ts';
import { EMPTY_BYTES } from '../subjects/index.ts';
import { type JsError, jsError } from './errors.ts';
import { checkAfterDuplicates, checkBeforeDuplicates, rollupOf, timeToLiveOf } from './expectations.ts';
import { PubAckWriter } from './pub-ack.ts';
import { HEADER, PublishHeaders } from './publish-headers.ts';
import { checkRoom } from './room.ts';
import type { Stream } from './stream.ts';
import { FOR_EVER } from './time-to-live.ts';

/** Longest header block a stream keeps, bytes (measured: 65,535 is stored, 65,536 is refused). */
const MAX_HEADER = 65_535;
const MS_PER_SECOND = 1000;

/** Who wrote a message: only the server itself may write the headers of markers and schedules. */
export type Origin = 'client' | 'server';

/**
 * Takes the messages of a stream, one after the other: what clients publish to its subjects ({@link receive}, answered
 * with an acknowledgement) and what the server itself puts there ({@link put}: markers, scheduled and sourced
 * messages). Both go the same way, {@link #take}: check, which changes nothing, then store. One per stream; nothing is
 * allocated for a plain message but its instant.
 */
export class Ingest {
  readonly #stream: Stream;
  readonly #headers = new PublishHeaders();
  readonly #acks: PubAckWriter;
  #lastMsgId = '';
  /** Sequence of the message being taken, and whether it was there before. */
  #seq = 0;
  #isDuplicate = false;
  /** How many seconds the message being taken may live; 0 when only the stream says. */
  #seconds = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#acks = new PubAckWriter(stream.name, stream.jetstream.env.domain);
  }

  /** Id of the last message taken, empty when it had none. */
  get lastMsgId(): string {
    return this.#lastMsgId;
  }

  /** Takes what was published, and answers. */
  receive(message: Message): void {
    const error = this.#take(message, 'client');
    if (message.reply === '' || this.#stream.config.no_ack === true) return;
    this.#stream.jetstream.env.emit(message.reply, EMPTY_BYTES, undefined, this.#answer(error));
  }

  /**
   * Takes a message that no client published: its subject is one of the stream, nobody is answered.
   * @returns why it was refused.
   */
  put(message: Message): JsError | undefined {
    return this.#take(message, 'server');
  }

  #answer(error: JsError | undefined): Buffer {
    if (error !== undefined) return this.#acks.refused(error);
    return this.#isDuplicate ? this.#acks.duplicate(this.#seq) : this.#acks.stored(this.#seq);
  }

  /** The way of every message. A step that changes a message goes on with one of its own: `message` is its sender's. */
  #take(message: Message, origin: Origin): JsError | undefined {
    const error = this.#check(message, origin);
    if (error !== undefined || this.#isDuplicate) return error;
    return this.#store(message);
  }

  /** Whether the message may be stored. Changes nothing but what is noted here about the message in hand. */
  #check(message: Message, origin: Origin): JsError | undefined {
    this.#isDuplicate = false;
    this.#seconds = 0;
    if (this.#stream.config.sealed) return jsError('JSStreamSealedErr');
    const headers = this.#headers;
    if (!message.hasHeader) headers.clear();
    else headers.read(message.buffer, message.headerStart, message.payloadStart);
    if (!headers.any) return this.#checkSize(message);
    const error = this.#checkHeaders(message, origin);
    if (error !== undefined || this.#isDuplicate) return error;
    return this.#checkSize(message) ?? this.#checkTimeToLive();
  }

  #checkHeaders(message: Message, _origin: Origin): JsError | undefined {
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

  /** Measured: a time to live that can not be read is the last thing to be refused. */
  #checkTimeToLive(): JsError | undefined {
    const seconds = timeToLiveOf(this.#headers);
    if (seconds === undefined) return jsError('JSMessageTTLInvalidErr');
    this.#seconds = seconds;
    return undefined;
  }

  /** Stores the message that was checked last. */
  #store(message: Message): JsError | undefined {
    const stream = this.#stream;
    const { store } = stream;
    const at = stream.jetstream.env.clock.instant();
    if (stream.isWanted(message.subject)) {
      const headerLength = message.payloadStart - message.headerStart;
      const cost = store.cost(message.subject, headerLength, message.end - message.payloadStart);
      const full = checkRoom(stream, message.subject, cost);
      if (full !== undefined) return full;
      this.#seq = this.#append(message, at);
    } else {
      this.#seq = store.skip(at);
    }
    if (this.#seq === 0) return jsError('JSInsufficientResourcesErr');
    this.#remember(message, at.ms);
    stream.stored(this.#seq, message.subject, this.#headers.any ? rollupOf(this.#headers) : undefined);
    return undefined;
  }

  /** @returns the sequence, 0 (and nothing changed) when the process can hold no more. */
  #append(message: Message, at: Instant): number {
    const seconds = this.#seconds;
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
}
