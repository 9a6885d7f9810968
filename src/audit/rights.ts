import type { PermissionEntry, PermissionsOptions } from '../config/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import { findSubject } from './search.ts';
import { SubjectSet, type Term } from './subject-set.ts';

/** What no client may publish, whatever its permissions say. */
const RESERVED = ['_GR_.>' as ByteString];
const FREE = SubjectSet.ALL.without(RESERVED);

/**
 * The subjects that permissions let a user publish by itself; answers that `allow_responses` grants come on top. The
 * guard decides one subject at a time, a set is needed here: every set is confirmed by asking the guard of a member.
 */
export function publishable(permissions: PermissionsOptions | undefined): SubjectSet {
  const side = permissions?.publish;
  if (side === undefined) return permissions?.responses === undefined ? FREE : SubjectSet.EMPTY;
  return allowed(side.allow).without([...subjectsOf(side.deny), ...RESERVED]);
}

function allowed(entries: readonly PermissionEntry[] | undefined): SubjectSet {
  return entries === undefined || entries.length === 0
    ? SubjectSet.ALL
    : SubjectSet.of(...subjectsOf(entries));
}

function subjectsOf(entries: readonly PermissionEntry[] | undefined): ByteString[] {
  return entries?.map((entry) => entry.subject) ?? [];
}

/** What can be heard with subscriptions in one queue group; an empty queue: outside of all groups. */
export interface Hearing {
  readonly queue: ByteString;
  readonly subjects: SubjectSet;
}

const HEARS_ALL: readonly Hearing[] = [{ queue: EMPTY_BYTES, subjects: SubjectSet.ALL }];

/**
 * The subjects that permissions let a user receive, by the queue group it has to join for it. Whatever a wildcard
 * subscription brings, a subscription to the very subject brings too: so literal ones are all that has to be looked at.
 */
export function hearable(permissions: PermissionsOptions | undefined): readonly Hearing[] {
  const side = permissions?.subscribe;
  if (side === undefined) return HEARS_ALL;
  const { allow = [], deny = [] } = side;
  const queues = [EMPTY_BYTES, ...tellingQueues(allow, deny)];
  return queues.map((queue) => ({ queue, subjects: hearableIn(queue, allow, deny) }));
}

function hearableIn(
  queue: ByteString,
  allow: readonly PermissionEntry[],
  deny: readonly PermissionEntry[],
): SubjectSet {
  const denied = subjectsOf(deny.filter((entry) => speaksOf(entry, queue)));
  if (allow.length === 0) return SubjectSet.ALL.without(denied);
  return SubjectSet.of(...subjectsOf(allow.filter((entry) => speaksOf(entry, queue)))).without(denied);
}

/** An entry without a queue speaks of every subscription, one with a queue of that queue's members only. */
function speaksOf(entry: PermissionEntry, queue: ByteString): boolean {
  if (entry.queue === undefined) return true;
  return queue !== EMPTY_BYTES && SubjectSet.of(entry.queue).has(queue);
}

/** Queue names that can make a difference: of each allowed kind one that as few denies as possible speak of. */
function tellingQueues(allow: readonly PermissionEntry[], deny: readonly PermissionEntry[]): ByteString[] {
  const names = new Set<ByteString>();
  const denied = deny.flatMap((entry) => entry.queue ?? []);
  const offered = allow.flatMap((entry) => entry.queue ?? []);
  for (const queue of new Set(offered)) {
    for (const name of representatives(queue, [...denied, ...offered])) names.add(name);
  }
  return [...names];
}

const MOST_QUEUES = 64;

/** One name of each class of names that the patterns tell apart, as far as there are not too many. */
function representatives(pattern: ByteString, others: readonly ByteString[]): ByteString[] {
  const seen = new Set<string>();
  const names: ByteString[] = [];
  while (names.length < MOST_QUEUES) {
    const found = findSubject(pattern, others, (matching) => !seen.has([...matching].sort().join()));
    if (found.kind !== 'subject') break;
    const own = SubjectSet.of(found.subject);
    seen.add(
      others
        .flatMap((other, at) => (own.isSubsetOf(SubjectSet.of(other)) ? [at] : []))
        .sort()
        .join(),
    );
    names.push(found.subject);
  }
  return names;
}

/** The terms of a set of rights, one for each way to hold it. */
export function hearingOf(hearings: readonly Hearing[]): SubjectSet {
  const terms: Term[] = hearings.flatMap(({ subjects }) => subjects.terms);
  return SubjectSet.ofTerms(terms);
}
