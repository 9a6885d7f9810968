import { type ByteString, tokensOf } from '../subjects/index.ts';

/**
 * Finds a subject that one pattern matches and that fulfils a condition on which of the other patterns match it too.
 *
 * Exact, because only finitely many subjects differ: at each position a subject can have one of the literal tokens that
 * the patterns have there, or one that none of them has; and behind the longest pattern one more token makes no
 * difference. Deciding it is hard in the worst case (it is the covering of a cube by subcubes), so the number of steps
 * is bounded.
 */
export type Found =
  | { readonly kind: 'subject'; readonly subject: ByteString }
  | { readonly kind: 'none' }
  /** The bound was reached before either was sure. */
  | { readonly kind: 'unknown' };

/** Says of the patterns (by index) that match a subject, whether the subject is one of those looked for. */
export type Wanted = (matching: ReadonlySet<number>) => boolean;

/** Says that no subject is wanted any more once these patterns match whatever follows. */
export type Hopeless = (surely: ReadonlySet<number>) => boolean;

const DEFAULT_STEPS = 20_000;
const NONE: Found = { kind: 'none' };
const UNKNOWN: Found = { kind: 'unknown' };
/** Tokens that stand for "any other", in the order in which they are tried. */
const OTHERS = ['x', 'y', 'z', 'any', 'other'];

export function findSubject(
  base: ByteString,
  others: readonly ByteString[],
  wanted: Wanted,
  hopeless: Hopeless = () => false,
  steps = DEFAULT_STEPS,
): Found {
  const search = new Search(tokensOf(base), others.map(tokensOf), wanted, hopeless, steps);
  return search.from(0, [...others.keys()], new Set());
}

class Search {
  readonly #base: readonly string[];
  readonly #others: readonly (readonly string[])[];
  readonly #wanted: Wanted;
  readonly #hopeless: Hopeless;
  readonly #path: string[] = [];
  #steps: number;

  constructor(
    base: readonly string[],
    others: readonly (readonly string[])[],
    wanted: Wanted,
    hopeless: Hopeless,
    steps: number,
  ) {
    this.#base = base;
    this.#others = others;
    this.#wanted = wanted;
    this.#hopeless = hopeless;
    this.#steps = steps;
  }

  /** @param alive patterns whose tokens agree so far. @param surely patterns that match whatever follows. */
  from(depth: number, alive: readonly number[], surely: ReadonlySet<number>): Found {
    if (this.#steps-- <= 0) return UNKNOWN;
    if (this.#hopeless(surely)) return NONE;
    if (this.#mayEndAt(depth)) {
      const ended = alive.filter((at) => this.#others[at]?.length === depth);
      if (this.#wanted(ended.length === 0 ? surely : new Set([...surely, ...ended])))
        return { kind: 'subject', subject: this.#path.join('.') as ByteString };
      // Behind the end of every other pattern nothing changes any more.
      if (alive.length === 0 || !this.#isTail(depth)) return NONE;
    }
    return this.#goOn(depth, alive, surely);
  }

  #goOn(depth: number, alive: readonly number[], surely: ReadonlySet<number>): Found {
    const going = alive.filter((at) => (this.#others[at]?.length ?? 0) > depth);
    let unknown = false;
    for (const token of this.#tokensAt(depth, going)) {
      const next: number[] = [];
      const sure = new Set(surely);
      for (const at of going) {
        const other = this.#others[at]?.[depth];
        if (other === '>') sure.add(at);
        else if (other === '*' || other === token) next.push(at);
      }
      this.#path[depth] = token;
      this.#path.length = depth + 1;
      const found = this.from(depth + 1, next, sure);
      if (found.kind === 'subject') return found;
      unknown ||= found.kind === 'unknown';
    }
    return unknown ? UNKNOWN : NONE;
  }

  #isTail(depth: number): boolean {
    return this.#base[this.#base.length - 1] === '>' && depth >= this.#base.length - 1;
  }

  #mayEndAt(depth: number): boolean {
    if (depth === 0) return false;
    return this.#base[this.#base.length - 1] === '>'
      ? depth >= this.#base.length
      : depth === this.#base.length;
  }

  /** What can stand at a position: the base's own token, or one that no pattern names and each one that some do. */
  #tokensAt(depth: number, going: readonly number[]): string[] {
    const own = this.#isTail(depth) ? '>' : this.#base[depth];
    if (own === undefined) return [];
    if (own !== '*' && own !== '>') return [own];
    const named = new Set<string>();
    for (const at of going) {
      const token = this.#others[at]?.[depth];
      if (token !== undefined && token !== '*' && token !== '>') named.add(token);
    }
    return [otherThan(named), ...named];
  }
}

function otherThan(named: ReadonlySet<string>): string {
  const free = OTHERS.find((token) => !named.has(token));
  if (free !== undefined) return free;
  for (let i = 1; ; i++) if (!named.has(`x${i}`)) return `x${i}`;
}
