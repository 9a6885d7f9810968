import { limits } from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES } from '../../subjects/index.ts';
import type { Runnable } from '../env.ts';
import type { SlicedWork } from '../sliced.ts';
import type { StateReader, StateWriter } from '../state/index.ts';
import type { Stream } from './stream.ts';

/** Stands for all subjects among what is rolled up: no message has an empty one. */
const EVERYTHING = EMPTY_BYTES;
/** Bytes of a roll-up in a saved state at least: length of the subject, and a sequence. */
const SAVED_ROLLUP = 4 + 8;

/**
 * Keeps a stream within its limits, and carries roll-ups out. A few messages go at once; of many the rest goes from the
 * run queue, a slice at a time, so that one message that replaces a million does not hold anybody up.
 */
export class Trimmer implements Runnable, SlicedWork<void> {
  readonly #stream: Stream;
  /** Below which sequence messages are rolled up and may still be there, by subject. */
  readonly #rolled = new Map<ByteString, number>();
  /** Subjects still to be looked at, after the limit of each became narrower. */
  #subjects: Iterator<readonly [ByteString, number]> | undefined;
  #crowded = EMPTY_BYTES;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Whether there is more to take out. */
  get isBusy(): boolean {
    return this.#rolled.size > 0 || this.#subjects !== undefined || this.#firstOver() !== 0;
  }

  /** A message was stored. */
  stored(seq: number, subject: ByteString, rollup: 'sub' | 'all' | undefined): void {
    const { store, config } = this.#stream;
    const most = config.max_msgs_per_subject;
    if (most > 0 && store.countOnSubject(subject) > most)
      this.#stream.drop(store.firstOnSubject(subject), false);
    if (rollup !== undefined) this.#rolled.set(rollup === 'all' ? EVERYTHING : subject, seq);
    if (rollup !== undefined || this.#firstOver() !== 0) this.#begin();
  }

  /** The limits became narrower: everything is looked at. What 2.14.5 takes out then, measured. */
  all(): void {
    if (this.#stream.config.max_msgs_per_subject > 0) this.#subjects = this.#stream.store.subjects();
    this.#begin();
  }

  run(budget: number): boolean {
    const stream = this.#stream;
    for (let left = budget; left > 0; left--) if (!this.#dropOne()) break;
    stream.settle();
    return this.isBusy;
  }

  step(budget: number): boolean {
    return !this.run(budget);
  }

  result(): void {}

  /** What is rolled up is still to go. */
  save(to: StateWriter): void {
    to.word(this.#rolled.size);
    for (const [subject, below] of this.#rolled) {
      to.text(subject);
      to.number(below);
    }
  }

  load(from: StateReader): void {
    for (let left = from.count(SAVED_ROLLUP); left > 0; left--) this.#remember(from.text(), from.integer());
    if (this.isBusy) this.#begin();
  }

  #remember(subject: ByteString, below: number): void {
    const { store } = this.#stream;
    if (subject === EVERYTHING || store.countOnSubject(subject) > 0) this.#rolled.set(subject, below);
  }

  #begin(): void {
    for (let left: number = limits.DROPS_AT_ONCE; left > 0; left--) if (!this.#dropOne()) return;
    this.#stream.jetstream.env.enqueue(this);
  }

  /** Takes one message out, or looks at one subject. @returns false when there is nothing to do. */
  #dropOne(): boolean {
    const seq = this.#firstOver() || this.#nextRolled() || this.#nextCrowded();
    if (seq === 0) return this.#lookAtSubject();
    this.#stream.drop(seq, false);
    return true;
  }

  /** The oldest message when there are too many, or too many bytes, and old ones make room; else 0. */
  #firstOver(): number {
    const { store, config } = this.#stream;
    const { max_msgs: most, max_bytes: bytes } = config;
    const isOver = (most > 0 && store.messages > most) || (bytes > 0 && store.bytes > bytes);
    return isOver && config.discard === 'old' && store.messages > 0 ? store.firstSeq : 0;
  }

  /** A message that is rolled up and still there; 0 when there is none. */
  #nextRolled(): number {
    const { store } = this.#stream;
    for (const [subject, below] of this.#rolled) {
      const first = subject === EVERYTHING ? store.firstSeq : store.firstOnSubject(subject);
      if (first !== 0 && first < below && store.messages > 0) return first;
      this.#rolled.delete(subject);
    }
    return 0;
  }

  #lookAtSubject(): boolean {
    if (this.#subjects === undefined) return false;
    const found = this.#subjects.next();
    this.#subjects = found.done === true ? undefined : this.#subjects;
    this.#crowded = found.done === true ? EMPTY_BYTES : found.value[0];
    return found.done !== true;
  }

  /** The oldest message of the subject that is looked at, when that has too many; else 0. */
  #nextCrowded(): number {
    const { store, config } = this.#stream;
    const most = config.max_msgs_per_subject;
    if (this.#subjects === undefined || most <= 0 || store.countOnSubject(this.#crowded) <= most) return 0;
    return store.firstOnSubject(this.#crowded);
  }
}
