import { type Instant, limits } from '../../base/index.ts';
import { type ByteString, toText } from '../../subjects/index.ts';
import { rebuildConsumer } from '../consumer/consumer-admin.ts';
import { checkConsumerName } from '../consumer/consumer-check.ts';
import type { ConsumerConfig } from '../consumer/consumer-config.ts';
import { jsError } from '../errors.ts';
import type { Stream } from '../stream/stream.ts';
import { demand, StateError, StateReader } from './reader.ts';
import { LASTING, PART, type PartKind, RECORD_BYTES } from './stream-parts.ts';
import { PART_BYTES } from './writer.ts';

const LONGEST_SUBJECT = 65_536;
/** Kinds of parts of which there may be many. */
const REPEATED: ReadonlySet<number> = new Set([
  PART.consumer,
  PART.ids,
  PART.messages,
  PART.expiries,
  PART.schedules,
]);
/** A stream that stands here can take a message a microsecond for years before doubles lose integers. */
const LAST_SEQUENCE = 1.5 * limits.MAX_SEQUENCE;
/** What a number in a set takes, bytes. */
const SET_ENTRY_BYTES = 48;

/** What a client can publish to: white space would end the subject in a line of the protocol. */
function isSubject(subject: ByteString): boolean {
  if (subject.length === 0 || subject.length > LONGEST_SUBJECT) return false;
  for (let i = 0; i < subject.length; i++) {
    const code = subject.charCodeAt(i);
    if (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d) return false;
  }
  return true;
}

/** What makes a stream of parts, and what of it may be believed. */
export interface LoadRules {
  /** Makes the stream, outside of the account's. @throws for a configuration that is not to be had. */
  build(config: unknown, created: Instant | undefined): Stream;
  /** Reads a consumer's configuration. @throws for one that is not to be had. */
  consumerConfig(stream: Stream, json: ByteString): ConsumerConfig;
  /** Whether the account's limits hold while it is loaded. */
  readonly limited: boolean;
  /** What is added to times, ms. */
  readonly shiftMs: number;
  /** What is added to the times that consumers count from, ms. @param savedMs when the stream was saved. */
  deadlineShiftMs(savedMs: number): number;
}

/**
 * Makes a stream of its parts. Nothing of it is to be seen before {@link finish}; {@link discard} gives everything back.
 * The parts may be anybody's.
 */
export class StreamLoader {
  readonly #rules: LoadRules;
  #stream: Stream | undefined;
  #last: PartKind | 0 = 0;
  /** How many of the consumers are made. */
  #made = 0;
  #savedMs = 0;
  #held = 0;
  readonly #scheduled = new Set<number>();
  /** Consumers begin with what the messages say, and so after them. */
  readonly #consumers: StateReader[] = [];
  #stand: { first: number; last: number; lastTime: Instant | undefined; rest: StateReader } | undefined;

  constructor(rules: LoadRules) {
    this.#rules = rules;
  }

  /** Bytes of parts that are kept until the end. */
  get held(): number {
    return this.#held;
  }

  /** Whether the last part has come. */
  get isComplete(): boolean {
    return this.#last === PART.end;
  }

