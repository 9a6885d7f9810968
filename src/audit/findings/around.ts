import type { PermissionEntry } from '../../config/index.ts';
import { toText } from '../../subjects/index.ts';
import { arrivalOf, type Current, type Stream, startOf } from '../flows.ts';
import type { People } from '../people.ts';
import type { Finding } from '../report.ts';
import { SubjectSet } from '../subject-set.ts';
import { type Findable, finding, list, personNames } from './draft.ts';

/** Pairs of paths of one flow that are compared at most. */
const MOST_PAIRS = 200;

/** Denies of one name of something that has another name: two imports lead to it. */
export function aroundFindings({ outflows }: Findable): Finding[] {
  return outflows.flatMap(({ streams }) =>
    streams.flatMap((stream) => (stream.currents.length < 2 ? [] : aroundIn(stream))),
  );
}

function aroundIn(stream: Stream): Finding[] {
  const isSent = stream.kind !== 'message';
  const people = (isSent ? stream.from : stream.to).people;
  return people.flatMap((one) => {
    const side = isSent ? one.permissions?.publish : one.permissions?.subscribe;
    return (side?.deny ?? [])
      .filter(({ queue }) => queue === undefined)
      .flatMap((entry) => aroundEntry(stream, one, entry, isSent));
  });
}

function aroundEntry(stream: Stream, people: People, entry: PermissionEntry, isSent: boolean): Finding[] {
  let pairs = 0;
  for (const denied of stream.currents) {
    for (const open of stream.currents) {
      if (open === denied || ++pairs > MOST_PAIRS) continue;
      const name = isSent ? sentAs(denied, open, people, entry) : heardAs(denied, open, people, entry);
      if (name === undefined) continue;
      const realm = isSent ? stream.from : stream.to;
      const user = list(personNames([people]));
      const message = `${toText(entry.subject)} is denied to ${user}, who ${isSent ? 'reaches' : 'receives'} the same in account ${realm.text} as ${name}.`;
      const lines = [denied, open].flatMap(({ path }) => path.doors.map(({ options }) => options?.at));
      return [finding('deny-led-around', message, { realm, user, at: [entry.at, ...lines] })];
    }
  }
  return [];
}

/** Another subject to publish that ends where a denied one would. */
function sentAs(
  denied: Current,
  open: Current,
  { sends }: People,
  { subject }: PermissionEntry,
): string | undefined {
  const kept = denied.subjects.intersect(SubjectSet.of(subject));
  const target = arrivalOf(kept, denied.path);
  return textOf(startOf(target, open.path).intersect(open.subjects).intersect(sends));
}

/** Another name under which a message arrives that is denied under the first. */
function heardAs(
  denied: Current,
  open: Current,
  { hears }: People,
  { subject }: PermissionEntry,
): string | undefined {
  const kept = denied.arrives.intersect(SubjectSet.of(subject));
  const source = startOf(kept, denied.path);
  return textOf(arrivalOf(source.intersect(open.subjects), open.path).intersect(hears));
}

function textOf(set: SubjectSet): string | undefined {
  const member = set.member();
  return member === 'none' || member === 'unknown' ? undefined : toText(member);
}
