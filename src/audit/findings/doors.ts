import type { Position } from '../../config/index.ts';
import { type ByteString, toText } from '../../subjects/index.ts';
import { currentOf, receiversOf, type Stream, sendersOf } from '../flows.ts';
import { PatternIndex } from '../pattern-index.ts';
import type { Finding } from '../report.ts';
import { mayAnswer } from '../report-flows.ts';
import { SubjectSet } from '../subject-set.ts';
import type { Door, Offer, Realm } from '../world.ts';
import { type Findable, finding, list } from './draft.ts';

/** Doors that do not do what they seem to. */
export function doorFindings(found: Findable): Finding[] {
  return [
    ...deadImports(found),
    ...mappedAway(found),
    ...uselessImports(found),
    ...unanswered(found),
    ...found.world.realms.flatMap(({ offers }) => offers.flatMap(offerFindings)),
    ...found.world.realms.flatMap(overlappingServices),
    ...found.world.realms.flatMap(overlappingStreams),
  ];
}

function deadImports({ world }: Findable): Finding[] {
  return world.deadImports.map(({ importer, options, rule }) => {
    const message = `Account ${importer.text} imports the ${options.kind} ${toText(options.subject)} of account ${toText(options.account)}, which does not let it (${rule}).`;
    return finding('dead-import', message, { realm: importer, at: [options.at] });
  });
}

function mappedAway({ outflows }: Findable): Finding[] {
  return outflows.flatMap(({ from, dry }) =>
    dry.flatMap(({ doors }) => {
      const [door] = doors;
      if (door?.options === undefined || doors.length > 1) return [];
      const message = `What clients of account ${from.text} publish never gets to ${nameOf(door)}: mappings lead all of it elsewhere.`;
      return [
        finding('door-mapped-away', message, {
          realm: from,
          at: [door.options.at, ...from.mappings.map(({ at }) => at)],
        }),
      ];
    }),
  );
}

function nameOf({ kind, importer, exporter, local }: Door): string {
  return `the ${kind} import ${toText(local)} of account ${importer.text} from ${exporter.text}`;
}

/** Imports that no user may use: neither of the importing account nor, through it, of another one. */
function uselessImports({ world, outflows }: Findable): Finding[] {
  const used = new Set<Door>();
  for (const { streams } of outflows) for (const stream of streams) markUsed(stream, used);
  return world.doors.flatMap((door) => {
    if (door.options === undefined || used.has(door) || door.importer.people.length === 0) return [];
    if (
      door.kind === 'service' &&
      currentOf({ doors: [door], origin: term(door.local), arrives: term(door.remote) }, door.importer) ===
        undefined
    )
      return [];
    const verb = door.kind === 'service' ? 'publish to' : 'receive from';
    const message = `No user of account ${door.importer.text} has the right to ${verb} ${nameOf(door)}.`;
    return [finding('import-nobody-uses', message, { realm: door.importer, at: [door.options.at] })];
  });
}

function term(pattern: ByteString) {
  return { pattern, except: [], may: false };
}

function markUsed(stream: Stream, used: Set<Door>): void {
  const isMessage = stream.kind === 'message';
  const able = isMessage ? receiversOf(stream) : sendersOf(stream);
  for (const { path, subjects, arrives } of stream.currents) {
    const isUsed = able.some((people) =>
      isMessage ? people.hears.meets(arrives) : people.sends.meets(subjects),
    );
    if (isUsed) for (const door of path.doors) used.add(door);
  }
}

function unanswered({ outflows }: Findable): Finding[] {
  const told = new Set<Realm>();
  return outflows.flatMap(({ streams }) =>
    streams.flatMap((stream) => {
      if (stream.kind !== 'request' || stream.to.people.length === 0 || told.has(stream.to)) return [];
      const receivers = receiversOf(stream);
      if (receivers.some(mayAnswer) || isHandedOn(stream)) return [];
      told.add(stream.to);
      const arrives = SubjectSet.EMPTY.union(...stream.currents.map((current) => current.arrives));
      const lacking = receivers.length === 0 ? 'receive requests on' : 'answer requests on';
      const message = `No user of account ${stream.to.text} may ${lacking} ${list(arrives.terms.map(({ pattern }) => toText(pattern)))}, which account ${stream.from.text} imports.`;
      const offers = stream.currents.map(({ path }) => path.doors.at(-1)?.offer.options?.at);
      return [finding('service-nobody-answers', message, { realm: stream.to, at: offers })];
    }),
  );
}

/** Whether imports of the asked account take every request further. */
function isHandedOn({ to, currents }: Stream): boolean {
  return currents.every(({ arrives }) => {
    const further = arrives.terms.flatMap(({ pattern }) => to.services.overlapping(pattern));
    return arrives.without(further.map(({ local }) => local)).isEmpty;
  });
}

function offerFindings(offer: Offer): Finding[] {
  const { exporter, kind, subject, options, importers } = offer;
  if (options === undefined) return [];
  const what = `the ${kind} ${toText(subject)} of account ${exporter.text}`;
  const found: Finding[] = [];
  const idle = (options.accounts ?? []).filter((account) => !importers.has(account));
  if (importers.size === 0) {
    found.push(finding('unused-export', `Nobody imports ${what}.`, { realm: exporter, at: [options.at] }));
  } else if (idle.length > 0) {
    const message = `${list(idle.map(toText))} may import ${what} and does not.`;
    found.push(finding('private-unused', message, { realm: exporter, at: [options.at] }));
  }
  return found;
}

/** A request goes to every service whose import matches it. */
function overlappingServices(realm: Realm): Finding[] {
  const seen = new Set<Door>();
  return realm.configuredServices.flatMap((door) => {
    const others = realm.services
      .overlapping(door.local)
      .filter((other) => other.options === undefined || seen.has(other))
      .filter((other) => !isKeptInside(door, other));
    seen.add(door);
    if (others.length === 0) return [];
    const message = `A request in account ${realm.text} that matches ${toText(door.local)} goes to ${list([door, ...others].map(({ exporter, remote }) => `${exporter.text} (${toText(remote)})`))}.`;
    return [finding('request-goes-twice', message, { realm, at: linesOfDoors([door, ...others]) })];
  });
}

/** Whether what two doors have in common is left out by one of them. */
function isKeptInside(door: Door, other: Door): boolean {
  const common = SubjectSet.of(door.local).intersect(SubjectSet.of(other.local));
  return common.without([...door.except, ...other.except]).isEmpty;
}

function linesOfDoors(doors: readonly Door[]): (Position | undefined)[] {
  return doors.flatMap(({ options, offer }) => [options?.at, offer.options?.at]);
}

/** A message comes once over every stream import that takes it; a wider subscription gets all of the copies. */
function overlappingStreams(realm: Realm): Finding[] {
  const byExporter = new Map<Realm, PatternIndex<Door>>();
  return realm.streams.flatMap((door) => {
    const index = byExporter.get(door.exporter) ?? new PatternIndex<Door>();
    byExporter.set(door.exporter, index);
    const others = index.overlapping(door.remote);
    index.add(door.remote, door);
    if (others.length === 0) return [];
    const names = [door, ...others].map(({ remote, local }) => `${toText(remote)} as ${toText(local)}`);
    const message = `Account ${realm.text} imports messages of account ${door.exporter.text} more than once: ${list(names)}.`;
    return [finding('double-delivery', message, { realm, at: linesOfDoors([door, ...others]) })];
  });
}
