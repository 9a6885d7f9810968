import { type Instant, Message, type Random } from '../../base/index.ts';
import type { ByteString, SubjectTransform } from '../../subjects/index.ts';
import type { Keeper } from '../batch/batch-steps.ts';
import { Batches } from '../batch/batches.ts';
import type { FastTaker } from '../batch/fast-batches.ts';
import { isFast } from '../batch/fast-reply.ts';
import { type JsError, jsError } from '../errors.ts';
import { PURGE } from '../schedule/schedule-check.ts';
import { checkRoom } from '../stream/room.ts';
import type { Stream } from '../stream/stream.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { underSubject, withOtherLines } from './changed-message.ts';
import { checkIncrement } from './counter.ts';
import { Counting } from './counting.ts';
import { markerSeconds } from './delete-markers.ts';
import { checkAfterDuplicates, checkBeforeDuplicates, timeToLiveOf } from './expectations.ts';
import { MessageInHand, type Origin } from './message-in-hand.ts';
import { PubAckWriter } from './pub-ack.ts';
import { HEADER, type PublishHeaders } from './publish-headers.ts';
import { Republisher } from './republish.ts';
import { rewriteOf } from './subject-rewrites.ts';
import { FOR_EVER } from './time-to-live.ts';

const MS_PER_SECOND = 1000;

/**
 * Takes the messages of a stream, one after the other: what clients publish to its subjects ({@link receive}, answered
 * with an acknowledgement) and what the server itself puts there ({@link put}: markers, scheduled and sourced
 * messages). Both go the same way, {@link #take}: check, which changes nothing, then store. One per stream; nothing is
 * allocated for a plain message but its instant.
 */
export class Ingest implements FastTaker, Keeper {
  readonly #stream: Stream;
  readonly #acks: PubAckWriter;
  /** What is known of the message being taken. */
  readonly #hand: MessageInHand;
  readonly #headers: PublishHeaders;
  readonly #counting: Counting;
  readonly #batches: Batches;
  /** What becomes of the subjects that clients publish to; absent: they stay as they are. */
  #transform: SubjectTransform | undefined;
  /** Absent when the stream publishes nothing on. */
  #republisher: Republisher | undefined;
  /** Messages with a shorter time to live than this many seconds live so long. */
  #leastSeconds = 0;
  readonly #random: Random;
  /** A message that a step changed, in place of its sender's. */
  readonly #changedSubject = new Message();
  readonly #changed = new Message();

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#hand = new MessageInHand(stream);
    this.#headers = this.#hand.headers;
    this.#counting = new Counting(stream, this.#hand);
    this.#acks = new PubAckWriter(stream.name, stream.jetstream.env.domain);
    this.#random = stream.jetstream.env.random.fork(`ingest ${stream.name}`);
    const [hand, counting, acks] = [this.#hand, this.#counting, this.#acks];
    this.#batches = new Batches(stream, { hand, counting, acks, taker: this });
    this.adopt(stream.config);
  }

  /** Goes by this configuration from now on. */
  adopt(config: StreamConfig): void {
    this.#transform = rewriteOf(config.subject_transform);
    this.#counting.isOn = config.allow_msg_counter === true;
    this.#batches.adopt(config);
    this.#republisher = Republisher.of(this.#stream.jetstream.env, config, this.#random);
    // Measured: a stream with one message a subject takes any time to live.
    const keepsOne = config.max_msgs_per_subject === 1;
    this.#leastSeconds = keepsOne ? 0 : markerSeconds(config.subject_delete_marker_ttl);
  }

  /** Forgets what waits. */
  close(): void {
    this.#batches.close();
  }

  takeFast(message: Message): { readonly seq: number; readonly isDuplicate: boolean } | JsError {
    const hand = this.#hand;
    return this.#take(message, 'batch') ?? { seq: hand.seq, isDuplicate: hand.isDuplicate };
  }

  /** Id of the last message taken, empty when it had none. */
  get lastMsgId(): string {
    return this.#hand.ids.last;
  }

  set lastMsgId(id: string) {
    this.#hand.ids.last = id;
  }

