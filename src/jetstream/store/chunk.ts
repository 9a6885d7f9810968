/** Sequences one chunk covers at most. */
export const CHUNK_SPAN = 4096;
const FIRST_CAPACITY = 32;
/** Bytes of the arrays per slot: slab, offset, subject (4 each), next and previous (8 each). */
const BYTES_PER_SLOT = 28;
/** A dense chunk with fewer than one in so many slots alive is packed. */
const SPARSE = 8;

/**
 * The index of a run of sequences: for each stored message where its bytes are, what its subject is, and its
 * neighbours on the same subject. Dense: slot = sequence − base. Packed, when most messages are gone: `positions`
 * holds the ascending distances to the base, found by bisection. An empty slot has slab and subject 0.
 */
export class Chunk {
  readonly base: number;
  /** Slots in use. */
  count = 0;
  live = 0;
  positions: Uint16Array | undefined;
  slab = new Uint32Array(FIRST_CAPACITY);
  offset = new Uint32Array(FIRST_CAPACITY);
  subject = new Uint32Array(FIRST_CAPACITY);
  next = new Float64Array(FIRST_CAPACITY);
  previous = new Float64Array(FIRST_CAPACITY);

  constructor(base: number) {
    this.base = base;
  }

  static readonly firstBytes = FIRST_CAPACITY * BYTES_PER_SLOT;

  get bytes(): number {
    return this.slab.length * BYTES_PER_SLOT;
  }

  /** Bytes that {@link grow} would add. */
  get growth(): number {
    return this.bytes;
  }

  /** Whether the slot at this distance from the base needs {@link grow} first. */
  isFullAt(position: number): boolean {
    return position >= this.slab.length;
  }

  /** Doubles the room of a dense chunk. */
  grow(): void {
    this.#resize(this.slab.length * 2);
  }

  /** The slot of a sequence, or -1 when this chunk has no message with it. */
  slotOf(seq: number): number {
    const position = seq - this.base;
    if (position < 0) return -1;
    const slot = this.positions === undefined ? position : this.#find(position);
    if (slot < 0 || slot >= this.count || this.slab[slot] === 0) return -1;
    return slot;
  }

  /** The sequence at a slot. */
  seqAt(slot: number): number {
    return this.base + (this.positions === undefined ? slot : (this.positions[slot] as number));
  }

  /** The first slot whose sequence is at or above `seq` (it may be empty); `count` when there is none. */
  lowerSlot(seq: number): number {
    const position = seq - this.base;
    if (position <= 0) return 0;
    if (position >= CHUNK_SPAN) return this.count;
    if (this.positions === undefined) return Math.min(position, this.count);
    return this.#bisect(position);
  }

  /** Whether there is a message at every sequence of a dense chunk. */
  get isFull(): boolean {
    return this.positions === undefined && this.live === this.count;
  }

  /** Whether packing would save most of the memory. */
  get isSparse(): boolean {
    const slots = this.slab.length;
    return this.positions === undefined
      ? this.live * SPARSE < slots
      : slots > SPARSE && this.live * 2 < slots;
  }

  /** Drops the empty slots. */
  pack(): void {
    const positions = new Uint16Array(this.live);
    let to = 0;
    for (let from = 0; from < this.count; from++) {
      if (this.slab[from] === 0) continue;
      positions[to] = this.seqAt(from) - this.base;
      this.#move(from, to++);
    }
    this.positions = positions;
    this.count = to;
    this.#resize(to);
  }

  #move(from: number, to: number): void {
    this.slab[to] = this.slab[from] as number;
    this.offset[to] = this.offset[from] as number;
    this.subject[to] = this.subject[from] as number;
    this.next[to] = this.next[from] as number;
    this.previous[to] = this.previous[from] as number;
  }

  #resize(slots: number): void {
    this.slab = resized32(this.slab, slots);
    this.offset = resized32(this.offset, slots);
    this.subject = resized32(this.subject, slots);
    this.next = resized64(this.next, slots);
    this.previous = resized64(this.previous, slots);
  }

  #find(position: number): number {
    const slot = this.#bisect(position);
    return slot < this.count && this.positions?.[slot] === position ? slot : -1;
  }

  #bisect(position: number): number {
    const positions = this.positions as Uint16Array;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((positions[middle] as number) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function resized32(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= array.length) return array.slice(0, length);
  const bigger = new Uint32Array(length);
  bigger.set(array);
  return bigger;
}

function resized64(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= array.length) return array.slice(0, length);
  const bigger = new Float64Array(length);
  bigger.set(array);
  return bigger;
}
