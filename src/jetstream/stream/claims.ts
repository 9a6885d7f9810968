import { limits } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';

/** A place in the tree of claimed patterns: what may follow, and how many claims end here. */
interface Node {
  children: Map<string, Node> | undefined;
  ending: number;
}

/** Counts the places that a search has looked at. */
interface Effort {
  left: number;
}

/**
 * The subjects that an account's streams listen on, as a tree of tokens, so that a new stream is not compared with all
 * others. Patterns of one stream may stand in it more than once.
 */
export class SubjectClaims {
  readonly #root: Node = newNode();

  add(pattern: ByteString): void {
    let node = this.#root;
    for (const token of pattern.split('.')) {
      node.children ??= new Map();
      const child = node.children.get(token) ?? newNode();
      node.children.set(token, child);
      node = child;
    }
    node.ending++;
  }

  remove(pattern: ByteString): void {
    const path: [Node, string][] = [];
    let node = this.#root;
    for (const token of pattern.split('.')) {
      path.push([node, token]);
      const child = node.children?.get(token);
      if (child === undefined) return;
      node = child;
    }
    node.ending--;
    for (let at = path.length - 1; at >= 0 && isEmpty(node); at--) {
      const [parent, token] = path[at] as [Node, string];
      parent.children?.delete(token);
      node = parent;
    }
  }

  /**
   * Whether some subject is matched by one of these patterns and by a claimed one as well.
   * @returns undefined when that takes too long to find out ({@link limits.MAX_SUBJECT_COMPARISONS}).
   */
  overlaps(patterns: readonly ByteString[]): boolean | undefined {
    const effort = { left: limits.MAX_SUBJECT_COMPARISONS };
    for (const pattern of patterns) {
      if (reaches(this.#root, pattern.split('.'), 0, effort)) return true;
      if (effort.left <= 0) return undefined;
    }
    return false;
  }
}

function newNode(): Node {
  return { children: undefined, ending: 0 };
}

function isEmpty(node: Node): boolean {
  return node.ending === 0 && (node.children?.size ?? 0) === 0;
}

/** Whether a claim below a node has a subject in common with the tokens from an offset on. As deep as the pattern. */
function reaches(node: Node, tokens: readonly string[], at: number, effort: Effort): boolean {
  if (at === tokens.length) return node.ending > 0;
  const { children } = node;
  if (--effort.left <= 0 || children === undefined) return false;
  if (children.has('>')) return true;
  const token = tokens[at] as string;
  if (token === '>' && at === tokens.length - 1) return children.size > 0;
  if (token !== '*') {
    const [same, star] = [children.get(token), children.get('*')];
    if (same !== undefined && reaches(same, tokens, at + 1, effort)) return true;
    return star !== undefined && reaches(star, tokens, at + 1, effort);
  }
  for (const child of children.values()) if (reaches(child, tokens, at + 1, effort)) return true;
  return false;
}
