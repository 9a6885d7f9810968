import type { SubjectTable } from './subject-table.ts';

/** Where some subjects lie, seen from a sequence; gathered one subject at a time. */
export class Lie {
  readonly #subjects: SubjectTable;
  readonly #seq: number;
  /** The subjects with messages on both sides of the sequence, and how many messages they have. */
  readonly across: number[] = [];
  messagesAcross = 0;
  /** The largest of their first sequences, the smallest of their last ones. */
  lastBegin = 0;
  firstEnd = Number.POSITIVE_INFINITY;
  /** The first sequence of those wholly at or behind it, infinite without any; the last of those wholly before it. */
  firstBehind = Number.POSITIVE_INFINITY;
  lastBefore = 0;
  /** How many messages lie wholly at or behind it. */
  messagesBehind = 0;
  /** How many subjects were looked at. */
  seen = 0;

  constructor(subjects: SubjectTable, seq: number) {
    this.#subjects = subjects;
    this.#seq = seq;
  }

  /** Takes a subject in. @returns that more are wanted. */
  readonly add = (id: number): boolean => {
    const { counts, first, last } = this.#subjects;
    const begin = first[id] as number;
    const end = last[id] as number;
    this.seen++;
    if (begin >= this.#seq) {
      if (begin < this.firstBehind) this.firstBehind = begin;
      this.messagesBehind += counts[id] as number;
    } else if (end < this.#seq) {
      if (end > this.lastBefore) this.lastBefore = end;
    } else {
      this.across.push(id);
      this.messagesAcross += counts[id] as number;
      if (begin > this.lastBegin) this.lastBegin = begin;
      if (end < this.firstEnd) this.firstEnd = end;
    }
    return true;
  };
}
