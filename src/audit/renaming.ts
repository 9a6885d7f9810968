import type { ImportOptions } from '../config/index.ts';
import { type ByteString, ImportTransform } from '../subjects/index.ts';
import { meet } from './patterns.ts';
import type { Term } from './subject-set.ts';

/**
 * How an import renames subjects, as a function of patterns: of one in the exporting account to the pattern of the same
 * subjects in the importing one, and back; undefined for a pattern that has nothing to do with the import.
 */
export interface Renaming {
  readonly local: ByteString;
  readonly remote: ByteString;
  /** Whether different local subjects become the same remote one. */
  readonly isLossy: boolean;
  toLocal(pattern: ByteString): ByteString | undefined;
  toRemote(pattern: ByteString): ByteString | undefined;
}

export function renamingOf({ kind, subject, prefix, to }: ImportOptions): Renaming {
  if (to !== undefined) return byTransform(ImportTransform.parse(subject, to, kind));
  return prefix === undefined ? unchanged(subject) : behindPrefix(subject, prefix);
}

/** The same subjects on both sides. */
export function unchanged(subject: ByteString): Renaming {
  const inside = (pattern: ByteString): ByteString | undefined => meet(pattern, subject);
  return { local: subject, remote: subject, isLossy: false, toLocal: inside, toRemote: inside };
}

function behindPrefix(remote: ByteString, prefix: ByteString): Renaming {
  const local = `${prefix}.${remote}` as ByteString;
  return {
    local,
    remote,
    isLossy: false,
    toLocal: (pattern) => {
      const inside = meet(pattern, remote);
      return inside === undefined ? undefined : (`${prefix}.${inside}` as ByteString);
    },
    toRemote: (pattern) => meet(pattern, local)?.slice(prefix.length + 1) as ByteString | undefined,
  };
}

function byTransform(transform: ImportTransform): Renaming {
  const { local, remote } = transform;
  return {
    local,
    remote,
    isLossy: wildcards(local) > wildcards(remote),
    toLocal: (pattern) => transform.localImageOf(pattern)[0]?.pattern,
    toRemote: (pattern) => transform.remoteImageOf(pattern)[0]?.pattern,
  };
}

function wildcards(pattern: ByteString): number {
  return pattern.split('.').filter((token) => token === '*' || token === '>').length;
}

/** A term in the words of the exporting account. */
export function renamedToRemote(term: Term, door: Renaming): Term | undefined {
  const pattern = door.toRemote(term.pattern);
  if (pattern === undefined) return undefined;
  // Where many subjects become one, the one is reached as long as any of them is left.
  const except = door.isLossy ? [] : term.except.flatMap((hole) => door.toRemote(hole) ?? []);
  return { pattern, except, may: term.may };
}

/** A term in the words of the importing account. */
export function renamedToLocal(term: Term, door: Renaming): Term | undefined {
  const pattern = door.toLocal(term.pattern);
  if (pattern === undefined) return undefined;
  return { pattern, except: term.except.flatMap((hole) => door.toLocal(hole) ?? []), may: term.may };
}
