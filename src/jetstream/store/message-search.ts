import type { ByteString } from '../../subjects/index.ts';
import { Ascending } from './ascending.ts';
import { ALL, type SubjectFilter } from './filter.ts';
import { Lie } from './lie.ts';
import { MANY_PATTERNS } from './pattern-set.ts';
import type { Passing, SequenceIndex } from './sequence-index.ts';
import { SubjectPage } from './subject-page.ts';
import type { SubjectTable } from './subject-table.ts';
import type { Visit } from './subject-tree.ts';

/** A subject with no more messages than this is walked along its links instead of scanned for. */
const SHORT_WALK = 32;
/** Sequences scanned before a search asks how many subjects match at all. */
const NEAR = 64;
/** Sequences scanned for many subjects, at most, before it looks where each of them lies. */
const LONGEST_SCAN = 65_536;
/** What a step along a subject's links costs, in steps of a scan. */
const WALK_COST = 16;
/** Steps of a search that are worth speaking of: some ten microseconds. */
const LONG = 4096;
const EVERYTHING = [ALL];

/** The range that a store's messages lie in. */
export interface Extent {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly messages: number;
}

/**
 * Searches a store by subject. Short ways are scanned: a filter's verdict on a subject is reached once and remembered by
 * subject id, so that a scan costs one comparison a message. What is far is found by where the matching subjects begin
 * and end, so that the cost grows with the subjects that match and not with the messages.
 */
export class MessageSearch {
  readonly #index: SequenceIndex;
  readonly #subjects: SubjectTable;
  readonly #worked: () => void;
  /** The filter that {@link #passes} judges by. */
  #filter: SubjectFilter | undefined;
  #memo: Int32Array = new Int32Array(0);

  /** @param worked told of a search that took {@link LONG}. */
  constructor(index: SequenceIndex, subjects: SubjectTable, worked: () => void) {
    this.#index = index;
    this.#subjects = subjects;
    this.#worked = worked;
  }

  /** The smallest stored sequence ≥ `from` that passes, 0 when there is none; the index stands at it. */
  next(from: number, filter: SubjectFilter | undefined): number {
    if (filter === undefined || filter.all) return this.#index.nextFrom(from, undefined);
    if (filter.literal !== undefined) return this.#nextOn(filter.literal, from);
    return (
      this.#index.nextFrom(from, this.#judge(filter), from + NEAR) || this.#nextBeyond(from + NEAR, filter)
    );
  }

  #nextOn(subject: ByteString, from: number): number {
    const id = this.#subjects.find(subject);
    if (id === 0 || from > this.#last(id)) return 0;
    const start = this.#startOfSearch(from, id);
    return this.#at(start !== 0 ? start : this.#firstOnFrom(id, from));
  }

  #nextBeyond(from: number, filter: SubjectFilter): number {
    const index = this.#index;
    const reach = this.#subjects.reach(filter.patterns);
    if (reach === 0) return 0;
    if (reach === Number.POSITIVE_INFINITY) return index.nextFrom(from, undefined);
    const far = from + scanLength(reach);
    return index.nextFrom(from, this.#judge(filter), far) || this.#nextFar(far, filter, reach);
  }

  #nextFar(from: number, filter: SubjectFilter, reach: number): number {
    const lie = this.#lie(from, filter);
    const { across, messagesAcross, firstBehind, firstEnd } = lie;
    this.#spend(scanLength(reach) + lie.seen);
    if (across.length === 0) return this.#at(firstBehind);
    // A subject that lies across has a message at its end: nothing behind the nearest of these is of interest.
    let nearest = Math.min(firstBehind, firstEnd);
    if (across.length > 1 && messagesAcross * WALK_COST > nearest - from) {
      nearest = this.#index.nextAmong(from, this.#passing(across), nearest) || nearest;
      this.#spend(nearest - from);
    } else for (const id of across) nearest = Math.min(nearest, this.#firstOnFrom(id, from));
    return this.#at(nearest);
  }

  /** The largest stored sequence ≤ `from` that passes, 0 when there is none; the index stands at it. */
  previous(from: number, filter: SubjectFilter | undefined): number {
    if (filter === undefined || filter.all) return this.#index.previousFrom(from, undefined);
    const near = this.#index.previousFrom(from, this.#judge(filter), Math.max(0, from - NEAR));
    return near === 0 && from > NEAR ? this.#previousBeyond(from - NEAR, filter) : near;
  }

  #previousBeyond(from: number, filter: SubjectFilter): number {
    const index = this.#index;
    const reach = this.#subjects.reach(filter.patterns);
    if (reach === 0) return 0;
    if (reach === Number.POSITIVE_INFINITY) return index.previousFrom(from, undefined);
    const far = Math.max(0, from - scanLength(reach));
    const near = index.previousFrom(from, this.#judge(filter), far);
    return near === 0 && far > 0 ? this.#previousFar(far, filter, reach) : near;
  }

  #previousFar(from: number, filter: SubjectFilter, reach: number): number {
    const lie = this.#lie(from + 1, filter);
    const { across, messagesAcross, lastBefore, lastBegin } = lie;
    this.#spend(scanLength(reach) + lie.seen);
    let nearest = Math.max(lastBefore, lastBegin);
    if (messagesAcross * WALK_COST > from - nearest) {
      nearest = this.#index.previousAmong(from, this.#passing(across), nearest) || nearest;
      this.#spend(from - nearest);
    } else for (const id of across) nearest = Math.max(nearest, this.#backTo(this.#last(id), from));
    return this.#at(nearest);
  }