  /**
   * Takes the next part; its bytes stay as they are until {@link finish}.
   * @throws StateError or JsError; there is nothing but {@link discard} then.
   */
  take(kind: number, bytes: Buffer): void {
    const repeats = REPEATED.has(kind);
    demand(kind > this.#last || (repeats && kind === this.#last), 'its parts are not in order');
    demand(this.#last !== 0 || kind === PART.stream, 'it does not begin with a stream');
    demand(kind < PART.messages || kind === PART.stream || this.#stand !== undefined, 'a part is missing');
    this.#last = kind as PartKind;
    const from = new StateReader(bytes, this.#rules.shiftMs, this.#rules.deadlineShiftMs(this.#savedMs));
    this.#read(this.#last, from, bytes);
    demand(this.#last === PART.consumer || this.#last === PART.stand || from.isAtEnd, 'a part is too long');
  }

  #read(kind: PartKind, from: StateReader, bytes: Buffer): void {
    switch (kind) {
      case PART.stream:
        this.#stream = this.#rules.build(from.json(), from.instant());
        this.#savedMs = from.instant()?.ms ?? 0;
        return;
      case PART.consumer:
        this.#consumers.push(from);
        this.#held += bytes.length;
        return;
      case PART.stand:
        this.#readStand(from);
        this.#held += bytes.length;
        return;
      case PART.ids:
        this.#its.dedupe.load(from);
        return;
      case PART.messages:
        this.#readMessages(from);
        return;
      case PART.expiries:
        if (!this.#its.expiries.load(from)) throw jsError('JSInsufficientResourcesErr');
        return;
      case PART.schedules:
        this.#readSchedules(from);
        return;
      case PART.end:
        return;
    }
  }

  /**
   * The stream, complete but not open yet, one consumer a step.
   * @returns undefined while there is more to do.
   */
  finish(): Stream | undefined {
    demand(this.isComplete, 'it ends too early');
    const stream = this.#its;
    const stand = this.#stand;
    if (stand !== undefined) {
      this.#stand = undefined;
      stream.store.stand(stand.first, stand.last, stand.lastTime);
      const { rest } = stand;
      stream.trimmer.load(rest);
      stream.inflows.load(rest);
      demand(rest.isAtEnd, 'a part is too long');
      return undefined;
    }
    const from = this.#consumers[this.#made++];
    if (from === undefined) return stream;
    this.#addConsumer(stream, from);
    return undefined;
  }

  /** Gives up; nothing is left. */
  discard(): void {
    if (this.#stream === undefined) return;
    for (const consumer of this.#stream.consumers.values()) consumer.discard();
    this.#stream.close();
    this.#stream = undefined;
  }

  get #its(): Stream {
    if (this.#stream === undefined) throw new StateError('the state is damaged: there is no stream');
    return this.#stream;
  }

  #readStand(from: StateReader): void {
    const first = from.integer(0, LAST_SEQUENCE);
    const last = from.integer(0, LAST_SEQUENCE);
    demand(first <= last + 1, 'the first sequence is behind the last');
    const lastTime = from.instant();
    this.#its.lastMsgId = from.text();
    this.#stand = { first, last, lastTime, rest: from };
  }

  #readMessages(from: StateReader): void {
    const stream = this.#its;
    const last = this.#stand?.last ?? 0;
    while (!from.isAtEnd) {
      demand(from.left >= RECORD_BYTES, 'a message ends too early');
      demand(from.at < PART_BYTES, 'a part has too many messages');
      const seq = from.integer(stream.store.lastSeq + 1, last);
      const at = from.instant();
      const isLasting = from.byte() === LASTING;
      const [subjectLength, headerLength, payloadLength] = [from.word(), from.word(), from.word()];
      demand(at !== undefined, 'a message came at no time');
      demand(headerLength + payloadLength <= limits.MAX_STORED_MESSAGE, 'a message is too long');
      const subject = from.latin1(subjectLength);
      demand(isSubject(subject), 'a subject is none');
      const start = from.skip(headerLength + payloadLength);
      this.#append(
        stream,
        seq,
        subject,
        from.buffer,
        start,
        start + headerLength,
        start + headerLength + payloadLength,
        at,
      );
      if (isLasting) stream.store.setLasting(seq);
      stream.loaded(subject);
    }
  }

  /** A schedule that is there twice would be sent twice, for ever. */
  #readSchedules(from: StateReader): void {
    const before = this.#scheduled.size;
    if (!this.#its.schedules.due.load(from, this.#scheduled)) throw jsError('JSInsufficientResourcesErr');
    this.#held += (this.#scheduled.size - before) * SET_ENTRY_BYTES;
  }

  #append(
    stream: Stream,
    seq: number,
    subject: ByteString,
    bytes: Buffer,
    start: number,
    payloadStart: number,
    end: number,
    at: Instant,
  ): void {
    const { store } = stream;
    const cost = store.cost(subject, payloadStart - start, end - payloadStart);
    if (this.#rules.limited && !stream.hasRoomToLoad(cost)) throw jsError('JSAccountResourcesExceededErr');
    store.leapTo(seq);
    if (store.append(subject, bytes, start, payloadStart, end, at) === 0) {
      throw jsError('JSInsufficientResourcesErr');
    }
  }

  #addConsumer(stream: Stream, from: StateReader): void {
    const name = from.text();
    demand(name !== '', 'a consumer has no name');
    checkConsumerName(toText(name), false);
    const config = this.#rules.consumerConfig(stream, from.text());
    demand(!stream.consumers.has(name), 'a consumer is there twice');
    const consumer = rebuildConsumer(stream, name, config, from.instant());
    try {
      consumer.load(from);
      demand(from.isAtEnd, 'a part is too long');
    } catch (error) {
      consumer.discard();
      throw error;
    }
    stream.addConsumer(consumer);
  }
}
