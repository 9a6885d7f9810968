import { type Instant, limits } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import type { MemoryBudget } from '../env.ts';
import type { SubjectFilter } from './filter.ts';
import { MessageSearch } from './message-search.ts';
import { MessageView, type StoredMessage } from './message-view.ts';
import { accountedBytes, writeRecord } from './record.ts';
import { SequenceIndex } from './sequence-index.ts';
import {
  copyInto,
  DOUBLE_MS,
  DOUBLE_SEQ,
  RECORD_HEADER,
  recordSize,
  type Slab,
  Slabs,
  WORD_HEADER,
  WORD_LASTING,
  WORD_NS,
  WORD_PAYLOAD,
} from './slabs.ts';
import type { SubjectPage } from './subject-page.ts';
import { SubjectTable } from './subject-table.ts';

export { MessageView, type StoredMessage } from './message-view.ts';

/**
 * The messages of one stream. Bytes lie in slabs, positions in typed arrays by sequence, subjects in a table of their
 * own: there is no JavaScript object per message. Both storage kinds live in memory; they differ in what they count.
 */
export class MessageStore {
  readonly storage: 'file' | 'memory';
  readonly #slabs: Slabs;
  readonly #index: SequenceIndex;
  readonly #subjects: SubjectTable;
  readonly #search: MessageSearch;
  #firstSeq: number;
  #lastSeq: number;
  #messages = 0;
  #bytes = 0;
  #lastMs = 0;
  #lastNs = 0;
  /**
   * @param seed secret, for the hash of subjects.
   * @param firstSeq what the first message gets.
   * @param worked told of a search that took long.
   */
  constructor(
    budget: MemoryBudget,
    storage: 'file' | 'memory',
    seed: number,
    firstSeq = 0,
    worked: () => void = () => {},
  ) {
    this.storage = storage;
    this.#slabs = new Slabs(budget);
    this.#index = new SequenceIndex(budget);
    this.#subjects = new SubjectTable(budget, seed);
    this.#search = new MessageSearch(this.#index, this.#subjects, worked);
    this.#firstSeq = firstSeq;
    this.#lastSeq = Math.max(0, firstSeq - 1);
  }

  /** Sequence of the first message; without messages what the next one gets, or 0 when there never was one. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** The last sequence given out. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get messages(): number {
    return this.#messages;
  }

  /** Bytes by the server's accounting (see {@link accountedBytes}). */
  get bytes(): number {
    return this.#bytes;
  }

  get numSubjects(): number {
    return this.#subjects.size;
  }

  /** Sequences missing between the first and the last. */
  get numDeleted(): number {
    return this.#messages === 0 ? 0 : this.#lastSeq - this.#firstSeq + 1 - this.#messages;
  }

  /** When the last message came, or `undefined` when there never was one. */
  get lastTime(): Instant | undefined {
    return this.#lastMs === 0 ? undefined : { ms: this.#lastMs, ns: this.#lastNs };
  }

