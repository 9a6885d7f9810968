import { Message } from '../../base/index.ts';
import { type ByteString, isLiteral, isValidSubject } from '../../subjects/index.ts';
import { rewriteHeader } from '../publish/header-block.ts';
import { HEADER, PublishHeaders } from '../publish/publish-headers.ts';
import { Expiries } from '../store/expiries.ts';
import { MessageView } from '../store/message-view.ts';
import type { Stream } from '../stream/stream.ts';
import type { Schedule } from './schedule.ts';
import { PURGE, scheduleOf } from './schedule-check.ts';

const NO_BYTES = Buffer.alloc(0);

/** One of each serves all schedules: they are used up before the next one is due. */
const outgoing = new Message();
const view = new MessageView();
const headers = new PublishHeaders();

/**
 * Lines of a schedule, or of the message it takes its body from, that what is sent does not have (measured on 2.14.5):
 * what steers publishing was meant for the message that had it.
 */
function staysBehind(key: string): boolean {
  if (key === 'Nats-Msg-Id' || key === 'Nats-TTL' || key === 'Nats-Rollup') return true;
  return key.startsWith('Nats-Schedule') || key.startsWith('Nats-Expected-');
}

/**
 * The schedules of one stream: stored messages that say when a message is to be sent to another subject of the
 * stream. Kept as due times by sequence only; what is to be sent stands in the stored message and is read when its
 * time has come. A schedule that is no longer the last message of its subject is over.
 */
export class Schedules {
  readonly #stream: Stream;
  readonly #due: Expiries;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#due = new Expiries(stream.jetstream.env.memory, stream.store);
  }

  /** When each is next due, by sequence. */
  get due(): Expiries {
    return this.#due;
  }

  /** Notes a schedule that was stored; {@link Expiries.reserve} made room for it. */
  add(seq: number, schedule: Schedule, nowMs: number): void {
    const next = schedule.next(nowMs);
    if (next !== undefined) this.#due.add(seq, next);
  }

  /** Takes the schedule of a subject out. */
  end(subject: ByteString): void {
    const seq = this.#stream.store.lastOnSubject(subject);
    if (seq !== 0) this.#stream.remove(seq, false);
  }

  /** Whether a stored message asks to be sent later. */
  isSchedule(seq: number): boolean {
    return this.#stream.store.load(seq, view) && readHeaders(view).has(HEADER.schedule);
  }

  /** Sends what the first schedule says; its time has come. One that is refused is sent no more before its next time. */
  fireFirst(nowMs: number): void {
    const seq = this.#due.takeFirst();
    const { store } = this.#stream;
    if (!store.load(seq, view) || store.lastOnSubject(view.subject) !== seq) return;
    const schedule = scheduleOf(readHeaders(view));
    if (schedule === undefined || !hasTarget(headers)) return;
    // Nothing that was missed is made up for: the next time counts from now.
    const next = schedule.once ? undefined : schedule.next(nowMs);
    this.#stream.publish(this.#product(next === undefined ? PURGE : schedule.format(next)));
    if (next !== undefined && store.has(seq) && this.#due.reserve()) this.#due.add(seq, next);
  }

  /** What the schedule in hand sends. @param next what the message says of the one after it. */
  #product(next: string): Message {
    const scheduler = view.subject;
    const [target, ttl] = [headers.text(HEADER.scheduleTarget), headers.text(HEADER.scheduleTtl)];
    const rollup = headers.text(HEADER.scheduleRollup);
    const source = headers.text(HEADER.scheduleSource) as ByteString;
    const { store } = this.#stream;
    if (source !== '') store.load(store.lastOnSubject(source), view);
    const header = rewriteHeader(view.buffer.subarray(view.headerStart, view.payloadStart), staysBehind, [
      ['Nats-Scheduler', scheduler],
      ['Nats-Schedule-Next', next],
      ...(ttl === '' ? [] : [['Nats-TTL', ttl] as const]),
      ...(rollup === '' ? [] : [['Nats-Rollup', rollup] as const]),
    ]);
    const bytes = Buffer.concat([header, view.buffer.subarray(view.payloadStart, view.end)]);
    outgoing.subject = target as ByteString;
    outgoing.place(bytes, 0, header.length, bytes.length);
    return outgoing;
  }
}

/** Whether a schedule names a subject: it may come from a backup, and then nobody has looked at it yet. */
function hasTarget(of: PublishHeaders): boolean {
  const target = of.text(HEADER.scheduleTarget) as ByteString;
  return isValidSubject(target) && isLiteral(target);
}

function readHeaders({ buffer, headerStart, payloadStart }: MessageView): PublishHeaders {
  if (payloadStart === headerStart) headers.read(NO_BYTES, 0, 0);
  else headers.read(buffer, headerStart, payloadStart);
  return headers;
}
