import type { Static } from 'typebox';
import { limits, type Message, parseTime, statusHeader } from '../base/index.ts';
import { filterOf, MessageView, type Stream, SubjectFilter } from '../jetstream/index.ts';
import { type ByteString, bytesAt, isLiteral, toBytes } from '../subjects/index.ts';
import { decodePlain, JsonError } from './decode.ts';
import { DirectAnswer } from './direct-answer.ts';
import { type BatchPlan, DirectBatch } from './direct-batch.ts';
import type { SubjectCall } from './endpoint.ts';
import { shapeLater } from './go-shape.ts';
import { contradictsItself, findSequence, isSet, namesAnything, startOf } from './message-query.ts';
import { MessageGetRequest } from './schemas.ts';

type Query = Static<typeof MessageGetRequest>;
type Call = Pick<SubjectCall<unknown, unknown>, 'message' | 'answer' | 'answerFrom' | 'sink'>;

const shape = shapeLater(MessageGetRequest, 'JSApiMsgGetRequest');
const EMPTY_REQUEST = statusHeader('408 Empty Request');
const MALFORMED_REQUEST = statusHeader('408 Malformed Request');
const BAD_REQUEST = statusHeader('408 Bad Request');
const MESSAGE_NOT_FOUND = statusHeader('404 Message Not Found');
const NO_RESULTS = statusHeader('404 No Results');
const TOO_MANY_RESULTS = statusHeader('413 Too Many Results');

/** Subjects that one request for the last of each may match. */
const MAX_LAST_OF_EACH = 1024;

/** How nearly every request by sequence is written, and how many digits are read there. */
const SEQUENCE_ALONE = Buffer.from('{"seq":');
const SEQUENCE_DIGITS = 15;
const CLOSING = 0x7d;
const ZERO = 0x30;

/** Filled and used up within one call. */
const view = new MessageView();
const found = new DirectAnswer();

/** Answers `DIRECT.GET.<stream>`; refusals are status messages (texts measured on 2.14.5). */
export function directGet(stream: Stream, call: Call): void {
  const seq = sequenceAlone(call.message);
  if (seq !== 0) answerWith(seq, false, stream, call);
  else directQuery(stream, call);
}

function directQuery(stream: Stream, call: Call): void {
  const query = queryOf(call.message);
  const refusal = query === undefined ? MALFORMED_REQUEST : refusalOf(query);
  if (query === undefined || refusal !== undefined) call.answer(refusal, undefined);
  else if ((query.multi_last ?? []).length > 0) startLastOfEach(stream, query, call);
  else if (isSet(query.batch)) startBatch(stream, query, call);
  else answerWith(findSequence(stream, query), query.no_hdr ?? false, stream, call);
}

/** The sequence that a request of the form `{"seq":7}` asks for; 0 when it has another form. */
function sequenceAlone({ buffer, payloadStart, end }: Message): number {
  const from = payloadStart + SEQUENCE_ALONE.length;
  const last = end - 1;
  if (last <= from || last - from > SEQUENCE_DIGITS || buffer[last] !== CLOSING) return 0;
  for (let i = 0; i < SEQUENCE_ALONE.length; i++)
    if (buffer[payloadStart + i] !== SEQUENCE_ALONE[i]) return 0;
  let seq = 0;
  for (let at = from; at < last; at++) {
    const digit = (buffer[at] as number) - ZERO;
    if (digit < 0 || digit > 9 || (at === from && digit === 0)) return 0;
    seq = seq * 10 + digit;
  }
  return seq;
}

/** Answers `DIRECT.GET.<stream>.<subject…>`: the last message of that subject. */
export function directGetLast(stream: Stream, subject: ByteString, call: Call): void {
  const query = queryOf(call.message);
  if (query === undefined) call.answer(MALFORMED_REQUEST, undefined);
  else if (asksMore(query)) call.answer(BAD_REQUEST, undefined);
  else answerWith(lastOf(subject, stream), query.no_hdr ?? false, stream, call);
}

