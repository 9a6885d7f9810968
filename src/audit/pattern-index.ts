import { type ByteString, tokensOf } from '../subjects/index.ts';

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  star: Node<T> | undefined;
  readonly here: T[];
  readonly full: T[];
}

function newNode<T>(): Node<T> {
  return { children: new Map(), star: undefined, here: [], full: [] };
}

/** Things by pattern, to find those whose pattern overlaps another one without looking at all of them. */
export class PatternIndex<T> {
  readonly #root: Node<T> = newNode();
  size = 0;

  add(pattern: ByteString, thing: T): void {
    this.size++;
    let node = this.#root;
    for (const token of tokensOf(pattern)) {
      if (token === '>') {
        node.full.push(thing);
        return;
      }
      node = childOf(node, token);
    }
    node.here.push(thing);
  }

  /** The things whose pattern has a subject in common with this one. */
  overlapping(pattern: ByteString): T[] {
    const found: T[] = [];
    collect(this.#root, tokensOf(pattern), 0, found);
    return found;
  }

  /** The things whose pattern is literally this one. */
  under(pattern: ByteString): readonly T[] {
    let node: Node<T> | undefined = this.#root;
    for (const token of tokensOf(pattern)) {
      if (token === '>') return node.full;
      node = token === '*' ? node.star : node.children.get(token);
      if (node === undefined) return [];
    }
    return node.here;
  }
}

function childOf<T>(node: Node<T>, token: string): Node<T> {
  if (token === '*') {
    node.star ??= newNode();
    return node.star;
  }
  let child = node.children.get(token);
  if (child === undefined) {
    child = newNode();
    node.children.set(token, child);
  }
  return child;
}

function collect<T>(node: Node<T>, tokens: readonly string[], depth: number, found: T[]): void {
  const token = tokens[depth];
  if (token === undefined) {
    found.push(...node.here);
    return;
  }
  found.push(...node.full);
  if (token === '>') {
    for (const child of nextOf(node)) collectAll(child, found);
    return;
  }
  if (token === '*') for (const child of nextOf(node)) collect(child, tokens, depth + 1, found);
  else {
    const child = node.children.get(token);
    if (child !== undefined) collect(child, tokens, depth + 1, found);
    if (node.star !== undefined) collect(node.star, tokens, depth + 1, found);
  }
}

function collectAll<T>(node: Node<T>, found: T[]): void {
  found.push(...node.here, ...node.full);
  for (const child of nextOf(node)) collectAll(child, found);
}

function* nextOf<T>(node: Node<T>): Iterable<Node<T>> {
  yield* node.children.values();
  if (node.star !== undefined) yield node.star;
}
