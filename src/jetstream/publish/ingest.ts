import { type Instant, Message, type Random } from '../../base/index.ts';
import type { ByteString, SubjectTransform } from '../../subjects/index.ts';
import { AtomicBatches, type BatchTaker } from '../batch/atomic-batches.ts';
import {
  type BatchOutlook,
  checkBatchHeaders,
  checkBatchRollup,
  checkBatchRoom,
  checkBatchSequences,
} from '../batch/batch-check.ts';
import { FastBatches, type FastTaker } from '../batch/fast-batches.ts';
import { isFast } from '../batch/fast-reply.ts';
import { type JsError, jsError } from '../errors.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { checkSchedule, PURGE, scheduleOf } from '../schedule/schedule-check.ts';
import { checkRoom } from '../stream/room.ts';
import type { Stream } from '../stream/stream.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { underSubject, withOtherLines } from './changed-message.ts';
import { checkIncrement, counterOn, incrementOf, placeCounted, sourcesOn, takeOver } from './counter.ts';
import { withIncrement, withSources } from './counter-sources.ts';
import { markerSeconds } from './delete-markers.ts';
import { checkAfterDuplicates, checkBeforeDuplicates, rollupOf, timeToLiveOf } from './expectations.ts';
import { MessageIds } from './message-ids.ts';
import { PubAckWriter } from './pub-ack.ts';
import { HEADER, PublishHeaders } from './publish-headers.ts';
import { Republisher } from './republish.ts';
import { rewriteOf } from './subject-rewrites.ts';
import { FOR_EVER } from './time-to-live.ts';

/** Longest header block a stream keeps, bytes (measured: 65,535 is stored, 65,536 is refused). */
const MAX_HEADER = 65_535;
const MS_PER_SECOND = 1000;

/** Who wrote a message: only the server itself may write the headers of markers and schedules. */
export type Origin = 'client' | 'batch' | 'server';

/**
 * Takes the messages of a stream, one after the other: what clients publish to its subjects ({@link receive}, answered
 * with an acknowledgement) and what the server itself puts there ({@link put}: markers, scheduled and sourced
 * messages). Both go the same way, {@link #take}: check, which changes nothing, then store. One per stream; nothing is
 * allocated for a plain message but its instant.
 */
export class Ingest implements BatchTaker, FastTaker {
  readonly #stream: Stream;
  readonly #headers = new PublishHeaders();
  readonly #acks: PubAckWriter;
  readonly #ids: MessageIds;
  /** Sequence of the message being taken, and whether it was there before. */
  #seq = 0;
  #isDuplicate = false;
  /** How many seconds the message being taken may live; 0 when only the stream says. */
  #seconds = 0;
  /** When the message being taken is to be sent; absent when it is no schedule. */
  #schedule: Schedule | undefined;
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