function lastOf(subject: ByteString, { store }: Stream): number {
  return isLiteral(subject) ? store.lastOnSubject(subject) : store.lastOf(filterOf(subject));
}

function asksAnything(query: Query): boolean {
  return namesAnything(query) || (query.multi_last ?? []).length > 0;
}

/** Whether a request whose subject names what it wants says anything but that it wants no headers. */
function asksMore({ no_hdr: _, ...query }: Query): boolean {
  return Object.values(query).some((value) =>
    Array.isArray(value) ? value.length > 0 : isSet(value as string),
  );
}

function refusalOf(query: Query): Buffer | undefined {
  if (!asksAnything(query)) return EMPTY_REQUEST;
  return isContradictory(query) ? BAD_REQUEST : undefined;
}

/** The request's payload; an empty one asks for nothing, undefined is not JSON. */
function queryOf(message: Message): Query | undefined {
  const text = bytesAt(message.buffer, message.payloadStart, message.end);
  if (text === '') return {};
  try {
    return decodePlain(text, shape());
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function isContradictory(query: Query): boolean {
  if ((query.multi_last ?? []).length > limits.MAX_ASSET_SUBJECTS) return true;
  const hasLast = isSet(query.last_by_subj);
  if (isSet(query.up_to_seq) && isSet(query.up_to_time)) return true;
  if ((query.multi_last ?? []).length > 0) return hasLast || isSet(query.next_by_subj);
  return contradictsItself(query) || (hasLast && isSet(query.batch));
}

/** Answers with a message by its sequence; there may be none. */
function answerWith(seq: number, isBare: boolean, stream: Stream, call: Call): void {
  if (!stream.store.load(seq, view)) {
    call.answer(MESSAGE_NOT_FOUND, undefined);
    return;
  }
  if (isBare) found.writeBare(view);
  else found.write(view, stream.name);
  call.answerFrom(found.bytes, found.payloadStart, found.end);
}

function startBatch(stream: Stream, query: Query, call: Call): void {
  const { store } = stream;
  const filter = isSet(query.next_by_subj) ? filterOf(toBytes(query.next_by_subj ?? '')) : undefined;
  const from = startOf(stream, query);
  if (store.next(from, filter) === 0) {
    call.answer(MESSAGE_NOT_FOUND, undefined);
    return;
  }
  start(stream, query, call, {
    next: (after) => store.next(Math.max(from, after + 1), filter),
    pending: store.countFrom(from, filter),
    upTo: undefined,
    isBare: query.no_hdr ?? false,
  });
}

function startLastOfEach(stream: Stream, query: Query, call: Call): void {
  const upTo = boundOf(stream, query);
  const from = startOf(stream, query);
  const filter = new SubjectFilter((query.multi_last ?? []).map(toBytes));
  const all = stream.store.lastPerSubject(filter, upTo, MAX_LAST_OF_EACH);
  if (all.length === 0 || all.length > MAX_LAST_OF_EACH) {
    call.answer(all.length === 0 ? NO_RESULTS : TOO_MANY_RESULTS, undefined);
    return;
  }
  const wanted = all.filter((seq) => seq >= from);
  let at = 0;
  start(stream, query, call, { next: () => wanted[at++] ?? 0, pending: wanted.length, upTo, isBare: false });
}

/** Up to which sequence a request for the last of each looks. */
function boundOf({ store }: Stream, query: Query): number {
  if (isSet(query.up_to_seq)) return query.up_to_seq ?? 0;
  const at = isSet(query.up_to_time) ? parseTime(query.up_to_time ?? '') : undefined;
  return at === undefined ? store.lastSeq : store.seqAtTime(at) - 1;
}

function start(stream: Stream, query: Query, call: Call, plan: BatchPlan): void {
  const count = isSet(query.batch) ? (query.batch ?? 0) : MAX_LAST_OF_EACH;
  const work = new DirectBatch(stream, plan, count, query.max_bytes ?? 0, call.sink());
  stream.jetstream.env.enqueue(work);
}
