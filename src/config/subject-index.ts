import { type ByteString, isSubsetOf, overlaps, tokensOf } from '../subjects/index.ts';

/** Patterns that are compared one by one before an index is made of them. */
const FLAT = 24;

interface Row<T> {
  readonly pattern: ByteString;
  readonly value: T;
}

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly rows: Row<T>[];
}

/**
 * Finds those of many patterns that have subjects in common with a given one, in time that does not grow with those
 * that have none. Few patterns are just compared; more of them become a tree of tokens.
 */
export class SubjectIndex<T> {
  readonly #rows: Row<T>[] = [];
  #root: Node<T> | undefined;

  add(pattern: ByteString, value: T): void {
    const row = { pattern, value };
    this.#rows.push(row);
    if (this.#root !== undefined) insert(this.#root, row);
  }

  /** The values of the patterns that have a subject in common with this one. */
  overlapping(pattern: ByteString): T[] {
    if (this.#rows.length <= FLAT) {
      return this.#rows.filter((row) => overlaps(row.pattern, pattern)).map((row) => row.value);
    }
    return candidates(this.#tree(), pattern).map((row) => row.value);
  }

  /** The values of the patterns that cover this one: every subject it matches, they match. */
  covering(pattern: ByteString): T[] {
    const rows = this.#rows.length <= FLAT ? this.#rows : candidates(this.#tree(), pattern);
    return rows.filter((row) => isSubsetOf(pattern, row.pattern)).map((row) => row.value);
  }

  #tree(): Node<T> {
    if (this.#root !== undefined) return this.#root;
    this.#root = emptyNode();
    for (const row of this.#rows) insert(this.#root, row);
    return this.#root;
  }
}

function emptyNode<T>(): Node<T> {
  return { children: new Map(), rows: [] };
}

function insert<T>(root: Node<T>, row: Row<T>): void {
  let node = root;
  for (const token of tokensOf(row.pattern)) {
    let next = node.children.get(token);
    if (next === undefined) {
      next = emptyNode();
      node.children.set(token, next);
    }
    node = next;
  }
  node.rows.push(row);
}

/** Walks both patterns token by token, with a stack of its own: a pattern may have many tokens. */
function candidates<T>(root: Node<T>, pattern: ByteString): Row<T>[] {
  const tokens = tokensOf(pattern);
  const found: Row<T>[] = [];
  const open: [Node<T>, number][] = [[root, 0]];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const [node, depth] = step;
    const token = tokens[depth];
    if (token === undefined) {
      for (const row of node.rows) found.push(row);
    } else if (token === '>') {
      collectBelow(node, found);
    } else {
      for (const row of node.children.get('>')?.rows ?? []) found.push(row);
      for (const next of matching(node, token)) open.push([next, depth + 1]);
    }
  }
  return found;
}

/** The children, other than `>`, whose token can be the same as this one. */
function matching<T>(node: Node<T>, token: string): Node<T>[] {
  if (token === '*') return [...node.children].filter(([key]) => key !== '>').map(([, child]) => child);
  return [node.children.get(token), node.children.get('*')].filter((child) => child !== undefined);
}

function collectBelow<T>(top: Node<T>, found: Row<T>[]): void {
  const open = [...top.children.values()];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const row of node.rows) found.push(row);
    open.push(...node.children.values());
  }
}
