import { parseTime } from '../base/index.ts';
import { filterOf, type StoredMessage, type Stream } from '../jetstream/index.ts';
import { toBytes } from '../subjects/index.ts';

/** What a request for stored messages asks for; zero, empty and absent mean the same. */
export interface MessageQuery {
  readonly seq?: number;
  readonly last_by_subj?: string;
  readonly next_by_subj?: string;
  readonly start_time?: string;
}

/** Whether a query says which message it means, and only in one way (combinations measured on 2.14.5). */
export function namesOneMessage(query: MessageQuery): boolean {
  return namesAnything(query) && !contradictsItself(query);
}

/** Whether a query has any of the fields that say where to look. */
export function namesAnything(query: MessageQuery): boolean {
  return (
    isSet(query.seq) || isSet(query.last_by_subj) || isSet(query.next_by_subj) || isSet(query.start_time)
  );
}

/** The last of a subject goes with nothing else; a start is a sequence or a time. */
export function contradictsItself(query: MessageQuery): boolean {
  if (isSet(query.last_by_subj))
    return isSet(query.seq) || isSet(query.next_by_subj) || isSet(query.start_time);
  return isSet(query.seq) && isSet(query.start_time);
}

/** Whether a field says something: zero and empty stand for absent ones. */
export function isSet(value: string | number | undefined): boolean {
  return value !== undefined && value !== 0 && value !== '';
}

/** The message that a query names, with bytes of its own, or undefined. */
export function findMessage({ store }: Stream, query: MessageQuery): StoredMessage | undefined {
  return store.copy(findSequence({ store }, query));
}

/** The sequence of the message that a query names; where there is none, one that nothing is stored under. */
export function findSequence({ store }: Pick<Stream, 'store'>, query: MessageQuery): number {
  if (isSet(query.last_by_subj)) return store.lastOf(filterOf(toBytes(query.last_by_subj ?? '')));
  if (isSet(query.next_by_subj))
    return store.next(startOf({ store }, query), filterOf(toBytes(query.next_by_subj ?? '')));
  if (isSet(query.start_time)) return store.next(startOf({ store }, query), undefined);
  return query.seq ?? 0;
}

/** Where a query starts: at a sequence, at a time, or at the beginning. */
export function startOf({ store }: Pick<Stream, 'store'>, query: MessageQuery): number {
  const at = isSet(query.start_time) ? parseTime(query.start_time ?? '') : undefined;
  return at === undefined ? Math.max(1, query.seq ?? 0) : store.seqAtTime(at);
}
