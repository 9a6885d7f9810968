import type { Static } from 'typebox';
import { type Message, parseTime, statusHeader } from '../base/index.ts';
import { filterOf, type StoredMessage, type Stream, SubjectFilter } from '../jetstream/index.ts';
import { bytesAt, type ByteString, toBytes } from '../subjects/index.ts';
import { decodePlain, JsonError } from './decode.ts';
import { type BatchPlan, DirectBatch } from './direct-batch.ts';
import { directHeader } from './direct-header.ts';
import type { SubjectCall } from './endpoint.ts';
import { shapeOf } from './go-shape.ts';
import { contradictsItself, findMessage, isSet, namesAnything, startOf } from './message-query.ts';
import { MessageGetRequest } from './schemas.ts';

type Query = Static<typeof MessageGetRequest>;
type Call = Pick<SubjectCall<unknown, unknown>, 'message' | 'answer' | 'sink'>;

const SHAPE = shapeOf(MessageGetRequest, 'JSApiMsgGetRequest');
const EMPTY_REQUEST = statusHeader('408 Empty Request');
const MALFORMED_REQUEST = statusHeader('408 Malformed Request');
const BAD_REQUEST = statusHeader('408 Bad Request');
const MESSAGE_NOT_FOUND = statusHeader('404 Message Not Found');
const NO_RESULTS = statusHeader('404 No Results');
const TOO_MANY_RESULTS = statusHeader('413 Too Many Results');

/** Subjects that one request for the last of each may match. */
const MAX_LAST_OF_EACH = 1024;

/** Answers `DIRECT.GET.<stream>`; refusals are status messages (texts measured on 2.14.5). */
export function directGet(stream: Stream, call: Call): void {
  const query = queryOf(call.message);
  if (query === undefined) return call.answer(MALFORMED_REQUEST, undefined);
  const patterns = query.multi_last ?? [];
  if (!namesAnything(query) && patterns.length === 0) return call.answer(EMPTY_REQUEST, undefined);
  if (isContradictory(query)) return call.answer(BAD_REQUEST, undefined);
  if (patterns.length > 0) return lastOfEach(stream, query, patterns, call);
  if (isSet(query.batch)) return batch(stream, query, call);
  answerWith(findMessage(stream, query), query.no_hdr ?? false, stream, call);
}

/** Answers `DIRECT.GET.<stream>.<subject…>`: the last message of that subject. */
export function directGetLast(stream: Stream, subject: ByteString, call: Call): void {
  const query = queryOf(call.message);
  if (query === undefined) return call.answer(MALFORMED_REQUEST, undefined);
  if (namesAnything(query) || (query.multi_last ?? []).length > 0) return call.answer(BAD_REQUEST, undefined);
  const seq = stream.store.lastOf(filterOf(subject));
  answerWith(seq === 0 ? undefined : stream.store.copy(seq), query.no_hdr ?? false, stream, call);
}

/** The request's payload; an empty one asks for nothing, undefined is not JSON. */
function queryOf(message: Message): Query | undefined {
  const text = bytesAt(message.buffer, message.payloadStart, message.end);
  if (text === '') return {};
  try {
    return decodePlain(text, SHAPE);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function isContradictory(query: Query): boolean {
  const hasLast = isSet(query.last_by_subj);
  if ((query.multi_last ?? []).length > 0) return hasLast || isSet(query.next_by_subj);
  return contradictsItself(query) || (hasLast && isSet(query.batch));
}

function answerWith(found: StoredMessage | undefined, bare: boolean, stream: Stream, call: Call): void {
  if (found === undefined) return call.answer(MESSAGE_NOT_FOUND, undefined);
  call.answer(bare ? undefined : directHeader(found, stream.name), found.payload);
}

function batch(stream: Stream, query: Query, call: Call): void {
  const filter = isSet(query.next_by_subj) ? filterOf(toBytes(query.next_by_subj ?? '')) : undefined;
  const from = startOf(stream, query);
  if (stream.store.next(from, filter) === 0) return call.answer(MESSAGE_NOT_FOUND, undefined);
  const { store } = stream;
  start(stream, query, call, {
    next: (after) => store.next(Math.max(from, after + 1), filter),
    pending: store.countFrom(from, filter),
    upTo: undefined,
  });
}

function lastOfEach(stream: Stream, query: Query, patterns: readonly string[], call: Call): void {
  const { store } = stream;
  const upTo = boundOf(stream, query);
  const from = startOf(stream, query);
  const filter = new SubjectFilter(patterns.map(toBytes));
  const found = store.lastPerSubject(filter, upTo).filter((seq) => seq >= from);
  if (found.length === 0) return call.answer(NO_RESULTS, undefined);
  if (found.length > MAX_LAST_OF_EACH) return call.answer(TOO_MANY_RESULTS, undefined);
  let at = 0;
  start(stream, query, call, { next: () => found[at++] ?? 0, pending: found.length, upTo });
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