  /** The batches that are open; absent when the stream takes none. */
  #atomic: AtomicBatches | undefined;
  readonly #fast: FastBatches;
  readonly #counted = new Message();
  /** Whether the stream is one of counters, and what the counter stands at that was raised last. */
  #counts = false;
  #value = 0n;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#ids = new MessageIds(stream, this.#headers);
    this.#acks = new PubAckWriter(stream.name, stream.jetstream.env.domain);
    this.#random = stream.jetstream.env.random.fork(`ingest ${stream.name}`);
    this.#fast = new FastBatches(stream, this, this.#acks);
    this.adopt(stream.config);
  }

  /** Goes by this configuration from now on. */
  adopt(config: StreamConfig): void {
    this.#transform = rewriteOf(config.subject_transform);
    this.#counts = config.allow_msg_counter === true;
    this.#adoptBatches(config);
    this.#republisher = Republisher.of(this.#stream.jetstream.env, config, this.#random);
    // Measured: a stream with one message a subject takes any time to live.
    const keepsOne = config.max_msgs_per_subject === 1;
    this.#leastSeconds = keepsOne ? 0 : markerSeconds(config.subject_delete_marker_ttl);
  }

  #adoptBatches(config: StreamConfig): void {
    if (config.allow_atomic === true) this.#atomic ??= new AtomicBatches(this.#stream, this, this.#acks);
    else this.#closeAtomic();
    if (config.allow_batched !== true) this.#fast.close();
  }

  /** Forgets what waits. */
  close(): void {
    this.#closeAtomic();
    this.#fast.close();
  }

  #closeAtomic(): void {
    this.#atomic?.close();
    this.#atomic = undefined;
  }

  takeFast(message: Message): { readonly seq: number; readonly isDuplicate: boolean } | JsError {
    return this.#take(message, 'batch') ?? { seq: this.#seq, isDuplicate: this.#isDuplicate };
  }

  checkInBatch(message: Message, outlook: BatchOutlook): JsError | undefined {
    this.#begin(message);
    const error =
      this.#checkBatchHeaders(message, outlook) ??
      this.#checkCounted('client') ??
      this.#checkTimeToLive(message.subject);
    if (error !== undefined) return error;
    const kept = this.#counts ? this.#countedIn(outlook, message) : message;
    if (!(kept instanceof Message)) return kept;
    const wanted = this.#stream.isWanted(message.subject);
    const cost = wanted ? this.#costOf(kept) : 0;
    const full = wanted ? checkBatchRoom(this.#stream, message.subject, cost, outlook) : undefined;
    if (full === undefined) outlook.passed(message.subject, this.#headers.text(HEADER.msgId), cost);
    return full;
  }

  /** The message that a counter will store, when those before it in the batch have raised the counter. */
  #countedIn({ values }: BatchOutlook, message: Message): Message | JsError {
    const { subject } = message;
    const counted = this.#raised(message, values.get(subject) ?? counterOn(this.#stream.store, subject));
    if (counted instanceof Message) values.set(subject, this.#value);
    return counted;
  }

  #checkBatchHeaders(message: Message, outlook: BatchOutlook): JsError | undefined {
    const headers = this.#headers;
    const { subject } = message;
    const stream = this.#stream;
    const error = checkBatchHeaders(headers, message.end - message.payloadStart, stream);
    if (error !== undefined) return error;
    const hasId = headers.has(HEADER.msgId);
    if (hasId && (outlook.hasId(headers.text(HEADER.msgId)) || this.#isKnown())) {
      return jsError('JSAtomicPublishContainsDuplicateMessageErr');
    }
    return (
      checkBatchSequences(headers, subject, stream, outlook) ??
      this.#checkSchedule(subject) ??
      checkBatchRollup(headers, subject, stream, outlook)
    );
  }

  storeInBatch(message: Message): number | JsError {
    this.#begin(message);
    // Asked again, because the window remembers what it was asked for last.
    this.#isKnown();
    return (
      this.#checkSchedule(message.subject) ??
      this.#checkTimeToLive(message.subject) ??
      this.#keep(message) ??
      this.#seq
    );
  }

  /** Id of the last message taken, empty when it had none. */
  get lastMsgId(): string {
    return this.#ids.last;
  }

  set lastMsgId(id: string) {
    this.#ids.last = id;
  }

  /** Takes what was published, and answers. */
  receive(published: Message): void {
    const message = this.#renamed(published);
    if (isFast(message)) return this.#fast.receive(message);
    const answer = this.#atomic?.receive(message) ?? this.#answer(this.#take(message, 'client'));
    if (message.hasReply && this.#stream.config.no_ack !== true) {
      this.#stream.jetstream.env.answer(message, answer);
    }
    this.#atomic?.tell();
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
    this.#begin(message);
    if (config.sealed) return jsError('JSStreamSealedErr');
    const headers = this.#headers;
    // What is too large once is so for ever, and must not stand in the way of all that follow.
    if (this.checkSize(message) !== undefined) return undefined;
    const forgets = as !== undefined || config.duplicate_window === undefined;
    if (!forgets && this.#isKnown()) return undefined;
    if (headers.any && config.allow_msg_ttl) this.#seconds = timeToLiveOf(headers) ?? 0;
    const kept = this.#counts ? this.#takenOver(message) : message;
    return kept === undefined ? undefined : this.#store(kept, as);
  }

  /**
   * What a counter stores when another stream's counter was raised; absent when it has no place for the message. The
   * next message from there makes up for an increment that found none.
   */
  #takenOver(message: Message): Message | undefined {
    if (!this.#headers.has(HEADER.incr)) return undefined;
    const { store } = this.#stream;
    const sources = sourcesOn(store, message.subject);
    const before = counterOn(store, message.subject);
    const rise = takeOver(message, sources);
    if (before === undefined || rise === undefined) return undefined;
    const header = withSources(withIncrement(message.copyHeader(), rise), sources);
    const counted = placeCounted(this.#counted, message, header, before + rise);
    return this.checkSize(counted) === undefined ? counted : undefined;
  }

  #answer(error: JsError | undefined): Buffer {
    if (error !== undefined) return this.#acks.refused(error);
    if (this.#isDuplicate) return this.#acks.duplicate(this.#seq);
    return this.#counts ? this.#acks.counted(this.#seq, this.#value) : this.#acks.stored(this.#seq);
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
    if (error !== undefined || this.#isDuplicate) return error;
    return this.#keep(message);
  }

  /** Stores the message that was checked last, as the stream keeps it. */
  #keep(message: Message): JsError | undefined {
    if (!this.#headers.any) return this.#store(message);
    const kept = this.#completed(message);
    if (!this.#counts || !this.#headers.has(HEADER.incr)) return this.#store(kept);
    const counted = this.#raised(kept, counterOn(this.#stream.store, kept.subject));
    return counted instanceof Message ? this.#store(counted) : counted;
  }

  /** The message that a counter stores for an increment; measured: its new value counts for the message's size. */
  #raised(message: Message, before: bigint | undefined): Message | JsError {
    if (before === undefined) return jsError('JSMessageCounterBrokenErr');
    this.#value = before + incrementOf(this.#headers);
    const header = withSources(message.copyHeader(), sourcesOn(this.#stream.store, message.subject));
    const counted = placeCounted(this.#counted, message, header, this.#value);
    return this.checkSize(counted) ?? counted;
  }

  /** The same message with the headers that the stream writes into it. */
  #completed(message: Message): Message {
    const raises = this.#seconds > 0 && this.#seconds < this.#leastSeconds;
    const rollsUp = this.#schedule !== undefined && !this.#headers.has(HEADER.rollup);
    if (!raises && !rollsUp) return message;
    // A watcher shall not miss message and marker alike: no message goes before a marker would.
    if (raises) this.#seconds = this.#leastSeconds;
    return withOtherLines(this.#changed, message, (key) => raises && key === 'Nats-TTL', [
      ...(raises ? [['Nats-TTL', String(this.#leastSeconds)] as const] : []),
      ...(rollsUp ? [['Nats-Rollup', 'sub'] as const] : []),
    ]);
  }

  /** Turns to a message: forgets what was noted about the one before, and reads the headers. */
  #begin(message: Message): void {
    this.#isDuplicate = false;
    this.#seconds = 0;
    this.#schedule = undefined;
    if (!message.hasHeader) this.#headers.clear();
    else this.#headers.read(message.buffer, message.headerStart, message.payloadStart);
  }

  /** Whether the message may be stored. Changes nothing but what is noted here about the message in hand. */
  #check(message: Message, origin: Origin): JsError | undefined {
    this.#begin(message);
    if (this.#stream.config.sealed) return jsError('JSStreamSealedErr');
    if (!this.#headers.any) return this.checkSize(message) ?? this.#checkCounted(origin);
    const error = this.#checkHeaders(message, origin);
    if (error !== undefined || this.#isDuplicate) return error;
    return this.checkSize(message) ?? this.#checkCounted(origin) ?? this.#checkTimeToLive(message.subject);
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
    const bad = origin !== 'server' ? this.#checkSchedule(message.subject) : undefined;
    if (bad !== undefined) return bad;
    if (this.#isKnown()) return undefined;
    return checkAfterDuplicates(headers, expected);
  }

  #checkSchedule(subject: ByteString): JsError | undefined {
    const now = this.#stream.jetstream.env.clock.now();
    const error = checkSchedule(this.#headers, subject, now, this.#stream);
    if (error === undefined) this.#schedule = scheduleOf(this.#headers);
    return error;
  }

  /** A counter stream keeps increments, and what the server itself puts there. */
  #checkCounted(origin: Origin): JsError | undefined {
    const isMissing = this.#counts && origin !== 'server' && !this.#headers.has(HEADER.incr);
    return isMissing ? jsError('JSMessageIncrMissingErr') : undefined;
  }

  /** Whether the message was stored before; notes under which sequence. */
  #isKnown(): boolean {
    const seq = this.#ids.find();
    if (seq === 0) return false;
    this.#seq = seq;
    this.#isDuplicate = true;
    return true;
  }

  checkSize(message: Message): JsError | undefined {
    const limit = this.#stream.config.max_msg_size ?? -1;
    if (limit >= 0 && message.size > limit) return jsError('JSStreamMessageExceedsMaximumErr');
    if (message.payloadStart - message.headerStart > MAX_HEADER)
      return jsError('JSStreamHeaderExceedsMaximumErr');
    return undefined;
  }

  /** Measured: a time to live that can not be read is the last thing to be refused, and only where it would count. */
  #checkTimeToLive(subject: ByteString): JsError | undefined {
    const seconds = timeToLiveOf(this.#headers);
    if (seconds === undefined && this.#stream.isWanted(subject)) return jsError('JSMessageTTLInvalidErr');
    this.#seconds = seconds ?? 0;
    return undefined;
  }

  /** Stores the message that was checked last. */
  #store(message: Message, as?: { readonly seq: number; readonly at: Instant }): JsError | undefined {
    const stream = this.#stream;
    const { store } = stream;
    const at = as?.at ?? stream.jetstream.env.clock.instant();
    if (stream.isWanted(message.subject)) {
      const full = checkRoom(stream, message.subject, this.#costOf(message));
      if (full !== undefined) return full;
      if (as !== undefined) store.leapTo(as.seq);
      const previous = this.#republisher === undefined ? 0 : store.lastOnSubject(message.subject);
      this.#seq = this.#append(message, at);
      if (this.#seq !== 0) this.#republisher?.send(message, this.#seq, previous, at);
    } else {
      if (as !== undefined) store.leapTo(as.seq);
      this.#seq = store.skip(at);
    }
    if (this.#seq === 0) return jsError('JSInsufficientResourcesErr');
    if (as === undefined) this.#ids.remember(this.#seq, at.ms);
    stream.stored(this.#seq, message.subject, this.#headers.any ? this.#rollup() : undefined);
    if (this.#headers.has(HEADER.scheduleNext)) this.#endSchedule();
    return undefined;
  }

  /** What the message being taken replaces: a schedule every earlier one of its subject. */
  #rollup(): 'sub' | 'all' | undefined {
    if (this.#schedule !== undefined) return 'sub';
    return this.#stream.allowRollup ? rollupOf(this.#headers) : undefined;
  }

  /** The last message of a schedule takes it with it. */
  #endSchedule(): void {
    if (!this.#stream.allowSchedules || this.#headers.text(HEADER.scheduleNext) !== PURGE) return;
    this.#stream.schedules.end(this.#headers.text(HEADER.scheduler) as ByteString);
  }

  /** What a message counts for limits, bytes. */
  #costOf({ subject, headerStart, payloadStart, end }: Message): number {
    return this.#stream.store.cost(subject, payloadStart - headerStart, end - payloadStart);
  }

  /** @returns the sequence, 0 (and nothing changed) when the process can hold no more. */
  #append(message: Message, at: Instant): number {
    const seconds = this.#seconds;
    const schedule = this.#schedule;
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
