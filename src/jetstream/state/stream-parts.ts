import type { ByteString } from '../../subjects/index.ts';
import type { Consumer } from '../consumer/consumer.ts';
import { EXPIRY_BYTES, saveRow } from '../store/expiries.ts';
import { MessageView } from '../store/message-view.ts';
import type { Stream } from '../stream/stream.ts';
import { PART_BYTES, StateWriter } from './writer.ts';

/**
 * A stream with its consumers and messages, as a row of parts in a fixed order. A part has some ten kilobytes, so that
 * whoever makes or reads them can turn to others in between; only a message or an acknowledgement state that is bigger
 * makes a bigger one.
 */
export const PART = {
  stream: 1,
  consumer: 2,
  stand: 3,
  ids: 4,
  messages: 5,
  expiries: 6,
  schedules: 7,
  end: 8,
} as const;

export type PartKind = (typeof PART)[keyof typeof PART];

export interface StreamPart {
  readonly kind: PartKind;
  readonly bytes: Buffer;
}

/** What a record of the messages' part begins with: sequence, time, nanoseconds, flag, three lengths. */
export const RECORD_BYTES = 8 + 8 + 4 + 1 + 3 * 4;
/** Record flag: the message never grows old. */
export const LASTING = 1;

/**
 * The parts of a stream, one at a time. The stream may change in between: consumers are as they were when their part
 * was made, then the messages are those that were there at one moment after that, without what goes meanwhile. Whoever
 * asks for the next part makes sure that the stream still exists.
 */
export function* streamParts(stream: Stream, withConsumers = true): Generator<StreamPart, void> {
  const to = new StateWriter();
  const part = (kind: PartKind): StreamPart => {
    const bytes = to.toBuffer();
    to.startOver();
    return { kind, bytes };
  };
  to.json(stream.config);
  to.instant(stream.created);
  to.instant(stream.jetstream.env.clock.instant());
  yield part(PART.stream);
  for (const consumer of withConsumers ? [...stream.consumers.values()] : []) {
    if (stream.consumers.get(consumer.name) !== consumer) continue;
    saveConsumer(to, consumer);
    yield part(PART.consumer);
  }
  const { store } = stream;
  const last = store.lastSeq;
  const [firstId, endOfIds] = stream.dedupe.bounds;
  saveStand(to, stream);
  const [expiries, schedules] = [stream.expiries.rows(), stream.schedules.due.rows()];
  yield part(PART.stand);
  for (let id = firstId; id < endOfIds; ) {
    id = stream.dedupe.save(to, id, endOfIds, PART_BYTES);
    yield part(PART.ids);
  }
  for (let seq = store.next(0, undefined); seq !== 0 && seq <= last; ) {
    seq = saveMessages(to, stream, seq, last);
    yield part(PART.messages);
  }
  for (const row of expiries) {
    saveRow(to, row);
    yield part(PART.expiries);
  }
  for (const row of schedules) {
    saveRow(to, row);
    yield part(PART.schedules);
  }
  yield part(PART.end);
}

/** Bytes that {@link streamParts} holds besides one part: when the messages are due. */
export function heldByParts(stream: Stream): number {
  return EXPIRY_BYTES * (stream.expiries.size + stream.schedules.due.size);
}

function saveConsumer(to: StateWriter, consumer: Consumer): void {
  to.text(consumer.name);
  to.json(consumer.config);
  to.instant(consumer.created);
  consumer.save(to);
}

/** Where the stream stands. */
function saveStand(to: StateWriter, stream: Stream): void {
  const { store } = stream;
  to.number(store.firstSeq);
  to.number(store.lastSeq);
  to.instant(store.lastTime);
  to.text(stream.lastMsgId as ByteString);
  stream.trimmer.save(to);
  stream.inflows.save(to);
}

/** Writes messages from a sequence on. @returns the sequence of the first one that was not written, 0 when none is left. */
function saveMessages(to: StateWriter, { store }: Stream, from: number, last: number): number {
  const view = new MessageView();
  let seq = store.next(from, undefined, view);
  while (seq !== 0 && seq <= last && to.length < PART_BYTES) {
    to.number(seq);
    to.time(view.ms);
    to.word(view.ns);
    to.byte(store.isLasting(seq) ? LASTING : 0);
    to.word(view.subject.length);
    to.word(view.payloadStart - view.headerStart);
    to.word(view.end - view.payloadStart);
    to.latin1(view.subject);
    to.rawFrom(view.buffer, view.headerStart, view.end);
    seq = store.next(seq + 1, undefined, view);
  }
  return seq;
}
