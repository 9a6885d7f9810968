import type { MappingOptions } from '../config/index.ts';
import { type ByteString, SubjectTransform, tokensOf } from '../subjects/index.ts';
import { meet } from './patterns.ts';
import { SubjectSet, type Term } from './subject-set.ts';

/** What the messages that clients publish in an account are called after its mappings. */
export interface Range {
  /** Absent: the account has no mappings, everything keeps its name. */
  readonly subjects: SubjectSet | undefined;
  /** Subjects that keep their names, always or by chance. */
  readonly kept: SubjectSet;
  readonly routes: readonly MappedRoute[];
}

/** One destination of one mapping. */
export interface MappedRoute {
  readonly mapping: MappingOptions;
  readonly transform: SubjectTransform;
  /** What is published to get there. */
  readonly published: SubjectSet;
  /** What it becomes. */
  readonly becomes: SubjectSet;
}

const UNMAPPED: Range = { subjects: undefined, kept: SubjectSet.ALL, routes: [] };
const ALL_PERCENT = 100;

export function rangeOf(mappings: readonly MappingOptions[]): Range {
  if (mappings.length === 0) return UNMAPPED;
  const routes: MappedRoute[] = [];
  let rest = SubjectSet.ALL;
  const kept: SubjectSet[] = [];
  for (const mapping of inOrderOfChoice(mappings)) {
    const own = rest.intersect(SubjectSet.of(mapping.source));
    rest = rest.without([mapping.source]);
    const live = destinationsInUse(mapping);
    if (live.reduce((sum, { weight }) => sum + weight, 0) < ALL_PERCENT) kept.push(own);
    for (const { subject } of live) {
      const transform = SubjectTransform.parse(mapping.source, subject);
      routes.push({ mapping, transform, published: own, becomes: imageOf(own, transform) });
    }
  }
  const keptInAll = SubjectSet.EMPTY.union(rest, ...kept);
  return { subjects: keptInAll.union(...routes.map(({ becomes }) => becomes)), kept: keptInAll, routes };
}

/** The destinations that a server without a cluster uses. */
function destinationsInUse({ destinations }: MappingOptions): MappingOptions['destinations'] {
  return destinations.filter(({ weight, cluster }) => weight > 0 && cluster === undefined);
}

/** The mapping that is tried first comes first: the more specific source, then the order of the file. */
function inOrderOfChoice(mappings: readonly MappingOptions[]): MappingOptions[] {
  return [...mappings].sort((a, b) => {
    const left = rank(a.source);
    const right = rank(b.source);
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

/** Sorts literal tokens before `*` before `>`, from the left. */
function rank(source: ByteString): string {
  const digit = (token: string): string => (token === '>' ? '2' : token === '*' ? '1' : '0');
  return source.split('.').map(digit).join('');
}

/** What a set becomes. An upper bound where the transform's own image is one, or where an exception cannot be kept. */
function imageOf(published: SubjectSet, transform: SubjectTransform): SubjectSet {
  return published.map((term) =>
    transform.imageOf(term.pattern).map(({ pattern, exact }): Term => {
      const holes = exact ? holesIn(term, transform) : undefined;
      return { pattern, except: holes ?? [], may: term.may || !exact || holes === undefined };
    }),
  );
}

/** The images of a term's exceptions, where nothing else can become the same; undefined where something might. */
function holesIn(term: Term, transform: SubjectTransform): ByteString[] | undefined {
  const holes: ByteString[] = [];
  for (const hole of term.except) {
    const inside = meet(hole, term.pattern);
    if (inside === undefined) continue;
    const images = transform.imageOf(inside);
    if (images.length !== 1 || !isInjective(transform)) return undefined;
    for (const { pattern, exact } of images) {
      if (!exact) return undefined;
      holes.push(pattern);
    }
  }
  return holes;
}

/** Whether different subjects always become different ones: nothing but wildcards, and each of them, is taken over. */
function isInjective(transform: SubjectTransform): boolean {
  const [image, ...more] = transform.imageOf(transform.source);
  if (image === undefined || more.length > 0 || !image.exact) return false;
  return wildcardsOf(image.pattern) === wildcardsOf(transform.source);
}

function wildcardsOf(pattern: ByteString): number {
  return tokensOf(pattern).filter((token) => token === '*' || token === '>').length;
}
