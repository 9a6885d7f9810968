import type { StateReader, StateWriter } from '../state/index.ts';

const FIRST_CAPACITY = 16;
/** Consumers without redeliveries share it. */
const NO_SEQS = new Float64Array(0);

/**
 * Stream sequences that wait to be delivered again, oldest first: a ring in a typed array. Entries are never taken out
 * of the middle; who pops one asks the pending rows whether it still counts.
 */
export class SeqQueue {
  #ring = NO_SEQS;
  #head = 0;
  length = 0;

  push(seq: number): void {
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length++) % this.#ring.length] = seq;
  }

  /** The oldest entry, 0 when there is none. */
  peek(): number {
    return this.length === 0 ? 0 : (this.#ring[this.#head] ?? 0);
  }

  /** Drops the oldest entry. */
  shift(): void {
    if (this.length === 0) return;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.length--;
  }

  clear(): void {
    this.#head = 0;
    this.length = 0;
  }

  save(to: StateWriter): void {
    to.word(this.length);
    for (let i = 0; i < this.length; i++) to.number(this.#ring[(this.#head + i) % this.#ring.length] ?? 0);
  }

  /** Into an empty queue. */
  load(from: StateReader): void {
    for (let left = from.count(8); left > 0; left--) this.push(from.integer(1));
  }

  #grow(): void {
    const grown = new Float64Array(Math.max(FIRST_CAPACITY, this.#ring.length * 2));
    for (let i = 0; i < this.length; i++) grown[i] = this.#ring[(this.#head + i) % this.#ring.length] ?? 0;
    this.#ring = grown;
    this.#head = 0;
  }
}
