import { limits } from '../base/index.ts';
import { meet } from './patterns.ts';
import { renamedToLocal, renamedToRemote } from './renaming.ts';
import { SubjectSet, type Term } from './subject-set.ts';
import type { Door, Realm } from './world.ts';

/** A way from one account into another, and what gets all along it. */
export interface Path {
  readonly doors: readonly Door[];
  /** Where it starts, in the words of that account. */
  readonly origin: Term;
  /** The same subjects where it ends. */
  readonly arrives: Term;
}

const EVERYTHING: Term = {
  pattern: SubjectSet.ALL.terms[0]?.pattern ?? ('>' as Term['pattern']),
  except: [],
  may: false,
};

/** The empty way: what stays in the account. */
export const NO_PATH: Path = { doors: [], origin: EVERYTHING, arrives: EVERYTHING };

/** Ways over service imports, and whether there were more than the bound. */
export interface Paths {
  readonly paths: readonly Path[];
  readonly isCut: boolean;
}

/**
 * Every way that a request can take out of an account, chains of imports followed to their ends. A request that comes
 * back to an export it went through stops there, and so does one that changed account too often; the auditor follows
 * the rule of the server in both.
 */
export function requestPaths(from: Realm, most: number): Paths {
  const paths: Path[] = [];
  let frontier: Path[] = [NO_PATH];
  while (frontier.length > 0) {
    const next: Path[] = [];
    for (const path of frontier) {
      const at = path.doors.at(-1)?.exporter ?? from;
      for (const door of at.services.overlapping(path.arrives.pattern)) {
        const longer = through(path, door);
        if (longer === undefined) continue;
        if (paths.length >= most) return { paths, isCut: true };
        paths.push(longer);
        if (longer.doors.length < limits.MAX_CROSSINGS) next.push(longer);
      }
    }
    frontier = next;
  }
  return { paths, isCut: false };
}

/** A path made longer by a service import; undefined when nothing gets through. */
function through(path: Path, door: Door): Path | undefined {
  if (path.doors.some(({ offer }) => offer === door.offer)) return undefined;
  const inside = narrowed(path.arrives, door);
  if (inside === undefined) return undefined;
  const arrives = renamedToRemote(inside, door);
  if (arrives === undefined) return undefined;
  const origin = meetTerms(path.origin, backAlong(inside, path.doors));
  return origin === undefined ? undefined : { doors: [...path.doors, door], origin, arrives };
}

/** What a term at the end of service doors is called before the first of them. */
function backAlong(term: Term, doors: readonly Door[]): Term | undefined {
  let start: Term | undefined = term;
  for (const door of doors.toReversed()) start = start && renamedToLocal(start, door);
  return start;
}

function meetTerms(a: Term, b: Term | undefined): Term | undefined {
  return b && SubjectSet.ofTerms([a]).intersect(SubjectSet.ofTerms([b])).terms[0];
}

/** What of a term gets through a door, still in the words of the account before it. */
function narrowed(term: Term, door: Door): Term | undefined {
  const pattern = meet(term.pattern, door.local);
  if (pattern === undefined) return undefined;
  const except = [...term.except, ...door.except].flatMap((hole) => meet(hole, pattern) ?? []);
  const inside = { pattern, except, may: term.may };
  return except.length > 0 && SubjectSet.ofTerms([inside]).isEmpty ? undefined : inside;
}

/** The way of messages over a stream import: from the exporting account into the importing one. It does not go on. */
export function streamPath(door: Door): Path {
  const origin: Term = { pattern: door.remote, except: [], may: false };
  return { doors: [door], origin, arrives: { ...origin, pattern: door.local } };
}
