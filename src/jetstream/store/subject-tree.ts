import type { ByteString } from '../../subjects/index.ts';
import type { MemoryBudget } from '../env.ts';
import { hashOn, type SubjectHash } from './subject-hash.ts';

/** Tokens that subjects are told apart by; what is behind them is compared as text. Bounds what one subject can cost. */
const DEPTH = 8;
const FIRST_NODES = 64;
/** A node's words in the array of nodes. Its length is that of its tokens with the dot behind each. */
const HASH = 0;
const LENGTH = 1;
const LEVEL = 2;
const PARENT = 3;
const NEXT = 4;
const PREVIOUS = 5;
/** First of the subjects that have one more token, or of all below at the deepest level; first of the nodes below. */
const LEAF = 6;
const CHILD = 7;
/** A subject somewhere below, to read the tokens from; and how many there are. */
const SAMPLE = 8;
const TOTAL = 9;
const NODE_WORDS = 10;
/** The words of a subject: its node, and its neighbours there. */
const LEAF_NODE = 0;
const LEAF_NEXT = 1;
const LEAF_PREVIOUS = 2;
const LEAF_WORDS = 3;
/** Hash table places per node: the table is at most half full. */
const PLACES_PER_NODE = 2;
const NODE_BYTES = 4 * (NODE_WORDS + PLACES_PER_NODE);
const LEAF_BYTES = 4 * LEAF_WORDS;
const ROOT = 0;
const STAR = 0x2a;
const FULL_WILD = 0x3e;

/** What the tree asks about subjects that it knows by id only. */
export interface SubjectTexts {
  /** Whether the bytes of a subject from an offset on are those of text[from, to). */
  isAt(id: number, offset: number, text: ByteString, from: number, to: number): boolean;
  /** Whether a pattern matches the subject of an id. */
  matches(id: number, pattern: ByteString): boolean;
  /** The subject at a node of the tree with this hash, that ends with text[from, to) from an offset on; 0: none. */
  findAt(node: number, hash: number, offset: number, text: ByteString, from: number, to: number): number;
}

/** Takes a subject's id. @returns whether it wants more. */
export type Visit = (id: number) => boolean;

/**
 * The subjects of a table by their tokens, so that a wildcard costs what it matches. A node stands for the tokens that
 * several subjects may begin with; it is found by their hash, as the subjects themselves are, so that a node needs no
 * table of its own and a subject with known first tokens costs three words. The last token of a subject makes no node.
 */
export class SubjectTree {
  readonly #texts: SubjectTexts;
  readonly #budget: MemoryBudget;
  readonly #hash: SubjectHash;
  #nodes = new Uint32Array(FIRST_NODES * NODE_WORDS);
  #places = new Uint32Array(FIRST_NODES * PLACES_PER_NODE);
  #leaves = new Uint32Array(0);
  /** Nodes given out so far, the root included; and the first of those that are free again, linked by NEXT. */
  #used = 1;
  #free = 0;
  /** The node of the subject that was added last: the next one often belongs there too. */
  #latest = ROOT;

  private constructor(texts: SubjectTexts, budget: MemoryBudget, hash: SubjectHash) {
    this.#texts = texts;
    this.#budget = budget;
    this.#hash = hash;
    this.#nodes[HASH] = hash.seed;
  }

  /** An empty tree with room for ids below a bound; undefined when the process can hold no more. */
  static plant(
    texts: SubjectTexts,
    budget: MemoryBudget,
    hash: SubjectHash,
    ids: number,
  ): SubjectTree | undefined {
    if (!budget.reserve(FIRST_NODES * NODE_BYTES)) return undefined;
    const tree = new SubjectTree(texts, budget, hash);
    if (tree.growLeaves(ids)) return tree;
    budget.release(FIRST_NODES * NODE_BYTES);
    return undefined;
  }

