import type { Message } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { checkSchedule, scheduleOf } from '../schedule/schedule-check.ts';
import type { Stream } from '../stream/stream.ts';
import { rollupOf, timeToLiveOf } from './expectations.ts';
import { MessageIds } from './message-ids.ts';
import { PublishHeaders } from './publish-headers.ts';

/** Longest header block a stream keeps, bytes (measured: 65,535 is stored, 65,536 is refused). */
const MAX_HEADER = 65_535;

/** Who wrote a message: only the server itself may write the headers of markers and schedules. */
export type Origin = 'client' | 'batch' | 'server';

/**
 * What is known of the message that a stream is taking: its headers, and what the checks found in them. One per stream,
 * used for one message after the other.
 */
export class MessageInHand {
  readonly headers = new PublishHeaders();
  readonly ids: MessageIds;
  readonly #stream: Stream;
  /** Its sequence once it is stored, or the one that it had before as a duplicate. */
  seq = 0;
  isDuplicate = false;
  /** How many seconds it may live; 0 when only the stream says. */
  seconds = 0;
  /** When it is to be sent; absent when it is no schedule. */
  schedule: Schedule | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.ids = new MessageIds(stream, this.headers);
  }

  /** Turns to a message: forgets what was noted about the one before, and reads the headers. */
  begin(message: Message): void {
    this.isDuplicate = false;
    this.seconds = 0;
    this.schedule = undefined;
    if (!message.hasHeader) this.headers.clear();
    else this.headers.read(message.buffer, message.headerStart, message.payloadStart);
  }

  /** Whether the message was stored before; notes under which sequence. */
  isKnown(): boolean {
    const seq = this.ids.find();
    if (seq === 0) return false;
    this.seq = seq;
    this.isDuplicate = true;
    return true;
  }

  /** Why a message can not be stored as it is, wherever it comes from. */
  checkSize(message: Message): JsError | undefined {
    const limit = this.#stream.config.max_msg_size ?? -1;
    if (limit >= 0 && message.size > limit) return jsError('JSStreamMessageExceedsMaximumErr');
    if (message.payloadStart - message.headerStart > MAX_HEADER)
      return jsError('JSStreamHeaderExceedsMaximumErr');
    return undefined;
  }

  checkSchedule(subject: ByteString): JsError | undefined {
    const now = this.#stream.jetstream.env.clock.now();
    const error = checkSchedule(this.headers, subject, now, this.#stream);
    if (error === undefined) this.schedule = scheduleOf(this.headers);
    return error;
  }

  /** Measured: a time to live that can not be read is the last thing to be refused, and only where it would count. */
  checkTimeToLive(subject: ByteString): JsError | undefined {
    const seconds = timeToLiveOf(this.headers);
    if (seconds === undefined && this.#stream.isWanted(subject)) return jsError('JSMessageTTLInvalidErr');
    this.seconds = seconds ?? 0;
    return undefined;
  }

  /** What the message replaces: a schedule every earlier one of its subject. */
  rollup(): 'sub' | 'all' | undefined {
    if (this.schedule !== undefined) return 'sub';
    return this.#stream.allowRollup ? rollupOf(this.headers) : undefined;
  }

  /** What a message counts for limits, bytes. */
  costOf({ subject, headerStart, payloadStart, end }: Message): number {
    return this.#stream.store.cost(subject, payloadStart - headerStart, end - payloadStart);
  }
}
