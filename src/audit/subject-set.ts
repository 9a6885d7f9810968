import { type ByteString, isLiteral, isSubsetOf, matches, overlaps, tokensOf } from '../subjects/index.ts';
import { meet } from './patterns.ts';
import { findSubject } from './search.ts';

/** The subjects that `pattern` matches and none of `except` does. */
export interface Term {
  readonly pattern: ByteString;
  readonly except: readonly ByteString[];
  /** An upper bound: not every one of these subjects need be in the set. */
  readonly may: boolean;
}

/** What asking for a member found: a member, none, or (the question was too hard) nothing for sure. */
export type Member = ByteString | 'none' | 'unknown';

/**
 * A set of literal subjects: a union of patterns, each without the subjects of some other patterns. Rights are such
 * sets (what is allowed without what is denied), and so is what gets through a door. Values; nothing changes one.
 */
export class SubjectSet {
  static readonly EMPTY = new SubjectSet([]);
  static readonly ALL = SubjectSet.of('>' as ByteString);

  readonly terms: readonly Term[];

  private constructor(terms: readonly Term[]) {
    this.terms = terms;
  }

  static of(...patterns: readonly ByteString[]): SubjectSet {
    return SubjectSet.ofTerms(patterns.map((pattern) => ({ pattern, except: [], may: false })));
  }

  static ofTerms(terms: readonly Term[]): SubjectSet {
    return new SubjectSet(simplified(terms));
  }

  /** Whether nothing is marked as an upper bound. */
  get isExact(): boolean {
    return this.terms.every((term) => !term.may);
  }

  union(...others: readonly SubjectSet[]): SubjectSet {
    return SubjectSet.ofTerms([this, ...others].flatMap((set) => set.terms));
  }

  intersect(other: SubjectSet): SubjectSet {
    if (other === SubjectSet.ALL) return this;
    if (this === SubjectSet.ALL) return other;
    const terms: Term[] = [];
    for (const a of this.terms) {
      for (const b of other.terms) {
        const pattern = meet(a.pattern, b.pattern);
        if (pattern === undefined) continue;
        terms.push(termOf(pattern, [...a.except, ...b.except], a.may || b.may));
      }
    }
    return SubjectSet.ofTerms(terms);
  }

  /** Without what these patterns match. */
  without(patterns: readonly ByteString[]): SubjectSet {
    if (patterns.length === 0) return this;
    return SubjectSet.ofTerms(
      this.terms.map((term) => termOf(term.pattern, [...term.except, ...patterns], term.may)),
    );
  }

  /** The set with each term rewritten. */
  map(rewrite: (term: Term) => readonly Term[]): SubjectSet {
    return SubjectSet.ofTerms(this.terms.flatMap(rewrite));
  }

  /** The same subjects, as an upper bound. */
  asUpperBound(): SubjectSet {
    return SubjectSet.ofTerms(this.terms.map((term) => ({ ...term, may: true })));
  }

  has(subject: ByteString): boolean {
    return this.terms.some((term) => hasTerm(term, subject));
  }

  /** A subject of the set; of an exact term, where there is one. */
  member(): Member {
    let unknown = false;
    const exactFirst = [...this.terms].sort((a, b) => Number(a.may) - Number(b.may));
    for (const term of exactFirst) {
      const member = memberOfTerm(term);
      if (member === 'unknown') unknown = true;
      else if (member !== 'none') return member;
    }
    return unknown ? 'unknown' : 'none';
  }

  /** Whether there is surely nothing in it: an answer that is too hard to find counts as something. */
  get isEmpty(): boolean {
    return this.terms.every((term) => term.except.length > 0 && memberOfTerm(term) === 'none');
  }

  /** Whether it has something in common with another set; true also where that is too hard to say. */
  meets(other: SubjectSet): boolean {
    return this.terms.some((a) => other.terms.some((b) => termsMeet(a, b)));
  }

  /**
   * A subject that is in this set and not in the other one. Upper bounds of the other set count as if they were exact.
   */
  memberOutside(other: SubjectSet): Member {
    let unknown = false;
    for (const term of this.terms) {
      const member = memberOutside(term, other.terms);
      if (member === 'unknown') unknown = true;
      else if (member !== 'none') return member;
    }
    return unknown ? 'unknown' : 'none';
  }

