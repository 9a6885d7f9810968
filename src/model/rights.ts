import { covers, matchesSubject } from './patterns.ts';

/** One side of a permission. Entries are `subject`, or `subject queue` for subscriptions. */
export interface Side {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** What a user may do; what is absent is allowed. */
export interface Rights {
  readonly publish?: Side;
  readonly subscribe?: Side;
  /** `allow_responses`: how many answers to each request (-1: any number), for how long (ms; -1: for ever). */
  readonly responses?: { readonly max: number; readonly expiresMs: number };
}

/** Without an allow list everything is allowed; with `allow_responses` instead of one, nothing but answers. */
export function mayPublish({ publish, responses }: Rights, subject: string): boolean {
  const isAllowed =
    publish?.allow === undefined
      ? responses === undefined
      : publish.allow.some((entry) => matchesSubject(entry, subject));
  return isAllowed && !(publish?.deny ?? []).some((entry) => matchesSubject(entry, subject));
}

/**
 * A subscription is accepted when one allow entry has all it can match, and no deny entry matches its own text. An
 * entry with a queue speaks of members of that queue alone.
 */
export function maySubscribe({ subscribe }: Rights, pattern: string, queue: string | undefined): boolean {
  if (subscribe === undefined) return true;
  if (isDenied({ subscribe }, pattern, queue)) return false;
  return (
    subscribe.allow === undefined ||
    subscribe.allow.map(entryOf).some((entry) => {
      if (entry.queue !== undefined && (queue === undefined || !covers(entry.queue, queue))) return false;
      return covers(entry.subject, pattern);
    })
  );
}

/** Whether a deny entry speaks of this subject in this queue. */
export function isDenied({ subscribe }: Rights, subject: string, queue: string | undefined): boolean {
  return (subscribe?.deny ?? [])
    .map(entryOf)
    .some(
      (entry) =>
        (entry.queue === undefined || (queue !== undefined && matchesSubject(entry.queue, queue))) &&
        matchesSubject(entry.subject, subject),
    );
}

function entryOf(text: string): { readonly subject: string; readonly queue: string | undefined } {
  const [subject = '', queue] = text.split(' ');
  return { subject, queue };
}
