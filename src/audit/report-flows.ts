import type { Position } from '../config/index.ts';
import { type ByteString, EMPTY_BYTES, toText } from '../subjects/index.ts';
import { arrivalOfSubject, type Current, receiversOf, type Stream, sendersOf, sharedBy } from './flows.ts';
import type { Path } from './paths.ts';
import type { People } from './people.ts';
import { publishedFor } from './preimage.ts';
import type { Flow, Step, SubjectText, Witness } from './report.ts';
import { SubjectSet } from './subject-set.ts';
import type { Door, World } from './world.ts';

/** Where a way back stands in the exporting account; the rest of the subject is drawn by the server. */
const WAYS_BACK = SubjectSet.of('_R_.>' as ByteString);

/** What the report says of one stream, and of the answers that come back for it. */
export function flowsOf(stream: Stream, world: World, allPaths: boolean, notes: string[]): Flow[] {
  const senders = sendersOf(stream);
  const receivers = receiversOf(stream);
  const paths = allPaths ? stream.currents.map(({ path }) => path) : [firstOf(stream).path];
  const flow: Flow = {
    from: stream.from.text,
    to: stream.to.text,
    kind: stream.kind,
    subjects: textOf(stream.currents.map(({ subjects }) => subjects)),
    arrives: textOf(stream.currents.map(({ arrives }) => arrives)),
    witness: witnessOf(stream, senders, receivers, world, notes),
    paths: paths.map(stepsOf),
    senders: namesOf(senders),
    receivers: namesOf(receivers),
    ...(stream.actsFor === undefined || stream.actsFor === stream.from
      ? {}
      : { actsFor: stream.actsFor.text }),
  };
  return stream.kind === 'request' ? [flow, replyTo(flow, receivers, senders)] : [flow];
}

function firstOf({ currents }: Stream): Current {
  const [first] = currents;
  if (first === undefined) throw new Error('a stream without a path');
  return first;
}

/** Answers come back to the reply subject that the requester named, over the ways that its request opened. */
function replyTo(request: Flow, asked: readonly People[], askers: readonly People[]): Flow {
  const answering = asked.filter(mayAnswer);
  const hearing = askers.filter(({ hears }) => !hears.isEmpty);
  return {
    from: request.to,
    to: request.from,
    kind: 'reply',
    subjects: [{ pattern: '_R_.>' }],
    arrives: [{ pattern: '>', except: ['_R_.>', '_GR_.>', '$JS.ACK.>'] }],
    witness: { subject: '_R_.x.x', arrives: '_INBOX.x' },
    paths: request.paths.map((steps) => steps.toReversed().map(wayBack)),
    senders: namesOf(answering),
    receivers: namesOf(hearing),
  };
}

/** Whether somebody who was asked may answer. */
export function mayAnswer({ permissions, sends }: People): boolean {
  return permissions?.responses !== undefined || sends.meets(WAYS_BACK);
}

function wayBack(step: Step): Step {
  return {
    ...step,
    door: 'response',
    from: step.to,
    to: step.from,
    subject: '_R_.>',
    becomes: 'the reply subject',
  };
}

export function stepsOf({ doors }: Path): Step[] {
  return doors.map(stepOf);
}

function stepOf(door: Door): Step {
  const { importer, exporter, local, remote, options, offer } = door;
  const out = door.kind === 'stream';
  return {
    door: door.kind,
    from: (out ? exporter : importer).text,
    to: (out ? importer : exporter).text,
    subject: toText(out ? remote : local),
    becomes: toText(out ? local : remote),
    ...(options === undefined ? { builtin: true as const } : positioned('importAt', options.at)),
    ...positioned('exportAt', offer.options?.at),
  };
}

function positioned<K extends string>(key: K, at: Position | undefined): { [P in K]?: Position } {
  return at === undefined ? {} : ({ [key]: at } as { [P in K]: Position });
}

export function textOf(sets: readonly SubjectSet[]): SubjectText[] {
  return SubjectSet.EMPTY.union(...sets).terms.map(({ pattern, except, may }) => ({
    pattern: toText(pattern),
    ...(except.length === 0 ? {} : { except: except.map(toText) }),
    ...(may ? { may: true as const } : {}),
  }));
}

const knownNames = new WeakMap<readonly People[], readonly string[]>();

/** The names of people; the same list for the same people. */
export function namesOf(people: readonly People[]): readonly string[] {
  let names = knownNames.get(people);
  if (names === undefined) {
    names = people.flatMap(({ persons }) => persons.map(({ name }) => name));
    knownNames.set(people, names);
  }
  return names;
}

/** A subject that goes all the way, from somebody to somebody where that can be; the guard has the last word. */
function witnessOf(
  stream: Stream,
  senders: readonly People[],
  receivers: readonly People[],
  world: World,
  notes: string[],
): Witness {
  for (const current of stream.currents) {
    for (const sender of senders) {
      for (const receiver of receivers) {
        const subject = sharedBy(current, sender, receiver).member();
        if (subject === 'none' || subject === 'unknown') continue;
        return confirmed(stream, { current, subject, sender, receiver }, world, notes);
      }
    }
  }
  const current = firstOf(stream);
  const [sender] = senders.filter(({ sends }) => current.subjects.meets(sends));
  const sent = sender === undefined ? current.subjects : current.subjects.intersect(sender.sends);
  const subject = sent.member();
  if (subject === 'none' || subject === 'unknown') return { subject: '', arrives: '' };
  return confirmed(stream, { current, subject, ...(sender === undefined ? {} : { sender }) }, world, notes);
}

interface Claim {
  readonly current: Current;
  readonly subject: ByteString;
  readonly sender?: People;
  readonly receiver?: People;
}

/** Asks the guard of what the sets say. Where it disagrees, the auditor is wrong, and the report says so. */
function confirmed(stream: Stream, claim: Claim, { guard }: World, notes: string[]): Witness {
  const { current, subject, sender, receiver } = claim;
  const arrives = arrivalOfSubject(subject, current.path);
  const publish = publishedFor(stream.from.range, subject);
  const agrees =
    (sender === undefined || guard.publish(sender.principal, subject, undefined, 0).allowed) &&
    (receiver === undefined || mayHear(receiver, arrives, guard));
  if (!agrees)
    notes.push(
      `the guard does not agree that ${toText(subject)} gets from ${stream.from.text} to ${stream.to.text}`,
    );
  return {
    ...(publish === undefined || publish === subject ? {} : { publish: toText(publish) }),
    subject: toText(subject),
    arrives: toText(arrives),
    ...(sender === undefined ? {} : { sender: sender.persons[0]?.name ?? '' }),
    ...(receiver === undefined ? {} : { receiver: receiver.persons[0]?.name ?? '' }),
  };
}

function mayHear(receiver: People, subject: ByteString, guard: World['guard']): boolean {
  const { queue } = receiver.hearings.find(({ subjects }) => subjects.has(subject)) ?? { queue: EMPTY_BYTES };
  return (
    guard.subscribe(receiver.principal, subject, queue).allowed &&
    guard.deliver(receiver.principal, subject, queue).allowed
  );
}