  /** How many messages from `seq` on pass. */
  countFrom(seq: number, filter: SubjectFilter | undefined, extent: Extent): number {
    const { firstSeq, lastSeq, messages } = extent;
    if (messages === 0 || seq > lastSeq) return 0;
    if (this.#isEverything(filter)) return this.#countAllFrom(seq, extent);
    const lie = this.#lie(seq, filter);
    const { across, messagesAcross, messagesBehind } = lie;
    this.#spend(lie.seen);
    if (across.length === 0) return messagesBehind;
    const before = seq - firstSeq;
    const behind = lastSeq + 1 - seq;
    if (messagesAcross * WALK_COST < Math.min(before, behind)) {
      return across.reduce((total, id) => total + this.#countOnFrom(id, seq), messagesBehind);
    }
    this.#spend(Math.min(before, behind));
    const passing = this.#passing(across);
    if (behind < before) return messagesBehind + this.#index.countAmong(seq, lastSeq + 1, passing);
    return messagesBehind + messagesAcross - this.#index.countAmong(firstSeq, seq, passing);
  }

  #countAllFrom(seq: number, { firstSeq, lastSeq, messages }: Extent): number {
    if (seq <= firstSeq) return messages;
    if (lastSeq - seq < seq - firstSeq) return this.#index.count(seq, lastSeq + 1);
    return messages - this.#index.count(firstSeq, seq);
  }

  /**
   * Sequence of the last message of each matching subject at or below `upTo`, ascending.
   * @param most a result longer than this says only that there are more.
   */
  lastPerSubject(
    filter: SubjectFilter | undefined,
    upTo = Number.POSITIVE_INFINITY,
    most = Number.POSITIVE_INFINITY,
  ): Float64Array {
    const { first, last } = this.#subjects;
    const reach = filter?.all === false ? this.#subjects.reach(filter.patterns) : this.#subjects.size;
    const found = new Ascending(Math.min(reach, this.#subjects.size, most + 1));
    const beyond: number[] = [];
    this.#visit(filter, (id) => {
      const end = last[id] as number;
      if (end <= upTo) found.add(end);
      else if ((first[id] as number) <= upTo) beyond.push(id);
      return found.length + beyond.length <= most;
    });
    this.#spend(found.length + beyond.length);
    if (found.length + beyond.length > most) return new Float64Array(most + 1);
    if (beyond.length > 0) this.#addLastBelow(beyond, upTo, found);
    return found.sorted();
  }

  /** Adds the last message at or below a sequence of each of some subjects that have one. */
  #addLastBelow(ids: readonly number[], upTo: number, found: Ascending): void {
    const wanted = this.#passing(ids);
    let seq = upTo;
    for (let left = ids.length; left > 0; left--) {
      seq = this.#index.previousAmong(seq, wanted);
      found.add(seq);
      wanted[this.#index.chunk.subject[this.#index.slot] as number] = 0;
    }
    this.#spend(upTo - seq);
  }

  /** All subjects that have messages, with how many; in no particular order. */
  *subjects(): Generator<[ByteString, number]> {
    for (let id = 1; id < this.#subjects.idBound; id++) {
      const count = this.#subjects.counts[id] as number;
      if (count !== 0) yield [this.#subjects.textOnce(id), count];
    }
  }

  /** A page of the subjects that pass and have messages now. */
  page(filter: SubjectFilter, page: { readonly offset: number; readonly limit: number }): SubjectPage {
    const ids: number[] = [];
    this.#visit(filter, (id) => ids.push(id) > 0);
    this.#spend(ids.length);
    return new SubjectPage(this.#subjects, filter, Uint32Array.from(ids), page, this.#subjects.chance);
  }

  #visit(filter: SubjectFilter | undefined, visit: Visit): void {
    if (filter?.literal === undefined) {
      this.#subjects.visit(filter?.all === false ? filter.patterns : EVERYTHING, visit);
    } else {
      const id = this.#subjects.find(filter.literal);
      if (id !== 0) visit(id);
    }
  }

  #spend(steps: number): void {
    if (steps > LONG) this.#worked();
  }

  #isEverything(filter: SubjectFilter | undefined): filter is undefined {
    if (filter === undefined || filter.all) return true;
    return filter.literal === undefined && this.#subjects.reach(filter.patterns) === Number.POSITIVE_INFINITY;
  }

  #lie(seq: number, filter: SubjectFilter): Lie {
    const lie = new Lie(this.#subjects, seq);
    this.#visit(filter, lie.add);
    return lie;
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

  /** The first sequence ≥ `from` on a subject whose last is: scanned for, unless all its links are a shorter way. */
  #firstOnFrom(id: number, from: number): number {
    const index = this.#index;
    const near = index.nextOnSubject(from, id, from + (this.#subjects.counts[id] as number) * WALK_COST);
    if (near !== 0) return near;
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
    const place = id & (this.#memo.length - 1);
    const known = this.#memo[place];
    if (known === stamp) return true;
    if (known === -stamp) return false;
    const passes = this.#filter !== undefined && this.#isMeant(id, this.#filter);
    this.#memo[place] = passes ? stamp : -stamp;
    return passes;
  };

  #isMeant(id: number, filter: SubjectFilter): boolean {
    if (filter.patterns.length > MANY_PATTERNS) return filter.matches(this.#subjects.textOnce(id));
    for (const pattern of filter.patterns) if (this.#subjects.matches(id, pattern)) return true;
    return false;
  }
}

/** Sequences worth scanning before so many subjects are looked at: it should not cost more than that. */
function scanLength(subjects: number): number {
  return subjects <= NEAR ? 0 : Math.min(subjects >>> 1, LONGEST_SCAN);
}