  /** When the message with this sequence came, ms since the epoch; 0 when there is none. */
  msOf(seq: number): number {
    if (!this.#index.find(seq)) return 0;
    const { chunk, slot } = this.#index;
    const slab = this.#slabs.at(chunk.slab[slot] as number);
    return slab.doubles[((chunk.offset[slot] as number) >>> 3) + DOUBLE_MS] as number;
  }

  /** Notes that a message never grows old. */
  setLasting(seq: number): void {
    if (!this.#index.find(seq)) return;
    const { chunk, slot } = this.#index;
    const slab = this.#slabs.at(chunk.slab[slot] as number);
    slab.words[((chunk.offset[slot] as number) >>> 2) + WORD_LASTING] = 1;
  }

  /** Whether there is a message with this sequence that never grows old. */
  isLasting(seq: number): boolean {
    if (!this.#index.find(seq)) return false;
    const { chunk, slot } = this.#index;
    const slab = this.#slabs.at(chunk.slab[slot] as number);
    return slab.words[((chunk.offset[slot] as number) >>> 2) + WORD_LASTING] === 1;
  }

  /** What the message with this sequence counts in {@link bytes}; 0 when there is none. */
  costOf(seq: number): number {
    if (!this.#index.find(seq)) return 0;
    const { chunk, slot } = this.#index;
    const slab = this.#slabs.at(chunk.slab[slot] as number);
    const word = (chunk.offset[slot] as number) >>> 2;
    const subject = this.#subjects.text(chunk.subject[slot] as number);
    return this.cost(
      subject,
      slab.words[word + WORD_HEADER] as number,
      slab.words[word + WORD_PAYLOAD] as number,
    );
  }

  /** What a message of this shape counts in {@link bytes}. */
  cost(subject: ByteString, headerLength: number, payloadLength: number): number {
    return accountedBytes(this.storage, subject.length, headerLength, payloadLength);
  }

  /**
   * Stores a message: header = [headerStart, payloadStart), payload = [payloadStart, end) of `buffer`; the bytes are
   * copied.
   * @returns its sequence, 0 (and nothing changed) when the process can hold no more or no sequence is left.
   */
  append(
    subject: ByteString,
    buffer: Buffer,
    headerStart: number,
    payloadStart: number,
    end: number,
    at: Instant,
  ): number {
    const seq = this.#lastSeq + 1;
    if (seq > limits.MAX_SAFE - 1) return 0;
    const size = recordSize(end - headerStart);
    const known = this.#subjects.find(subject);
    if (!this.#index.reserve(seq)) return 0;
    const slab = this.#slabs.roomFor(size);
    if (slab === undefined) return 0;
    const id = known === 0 ? this.#subjects.add(subject) : known;
    if (id === 0) {
      this.#slabs.discardIfEmpty(slab);
      return 0;
    }
    const offset = this.#slabs.take(slab, size);
    writeRecord(slab, offset, seq, at, payloadStart - headerStart, end - payloadStart);
    copyInto(slab, offset + RECORD_HEADER, buffer, headerStart, end);
    this.#enter(seq, slab.id, offset, id);
    this.#lastSeq = seq;
    this.#lastMs = at.ms;
    this.#lastNs = at.ns;
    if (this.#messages++ === 0) this.#firstSeq = seq;
    this.#bytes += this.cost(subject, payloadStart - headerStart, end - payloadStart);
    return seq;
  }

  /**
   * Uses up a sequence without storing anything (interest retention without interest).
   * @returns the sequence, 0 when there is none left.
   */
  skip(at: Instant): number {
    if (this.#lastSeq >= limits.MAX_SAFE - 1) return 0;
    this.#lastSeq++;
    this.#lastMs = at.ms;
    this.#lastNs = at.ns;
    if (this.#messages === 0) this.#firstSeq = this.#lastSeq + 1;
    return this.#lastSeq;
  }

  /**
   * The next message gets this sequence, which is above all others: those between are missing, as if deleted. For
   * state that is loaded.
   */
  leapTo(seq: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, seq - 1);
    if (this.#messages === 0) this.#firstSeq = this.#lastSeq + 1;
  }

  /** Where the numbering stands, for state that is loaded. @param firstSeq counts only while there are no messages. */
  stand(firstSeq: number, lastSeq: number, lastTime: Instant | undefined): void {
    this.#lastSeq = Math.max(this.#lastSeq, lastSeq);
    if (this.#messages === 0) this.#firstSeq = firstSeq;
    this.#lastMs = lastTime?.ms ?? 0;
    this.#lastNs = lastTime?.ns ?? 0;
  }

  /** Points a view at a message. @returns false when there is none with this sequence. */
  load(seq: number, into: MessageView): boolean {
    if (!this.#index.find(seq)) return false;
    this.#loadFound(seq, into);
    return true;
  }

  /** A message with bytes of its own. */
  copy(seq: number): StoredMessage | undefined {
    const view = new MessageView();
    if (!this.load(seq, view)) return undefined;
    return {
      seq,
      subject: view.subject,
      header: Buffer.from(view.buffer.subarray(view.headerStart, view.payloadStart)),
      payload: Buffer.from(view.buffer.subarray(view.payloadStart, view.end)),
      time: { ms: view.ms, ns: view.ns },
    };
  }

  has(seq: number): boolean {
    return this.#index.find(seq);
  }

  /** The subject of a stored message, or `undefined`. */
  subjectOf(seq: number): ByteString | undefined {
    if (!this.#index.find(seq)) return undefined;
    return this.#subjects.text(this.#index.chunk.subject[this.#index.slot] as number);
  }

  /** Takes a message out; with `erase` its bytes are overwritten first. @returns false when there is none. */
  remove(seq: number, erase: boolean): boolean {
    if (!this.#index.find(seq)) return false;
    const { chunk, slot } = this.#index;
    const slab = this.#slabs.at(chunk.slab[slot] as number);
    const offset = chunk.offset[slot] as number;
    const id = chunk.subject[slot] as number;
    const next = chunk.next[slot] as number;
    const previous = chunk.previous[slot] as number;
    const word = offset >>> 2;
    const headerLength = slab.words[word + WORD_HEADER] as number;
    const payloadLength = slab.words[word + WORD_PAYLOAD] as number;
    const length = headerLength + payloadLength;
    this.#bytes -= this.cost(this.#subjects.text(id), headerLength, payloadLength);
    this.#index.removeFound();
    this.#unlink(id, previous, next);
    if (erase) slab.buffer.fill(0, offset + RECORD_HEADER, offset + RECORD_HEADER + length);
    this.#slabs.drop(slab, recordSize(length));
    if (this.#slabs.isWasteful(slab)) this.#evacuate(slab);
    this.#messages--;
    if (seq === this.#firstSeq) this.#advanceFirst();
    return true;
  }

  /** Takes everything out. The next sequence is `nextSeq` when that is above the present one. */
  clear(nextSeq = 0): void {
    this.#slabs.clear();
    this.#index.clear();
    this.#subjects.clear();
    this.#messages = 0;
    this.#bytes = 0;
    this.#lastSeq = Math.max(this.#lastSeq, nextSeq - 1);
    this.#firstSeq = this.#lastSeq + 1;
  }

  /** The smallest stored sequence ≥ `from` that passes, 0 when there is none; `into` is pointed at it. */
  next(from: number, filter: SubjectFilter | undefined, into?: MessageView): number {
    if (from > this.#lastSeq || this.#messages === 0) return 0;
    const seq = this.#search.next(Math.max(from, this.#firstSeq), filter);
    if (seq !== 0 && into !== undefined) this.#loadFound(seq, into);
    return seq;
  }

  /** The largest stored sequence ≤ `from` that passes, 0 when there is none; `into` is pointed at it. */
  previous(from: number, filter: SubjectFilter | undefined, into?: MessageView): number {
    if (from < this.#firstSeq || this.#messages === 0) return 0;
    const seq = this.#search.previous(Math.min(from, this.#lastSeq), filter);
    if (seq !== 0 && into !== undefined) this.#loadFound(seq, into);
    return seq;
  }

  firstOf(filter: SubjectFilter | undefined): number {
    return this.next(this.#firstSeq, filter);
  }

  lastOf(filter: SubjectFilter | undefined): number {
    if (filter?.literal === undefined) return this.previous(this.#lastSeq, filter);
    return this.lastOnSubject(filter.literal);
  }

  /** The last sequence on one literal subject, 0 when there is none. */
  lastOnSubject(subject: ByteString): number {
    const id = this.#subjects.find(subject);
    return id === 0 ? 0 : (this.#subjects.last[id] as number);
  }

  /** The first sequence on one literal subject, 0 when there is none. */
  firstOnSubject(subject: ByteString): number {
    const id = this.#subjects.find(subject);
    return id === 0 ? 0 : (this.#subjects.first[id] as number);
  }

  /** How many messages one literal subject has. */
  countOnSubject(subject: ByteString): number {
    const id = this.#subjects.find(subject);
    return id === 0 ? 0 : (this.#subjects.counts[id] as number);
  }

  /** How many messages from `seq` on pass. */
  countFrom(seq: number, filter: SubjectFilter | undefined): number {
    return this.#search.countFrom(seq, filter, this);
  }

  /**
   * Sequence of the last message of each matching subject at or below `upTo`, ascending.
   * @param most a result longer than this says only that there are more.
   */
  lastPerSubject(filter: SubjectFilter | undefined, upTo?: number, most?: number): Float64Array {
    return this.#search.lastPerSubject(filter, upTo, most);
  }

  /** All subjects that have messages, with how many; in no particular order. */
  subjects(): IterableIterator<[ByteString, number]> {
    return this.#search.subjects();
  }

  /** Those of the subjects that pass, in the order of their bytes: work for slices. */
  subjectPage(filter: SubjectFilter, offset: number, limit: number): SubjectPage {
    return this.#search.page(filter, { offset, limit });
  }

  /** The smallest stored sequence that came at or after an instant; the next sequence when there is none. */
  seqAtTime(at: Instant): number {
    let low = this.#firstSeq;
    let high = this.#lastSeq + 1;
    const view = new MessageView();
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const seq = this.next(middle, undefined, view);
      if (seq === 0) high = middle;
      else if (view.ms > at.ms || (view.ms === at.ms && view.ns >= at.ns)) high = middle;
      else low = seq + 1;
    }
    const seq = this.next(low, undefined);
    return seq === 0 ? this.#lastSeq + 1 : seq;
  }

  /** The missing sequences between first and last, ascending, at most `limit`. */
  deleted(limit = Number.POSITIVE_INFINITY): number[] {
    return this.#messages === 0 ? [] : this.#index.missing(this.#firstSeq, this.#lastSeq + 1, limit);
  }

  #enter(seq: number, slabId: number, offset: number, id: number): void {
    const { counts, first, last } = this.#subjects;
    const index = this.#index;
    let previous = 0;
    if ((counts[id] as number) > 0) {
      previous = last[id] as number;
      if (index.find(previous)) index.chunk.next[index.slot] = seq;
    } else {
      first[id] = seq;
    }
    index.add(seq);
    const { chunk, slot } = index;
    chunk.slab[slot] = slabId;
    chunk.offset[slot] = offset;
    chunk.subject[slot] = id;
    chunk.next[slot] = 0;
    chunk.previous[slot] = previous;
    last[id] = seq;
    counts[id] = (counts[id] as number) + 1;
  }

  #unlink(id: number, previous: number, next: number): void {
    const { counts, first, last } = this.#subjects;
    const index = this.#index;
    const rest = (counts[id] as number) - 1;
    if (rest === 0) {
      this.#subjects.remove(id);
      return;
    }
    counts[id] = rest;
    if (previous === 0) first[id] = next;
    else if (index.find(previous)) index.chunk.next[index.slot] = next;
    if (next === 0) last[id] = previous;
    else if (index.find(next)) index.chunk.previous[index.slot] = previous;
  }

  #advanceFirst(): void {
    this.#firstSeq =
      this.#messages === 0 ? this.#lastSeq + 1 : this.#index.nextFrom(this.#firstSeq, undefined);
  }

  #loadFound(seq: number, into: MessageView): void {
    const { chunk, slot } = this.#index;
    const slab = this.#slabs.at(chunk.slab[slot] as number);
    const offset = chunk.offset[slot] as number;
    const word = offset >>> 2;
    into.seq = seq;
    into.subject = this.#subjects.text(chunk.subject[slot] as number);
    into.buffer = slab.buffer;
    into.headerStart = offset + RECORD_HEADER;
    into.payloadStart = into.headerStart + (slab.words[word + WORD_HEADER] as number);
    into.end = into.payloadStart + (slab.words[word + WORD_PAYLOAD] as number);
    into.ms = slab.doubles[(offset >>> 3) + DOUBLE_MS] as number;
    into.ns = slab.words[word + WORD_NS] as number;
  }

  /** Moves what still counts out of a slab, which frees it. Does nothing when there is no memory for the move. */
  #evacuate(slab: Slab): void {
    const index = this.#index;
    for (let offset = 0; offset < slab.used; ) {
      const word = offset >>> 2;
      const length = (slab.words[word + WORD_HEADER] as number) + (slab.words[word + WORD_PAYLOAD] as number);
      const size = recordSize(length);
      const seq = slab.doubles[(offset >>> 3) + DOUBLE_SEQ] as number;
      if (
        index.find(seq) &&
        index.chunk.slab[index.slot] === slab.id &&
        index.chunk.offset[index.slot] === offset
      ) {
        const target = this.#slabs.roomFor(size);
        if (target === undefined) return;
        const to = this.#slabs.take(target, size);
        slab.buffer.copy(target.buffer, to, offset, offset + RECORD_HEADER + length);
        index.chunk.slab[index.slot] = target.id;
        index.chunk.offset[index.slot] = to;
        this.#slabs.drop(slab, size);
      }
      offset += size;
    }
  }
}
