import type { ByteString } from '../subjects/index.ts';
import type { SubjectFilter } from './filter.ts';
import type { SequenceIndex } from './sequence-index.ts';
import type { SubjectTable } from './subject-table.ts';

/** A subject with no more messages than this is walked along its links instead of scanned for. */
const SHORT_WALK = 32;

/** The range that a store's messages lie in. */
export interface Extent {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly messages: number;
}

/**
 * Searches a store by subject. A filter's verdict on a subject is reached once and remembered by subject id, so that a
 * scan costs one comparison a message.
 */
export class MessageSearch {
  readonly #index: SequenceIndex;
  readonly #subjects: SubjectTable;
  /** The filter that {@link #passes} judges by. */
  #filter: SubjectFilter | undefined;
  #memo: Int32Array = new Int32Array(0);

  constructor(index: SequenceIndex, subjects: SubjectTable) {
    this.#index = index;
    this.#subjects = subjects;
  }

  /** The smallest stored sequence ≥ `from` that passes, 0 when there is none; the index stands at it. */
  next(from: number, filter: SubjectFilter | undefined): number {
    if (filter === undefined || filter.all) return this.#index.nextFrom(from, undefined);
    if (filter.literal === undefined) return this.#index.nextFrom(from, this.#judge(filter));
    const id = this.#subjects.find(filter.literal);
    if (id === 0 || from > (this.#subjects.last[id] as number)) return 0;
    const start = this.#startOfSearch(from, id);
    if (start !== 0) return this.#index.find(start) ? start : 0;
    return this.#index.nextOnSubject(from, id);
  }

  /** The largest stored sequence ≤ `from` that passes, 0 when there is none; the index stands at it. */
  previous(from: number, filter: SubjectFilter | undefined): number {
    return this.#index.previousFrom(from, this.#judge(filter));
  }

  /** How many messages from `seq` on pass; counted from whichever end is nearer. */
  countFrom(seq: number, filter: SubjectFilter | undefined, { firstSeq, lastSeq, messages }: Extent): number {
    if (messages === 0 || seq > lastSeq) return 0;
    const total = filter === undefined || filter.all ? messages : this.#countAll(filter);
    if (seq <= firstSeq || total === 0) return total;
    const judge = this.#judge(filter);
    if (lastSeq - seq < seq - firstSeq) return this.#index.count(seq, lastSeq + 1, judge);
    return total - this.#index.count(firstSeq, seq, judge);
  }

  /** Sequence of the last message of each matching subject at or below `upTo`, ascending. */
  lastPerSubject(filter: SubjectFilter | undefined, upTo = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    const judge = this.#judge(filter);
    const { counts, last } = this.#subjects;
    for (let id = 1; id < this.#subjects.idBound; id++) {
      if (counts[id] === 0 || (judge !== undefined && !judge(id))) continue;
      const seq = this.#backTo(last[id] as number, upTo);
      if (seq !== 0) found.push(seq);
    }
    return found.sort((a, b) => a - b);
  }

  /** The subjects that have messages, with how many; in no particular order. */
  *subjects(filter: SubjectFilter | undefined): Generator<[ByteString, number]> {
    const { counts } = this.#subjects;
    for (let id = 1; id < this.#subjects.idBound; id++) {
      const count = counts[id] as number;
      if (count === 0) continue;
      const text = this.#subjects.textOnce(id);
      if (filter === undefined || filter.matches(text)) yield [text, count];
    }
  }

  /** The answer of a search on one subject where its links give it cheaply, else 0. */
  #startOfSearch(from: number, id: number): number {
    const index = this.#index;
    const first = this.#subjects.first[id] as number;
    if (first >= from) return first;
    if (index.find(from - 1) && index.chunk.subject[index.slot] === id) {
      return index.chunk.next[index.slot] as number;
    }
    if ((this.#subjects.counts[id] as number) > SHORT_WALK) return 0;
    let seq = first;
    while (seq !== 0 && seq < from && index.find(seq)) seq = index.chunk.next[index.slot] as number;
    return seq;
  }

  #backTo(seq: number, upTo: number): number {
    const index = this.#index;
    while (seq > upTo && index.find(seq)) seq = index.chunk.previous[index.slot] as number;
    return seq;
  }

  #countAll(filter: SubjectFilter): number {
    if (filter.literal !== undefined) {
      const id = this.#subjects.find(filter.literal);
      return id === 0 ? 0 : (this.#subjects.counts[id] as number);
    }
    const judge = this.#judge(filter);
    const { counts } = this.#subjects;
    let total = 0;
    for (let id = 1; id < this.#subjects.idBound; id++) {
      if (counts[id] !== 0 && (judge === undefined || judge(id))) total += counts[id] as number;
    }
    return total;
  }

  /** A judge of subject ids for a filter; one function for all filters, so that a search makes none. */
  #judge(filter: SubjectFilter | undefined): ((id: number) => boolean) | undefined {
    if (filter === undefined || filter.all) return undefined;
    this.#filter = filter;
    this.#memo = filter.memoFor(this, this.#subjects.idBound);
    return this.#passes;
  }

  readonly #passes = (id: number): boolean => {
    const stamp = this.#subjects.stamps[id] as number;
    const known = this.#memo[id];
    if (known === stamp) return true;
    if (known === -stamp) return false;
    const passes = this.#filter?.matches(this.#subjects.textOnce(id)) ?? true;
    this.#memo[id] = passes ? stamp : -stamp;
    return passes;
  };
}
