import { CONNECTION_KINDS, type PermissionEntry, type ServerOptions } from '../config/index.ts';
import type { Decision } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, isSubsetOf, matches, overlaps } from '../subjects/index.ts';
import { allowing, denying, type Edit, overKinds, type UserPlace, undenying } from './edits.ts';
import type { Act } from './question.ts';
import type { Outcome } from './verdict.ts';

/**
 * Changes of a user's entry that may decide an act otherwise, the one that gives or takes least first. They are
 * guesses: each is rehearsed, and only what really decides otherwise is shown.
 */
export function editsFor(options: ServerOptions, place: UserPlace, act: Act, outcome: Outcome): Edit[] {
  const { allowed, decision } = outcome;
  return allowed ? refusingEdits(options, place, act, decision) : allowingEdits(options, place, decision);
}

function refusingEdits(options: ServerOptions, place: UserPlace, act: Act, decision: Decision): Edit[] {
  switch (act.kind) {
    case 'connect':
      return [];
    case 'subscribe':
      return [denying(options, place, 'subscribe', act.subject, act.queue)];
    case 'publish':
    case 'request':
      // Where a mapping renames what is published, rights are about the new name.
      return [...new Set([act.subject, ...(decision.action === 'publish' ? [decision.subject] : [])])].map(
        (subject) => denying(options, place, 'publish', subject, EMPTY_BYTES),
      );
  }
}

function allowingEdits(
  options: ServerOptions,
  place: UserPlace,
  { action, subject, queue }: Decision,
): Edit[] {
  if (action === 'connect') return connectEdits(options, place);
  if (action !== 'publish' && action !== 'subscribe') return [];
  const side = place.user.permissions?.[action];
  const denies = (side?.deny ?? []).filter((each) => concerns(each, subject, queue));
  return [
    allowing(options, place, action, subject, queue),
    ...denies.flatMap((each) => undenying(options, place, action, each, subject, queue)),
  ];
}

/** Whether a deny entry may stand in the way; the rehearsal finds out. */
function concerns(entry: PermissionEntry, subject: ByteString, queue: ByteString): boolean {
  if (entry.queue !== undefined && (queue === '' || !overlaps(entry.queue, queue))) return false;
  return matches(entry.subject, subject) || overlaps(entry.subject, subject);
}

function connectEdits(options: ServerOptions, place: UserPlace): Edit[] {
  const { connectionTypes } = place.user;
  if (connectionTypes === undefined) return [];
  const [first] = CONNECTION_KINDS.filter((kind) => !connectionTypes.includes(kind));
  if (first === undefined) return [];
  const text = `Let the user in over ${first} too`;
  return [overKinds(options, place, [...connectionTypes, first], text)];
}

/** Narrower subscriptions that a user may have instead of a refused one: what its allow list leaves of it. */
export function narrowerSubjects(place: UserPlace | undefined, act: Act): ByteString[] {
  if (act.kind !== 'subscribe') return [];
  const { allow = [] } = place?.user.permissions?.subscribe ?? {};
  return allow
    .filter((each) => isSubsetOf(each.subject, act.subject) && each.subject !== act.subject)
    .map((each) => each.subject);
}