  /** Takes what was published, and answers. */
  receive(published: Message): void {
    const message = this.#renamed(published);
    if (isFast(message)) return this.#batches.fast.receive(message);
    const { atomic } = this.#batches;
    const answer = atomic?.receive(message) ?? this.#answer(this.#take(message, 'client'));
    if (message.hasReply && this.#stream.config.no_ack !== true) {
      this.#stream.jetstream.env.answer(message, answer);
    }
    atomic?.tell();
  }

  /**
   * Takes a message that no client published: its subject is one of the stream, nobody is answered.
   * @returns why it was refused.
   */
  put(message: Message): JsError | undefined {
    return this.#take(message, 'server');
  }

  /**
   * Takes what the server itself publishes to a subject of the stream: it is renamed as what clients publish.
   * @returns why it was refused.
   */
  publish(message: Message): JsError | undefined {
    return this.#take(this.#renamed(message), 'server');
  }

  /**
   * Takes what another stream hands on. It was judged there: what this stream does not do is passed over, and so is a
   * message that it can never store.
   * @param as for a mirror, the sequence and the time that the message has at its origin.
   * @returns why it can not be taken now.
   */
  handOn(handed: Message, as?: { readonly seq: number; readonly at: Instant }): JsError | undefined {
    const { config } = this.#stream;
    const message = this.#renamed(handed);
    this.#hand.begin(message);
    if (config.sealed) return jsError('JSStreamSealedErr');
    const headers = this.#headers;
    // What is too large once is so for ever, and must not stand in the way of all that follow.
    if (this.checkSize(message) !== undefined) return undefined;
    const forgets = as !== undefined || config.duplicate_window === undefined;
    if (!forgets && this.#hand.isKnown()) return undefined;
    if (headers.any && config.allow_msg_ttl) this.#hand.seconds = timeToLiveOf(headers) ?? 0;
    const kept = this.#counting.isOn ? this.#counting.takenOver(message) : message;
    return kept === undefined ? undefined : this.#store(kept, as);
  }

  #answer(error: JsError | undefined): Buffer {
    if (error !== undefined) return this.#acks.refused(error);
    const { seq, isDuplicate } = this.#hand;
    if (isDuplicate) return this.#acks.duplicate(seq);
    return this.#counting.isOn ? this.#acks.counted(seq, this.#counting.value) : this.#acks.stored(seq);
  }

  /**
   * The same message under the subject that it is stored under. Measured: this comes first, so that headers speak of
   * the new subject.
   */
  #renamed(message: Message): Message {
    const subject = this.#transform?.apply(message.subject, this.#random);
    if (subject === undefined || subject === '') return message;
    return underSubject(this.#changedSubject, message, subject);
  }

  /** The way of every message. A step that changes a message goes on with one of its own: `message` is its sender's. */
  #take(message: Message, origin: Origin): JsError | undefined {
    const error = this.#check(message, origin);
    if (error !== undefined || this.#hand.isDuplicate) return error;
    return this.keep(message);
  }

