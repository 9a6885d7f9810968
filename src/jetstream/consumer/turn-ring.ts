import type { WaitingPull } from './pull.ts';

/** Requests that stand together: few enough to look through, so many that few chunks hold all. */
const CHUNK = 128;

interface Chunk {
  readonly items: WaitingPull[];
  /** Not more than the least that any of its requests waits for. */
  pending: number;
  unsettled: number;
}

/**
 * Requests in a circle, one of which has the turn; those before it come last. They stand in chunks which know the least
 * that one of theirs waits for, so that with thousands of requests that wait for more than there is, neither finding
 * out that it is not for them nor finding one among them looks at each.
 */
export class TurnRing {
  #chunks: Chunk[] = [newChunk([])];
  /** Whose turn it is; on an empty place only while there are none. */
  #chunk = 0;
  #at = 0;
  /** The chunk that {@link sweep} looks at next. */
  #hand = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The request whose turn it is. */
  get current(): WaitingPull | undefined {
    return this.#chunks[this.#chunk]?.items[this.#at];
  }

  /** Puts a request behind all others. */
  add(waiting: WaitingPull): void {
    const chunk = this.#turnChunk;
    chunk.items.splice(this.#at, 0, waiting);
    learn(chunk, waiting);
    if (this.#length++ > 0) this.#at++;
    if (chunk.items.length > CHUNK) this.#split();
    this.#settle();
  }

  /** Gives the turn to the next request. */
  pass(): void {
    const chunk = this.#turnChunk;
    const waiting = chunk.items[this.#at];
    // What it waits for may be less once it was served.
    if (waiting !== undefined) learn(chunk, waiting);
    this.#at++;
    this.#settle();
  }

  /** Takes the request out whose turn it is, and gives the turn to the next one. */
  remove(): void {
    const { items } = this.#turnChunk;
    if (items.splice(this.#at, 1).length === 0) return;
    this.#length--;
    if (items.length === 0) this.#drop();
    this.#settle();
  }

  /**
   * Gives the turn to the next request that waits for no more than this, in its turn.
   * @returns false when there is none; the turn stays where it is.
   */
  seek(pending: number, unsettled: number): boolean {
    const fits = (waiting: WaitingPull | undefined): boolean =>
      waiting !== undefined && (waiting.wantsPending <= pending || waiting.wantsUnsettled <= unsettled);
    const chunks = this.#chunks;
    // The chunk of the turn comes twice: from the turn on, and last from its beginning.
    for (let i = 0; i <= chunks.length; i++) {
      const at = (this.#chunk + i) % chunks.length;
      const chunk = chunks[at] as Chunk;
      if (chunk.pending > pending && chunk.unsettled > unsettled) continue;
      const found = chunk.items.findIndex((waiting, place) => (i > 0 || place >= this.#at) && fits(waiting));
      if (found !== -1) {
        this.#chunk = at;
        this.#at = found;
        return true;
      }
      if (i > 0) relearn(chunk);
    }
    return false;
  }

  /** All requests in the order of their turns. */
  *inOrder(): Generator<WaitingPull, void> {
    const chunks = this.#chunks;
    const before = this.#turnChunk.items.slice(0, this.#at);
    yield* this.#turnChunk.items.slice(this.#at);
    for (let i = 1; i < chunks.length; i++) yield* (chunks[(this.#chunk + i) % chunks.length] as Chunk).items;
    yield* before;
  }

  /** Drops requests, in the order of their turns; who keeps its place keeps its turn. */
  retain(keep: (waiting: WaitingPull) => boolean): void {
    const kept: WaitingPull[] = [];
    for (const waiting of [...this.inOrder()]) if (keep(waiting)) kept.push(waiting);
    this.#chunks = [];
    for (let at = 0; at < kept.length; at += CHUNK) this.#chunks.push(newChunk(kept.slice(at, at + CHUNK)));
    if (kept.length === 0) this.#chunks.push(newChunk([]));
    this.#length = kept.length;
    this.#chunk = this.#at = 0;
  }

  /** Looks at some requests, others every time, and drops those that are not to be kept. */
  sweep(requests: number, keep: (waiting: WaitingPull) => boolean): void {
    const most = Math.min(Math.ceil(requests / CHUNK), this.#chunks.length);
    for (let i = 0; i < most; i++) {
      if (this.#hand >= this.#chunks.length) this.#hand = 0;
      if (this.#sweepChunk(this.#hand, keep)) this.#hand++;
    }
  }

  /** @returns whether the chunk is still there. */
  #sweepChunk(at: number, keep: (waiting: WaitingPull) => boolean): boolean {
    const chunk = this.#chunks[at] as Chunk;
    const kept: WaitingPull[] = [];
    let turn = this.#at;
    for (const [place, waiting] of chunk.items.entries()) {
      if (keep(waiting)) kept.push(waiting);
      else if (place < this.#at) turn--;
    }
    this.#length -= chunk.items.length - kept.length;
    this.#chunks[at] = newChunk(kept);
    if (at === this.#chunk) this.#at = turn;
    const goes = kept.length === 0 && this.#chunks.length > 1;
    if (goes) {
      this.#chunks.splice(at, 1);
      if (at < this.#chunk) this.#chunk--;
      else if (this.#chunk >= this.#chunks.length) this.#chunk = 0;
    }
    this.#settle();
    return !goes;
  }

  get #turnChunk(): Chunk {
    return this.#chunks[this.#chunk] as Chunk;
  }

  /** Moves the turn from behind the end of its chunk to the next one. */
  #settle(): void {
    if (this.#at < this.#turnChunk.items.length) return;
    this.#at = 0;
    if (++this.#chunk >= this.#chunks.length) this.#chunk = 0;
  }

  #split(): void {
    const { items } = this.#turnChunk;
    const [first, second] = [newChunk(items.slice(0, CHUNK / 2)), newChunk(items.slice(CHUNK / 2))];
    this.#chunks.splice(this.#chunk, 1, first, second);
    if (this.#at < CHUNK / 2) return;
    this.#chunk++;
    this.#at -= CHUNK / 2;
  }

  /** Takes an empty chunk out, unless it is the only one. */
  #drop(): void {
    if (this.#chunks.length === 1) return;
    this.#chunks.splice(this.#chunk, 1);
    this.#at = 0;
    if (this.#chunk >= this.#chunks.length) this.#chunk = 0;
  }
}

function newChunk(items: WaitingPull[]): Chunk {
  const chunk = { items, pending: 0, unsettled: 0 };
  relearn(chunk);
  return chunk;
}

function learn(chunk: Chunk, waiting: WaitingPull): void {
  chunk.pending = Math.min(chunk.pending, waiting.wantsPending);
  chunk.unsettled = Math.min(chunk.unsettled, waiting.wantsUnsettled);
}

function relearn(chunk: Chunk): void {
  chunk.pending = chunk.unsettled = Number.POSITIVE_INFINITY;
  for (const waiting of chunk.items) learn(chunk, waiting);
}
