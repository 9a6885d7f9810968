import type { MemoryBudget } from '../env.ts';
import { CHUNK_SPAN, Chunk } from './chunk.ts';

/** A judge of subject ids, and verdicts by subject id: 1 passes. No subject has the id 0 of empty slots. */
export type Passes = (subject: number) => boolean;
export type Passing = Uint8Array;

/**
 * From a sequence to its slot: chunks in ascending order, none for ranges without messages. {@link find} leaves the
 * answer in `chunk` and `slot`, so that a lookup makes no object.
 */
export class SequenceIndex {
  readonly #budget: MemoryBudget;
  readonly #chunks: Chunk[] = [];
  /** Where the last successful {@link find}, {@link add}, or step stands. */
  chunk: Chunk = new Chunk(0);
  slot = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Makes room for a sequence above all others. @returns false when the process can hold no more. */
  reserve(seq: number): boolean {
    const tail = this.#chunks[this.#chunks.length - 1];
    if (tail === undefined || tail.positions !== undefined || seq - tail.base >= CHUNK_SPAN) {
      return this.#addChunk(seq);
    }
    while (tail.isFullAt(seq - tail.base)) {
      if (!this.#budget.reserve(tail.growth)) return false;
      tail.grow();
    }
    return true;
  }

  /** Takes the slot of a sequence that {@link reserve} made room for. */
  add(seq: number): void {
    const tail = this.#chunks[this.#chunks.length - 1] as Chunk;
    this.chunk = tail;
    this.slot = seq - tail.base;
    tail.count = this.slot + 1;
    tail.live++;
  }

  /** Whether there is a message with this sequence; if so `chunk` and `slot` say where. */
  find(seq: number): boolean {
    const chunks = this.#chunks;
    let chunk = this.chunk;
    let slot = chunk.slotOf(seq);
    if (slot < 0 || chunk.live === 0) {
      const at = this.#chunkAt(seq);
      if (at < 0) return false;
      chunk = chunks[at] as Chunk;
      slot = chunk.slotOf(seq);
      if (slot < 0) return false;
      this.chunk = chunk;
    }
    this.slot = slot;
    return true;
  }

  /** Empties the slot that {@link find} found. */
  removeFound(): void {
    const chunk = this.chunk;
    chunk.slab[this.slot] = 0;
    chunk.subject[this.slot] = 0;
    chunk.live--;
    const isTail = chunk === this.#chunks[this.#chunks.length - 1];
    if (isTail) return;
    if (chunk.live === 0) this.#dropChunk(chunk);
    else if (chunk.isSparse) this.#pack(chunk);
  }

  /** The smallest sequence in [from, below) with a message whose subject passes, 0 when there is none. */
  nextFrom(from: number, passes: Passes | undefined, below = Number.POSITIVE_INFINITY): number {
    const chunks = this.#chunks;
    for (let at = Math.max(this.#chunkAt(from), 0); at < chunks.length; at++) {
      const chunk = chunks[at] as Chunk;
      if (chunk.base >= below) return 0;
      const { slab, subject } = chunk;
      const count = chunk.lowerSlot(below);
      for (let slot = chunk.lowerSlot(from); slot < count; slot++) {
        if (slab[slot] === 0) continue;
        if (passes !== undefined && !passes(subject[slot] as number)) continue;
        return this.#stop(chunk, slot);
      }
    }
    return 0;
  }

  /** The largest sequence in (above, from] with a message whose subject passes, 0 when there is none. */
  previousFrom(from: number, passes: Passes | undefined, above = 0): number {
    for (let at = this.#chunkAt(from); at >= 0; at--) {
      const chunk = this.#chunks[at] as Chunk;
      const { slab, subject } = chunk;
      const lowest = chunk.lowerSlot(above + 1);
      if (lowest === chunk.count && chunk.base <= above) return 0;
      for (let slot = chunk.lowerSlot(from + 1) - 1; slot >= lowest; slot--) {
        if (slab[slot] === 0) continue;
        if (passes !== undefined && !passes(subject[slot] as number)) continue;
        return this.#stop(chunk, slot);
      }
    }
    return 0;
  }

  /** The smallest sequence in [from, below) on one of some subjects, 0 when there is none. */
  nextAmong(from: number, passing: Passing, below = Number.POSITIVE_INFINITY): number {
    const chunks = this.#chunks;
    for (let at = Math.max(this.#chunkAt(from), 0); at < chunks.length; at++) {
      const chunk = chunks[at] as Chunk;
      if (chunk.base >= below) return 0;
      const { subject } = chunk;
      const count = chunk.lowerSlot(below);
      let slot = chunk.lowerSlot(from);
      while (slot < count && passing[subject[slot] as number] === 0) slot++;
      if (slot < count) return this.#stop(chunk, slot);
    }
    return 0;
  }

  /** The largest sequence in (above, from] on one of some subjects, 0 when there is none. */
  previousAmong(from: number, passing: Passing, above = 0): number {
    for (let at = this.#chunkAt(from); at >= 0; at--) {
      const chunk = this.#chunks[at] as Chunk;
      const { subject } = chunk;
      const lowest = chunk.lowerSlot(above + 1);
      if (lowest === chunk.count && chunk.base <= above) return 0;
      let slot = chunk.lowerSlot(from + 1) - 1;
      while (slot >= lowest && passing[subject[slot] as number] === 0) slot--;
      if (slot >= lowest) return this.#stop(chunk, slot);
    }
    return 0;
  }

  /** The smallest sequence ≥ `from` on this subject id, 0 when there is none; hardly looked for from `below` on. */
  nextOnSubject(from: number, id: number, below: number): number {
    const chunks = this.#chunks;
    for (let at = Math.max(this.#chunkAt(from), 0); at < chunks.length; at++) {
      const chunk = chunks[at] as Chunk;
      if (chunk.base >= below) return 0;
      const slot = chunk.subject.indexOf(id, chunk.lowerSlot(from));
      if (slot >= 0) return this.#stop(chunk, slot);
    }
    return 0;
  }

  /** How many messages there are in [from, below). */
  count(from: number, below: number): number {
    let total = 0;
    for (let at = Math.max(this.#chunkAt(from), 0); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk;
      if (chunk.base >= below) break;
      const start = chunk.lowerSlot(from);
      const end = chunk.lowerSlot(below);
      if (start === 0 && end === chunk.count) total += chunk.live;
      else for (let slot = start; slot < end; slot++) if (chunk.slab[slot] !== 0) total++;
    }
    return total;
  }

  /** How many messages on some subjects there are in [from, below). */
  countAmong(from: number, below: number, passing: Passing): number {
    let total = 0;
    for (let at = Math.max(this.#chunkAt(from), 0); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk;
      if (chunk.base >= below) break;
      total += countSlots(chunk.subject, chunk.lowerSlot(from), chunk.lowerSlot(below), passing);
    }
    return total;
  }

  /** The sequences in [from, below) without a message, ascending, at most `limit`. */
  missing(from: number, below: number, limit: number): number[] {
    const found: number[] = [];
    let expected = from;
    for (let at = Math.max(this.#chunkAt(from), 0); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk;
      if (chunk.isFull && chunk.base >= expected) {
        if (!fillUp(found, expected, chunk.base, limit)) return found;
        expected = chunk.base + chunk.count;
        continue;
      }
      for (let slot = chunk.lowerSlot(expected); slot < chunk.count; slot++) {
        if (chunk.slab[slot] === 0) continue;
        if (!fillUp(found, expected, chunk.seqAt(slot), limit)) return found;
        expected = chunk.seqAt(slot) + 1;
      }
    }
    fillUp(found, expected, below, limit);
    return found;
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    for (const chunk of this.#chunks) this.#budget.release(chunk.bytes);
    this.#chunks.length = 0;
    this.chunk = new Chunk(0);
  }

  #stop(chunk: Chunk, slot: number): number {
    this.chunk = chunk;
    this.slot = slot;
    return chunk.seqAt(slot);
  }

  #addChunk(seq: number): boolean {
    if (!this.#budget.reserve(Chunk.firstBytes)) return false;
    const tail = this.#chunks[this.#chunks.length - 1];
    if (tail !== undefined && tail.live === 0) this.#dropChunk(tail);
    else if (tail?.isSparse && tail.positions === undefined) this.#pack(tail);
    this.#chunks.push(new Chunk(seq));
    return true;
  }

  #pack(chunk: Chunk): void {
    const before = chunk.bytes;
    chunk.pack();
    this.#budget.release(before - chunk.bytes);
  }

  #dropChunk(chunk: Chunk): void {
    this.#budget.release(chunk.bytes);
    if (this.#chunks[0] === chunk) this.#chunks.shift();
    else this.#chunks.splice(this.#chunkAt(chunk.base), 1);
  }

  /** Index of the last chunk whose base is at or below a sequence; -1 when there is none. */
  #chunkAt(seq: number): number {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chunks[middle] as Chunk).base <= seq) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Adds the numbers in [from, below) to a list. @returns false once it has as many as it may. */
function fillUp(list: number[], from: number, below: number, limit: number): boolean {
  for (let seq = from; seq < below && list.length < limit; seq++) list.push(seq);
  return list.length < limit;
}

function countSlots(subject: Uint32Array, start: number, end: number, passing: Passing): number {
  let total = 0;
  for (let slot = start; slot < end; slot++) total += passing[subject[slot] as number] as number;
  return total;
}
