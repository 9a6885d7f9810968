import type { ByteString } from '../../subjects/index.ts';
import { receiversOf } from '../flows.ts';
import { PatternIndex } from '../pattern-index.ts';
import type { People } from '../people.ts';
import type { Finding } from '../report.ts';
import { mayAnswer } from '../report-flows.ts';
import { SubjectSet } from '../subject-set.ts';
import type { Realm } from '../world.ts';
import { type Findable, finding, headcount, linesOf, list, personNames } from './draft.ts';

const INBOXES = SubjectSet.of('_INBOX.>' as ByteString);
const ACKS = SubjectSet.of('$JS.ACK.>' as ByteString);
const ANSWERS = SubjectSet.of('_R_.>' as ByteString);

/** What people of one account can do to each other. */
export function sharingFindings({ world, outflows }: Findable): Finding[] {
  const asked = new Set(
    outflows.flatMap(({ streams }) => streams.filter(({ kind }) => kind === 'request').map(({ to }) => to)),
  );
  const requests = outflows.flatMap(({ streams }) => streams.filter(({ kind }) => kind === 'request'));
  const providers = new Map<Realm, Set<People>>();
  for (const stream of requests) {
    const known = providers.get(stream.to) ?? new Set();
    for (const people of receiversOf(stream)) if (mayAnswer(people)) known.add(people);
    providers.set(stream.to, known);
  }
  return [
    ...world.realms.flatMap((realm) => [...inboxes(realm), ...acks(realm)]),
    ...[...asked].flatMap(answers),
    ...[...providers].flatMap(([realm, people]) => takers(realm, [...people])),
  ];
}

/** Whoever may subscribe where another one's inbox may be reads what that one is answered. */
function inboxes(realm: Realm): Finding[] {
  if (headcount(realm) < 2) return [];
  const readers = sharedWithOthers(realm.people, ({ hears }) => hears.intersect(INBOXES));
  if (readers.length === 0) return [];
  const message = `In account ${realm.text} ${list(personNames(readers))} may subscribe to inboxes (_INBOX.>) that others use.`;
  return [finding('reads-inboxes', message, { realm, at: linesOf(readers) })];
}

function acks(realm: Realm): Finding[] {
  if (!realm.hasJetStream || headcount(realm) < 2) return [];
  const able = sharedWithOthers(realm.people, ({ sends }) => sends.intersect(ACKS));
  if (able.length === 0) return [];
  const message = `In account ${realm.text} ${list(personNames(able))} may publish acknowledgements ($JS.ACK.>) of messages that others got.`;
  return [finding('acknowledges-for-others', message, { realm, at: linesOf(able) })];
}

/** People who share a part of these rights with somebody else. */
function sharedWithOthers(people: readonly People[], rightsOf: (people: People) => SubjectSet): People[] {
  const index = new PatternIndex<{ readonly people: People; readonly rights: SubjectSet }>();
  const all = people.map((one) => ({ people: one, rights: rightsOf(one) }));
  for (const entry of all) for (const { pattern } of entry.rights.terms) index.add(pattern, entry);
  return all
    .filter(({ people: own, rights }) => {
      if (own.persons.length > 1) return !rights.isEmpty;
      return rights.terms.some(({ pattern }) =>
        index.overlapping(pattern).some((other) => other.people !== own && other.rights.meets(rights)),
      );
    })
    .map(({ people: one }) => one);
}

function answers(realm: Realm): Finding[] {
  if (headcount(realm) < 2) return [];
  const readers = realm.people.filter(({ hears }) => hears.meets(ANSWERS));
  if (readers.length === 0) return [];
  const message = `In account ${realm.text} ${list(personNames(readers))} may subscribe to _R_.> and read what others answer to other accounts.`;
  return [finding('reads-answers', message, { realm, at: linesOf(readers) })];
}

function takers(realm: Realm, people: readonly People[]): Finding[] {
  const names = personNames(people);
  if (names.length < 2) return [];
  const message = `In account ${realm.text} ${list(names)} may receive and answer requests of other accounts; whoever answers first is believed.`;
  return [finding('takes-requests', message, { realm, at: linesOf(people) })];
}
