import type { ByteString } from '../../subjects/index.ts';
import type { SubjectFilter } from './filter.ts';
import type { Passing, SequenceIndex } from './sequence-index.ts';
import type { SubjectTable } from './subject-table.ts';

/** A subject with no more messages than this is walked along its links instead of scanned for. */
const SHORT_WALK = 32;
/** Sequences scanned before a search asks where the matching subjects lie. */
const SHORT_SCAN = 4096;
/** What a step along a subject's links costs, in steps of a scan. */
const WALK_COST = 16;

/** The range that a store's messages lie in. */
export interface Extent {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly messages: number;
}

/** Where the subjects of a filter lie, seen from a sequence. */
interface Lie {
  /** The subjects with messages on both sides of it, and how many messages they have. */
  readonly across: readonly number[];
  readonly messagesAcross: number;
  /** The first sequence of those wholly at or behind it, infinite without any; the last of those wholly before it. */
  readonly firstBehind: number;
  readonly lastBefore: number;
  /** How many messages lie wholly at or behind it. */
  readonly messagesBehind: number;
}

/**
 * Searches a store by subject. Short ways are scanned: a filter's verdict on a subject is reached once and remembered by
 * subject id, so that a scan costs one comparison a message. What is far is found by where the matching subjects begin
 * and end, so that the cost grows with the subjects and not with the messages.
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
    if (filter.literal !== undefined) return this.#nextOn(filter.literal, from);
    const near = this.#index.nextFrom(from, this.#judge(filter), from + SHORT_SCAN);
    return near === 0 ? this.#nextFar(from + SHORT_SCAN, filter) : near;
  }

  #nextOn(subject: ByteString, from: number): number {
    const id = this.#subjects.find(subject);
    if (id === 0 || from > (this.#subjects.last[id] as number)) return 0;
    const start = this.#startOfSearch(from, id);
    if (start !== 0) return this.#at(start);
    return this.#index.nextOnSubject(from, id);
  }

  #nextFar(from: number, filter: SubjectFilter): number {
    const { across, messagesAcross, firstBehind } = this.#lie(from, filter);
    if (messagesAcross > SHORT_SCAN) {
      return this.#index.nextFrom(from, this.#judge(filter), firstBehind) || this.#at(firstBehind);
    }
    let nearest = firstBehind;
    for (const id of across) nearest = Math.min(nearest, this.#firstOnFrom(id, from));
    return this.#at(nearest);
  }

  /** The largest stored sequence ≤ `from` that passes, 0 when there is none; the index stands at it. */
  previous(from: number, filter: SubjectFilter | undefined): number {
    if (filter === undefined || filter.all) return this.#index.previousFrom(from, undefined);
    const near = this.#index.previousFrom(from, this.#judge(filter), Math.max(0, from - SHORT_SCAN));
    return near === 0 && from > SHORT_SCAN ? this.#previousFar(from - SHORT_SCAN, filter) : near;
  }

  #previousFar(from: number, filter: SubjectFilter): number {
    const { across, messagesAcross, lastBefore } = this.#lie(from + 1, filter);
    if (messagesAcross > SHORT_SCAN) {
      return this.#index.previousFrom(from, this.#judge(filter), lastBefore) || this.#at(lastBefore);
    }
    let nearest = lastBefore;
    for (const id of across) nearest = Math.max(nearest, this.#backTo(this.#last(id), from));
    return this.#at(nearest);
  }

  /** How many messages from `seq` on pass. */
  countFrom(seq: number, filter: SubjectFilter | undefined, { firstSeq, lastSeq, messages }: Extent): number {
    if (messages === 0 || seq > lastSeq) return 0;
    if (filter === undefined || filter.all) {
      const isNearEnd = lastSeq - seq < seq - firstSeq;
      if (seq <= firstSeq) return messages;
      if (isNearEnd) return this.#index.count(seq, lastSeq + 1, undefined);
      return messages - this.#index.count(firstSeq, seq, undefined);
    }
    const { across, messagesAcross, messagesBehind } = this.#lie(seq, filter);
    if (across.length === 0) return messagesBehind;
    const before = seq - firstSeq;
    const behind = lastSeq + 1 - seq;
    if (messagesAcross * WALK_COST < Math.min(before, behind)) {
      return across.reduce((total, id) => total + this.#countOnFrom(id, seq), messagesBehind);
    }
    const passing = this.#passing(across);
    if (behind < before) return messagesBehind + this.#index.count(seq, lastSeq + 1, passing);
    return messagesBehind + messagesAcross - this.#index.count(firstSeq, seq, passing);
  }

  /** Sequence of the last message of each matching subject at or below `upTo`, ascending. */
  lastPerSubject(filter: SubjectFilter | undefined, upTo = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    const { first } = this.#subjects;
    const beyond: number[] = [];
    for (const id of this.#ids(filter)) {
      if (this.#last(id) <= upTo) found.push(this.#last(id));
      else if ((first[id] as number) <= upTo) beyond.push(id);
    }
    if (beyond.length > 0) this.#lastBelow(beyond, upTo, found);
    return found.sort((a, b) => a - b);
  }

  /** Finds the last message at or below a sequence of each of some subjects that have one. */
  #lastBelow(ids: readonly number[], upTo: number, found: number[]): void {
    const wanted = this.#passing(ids);
    const judge = (id: number): boolean => wanted[id] === 1;
    let left = ids.length;
    for (let seq = upTo; left > 0; left--) {
      seq = this.#index.previousFrom(seq, judge);
      found.push(seq);
      wanted[this.#index.chunk.subject[this.#index.slot] as number] = 0;
      seq--;
    }
  }

  /** The subjects that have messages, with how many; in no particular order. */
  *subjects(filter: SubjectFilter | undefined): Generator<[ByteString, number]> {
    for (let id = 1; id < this.#subjects.idBound; id++) {
      const count = this.#subjects.counts[id] as number;
      if (count !== 0 && this.#isMeant(id, filter)) yield [this.#subjects.textOnce(id), count];
    }
  }

  /** The ids of the subjects that pass and have messages. */
  #ids(filter: SubjectFilter | undefined): number[] {
    if (filter?.literal !== undefined) {
      const id = this.#subjects.find(filter.literal);
      return id === 0 ? [] : [id];
    }
    const found: number[] = [];
    const { counts, idBound } = this.#subjects;
    for (let id = 1; id < idBound; id++) if (counts[id] !== 0 && this.#isMeant(id, filter)) found.push(id);
    return found;
  }

  #isMeant(id: number, filter: SubjectFilter | undefined): boolean {
    return filter === undefined || filter.all || this.#matchesAny(id, filter.patterns);
  }

  #matchesAny(id: number, patterns: readonly ByteString[]): boolean {
    for (const pattern of patterns) if (this.#subjects.matches(id, pattern)) return true;
    return false;
  }

  #lie(seq: number, filter: SubjectFilter): Lie {
    const { counts, first } = this.#subjects;
    const across: number[] = [];
    let [firstBehind, lastBefore, messagesAcross, messagesBehind] = [Number.POSITIVE_INFINITY, 0, 0, 0];
    for (const id of this.#ids(filter)) {
      const count = counts[id] as number;
      if ((first[id] as number) >= seq) {
        firstBehind = Math.min(firstBehind, first[id] as number);
        messagesBehind += count;
      } else if (this.#last(id) < seq) lastBefore = Math.max(lastBefore, this.#last(id));
      else {
        across.push(id);
        messagesAcross += count;
      }
    }
    return { across, messagesAcross, firstBehind, lastBefore, messagesBehind };
  }

  #last(id: number): number {
    return this.#subjects.last[id] as number;
  }

  /** Puts the index at a sequence that is stored; 0 and infinity are none. */
  #at(seq: number): number {
    return seq > 0 && this.#index.find(seq) ? seq : 0;
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

  /** The first sequence ≥ `from` on a subject whose last is. */
  #firstOnFrom(id: number, from: number): number {
    const index = this.#index;
    let found = this.#last(id);
    for (let seq = found; seq >= from && index.find(seq); seq = index.chunk.previous[index.slot] as number) {
      found = seq;
    }
    return found;
  }

  #countOnFrom(id: number, from: number): number {
    const index = this.#index;
    let total = 0;
    for (let seq = this.#last(id); seq >= from && index.find(seq); total++) {
      seq = index.chunk.previous[index.slot] as number;
    }
    return total;
  }

  #backTo(seq: number, upTo: number): number {
    const index = this.#index;
    while (seq > upTo && index.find(seq)) seq = index.chunk.previous[index.slot] as number;
    return seq;
  }

  #passing(ids: readonly number[]): Passing {
    const passing = new Uint8Array(this.#subjects.idBound);
    for (const id of ids) passing[id] = 1;
    return passing;
  }

  /** A judge of subject ids for a filter; one function for all filters, so that a search makes none. */
  #judge(filter: SubjectFilter): (id: number) => boolean {
    this.#filter = filter;
    this.#memo = filter.memoFor(this, this.#subjects.idBound);
    return this.#passes;
  }

  readonly #passes = (id: number): boolean => {
    const stamp = this.#subjects.stamps[id] as number;
    const known = this.#memo[id];
    if (known === stamp) return true;
    if (known === -stamp) return false;
    const passes = this.#matchesAny(id, this.#filter?.patterns ?? []);
    this.#memo[id] = passes ? stamp : -stamp;
    return passes;
  };
}
