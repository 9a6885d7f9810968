import { matchesSubject } from './patterns.ts';
import type { Redirect, Taking } from './topology.ts';

/** One token of a name: itself, the n-th wildcard (from 0) of the other name, or all that is left. */
type Part = { readonly text: string } | { readonly wildcard: number } | { readonly rest: true };

/** What the wildcards of a pattern stand for in one subject. */
interface Captured {
  readonly wildcards: readonly string[];
  readonly rest: readonly string[];
}

const REFERENCE = /^(?:\$(\d+)|\{\{\s*wildcard\((\d+)\)\s*\}\})$/i;

/** What the importer calls an import, `$n` written as `*`. */
export function localPattern(taken: Taking): string {
  return localParts(taken)
    .map((part) => ('text' in part ? part.text : 'rest' in part ? '>' : '*'))
    .join('.');
}

/** What the importing account calls a subject of the exporting one; undefined when the import does not bring it. */
export function toLocal(taken: Taking, subject: string): string | undefined {
  return renamed(partsOf(taken.subject, false), localParts(taken), subject);
}

/** What the exporting account calls a subject of the importing one; undefined when it is none of the import's. */
export function toRemote(taken: Taking, subject: string): string | undefined {
  return renamed(localParts(taken), partsOf(taken.subject, false), subject);
}

function localParts({ subject, prefix, to }: Taking): readonly Part[] {
  if (prefix !== undefined) return [{ text: prefix }, ...partsOf(subject, false)];
  return to === undefined ? partsOf(subject, false) : partsOf(to, true);
}

/** `$n` refers to a wildcard in names of the importer only; each plain `*` stands for the next one. */
function partsOf(name: string, mayRefer: boolean): readonly Part[] {
  let stars = 0;
  return name.split('.').map((token): Part => {
    const reference = mayRefer ? REFERENCE.exec(token) : null;
    if (reference !== null) return { wildcard: Number(reference[1] ?? reference[2]) - 1 };
    if (token === '>') return { rest: true };
    return token === '*' ? { wildcard: stars++ } : { text: token };
  });
}

function renamed(from: readonly Part[], to: readonly Part[], subject: string): string | undefined {
  const captured = capture(from, subject.split('.'));
  if (captured === undefined || subject.split('.').includes('')) return undefined;
  return to
    .flatMap((part) =>
      'text' in part
        ? [part.text]
        : 'rest' in part
          ? captured.rest
          : [captured.wildcards[part.wildcard] ?? ''],
    )
    .join('.');
}

function capture(parts: readonly Part[], tokens: readonly string[]): Captured | undefined {
  const wildcards: string[] = [];
  for (const [i, part] of parts.entries()) {
    const token = tokens[i];
    if (token === undefined) return undefined;
    if ('rest' in part) return { wildcards, rest: tokens.slice(i) };
    if ('text' in part && part.text !== token) return undefined;
    if ('wildcard' in part) wildcards[part.wildcard] = token;
  }
  return parts.length === tokens.length ? { wildcards, rest: [] } : undefined;
}

const CHOICE = /^\{\{\s*(?:partition|random)\((\d+)[^)]*\)\s*\}\}$/i;

/** Every subject that the mappings of an account may make of a published one. Where nothing is drawn there is one. */
export function possibleTargets(mappings: readonly Redirect[], subject: string): readonly string[] {
  const mapping = mappings.find(({ source }) => matchesSubject(source, subject));
  if (mapping === undefined) return [subject];
  const { source, destinations } = mapping;
  const captured = capture(partsOf(source, false), subject.split('.'));
  if (captured === undefined) return [subject];
  const targets = destinations
    .filter(({ weight }) => weight > 0)
    .flatMap((destination) => written(destination.subject.split('.'), captured));
  const total = destinations.reduce((sum, { weight }) => sum + weight, 0);
  return [...new Set(total < 100 ? [...targets, subject] : targets)];
}

/** All that a destination can become: a partition or a random number may be any of its range. */
function written(tokens: readonly string[], captured: Captured): string[] {
  let texts = [''];
  for (const token of tokens) {
    const choices = choicesOf(token, captured);
    texts = texts.flatMap((text) => choices.map((choice) => (text === '' ? choice : `${text}.${choice}`)));
  }
  return texts;
}

function choicesOf(token: string, { wildcards, rest }: Captured): readonly string[] {
  const reference = REFERENCE.exec(token);
  if (reference !== null) return [wildcards[Number(reference[1] ?? reference[2]) - 1] ?? ''];
  const count = CHOICE.exec(token)?.[1];
  if (count !== undefined) return Array.from({ length: Number(count) }, (_, i) => String(i));
  return [token === '>' ? rest.join('.') : token];
}
