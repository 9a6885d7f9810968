import { type ByteString, EMPTY_BYTES } from '../../subjects/index.ts';
import type { MemoryBudget } from '../env.ts';
import { MANY_PATTERNS, PatternSet } from './pattern-set.ts';
import { hashOn, type SubjectHash } from './subject-hash.ts';
import { type SubjectTexts, SubjectTree, type Visit } from './subject-tree.ts';

const FIRST_IDS = 8;
const FIRST_ARENA = 256;
/** A table that became empty is kept up to this size. */
const KEPT_IDS = 64;
const KEPT_ARENA = 4096;
/** Hash table places per id: the table is at most half full. */
const PLACES_PER_ID = 2;
/** Bytes per id in the arrays: hash, position, length, count, stamp (4 each), first and last (8 each), table places. */
const BYTES_PER_ID = 5 * 4 + 2 * 8 + PLACES_PER_ID * 4;
/** A table with room for so many ids has a tree; looking through fewer costs less than keeping one. */
const TREE_IDS = 256;
/** Subjects kept as strings for delivery, at most; a power of two. A table of few subjects has fewer places. */
const TEXTS = 1024;
const DOT = 0x2e;
const STAR = 0x2a;
const FULL_WILD = 0x3e;
const LARGEST_STAMP = 0x7fff_ffff;

/**
 * The subjects of a store: each has a small id, its bytes in one block of memory, and how many messages it has with
 * the first and last sequence. Open addressing in typed arrays, because a Map of strings costs a hundred bytes a
 * subject, stalls while it grows, and ends at 16.7 million entries.
 */
export class SubjectTable implements SubjectTexts {
  readonly #budget: MemoryBudget;
  readonly #secret: SubjectHash;
  #places = new Uint32Array(FIRST_IDS * PLACES_PER_ID);
  #hash = new Uint32Array(FIRST_IDS);
  #start = new Uint32Array(FIRST_IDS);
  #length = new Uint32Array(FIRST_IDS);
  /** By id; read and written by the store. */
  counts = new Uint32Array(FIRST_IDS);
  first = new Float64Array(FIRST_IDS);
  last = new Float64Array(FIRST_IDS);
  /** Differs between one life of an id and the next, so that what was remembered about it can be told apart. */
  stamps = new Int32Array(FIRST_IDS);
  #arena = Buffer.allocUnsafeSlow(FIRST_ARENA);
  #arenaUsed = 0;
  #arenaDead = 0;
  /** Ids given out so far, 0 included (0 means none). */
  #ids = 1;
  #freeIds: number[] = [];
  #size = 0;
  #stamp = 0;
  #latest: ByteString = EMPTY_BYTES;
  #latestId = 0;
  #textIds = new Uint32Array(FIRST_IDS);
  readonly #texts: ByteString[] = [];
  /** The pattern that was asked for last, and how many of its characters stand before the first wildcard. */
  #pattern: ByteString = EMPTY_BYTES;
  #plain = 0;
  /** Finds by tokens; only a table of many subjects has one. */
  #tree: SubjectTree | undefined;

  constructor(budget: MemoryBudget, seed: number) {
    this.#budget = budget;
    this.#secret = { seed: seed | 0, factor: (Math.imul(seed, 0x9e37_79b1) ^ 0x85eb_ca6b) | 1 };
  }

  /** A number that who names the subjects cannot guess. */
  get chance(): number {
    return this.#secret.factor;
  }

  /** How many subjects have messages. */
  get size(): number {
    return this.#size;
  }

  /** Ids are below this number; those without messages have a count of 0. */
  get idBound(): number {
    return this.#ids;
  }

  /** The id of a subject, 0 when it is not here. */
  find(subject: ByteString): number {
    if (subject === this.#latest) return this.#latestId;
    const hash = this.#hashOf(subject);
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const id = this.#places[place] as number;
      if (id === 0) return 0;
      if (this.#hash[id] === hash && this.#isText(id, subject)) {
        this.#latest = subject;
        this.#latestId = id;
        return id;
      }
    }
  }