  /** Stores the message that was checked last, as the stream keeps it. */
  keep(message: Message): JsError | undefined {
    if (!this.#headers.any) return this.#store(message);
    const kept = this.#completed(message);
    if (!this.#counting.isOn || !this.#headers.has(HEADER.incr)) return this.#store(kept);
    const counted = this.#counting.raised(kept);
    return counted instanceof Message ? this.#store(counted) : counted;
  }

  /** The same message with the headers that the stream writes into it. */
  #completed(message: Message): Message {
    const { seconds, schedule } = this.#hand;
    const raises = seconds > 0 && seconds < this.#leastSeconds;
    const rollsUp = schedule !== undefined && !this.#headers.has(HEADER.rollup);
    if (!raises && !rollsUp) return message;
    // A watcher shall not miss message and marker alike: no message goes before a marker would.
    if (raises) this.#hand.seconds = this.#leastSeconds;
    return withOtherLines(this.#changed, message, (key) => raises && key === 'Nats-TTL', [
      ...(raises ? [['Nats-TTL', String(this.#leastSeconds)] as const] : []),
      ...(rollsUp ? [['Nats-Rollup', 'sub'] as const] : []),
    ]);
  }

  /** Whether the message may be stored. Changes nothing but what is noted here about the message in hand. */
  #check(message: Message, origin: Origin): JsError | undefined {
    const hand = this.#hand;
    hand.begin(message);
    if (this.#stream.config.sealed) return jsError('JSStreamSealedErr');
    if (!this.#headers.any) return hand.checkSize(message) ?? this.#counting.check(origin);
    const error = this.#checkHeaders(message, origin);
    if (error !== undefined || hand.isDuplicate) return error;
    return hand.checkSize(message) ?? this.#counting.check(origin) ?? hand.checkTimeToLive(message.subject);
  }

  #checkHeaders(message: Message, origin: Origin): JsError | undefined {
    const headers = this.#headers;
    if (origin === 'client' && headers.has(HEADER.batchId)) {
      return this.checkSize(message) ?? jsError('JSAtomicPublishDisabledErr');
    }
    const expected = this.#stream;
    const error =
      checkIncrement(headers, message.end - message.payloadStart, expected.allowCounter) ??
      checkBeforeDuplicates(headers, message.subject, expected);
    if (error !== undefined) return error;
    const bad = origin !== 'server' ? this.#hand.checkSchedule(message.subject) : undefined;
    if (bad !== undefined) return bad;
    if (this.#hand.isKnown()) return undefined;
    return checkAfterDuplicates(headers, expected);
  }

  checkSize(message: Message): JsError | undefined {
    return this.#hand.checkSize(message);
  }

  /** Stores the message that was checked last. */
  #store(message: Message, as?: { readonly seq: number; readonly at: Instant }): JsError | undefined {
    const stream = this.#stream;
    const { store } = stream;
    const hand = this.#hand;
    const at = as?.at ?? stream.jetstream.env.clock.instant();
    if (stream.isWanted(message.subject)) {
      const full = checkRoom(stream, message.subject, hand.costOf(message));
      if (full !== undefined) return full;
      if (as !== undefined) store.leapTo(as.seq);
      const previous = this.#republisher === undefined ? 0 : store.lastOnSubject(message.subject);
      hand.seq = this.#append(message, at);
      if (hand.seq !== 0) this.#republisher?.send(message, hand.seq, previous, at);
    } else {
      if (as !== undefined) store.leapTo(as.seq);
      hand.seq = store.skip(at);
    }
    if (hand.seq === 0) return jsError('JSInsufficientResourcesErr');
    if (as === undefined) hand.ids.remember(hand.seq, at.ms);
    stream.stored(hand.seq, message.subject, this.#headers.any ? hand.rollup() : undefined);
    if (this.#headers.has(HEADER.scheduleNext)) this.#endSchedule();
    return undefined;
  }

  /** The last message of a schedule takes it with it. */
  #endSchedule(): void {
    if (!this.#stream.allowSchedules || this.#headers.text(HEADER.scheduleNext) !== PURGE) return;
    this.#stream.schedules.end(this.#headers.text(HEADER.scheduler) as ByteString);
  }

  /** @returns the sequence, 0 (and nothing changed) when the process can hold no more. */
  #append(message: Message, at: Instant): number {
    const { seconds, schedule } = this.#hand;
    const { store, expiries, schedules } = this.#stream;
    const expires = seconds > 0 && seconds !== FOR_EVER;
    if (expires && !expiries.reserve()) return 0;
    if (schedule !== undefined && !schedules.due.reserve()) return 0;
    const { subject, buffer, headerStart, payloadStart, end } = message;
    const seq = store.append(subject, buffer, headerStart, payloadStart, end, at);
    if (seq === 0) return 0;
    if (expires) expiries.add(seq, at.ms + seconds * MS_PER_SECOND);
    else if (seconds === FOR_EVER) store.setLasting(seq);
    if (schedule !== undefined) schedules.add(seq, schedule, at.ms);
    return seq;
  }
}
