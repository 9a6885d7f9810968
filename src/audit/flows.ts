import { type ByteString, isSubsetOf } from '../subjects/index.ts';
import { type Path, requestPaths, streamPath } from './paths.ts';
import type { People } from './people.ts';
import { renamedToLocal, renamedToRemote } from './renaming.ts';
import type { FlowKind } from './report.ts';
import { SubjectSet, type Term } from './subject-set.ts';
import type { Door, Realm, World } from './world.ts';

const API = '$JS.API.>' as ByteString;

/** What gets along one path. */
export interface Current {
  readonly path: Path;
  /** What clients can have there, after the mappings of their account. */
  readonly subjects: SubjectSet;
  readonly arrives: SubjectSet;
}

/** Everything of one kind that gets from one account to another, with the people at both ends. */
export interface Stream {
  readonly from: Realm;
  readonly to: Realm;
  readonly kind: Exclude<FlowKind, 'reply'>;
  /** For which account the system account acts on it. */
  readonly actsFor: Realm | undefined;
  readonly currents: Current[];
}

/** All streams that start in one account, and those that others' stream imports take from it. */
export interface Outflow {
  readonly from: Realm;
  readonly streams: readonly Stream[];
  /** Every way of a request. */
  readonly requests: readonly Path[];
  /** Ways that no client can use: what they carry is mapped to something else before. */
  readonly dry: readonly Path[];
  readonly isCut: boolean;
}

/** What leaves an account, by account and kind. */
export function outflowOf(from: Realm, world: World, mostPaths: number): Outflow {
  const { paths, isCut } = requestPaths(from, mostPaths);
  const streams = new Map<string, Stream>();
  const dry: Path[] = [];
  for (const path of [...paths, ...from.readBy.map(streamPath)]) {
    const current = currentOf(path, from);
    if (current === undefined) dry.push(path);
    else streamFor(streams, from, path, world).currents.push(current);
  }
  return { from, streams: [...streams.values()], requests: paths, dry, isCut };
}

/** What of a path clients can use; undefined when the account's mappings lead all of it elsewhere. */
export function currentOf(path: Path, from: Realm): Current | undefined {
  const all = SubjectSet.ofTerms([path.origin]);
  if (from.range.subjects === undefined)
    return { path, subjects: all, arrives: SubjectSet.ofTerms([path.arrives]) };
  const subjects = all.intersect(from.range.subjects);
  return subjects.isEmpty ? undefined : { path, subjects, arrives: arrivalOf(subjects, path) };
}

/** What subjects that start on a path, all of them on it, are called at its end. */
export function arrivalOf(subjects: SubjectSet, { doors }: Path): SubjectSet {
  return doors.reduce((set, door) => set.map((term) => listOf(ahead(term, door))), subjects);
}

function ahead(term: Term, door: Door): Term | undefined {
  return door.kind === 'stream' ? renamedToLocal(term, door) : renamedToRemote(term, door);
}

function behind(term: Term, door: Door): Term | undefined {
  return door.kind === 'stream' ? renamedToRemote(term, door) : renamedToLocal(term, door);
}

/** What subjects at the end of a path are called at its start. */
export function startOf(subjects: SubjectSet, { doors }: Path): SubjectSet {
  return doors.toReversed().reduce((set, door) => set.map((term) => listOf(behind(term, door))), subjects);
}

function listOf(term: Term | undefined): readonly Term[] {
  return term === undefined ? [] : [term];
}

function streamFor(streams: Map<string, Stream>, from: Realm, path: Path, world: World): Stream {
  const last = path.doors.at(-1) as Door;
  const to = last.kind === 'stream' ? last.importer : last.exporter;
  const kind = kindOf(last, to, world);
  const actsFor = to === world.system && kind !== 'message' ? last.importer : undefined;
  const key = `${kind} ${actsFor?.name ?? ''} ${to.name}`;
  let stream = streams.get(key);
  if (stream === undefined) {
    stream = { from, to, kind, actsFor, currents: [] };
    streams.set(key, stream);
  }
  return stream;
}

function kindOf(last: Door, to: Realm, world: World): Stream['kind'] {
  if (last.kind === 'stream') return 'message';
  if (to !== world.system) return 'request';
  return isSubsetOf(last.remote, API) ? 'api' : 'system';
}

const senders = new WeakMap<Stream, readonly People[]>();
const receivers = new WeakMap<Stream, readonly People[]>();

/** Who of an account can send something of a stream. Found out once for each. */
export function sendersOf(stream: Stream): readonly People[] {
  const known = senders.get(stream);
  if (known !== undefined) return known;
  const { from, currents } = stream;
  const people = allOr(from, ({ sends }) => currents.some(({ subjects }) => subjects.meets(sends)));
  senders.set(stream, people);
  return people;
}

/** Who of an account can receive something of a stream. Found out once for each. */
export function receiversOf(stream: Stream): readonly People[] {
  const known = receivers.get(stream);
  if (known !== undefined) return known;
  const { to, currents } = stream;
  const people = allOr(to, ({ hears }) => currents.some(({ arrives }) => arrives.meets(hears)));
  receivers.set(stream, people);
  return people;
}

/** The people of an account for whom something holds; where that is all of them, the account's own list. */
function allOr({ people }: Realm, holds: (people: People) => boolean): readonly People[] {
  return people.every(holds) ? people : people.filter(holds);
}

/** Subjects of one path that a member of one group can send and one of another can receive. */
export function sharedBy(current: Current, sender: People, receiver: People): SubjectSet {
  const sent = current.subjects.intersect(sender.sends);
  if (receiver.hears === SubjectSet.ALL) return sent;
  const heard = arrivalOf(sent, current.path).intersect(receiver.hears);
  return sent.intersect(startOf(heard, current.path));
}

/** Where one concrete subject of a path's start ends. */
export function arrivalOfSubject(subject: ByteString, path: Path): ByteString {
  const [term] = arrivalOf(SubjectSet.of(subject), path).terms;
  if (term === undefined) throw new Error('a subject that is not on the path');
  return term.pattern;
}

/** Where a subject gets to that a client of an account has there, its mappings done. */
export interface Arrival {
  readonly to: Realm;
  readonly kind: Stream['kind'];
  readonly subject: ByteString;
}

export function arrivalsOf({ streams }: Outflow, subject: ByteString): Arrival[] {
  return streams.flatMap(({ to, kind, currents }) =>
    currents
      .filter(({ subjects }) => subjects.has(subject))
      .map(({ path }) => ({ to, kind, subject: arrivalOfSubject(subject, path) })),
  );
}
