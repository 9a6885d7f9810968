import { CHUNK_SPAN, Chunk } from './chunk.ts';
import type { MemoryBudget } from './env.ts';

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
    chunk.live--;
    const isTail = chunk === this.#chunks[this.#chunks.length - 1];
    if (isTail) return;
    if (chunk.live === 0) this.#dropChunk(chunk);
    else if (chunk.isSparse) this.#pack(chunk);
  }

  /** The smallest sequence ≥ `from` with a message whose subject passes, 0 when there is none. */
  nextFrom(from: number, passes: ((subject: number) => boolean) | undefined): number {
    const chunks = this.#chunks;
    for (let at = Math.max(this.#chunkAt(from), 0); at < chunks.length; at++) {
      const chunk = chunks[at] as Chunk;
      const { slab, subject, count } = chunk;
      for (let slot = chunk.lowerSlot(from); slot < count; slot++) {
        if (slab[slot] === 0) continue;
        if (passes !== undefined && !passes(subject[slot] as number)) continue;
        return this.#stop(chunk, slot);
      }
    }
    return 0;
  }

  /** The largest sequence ≤ `from` with a message whose subject passes, 0 when there is none. */
  previousFrom(from: number, passes: ((subject: number) => boolean) | undefined): number {
    for (let at = this.#chunkAt(from); at >= 0; at--) {
      const chunk = this.#chunks[at] as Chunk;
      const { slab, subject } = chunk;
      for (let slot = chunk.lowerSlot(from + 1) - 1; slot >= 0; slot--) {
        if (slab[slot] === 0) continue;
        if (passes !== undefined && !passes(subject[slot] as number)) continue;
        return this.#stop(chunk, slot);
      }
    }
    return 0;
  }

  /** The smallest sequence ≥ `from` on this subject id, 0 when there is none. */
  nextOnSubject(from: number, id: number): number {
    const chunks = this.#chunks;
    for (let at = Math.max(this.#chunkAt(from), 0); at < chunks.length; at++) {
      const chunk = chunks[at] as Chunk;
      const { slab, subject, count } = chunk;
      for (let slot = chunk.lowerSlot(from); slot < count; slot++) {
        if (subject[slot] === id && slab[slot] !== 0) return this.#stop(chunk, slot);
      }
    }
    return 0;
  }

  /** How many messages in [from, below) pass. */
  count(from: number, below: number, passes: ((subject: number) => boolean) | undefined): number {
    let total = 0;
    for (let at = Math.max(this.#chunkAt(from), 0); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk;
      if (chunk.base >= below) break;
      const start = chunk.lowerSlot(from);
      const end = chunk.lowerSlot(below);
      if (passes === undefined && start === 0 && end === chunk.count) total += chunk.live;
      else total += countSlots(chunk, start, end, passes);
    }
    return total;
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

function countSlots(
  chunk: Chunk,
  start: number,
  end: number,
  passes: ((subject: number) => boolean) | undefined,
): number {
  let total = 0;
  for (let slot = start; slot < end; slot++) {
    if (chunk.slab[slot] === 0) continue;
    if (passes === undefined || passes(chunk.subject[slot] as number)) total++;
  }
  return total;
}