  isSubsetOf(other: SubjectSet): boolean {
    return this.memberOutside(other) === 'none';
  }
}

function hasTerm({ pattern, except }: Term, subject: ByteString): boolean {
  return matches(pattern, subject) && !except.some((other) => matches(other, subject));
}

/** A term whose exceptions are cut down to what concerns it. */
function termOf(pattern: ByteString, except: readonly ByteString[], may: boolean): Term {
  const concerning: ByteString[] = [];
  for (const other of except) if (overlaps(pattern, other)) concerning.push(other);
  return { pattern, except: widestOf(concerning), may };
}

/** Patterns without those that another one of them contains. Long lists stay as they are: comparing takes n². */
function widestOf(patterns: readonly ByteString[]): readonly ByteString[] {
  if (patterns.length < 2 || patterns.length > 200) return patterns;
  const unique = [...new Set(patterns)];
  return unique.filter((a) => !unique.some((b) => a !== b && isSubsetOf(a, b)));
}

/** Terms without those that are plainly empty or part of another one. */
function simplified(terms: readonly Term[]): readonly Term[] {
  const filled = terms.filter(({ pattern, except }) => !except.some((other) => isSubsetOf(pattern, other)));
  if (filled.length < 2 || filled.length > 200) return filled;
  const kept: Term[] = [];
  for (const term of filled) {
    if (kept.some((other) => isPlainlyIn(term, other))) continue;
    for (let i = kept.length - 1; i >= 0; i--) if (isPlainlyIn(kept[i] as Term, term)) kept.splice(i, 1);
    kept.push(term);
  }
  return kept;
}

function isPlainlyIn(inner: Term, outer: Term): boolean {
  if (!isSubsetOf(inner.pattern, outer.pattern) || (outer.may && !inner.may)) return false;
  return outer.except.every(
    (hole) =>
      !overlaps(hole, inner.pattern) ||
      inner.except.some((other) => isSubsetOf(meet(hole, inner.pattern) ?? hole, other)),
  );
}

/** Most pairs of terms are settled without a search: they share nothing, or nothing is taken out where they do. */
function termsMeet(a: Term, b: Term): boolean {
  if (!overlaps(a.pattern, b.pattern)) return false;
  if (a.except.length + b.except.length === 0) return true;
  const pattern = meet(a.pattern, b.pattern);
  if (pattern === undefined) return false;
  return memberOfTerm(termOf(pattern, [...a.except, ...b.except], false)) !== 'none';
}

function memberOfTerm({ pattern, except }: Term): Member {
  if (except.length === 0) return isLiteral(pattern) ? pattern : anyOf(pattern);
  const found = findSubject(
    pattern,
    except,
    (matching) => matching.size === 0,
    (surely) => surely.size > 0,
  );
  return found.kind === 'subject' ? found.subject : found.kind;
}

/** A subject that a pattern with wildcards matches. */
function anyOf(pattern: ByteString): ByteString {
  const tokens = tokensOf(pattern).map((token) => (token === '*' || token === '>' ? 'x' : token));
  return tokens.join('.') as ByteString;
}

/** A subject of a term that is in none of the other terms. */
function memberOutside(term: Term, others: readonly Term[]): Member {
  const near = others.filter((other) => overlaps(other.pattern, term.pattern));
  const patterns: ByteString[] = [...term.except];
  const roles = near.map((other) => {
    const own = patterns.push(other.pattern) - 1;
    const holes = other.except.map((hole) => patterns.push(hole) - 1);
    return { own, holes };
  });
  const holesOfTerm = term.except.length;
  const isExcepted = (matching: ReadonlySet<number>): boolean => {
    for (const at of matching) if (at < holesOfTerm) return true;
    return false;
  };
  const isInside = (matching: ReadonlySet<number>): boolean =>
    roles.some(({ own, holes }) => matching.has(own) && !holes.some((at) => matching.has(at)));
  const isSurelyInside = (surely: ReadonlySet<number>): boolean =>
    roles.some(({ own, holes }) => holes.length === 0 && surely.has(own));
  const found = findSubject(
    term.pattern,
    patterns,
    (matching) => !isExcepted(matching) && !isInside(matching),
    (surely) => isExcepted(surely) || isSurelyInside(surely),
  );
  return found.kind === 'subject' ? found.subject : found.kind;
}