  /** Adds a subject that is not here, with no messages. @returns its id, 0 when the process can hold no more. */
  add(subject: ByteString): number {
    if (this.#freeIds.length === 0 && this.#ids === this.#hash.length && !this.#growIds()) return 0;
    if (this.#arenaUsed + subject.length > this.#arena.length && !this.#growArena(subject.length)) return 0;
    if (this.#tree !== undefined && !this.#tree.reserve()) return 0;
    const id = this.#freeIds.pop() ?? this.#ids++;
    this.#hash[id] = this.#hashOf(subject);
    this.#start[id] = this.#arenaUsed;
    this.#length[id] = subject.length;
    this.#arenaUsed += this.#arena.latin1Write(subject, this.#arenaUsed);
    this.#stamp = this.#stamp === LARGEST_STAMP ? 1 : this.#stamp + 1;
    this.stamps[id] = this.#stamp;
    this.#enter(id);
    this.#tree?.add(id, subject);
    this.#size++;
    this.#latest = subject;
    this.#latestId = id;
    return id;
  }

  /** Forgets a subject. */
  remove(id: number): void {
    this.#leave(id);
    this.#tree?.remove(id);
    this.#arenaDead += this.#length[id] as number;
    this.#length[id] = 0;
    this.counts[id] = 0;
    if (this.#latestId === id) this.#forgetLatest();
    const place = id & (this.#textIds.length - 1);
    if (this.#textIds[place] === id) this.#textIds[place] = 0;
    this.#freeIds.push(id);
    this.#size--;
    if (this.#size === 0) this.#emptied();
  }

  /** The subject of an id; recent ones come without a new string. */
  text(id: number): ByteString {
    const place = id & (this.#textIds.length - 1);
    if (this.#textIds[place] === id) return this.#texts[place] as ByteString;
    const text = this.textOnce(id);
    this.#textIds[place] = id;
    this.#texts[place] = text;
    return text;
  }

  /** The subject of an id, not remembered: for walks over all subjects. */
  textOnce(id: number): ByteString {
    const start = this.#start[id] as number;
    return this.#arena.latin1Slice(start, start + (this.#length[id] as number)) as ByteString;
  }

  /** Whether a pattern matches the subject of an id, read from its bytes: a walk over all subjects makes no strings. */
  matches(id: number, pattern: ByteString): boolean {
    const arena = this.#arena;
    const start = this.#start[id] as number;
    const end = start + (this.#length[id] as number);
    if (pattern !== this.#pattern) this.#prepare(pattern);
    const plain = this.#plain;
    // From the back: subjects of one stream begin alike, and most of them are to be told apart quickly.
    if (start + plain > end) return false;
    for (let from = plain - 1; from >= 0; from--) {
      if (arena[start + from] !== pattern.charCodeAt(from)) return false;
    }
    let at = start + plain;
    for (let from = plain; from < pattern.length; from++, at++) {
      const code = pattern.charCodeAt(from);
      if (at >= end) return false;
      if (code === FULL_WILD && from === pattern.length - 1 && isAlone(pattern, from)) return true;
      if (code === STAR && isAlone(pattern, from)) while (at + 1 < end && arena[at + 1] !== DOT) at++;
      else if (arena[at] !== code) return false;
    }
    return at === end;
  }

  #prepare(pattern: ByteString): void {
    const wild = pattern.search(/[*>]/);
    this.#pattern = pattern;
    this.#plain = wild === -1 ? pattern.length : wild;
  }

  /** Forgets all subjects and gives the memory back, except the little a new table has. */
  clear(): void {
    this.#budget.release((this.#hash.length - FIRST_IDS) * BYTES_PER_ID + this.#arena.length - FIRST_ARENA);
    this.#budget.release(this.#tree?.bytes ?? 0);
    this.#tree = undefined;
    this.#allocateIds(FIRST_IDS);
    this.#arena = Buffer.allocUnsafeSlow(FIRST_ARENA);
    this.#arenaUsed = 0;
    this.#arenaDead = 0;
    this.#ids = 1;
    this.#freeIds = [];
    this.#size = 0;
    this.#forgetLatest();
  }

  /** A big table gives its memory back; a small one starts its arena anew and is not worth replacing. */
  #emptied(): void {
    if (this.#hash.length > KEPT_IDS || this.#arena.length > KEPT_ARENA) this.clear();
    this.#arenaUsed = 0;
    this.#arenaDead = 0;
  }

  #forgetLatest(): void {
    this.#latest = EMPTY_BYTES;
    this.#latestId = 0;
  }

  #hashOf(subject: ByteString): number {
    return hashOn(this.#secret.seed, this.#secret.factor, subject, 0, subject.length) >>> 0;
  }

  #isText(id: number, subject: ByteString): boolean {
    const length = this.#length[id] as number;
    return length === subject.length && this.isAt(id, 0, subject, 0, length);
  }

  isAt(id: number, offset: number, text: ByteString, from: number, to: number): boolean {
    const arena = this.#arena;
    const start = (this.#start[id] as number) + offset - from;
    for (let i = from; i < to; i++) if (arena[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Whether the subject of an id comes before a text in the order of bytes. */
  precedes(id: number, text: ByteString): boolean {
    const arena = this.#arena;
    const start = this.#start[id] as number;
    const length = this.#length[id] as number;
    const common = Math.min(length, text.length);
    for (let i = 0; i < common; i++) {
      const difference = (arena[start + i] as number) - text.charCodeAt(i);
      if (difference !== 0) return difference < 0;
    }
    return length < text.length;
  }

  findAt(node: number, hash: number, offset: number, text: ByteString, from: number, to: number): number {
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const id = this.#places[place] as number;
      if (id === 0) return 0;
      if (this.#hash[id] !== hash || this.#length[id] !== offset + to - from) continue;
      if (this.#tree?.nodeOf(id) === node && this.isAt(id, offset, text, from, to)) return id;
    }
  }

  /**
   * Shows the subjects that one of some patterns matches, each once; they stay as they are meanwhile.
   * @returns whether all were wanted.
   */
  visit(patterns: readonly ByteString[], visit: Visit): boolean {
    const tree = this.#tree;
    if (tree === undefined) return this.#visitEach(patterns, visit);
    const [only] = patterns;
    if (patterns.length === 1 && only !== undefined) return tree.walk(only, visit);
    if (this.#looks(patterns, tree) > MANY_PATTERNS * this.#size) return this.#visitJudged(patterns, visit);
    const seen = new Uint32Array((this.#ids >>> 5) + 1);
    const once = (id: number): boolean => {
      const [word, bit] = [seen[id >>> 5] as number, 1 << (id & 31)];
      if ((word & bit) !== 0) return true;
      seen[id >>> 5] = word | bit;
      return visit(id);
    };
    return patterns.every((pattern) => tree.walk(pattern, once));
  }

  #visitEach(patterns: readonly ByteString[], visit: Visit): boolean {
    for (let id = 1; id < this.#ids; id++) {
      if (this.#length[id] === 0 || !patterns.some((pattern) => this.matches(id, pattern))) continue;
      if (!visit(id)) return false;
    }
    return true;
  }

  /** How many subjects walks along all patterns look at, together. */
  #looks(patterns: readonly ByteString[], tree: SubjectTree): number {
    let looks = 0;
    if (patterns.length <= MANY_PATTERNS) return looks;
    for (const pattern of patterns) looks += Math.min(tree.reach(pattern), this.#size);
    return looks;
  }

  #visitJudged(patterns: readonly ByteString[], visit: Visit): boolean {
    const set = new PatternSet(patterns);
    for (let id = 1; id < this.#ids; id++) {
      if (this.#length[id] !== 0 && set.matches(this.textOnce(id)) && !visit(id)) return false;
    }
    return true;
  }

  /** How many subjects {@link visit} looks at, at most; infinite when one of the patterns matches all subjects. */
  reach(patterns: readonly ByteString[]): number {
    if (this.#tree === undefined) return this.#size;
    let reach = 0;
    for (const pattern of patterns) reach += this.#tree.reach(pattern);
    return reach;
  }

  #enter(id: number): void {
    const mask = this.#places.length - 1;
    let place = (this.#hash[id] as number) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = id;
  }

  /** Takes an id out and moves later ones of the same run back, so that no marker of a removed entry is needed. */
  #leave(id: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let hole = (this.#hash[id] as number) & mask;
    while (places[hole] !== id) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const home = (this.#hash[places[place] as number] as number) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      places[hole] = places[place] as number;
      hole = place;
    }
    places[hole] = 0;
  }

  #growIds(): boolean {
    const before = this.#hash.length;
    if (!this.#budget.reserve(before * BYTES_PER_ID)) return false;
    if (!this.#growTree(before * 2)) {
      this.#budget.release(before * BYTES_PER_ID);
      return false;
    }
    const { counts, first, last, stamps } = this;
    const [hash, start, length] = [this.#hash, this.#start, this.#length];
    this.#allocateIds(before * 2);
    this.#hash.set(hash);
    this.#start.set(start);
    this.#length.set(length);
    this.counts.set(counts);
    this.first.set(first);
    this.last.set(last);
    this.stamps.set(stamps);
    for (let id = 1; id < this.#ids; id++) if (this.#length[id] !== 0) this.#enter(id);
    return true;
  }

  /** Makes room in the tree, or plants it. @returns false when the process can hold no more. */
  #growTree(ids: number): boolean {
    if (this.#tree !== undefined) return this.#tree.growLeaves(ids);
    if (ids < TREE_IDS) return true;
    const tree = SubjectTree.plant(this, this.#budget, this.#secret, ids);
    if (tree === undefined) return false;
    for (let id = 1; id < this.#ids; id++) {
      if (this.#length[id] === 0) continue;
      if (!tree.reserve()) {
        this.#budget.release(tree.bytes);
        return false;
      }
      tree.add(id, this.textOnce(id));
    }
    this.#tree = tree;
    return true;
  }

  #allocateIds(ids: number): void {
    this.#places = new Uint32Array(ids * PLACES_PER_ID);
    this.#hash = new Uint32Array(ids);
    this.#start = new Uint32Array(ids);
    this.#length = new Uint32Array(ids);
    this.counts = new Uint32Array(ids);
    this.first = new Float64Array(ids);
    this.last = new Float64Array(ids);
    this.stamps = new Int32Array(ids);
    this.#textIds = new Uint32Array(Math.min(ids, TEXTS));
    this.#texts.length = 0;
  }

  /** Makes room for so many bytes: drops the bytes of removed subjects, in a bigger block when that is not enough. */
  #growArena(length: number): boolean {
    const live = this.#arenaUsed - this.#arenaDead;
    let size = this.#arena.length;
    while (live + length > size / 2) size *= 2;
    if (size > this.#arena.length && !this.#budget.reserve(size - this.#arena.length)) return false;
    const next = Buffer.allocUnsafeSlow(size);
    let used = 0;
    for (let id = 1; id < this.#ids; id++) {
      const bytes = this.#length[id] as number;
      if (bytes === 0) continue;
      const start = this.#start[id] as number;
      this.#arena.copy(next, used, start, start + bytes);
      this.#start[id] = used;
      used += bytes;
    }
    this.#arena = next;
    this.#arenaUsed = used;
    this.#arenaDead = 0;
    return true;
  }
}

/** Whether the character at an offset is a token of its own. */
function isAlone(pattern: string, at: number): boolean {
  const before = at === 0 || pattern.charCodeAt(at - 1) === DOT;
  return before && (at + 1 === pattern.length || pattern.charCodeAt(at + 1) === DOT);
}
