import type { PermissionEntry } from '../config/index.ts';
import { type ByteString, isSubsetOf, matches, overlaps } from '../subjects/index.ts';
import type { ControlSwitches } from './controls.ts';
import type { Trace } from './decision.ts';
import { concerns, firstMatch } from './entries.ts';
import type { Principal } from './principal.ts';
import { decided, entryText, looked, notePassedOver, quoted } from './trace.ts';
import { allow, allowFiltered, refuse, type Verdict } from './verdict.ts';

const NO_ENTRIES: readonly PermissionEntry[] = [];

/**
 * Decides whether a principal may subscribe: accepted only when every subject the subscription can match is allowed.
 * Refused where a deny entry matches the subscription's subject read as a literal, so that `foo.*` denies `foo.>` too
 * (measured on 2.14.5); where a deny covers another part of it, deliveries are judged one by one.
 */
export function decideSubscribe(
  principal: Principal,
  subject: ByteString,
  queue: ByteString,
  controls: ControlSwitches,
  trace?: Trace,
): Verdict {
  const rights = principal.permissions?.subscribe;
  if (rights === undefined) {
    trace?.note(decided('no subscribe permissions: everything inside the account is allowed'));
    return allow('subscribe-unrestricted');
  }
  const deny = rights.deny ?? NO_ENTRIES;
  const denying = matchingDeny(deny, subject, queue, controls, trace);
  if (denying !== undefined) {
    trace?.note(decided(`deny ${entryText(denying)} matches ${asked(subject, queue)}`, denying.at));
    return refuse('subscribe-denied');
  }
  const hiding = overlappingDeny(deny, subject, queue, controls);
  if (hiding !== undefined) {
    trace?.note(looked(`deny ${entryText(hiding)} hides a part of ${asked(subject, queue)}`, hiding.at));
  }
  if (isCovered(rights.allow, subject, queue, trace))
    return hiding === undefined ? allow('subscribe-allowed') : allowFiltered('subscribe-allowed');
  trace?.note(decided(`nothing in the allow list covers ${asked(subject, queue)}`, rights.allow?.[0]?.at));
  return refuse('subscribe-not-allowed');
}

/** Decides whether a message with this subject may reach the principal over a subscription with this queue. */
export function decideDeliver(
  principal: Principal,
  subject: ByteString,
  queue: ByteString,
  controls: ControlSwitches,
  trace?: Trace,
): Verdict {
  const deny = principal.permissions?.subscribe?.deny ?? NO_ENTRIES;
  const denying = matchingDeny(deny, subject, queue, controls, trace);
  if (denying === undefined) {
    trace?.note(decided(`no deny entry matches ${asked(subject, queue)}`));
    return allow('deliver-allowed');
  }
  trace?.note(decided(`deny ${entryText(denying)} matches ${asked(subject, queue)}`, denying.at));
  return refuse('deliver-denied');
}

/** The first deny entry that speaks of this queue and matches the subject, read as a literal. */
function matchingDeny(
  entries: readonly PermissionEntry[],
  subject: ByteString,
  queue: ByteString,
  controls: ControlSwitches,
  trace: Trace | undefined,
): PermissionEntry | undefined {
  if (entries.length === 0) return undefined;
  const found = firstMatch(entries, subject, queue, plainSpeaks(entries, queue, controls));
  if (trace !== undefined) notePassedOver(trace, 'deny', entries, found, asked(subject, queue));
  return found;
}

/** The first deny entry that hides a part of the subscription. Over-approximates: each delivery is judged then. */
function overlappingDeny(
  entries: readonly PermissionEntry[],
  subject: ByteString,
  queue: ByteString,
  controls: ControlSwitches,
): PermissionEntry | undefined {
  if (queue !== '' && !controls['deliver-deny-queue-wildcard']) return undefined;
  const meets = controls['deliver-deny-overlap'] ? overlaps : hasInside;
  const plainToo = plainSpeaks(entries, queue, controls);
  for (const entry of entries)
    if (concerns(entry, queue, plainToo) && meets(subject, entry.subject)) return entry;
  return undefined;
}

/** What was asked for, for people. */
function asked(subject: ByteString, queue: ByteString): string {
  return queue === '' ? quoted(subject) : `${quoted(subject)} in queue ${quoted(queue)}`;
}

/** What the historical servers asked instead of {@link overlaps}. */
function hasInside(outer: ByteString, inner: ByteString): boolean {
  return isSubsetOf(inner, outer);
}

/** Whether entries without queue speak of this subscription: always, unless the lab turned that off. */
function plainSpeaks(
  entries: readonly PermissionEntry[],
  queue: ByteString,
  controls: ControlSwitches,
): boolean {
  if (controls['subscribe-plain-deny-first'] || queue === '') return true;
  return entries.every((entry) => entry.queue === undefined);
}

/** An allow list that is absent or empty allows all (measured on 2.14.5). */
function isCovered(
  entries: readonly PermissionEntry[] | undefined,
  subject: ByteString,
  queue: ByteString,
  trace: Trace | undefined,
): boolean {
  if (entries === undefined || entries.length === 0) {
    trace?.note(decided('no allow list: what is not denied is allowed'));
    return true;
  }
  const found = entries.find((entry) => covers(entry, subject, queue));
  if (trace !== undefined) notePassedOver(trace, 'allow', entries, found, asked(subject, queue));
  if (found !== undefined) {
    trace?.note(decided(`allow ${entryText(found)} covers ${asked(subject, queue)}`, found.at));
  }
  return found !== undefined;
}

/**
 * Whether an allow entry speaks of this queue and has every subject of the subscription. A malformed subject is in
 * none, and a queue name with a `>` inside is not what `*` stands for (both measured on 2.14.5).
 */
function covers(entry: PermissionEntry, subject: ByteString, queue: ByteString): boolean {
  if (entry.queue !== undefined && (queue === '' || !isSubsetOf(queue, entry.queue))) return false;
  return isSubsetOf(subject, entry.subject) && matches(entry.subject, subject);
}
