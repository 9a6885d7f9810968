import type { PermissionEntry, SubjectPermission } from '../../config/index.ts';
import { type ByteString, toText } from '../../subjects/index.ts';
import type { People } from '../people.ts';
import type { Finding } from '../report.ts';
import { SubjectSet } from '../subject-set.ts';
import type { Realm } from '../world.ts';
import { type Findable, finding, list, personNames, type Where } from './draft.ts';

/** Rights that are not what they look like. */
export function permissionFindings({ world }: Findable): Finding[] {
  return world.realms.flatMap((realm) => [
    ...realm.people.flatMap((people) => findingsFor(realm, people)),
    ...unevenOnes(realm),
  ]);
}

function findingsFor(realm: Realm, people: People): Finding[] {
  const { permissions, sends, hears } = people;
  if (permissions === undefined) return [];
  const who = { realm, user: list(personNames([people])) };
  return [
    ...sideFindings('publish', permissions.publish, sends, who),
    ...sideFindings('subscribe', permissions.subscribe, hears, who),
    ...queueDenies(people, who),
    ...mappedAllows(realm, people, who),
    ...sourceDenies(realm, people, who),
    ...endlessAnswers(people, who),
  ];
}

type Verb = 'publish' | 'subscribe';

function sideFindings(
  verb: Verb,
  side: SubjectPermission | undefined,
  rights: SubjectSet,
  who: Where,
): Finding[] {
  if (side === undefined) return [];
  const { allow = [], deny = [] } = side;
  return [
    ...allow.flatMap((entry) => deadAllow(verb, entry, deny, who)),
    ...deny.flatMap((entry) => [
      ...idleDeny(verb, entry, allow, who),
      ...shallowDeny(verb, entry, rights, who),
      ...childDeny(verb, entry, rights, who),
    ]),
  ];
}

function deadAllow(
  verb: Verb,
  entry: PermissionEntry,
  deny: readonly PermissionEntry[],
  who: Where,
): Finding[] {
  const taken = deny.filter(({ queue }) => queue === undefined);
  if (!SubjectSet.of(entry.subject).without(taken.map(({ subject }) => subject)).isEmpty) return [];
  const message = `The right of ${who.user} to ${verb} ${shown(entry)} cannot take effect: everything in it is denied.`;
  return [finding('dead-allow', message, { ...who, at: [entry.at, ...taken.map(({ at }) => at)] })];
}

function idleDeny(
  verb: Verb,
  entry: PermissionEntry,
  allow: readonly PermissionEntry[],
  who: Where,
): Finding[] {
  if (
    allow.length === 0 ||
    allow.some(({ subject }) => SubjectSet.of(subject).meets(SubjectSet.of(entry.subject)))
  )
    return [];
  const message = `The deny of ${who.user} to ${verb} ${shown(entry)} takes nothing away: nothing in it is allowed.`;
  return [finding('idle-deny', message, { ...who, at: [entry.at] })];
}

/** `foo.*` denies one level; what is below stays allowed. */
function shallowDeny(verb: Verb, entry: PermissionEntry, rights: SubjectSet, who: Where): Finding[] {
  if (!entry.subject.endsWith('*')) return [];
  const deeper = SubjectSet.of(`${entry.subject}.>` as ByteString)
    .intersect(rights)
    .member();
  if (deeper === 'none' || deeper === 'unknown') return [];
  const message = `${shown(entry)} is denied to ${who.user}, but ${toText(deeper)} is not: ${who.user} may ${verb} it.`;
  return [finding('deny-one-level', message, { ...who, at: [entry.at] })];
}

/** `foo.>` denies what is below `foo`, and not `foo`. */
function childDeny(verb: Verb, entry: PermissionEntry, rights: SubjectSet, who: Where): Finding[] {
  if (!entry.subject.endsWith('.>')) return [];
  const parent = SubjectSet.of(entry.subject.slice(0, -2) as ByteString)
    .intersect(rights)
    .member();
  if (parent === 'none' || parent === 'unknown') return [];
  const message = `${shown(entry)} is denied to ${who.user}, but ${toText(parent)} itself is not: ${who.user} may ${verb} it.`;
  return [finding('deny-without-parent', message, { ...who, at: [entry.at] })];
}

/** A deny for a queue group leaves the subject open to those outside of it. */
function queueDenies({ permissions, hearings }: People, who: Where): Finding[] {
  return (permissions?.subscribe?.deny ?? []).flatMap((entry) => {
    if (entry.queue === undefined) return [];
    const queue = entry.queue;
    const others = hearings.filter(
      (hearing) => hearing.queue === '' || !SubjectSet.of(queue).has(hearing.queue),
    );
    const open = others.find(({ subjects }) => subjects.meets(SubjectSet.of(entry.subject)));
    if (open === undefined) return [];
    const how = open.queue === '' ? 'without a queue group' : `in the queue group ${toText(open.queue)}`;
    const message = `${shown(entry)} is denied to ${who.user}, who may receive it ${how} all the same.`;
    return [finding('deny-queue-only', message, { ...who, at: [entry.at] })];
  });
}

function mappedAllows(realm: Realm, { permissions }: People, who: Where): Finding[] {
  const range = realm.range.subjects;
  if (range === undefined) return [];
  return (permissions?.publish?.allow ?? []).flatMap((entry) => {
    if (range.meets(SubjectSet.of(entry.subject))) return [];
    const message = `The right of ${who.user} to publish ${shown(entry)} cannot take effect: mappings of account ${realm.text} lead all of it elsewhere.`;
    return [
      finding('allow-mapped-away', message, {
        ...who,
        at: [entry.at, ...realm.mappings.map(({ at }) => at)],
      }),
    ];
  });
}

/** Permissions are checked on what a mapping makes of a subject (measured), so its source is denied in vain. */
function sourceDenies(realm: Realm, { permissions, sends }: People, who: Where): Finding[] {
  return (permissions?.publish?.deny ?? []).flatMap((entry) => {
    const route = realm.range.routes.find(
      ({ published, becomes }) => published.meets(SubjectSet.of(entry.subject)) && becomes.meets(sends),
    );
    if (route === undefined) return [];
    const { source, at } = route.mapping;
    const message = `${shown(entry)} is denied to ${who.user}, but the mapping of ${toText(source)} makes something else of it, which is allowed.`;
    return [finding('deny-before-mapping', message, { ...who, at: [entry.at, at] })];
  });
}

function endlessAnswers({ permissions }: People, who: Where): Finding[] {
  const responses = permissions?.responses;
  if (responses === undefined || (responses.max >= 0 && responses.expiresMs >= 0)) return [];
  const what = responses.max < 0 ? 'as often as it likes' : 'as late as it likes';
  const message = `${who.user} may publish to every reply subject it was ever sent, ${what}.`;
  return [finding('unlimited-responses', message, { ...who, at: [responses.at ?? permissions?.at] })];
}

function unevenOnes(realm: Realm): Finding[] {
  const free = realm.people.filter(({ permissions }) => permissions === undefined);
  if (free.length === 0 || free.length === realm.people.length) return [];
  const message = `${list(personNames(free))} of account ${realm.text} may do everything, while others there are restricted.`;
  const at = free.flatMap(({ persons }) => persons.map(({ options }) => options?.at));
  return [finding('no-default-permissions', message, { realm, at })];
}

function shown({ subject, queue }: PermissionEntry): string {
  return queue === undefined ? toText(subject) : `"${toText(subject)} ${toText(queue)}"`;
}