  /** Bytes it holds of the budget. */
  get bytes(): number {
    return (this.#nodes.length / NODE_WORDS) * NODE_BYTES + (this.#leaves.length / LEAF_WORDS) * LEAF_BYTES;
  }

  /** Makes room for ids below a bound. @returns false, and nothing changed, when the process can hold no more. */
  growLeaves(ids: number): boolean {
    if (!this.#budget.reserve(ids * LEAF_BYTES - this.#leaves.length * 4)) return false;
    const leaves = new Uint32Array(ids * LEAF_WORDS);
    leaves.set(this.#leaves);
    this.#leaves = leaves;
    return true;
  }

  /** Makes room for the nodes of one more subject. @returns false when the process can hold no more. */
  reserve(): boolean {
    const before = this.#nodes.length / NODE_WORDS;
    if (this.#used + DEPTH <= before) return true;
    if (!this.#budget.reserve(before * NODE_BYTES)) return false;
    const nodes = new Uint32Array(2 * before * NODE_WORDS);
    nodes.set(this.#nodes);
    this.#nodes = nodes;
    this.#places = new Uint32Array(2 * before * PLACES_PER_NODE);
    for (let node = 1; node < this.#used; node++)
      if (nodes[node * NODE_WORDS + TOTAL] !== 0) this.#enter(node);
    return true;
  }

  /** Takes in a subject, whose text can be read already, after {@link reserve}. */
  add(id: number, subject: ByteString): void {
    const nodes = this.#nodes;
    const node = this.#isAtLatest(subject) ? this.#latest : this.#nodeFor(id, subject);
    this.#latest = node;
    const next = nodes[node * NODE_WORDS + LEAF] as number;
    this.#leaves[id * LEAF_WORDS + LEAF_NODE] = node;
    this.#leaves[id * LEAF_WORDS + LEAF_NEXT] = next;
    this.#leaves[id * LEAF_WORDS + LEAF_PREVIOUS] = 0;
    if (next !== 0) this.#leaves[next * LEAF_WORDS + LEAF_PREVIOUS] = id;
    nodes[node * NODE_WORDS + LEAF] = id;
    for (let up = node; ; up = nodes[up * NODE_WORDS + PARENT] as number) {
      nodes[up * NODE_WORDS + TOTAL] = (nodes[up * NODE_WORDS + TOTAL] as number) + 1;
      if (up === ROOT) return;
    }
  }

  /** Takes a subject out, while its text can still be read. */
  remove(id: number): void {
    const nodes = this.#nodes;
    let node = this.#unlink(id);
    for (;;) {
      const at = node * NODE_WORDS;
      const parent = nodes[at + PARENT] as number;
      const total = (nodes[at + TOTAL] as number) - 1;
      nodes[at + TOTAL] = total;
      if (node === ROOT) return;
      if (total === 0) this.#drop(node);
      else if (nodes[at + SAMPLE] === id) nodes[at + SAMPLE] = this.#someBelow(node);
      node = parent;
    }
  }

  /** The node that a subject belongs to. */
  nodeOf(id: number): number {
    return this.#leaves[id * LEAF_WORDS + LEAF_NODE] as number;
  }

  /** How many subjects a walk along a pattern looks at, at most; infinite when every subject matches. */
  reach(pattern: ByteString): number {
    const nodes = this.#nodes;
    let node = ROOT;
    let at = 0;
    for (;;) {
      const total = nodes[node * NODE_WORDS + TOTAL] as number;
      const dot = pattern.indexOf('.', at);
      const isLast = dot < 0;
      if (isWild(pattern, at, isLast ? pattern.length : dot)) {
        if (isLast) return this.#hasAll(node, pattern.charCodeAt(at)) ? Number.POSITIVE_INFINITY : total;
        return isOfFew(pattern) ? Math.min(total, this.#used) : total;
      }
      if (isLast) return 1;
      if (nodes[node * NODE_WORDS + LEVEL] === DEPTH) return total;
      node = this.#childOf(node, pattern, at, dot + 1);
      if (node === ROOT) return 0;
      at = dot + 1;
    }
  }

  /** Shows every subject that a pattern matches, once. @returns whether all were wanted. Nothing may change meanwhile. */
  walk(pattern: ByteString, visit: Visit): boolean {
    return this.#walk(ROOT, pattern, 0, visit);
  }

  /** As deep as {@link DEPTH}. */
  #walk(node: number, pattern: ByteString, at: number, visit: Visit): boolean {
    if (this.#nodes[node * NODE_WORDS + LEVEL] === DEPTH) {
      return this.#eachLeaf(node, (id) => !this.#texts.matches(id, pattern) || visit(id));
    }
    const dot = pattern.indexOf('.', at);
    const end = dot < 0 ? pattern.length : dot;
    const wild = isWild(pattern, at, end) ? pattern.charCodeAt(at) : 0;
    if (dot < 0) {
      if (wild === FULL_WILD) return this.#each(node, visit);
      if (wild === STAR) return this.#eachLeaf(node, visit);
      const id = this.#leafOf(node, pattern, at, end);
      return id === 0 || visit(id);
    }
    if (wild !== STAR) {
      const child = this.#childOf(node, pattern, at, end + 1);
      return child === ROOT || this.#walk(child, pattern, end + 1, visit);
    }
    for (let child = this.#childrenOf(node); child !== 0; child = this.#nextOf(child)) {
      if (!this.#walk(child, pattern, end + 1, visit)) return false;
    }
    return true;
  }

  /** Everything below a node; as deep as {@link DEPTH}. */
  #each(node: number, visit: Visit): boolean {
    if (!this.#eachLeaf(node, visit)) return false;
    for (let child = this.#childrenOf(node); child !== 0; child = this.#nextOf(child)) {
      if (!this.#each(child, visit)) return false;
    }
    return true;
  }

  #eachLeaf(node: number, visit: Visit): boolean {
    const leaves = this.#leaves;
    let id = this.#nodes[node * NODE_WORDS + LEAF] as number;
    for (; id !== 0; id = leaves[id * LEAF_WORDS + LEAF_NEXT] as number) if (!visit(id)) return false;
    return true;
  }

  #childrenOf(node: number): number {
    return this.#nodes[node * NODE_WORDS + CHILD] as number;
  }

  #nextOf(node: number): number {
    return this.#nodes[node * NODE_WORDS + NEXT] as number;
  }

  /** Whether a last wildcard behind a node's tokens matches every subject of the table. */
  #hasAll(node: number, wild: number): boolean {
    const at = node * NODE_WORDS;
    if (this.#nodes[at + TOTAL] !== this.#nodes[ROOT + TOTAL]) return false;
    return wild === FULL_WILD || (this.#nodes[at + CHILD] === 0 && this.#nodes[at + LEVEL] !== DEPTH);
  }

  /** Whether a subject has the tokens of the latest node, and one more. */
  #isAtLatest(subject: ByteString): boolean {
    const at = this.#latest * NODE_WORDS;
    const length = this.#nodes[at + LENGTH] as number;
    if (subject.indexOf('.', length) >= 0 || length >= subject.length) return false;
    return length === 0 || this.#texts.isAt(this.#nodes[at + SAMPLE] as number, 0, subject, 0, length);
  }

  /** The node of a subject's tokens but the last, with those above it; what is missing is added. */
  #nodeFor(id: number, subject: ByteString): number {
    let node = ROOT;
    let start = 0;
    for (let level = 1; level <= DEPTH; level++) {
      const end = subject.indexOf('.', start) + 1;
      if (end === 0) break;
      const parent = node;
      node = this.#childOf(parent, subject, start, end);
      if (node === ROOT) node = this.#addNode(parent, subject, start, end, id);
      start = end;
    }
    return node;
  }

  /** The node below another one with the token text[from, to), whose last character is the dot; the root: none. */
  #childOf(node: number, text: ByteString, from: number, to: number): number {
    const nodes = this.#nodes;
    const offset = nodes[node * NODE_WORDS + LENGTH] as number;
    const length = offset + to - from;
    const hash = hashOn(nodes[node * NODE_WORDS + HASH] as number, this.#hash.factor, text, from, to) >>> 0;
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const child = this.#places[place] as number;
      if (child === 0) return ROOT;
      const at = child * NODE_WORDS;
      if (nodes[at + HASH] !== hash || nodes[at + PARENT] !== node || nodes[at + LENGTH] !== length) continue;
      if (this.#texts.isAt(nodes[at + SAMPLE] as number, offset, text, from, to)) return child;
    }
  }

  #leafOf(node: number, text: ByteString, from: number, to: number): number {
    const at = node * NODE_WORDS;
    const hash = hashOn(this.#nodes[at + HASH] as number, this.#hash.factor, text, from, to) >>> 0;
    return this.#texts.findAt(node, hash, this.#nodes[at + LENGTH] as number, text, from, to);
  }

  #addNode(parent: number, text: ByteString, from: number, to: number, id: number): number {
    const nodes = this.#nodes;
    const node = this.#free === 0 ? this.#used++ : this.#free;
    const [at, above] = [node * NODE_WORDS, parent * NODE_WORDS];
    if (node === this.#free) this.#free = nodes[at + NEXT] as number;
    const next = nodes[above + CHILD] as number;
    nodes[at + HASH] = hashOn(nodes[above + HASH] as number, this.#hash.factor, text, from, to);
    nodes[at + LENGTH] = (nodes[above + LENGTH] as number) + to - from;
    nodes[at + LEVEL] = (nodes[above + LEVEL] as number) + 1;
    nodes[at + PARENT] = parent;
    nodes[at + NEXT] = next;
    nodes[at + PREVIOUS] = 0;
    nodes[at + LEAF] = 0;
    nodes[at + CHILD] = 0;
    nodes[at + SAMPLE] = id;
    nodes[at + TOTAL] = 0;
    if (next !== 0) nodes[next * NODE_WORDS + PREVIOUS] = node;
    nodes[above + CHILD] = node;
    this.#enter(node);
    return node;
  }

  /** Takes out a node without subjects. */
  #drop(node: number): void {
    const nodes = this.#nodes;
    const at = node * NODE_WORDS;
    const [next, previous] = [nodes[at + NEXT] as number, nodes[at + PREVIOUS] as number];
    if (previous !== 0) nodes[previous * NODE_WORDS + NEXT] = next;
    else nodes[(nodes[at + PARENT] as number) * NODE_WORDS + CHILD] = next;
    if (next !== 0) nodes[next * NODE_WORDS + PREVIOUS] = previous;
    this.#leave(node);
    nodes[at + NEXT] = this.#free;
    this.#free = node;
    if (this.#latest === node) this.#latest = ROOT;
  }

  /** Takes a subject out of its node's list. @returns the node. */
  #unlink(id: number): number {
    const leaves = this.#leaves;
    const at = id * LEAF_WORDS;
    const node = leaves[at + LEAF_NODE] as number;
    const [next, previous] = [leaves[at + LEAF_NEXT] as number, leaves[at + LEAF_PREVIOUS] as number];
    if (previous !== 0) leaves[previous * LEAF_WORDS + LEAF_NEXT] = next;
    else this.#nodes[node * NODE_WORDS + LEAF] = next;
    if (next !== 0) leaves[next * LEAF_WORDS + LEAF_PREVIOUS] = previous;
    return node;
  }

  #someBelow(node: number): number {
    const at = node * NODE_WORDS;
    const leaf = this.#nodes[at + LEAF] as number;
    return leaf !== 0
      ? leaf
      : (this.#nodes[(this.#nodes[at + CHILD] as number) * NODE_WORDS + SAMPLE] as number);
  }

  #enter(node: number): void {
    const mask = this.#places.length - 1;
    let place = (this.#nodes[node * NODE_WORDS + HASH] as number) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = node;
  }

  /** As in the table of subjects: later ones of the same run move back. */
  #leave(node: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    const homeOf = (one: number): number => (this.#nodes[one * NODE_WORDS + HASH] as number) & mask;
    let hole = homeOf(node);
    while (places[hole] !== node) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      if (((place - homeOf(places[place] as number)) & mask) < ((place - hole) & mask)) continue;
      places[hole] = places[place] as number;
      hole = place;
    }
    places[hole] = 0;
  }
}

/** Whether a pattern matches no more than one subject of each node: its last token is literal, and not too deep. */
function isOfFew(pattern: ByteString): boolean {
  let level = 0;
  let end = 0;
  for (let dot = pattern.indexOf('.'); dot >= 0; dot = pattern.indexOf('.', end)) {
    end = dot + 1;
    level++;
  }
  return level < DEPTH && !isWild(pattern, end, pattern.length);
}

/** Whether a pattern's token in [at, end) is a wildcard: `*`, or `>` at the end. */
function isWild(pattern: ByteString, at: number, end: number): boolean {
  if (end !== at + 1) return false;
  const code = pattern.charCodeAt(at);
  return code === STAR || (code === FULL_WILD && end === pattern.length);
}
