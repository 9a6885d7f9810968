import fc, { type Arbitrary } from 'fast-check';
import { formsCycle, localPattern, meets, type Offer, type Redirect } from '../../model/index.ts';
import type { WorldAccount, WorldImport } from '../world.ts';
import { draw, plainPattern } from './subjects.ts';

/** A door before the accounts are known. Numbers are drawn, to be taken modulo something. */
export interface DoorDraft {
  readonly kind: 'stream' | 'service';
  readonly from: number;
  readonly to: number;
  /** What is offered. */
  readonly subject: string;
  /** For each wildcard: whether it is taken as it is, or as one word. */
  readonly narrow: readonly boolean[];
  readonly name: 'same' | 'prefix' | 'to' | 'reversed' | 'stars';
  readonly head: string;
  readonly isPrivate: boolean;
  readonly share: boolean;
  readonly responseType: Offer['responseType'];
  readonly thresholdMs: number;
}

const OWN = 'own.*.>';
/** The first token of a service is a word, so that no door leads to the services of the server itself. */
const SERVICES = ['a', 'a.b', 'a.*', 'a.>', 'b.*', 'b.*.*', 'b.>', 'q.>', OWN];
const STREAMS = [...SERVICES, 's0.>', '*', '*.*', '*.a.*', '>'];
/** Parts of JetStream as doors, for worlds where more than messages is looked at. */
const JETSTREAM_SERVICES = [
  '$JS.API.CONSUMER.MSG.NEXT.*.*',
  '$JS.API.STREAM.INFO.*',
  '$JS.ACK.>',
  '$JS.API.>',
  '$JS.FC.>',
];
const JETSTREAM_STREAMS = ['dlv.*', 'dlv.>', '$JS.EVENT.>'];

function draftOf(kind: DoorDraft['kind'], subjects: Arbitrary<string>): Arbitrary<DoorDraft> {
  return fc.record({
    kind: fc.constant(kind),
    from: draw,
    to: draw,
    subject: subjects,
    narrow: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    name: fc.constantFrom<DoorDraft['name']>('same', 'same', 'prefix', 'to', 'reversed', 'stars'),
    head: fc.constantFrom('a', 'b', 'q', 'im'),
    isPrivate: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.constant(true)),
    share: fc.boolean(),
    responseType: fc.constantFrom<Offer['responseType']>('singleton', 'singleton', 'stream', 'chunked'),
    thresholdMs: fc.constantFrom(120_000, 1000, 5000),
  });
}

/** @param jetstream whether the doors may lead to JetStream too. */
export function doorDrafts(jetstream: boolean): Arbitrary<DoorDraft> {
  const plain = (all: readonly string[]) => fc.constantFrom(...all);
  const more = jetstream ? 1 : 0;
  return fc.oneof(
    { weight: 4, arbitrary: draftOf('service', plain(SERVICES)) },
    { weight: 4, arbitrary: draftOf('stream', plain(STREAMS)) },
    { weight: 2 * more, arbitrary: draftOf('service', plain(JETSTREAM_SERVICES)) },
    { weight: more, arbitrary: draftOf('stream', plain(JETSTREAM_STREAMS)) },
  );
}

/**
 * The accounts with a door more, where it can be: one that a server would refuse to load (cycles, doubles), or that two
 * servers may read in two ways (overlapping services), is left out.
 * @param apart whether doors only lead to every other account, so that some accounts have no path between them.
 */
export function withDoor(
  accounts: readonly WorldAccount[],
  draft: DoorDraft,
  apart: boolean,
): readonly WorldAccount[] {
  const exporter = accounts[draft.from % accounts.length];
  const importer = accounts[draft.to % accounts.length];
  if (exporter === undefined || importer === undefined || exporter === importer) return accounts;
  if (apart && (draft.from % accounts.length) % 2 !== (draft.to % accounts.length) % 2) return accounts;
  const offer = offerOf(draft, importer.name);
  const taken = takingOf(draft, exporter.name, importer.name);
  if (!fitsOffers(exporter.exports ?? [], offer) || !fitsImports(importer.imports ?? [], taken))
    return accounts;
  const wider = accounts.map((account) => {
    if (account === exporter)
      return { ...account, exports: joined(account.exports ?? [], offer, importer.name) };
    if (account === importer) return { ...account, imports: [...(account.imports ?? []), taken] };
    return account;
  });
  return formsCycle(wider) ? accounts : wider;
}

function offerOf(
  { kind, subject, isPrivate, responseType, thresholdMs }: DoorDraft,
  importer: string,
): Offer {
  return {
    kind,
    subject,
    responseType: kind === 'stream' ? 'singleton' : responseType,
    thresholdMs: kind === 'stream' ? 120_000 : thresholdMs,
    ...(isPrivate && subject !== OWN ? { accounts: [importer] } : {}),
    ...(subject === OWN ? { accountTokenPosition: 2 } : {}),
  };
}

/** The same offer to one account more: what is private gets it on its list, terms stay as they are. */
function joined(offers: readonly Offer[], offer: Offer, importer: string): readonly Offer[] {
  const same = offers.find(({ kind, subject }) => kind === offer.kind && subject === offer.subject);
  if (same === undefined) return [...offers, offer];
  const { accounts } = same;
  if (accounts === undefined || accounts.includes(importer)) return offers;
  return offers.map((each) => (each === same ? { ...same, accounts: [...accounts, importer] } : each));
}

function fitsOffers(offers: readonly Offer[], offer: Offer): boolean {
  return offers.every(
    (each) =>
      each.kind !== offer.kind || each.subject === offer.subject || !meets(each.subject, offer.subject),
  );
}

function fitsImports(imports: readonly WorldImport[], taken: WorldImport): boolean {
  return imports.every((each) => {
    if (each.kind !== taken.kind) return true;
    if (taken.kind === 'service') return localPattern(each) !== localPattern(taken);
    return each.account !== taken.account || each.subject !== taken.subject;
  });
}

function takingOf(draft: DoorDraft, account: string, importer: string): WorldImport {
  const { kind, share, head } = draft;
  const subject = narrowed(draft, importer);
  const common = { kind, account, subject, ...(kind === 'service' ? { share } : {}) };
  if (draft.name === 'same') return common;
  if (draft.name === 'prefix' && kind === 'stream') return { ...common, prefix: head };
  const to = renamedTo(subject, head, draft.name);
  return to === subject ? common : { ...common, to };
}

function narrowed({ subject, narrow }: DoorDraft, importer: string): string {
  let at = 0;
  return subject
    .split('.')
    .map((token) => {
      if (token === '*' && subject === OWN) return importer;
      if (token !== '*' && token !== '>') return token;
      return narrow[at++ % narrow.length] ? (token === '>' ? 'b.*' : 'a') : token;
    })
    .join('.');
}

/** Another name with each wildcard once: `$n` in order or reversed, or plain stars. */
function renamedTo(subject: string, head: string, name: DoorDraft['name']): string {
  const tokens = subject.split('.');
  const count = tokens.filter((token) => token === '*').length;
  const references = Array.from({ length: count }, (_, i) => (name === 'stars' ? '*' : `$${i + 1}`));
  if (name === 'reversed') references.reverse();
  return [head, ...references, ...(tokens.at(-1) === '>' ? ['>'] : [])].join('.');
}

/** A mapping whose destinations may hold chance, where the target's chance has a seed. */
export function mappings(exact: boolean): Arbitrary<Redirect> {
  return fc
    .tuple(
      plainPattern,
      fc.array(
        fc.constantFrom('a', 'b', 'q', 'b.a', 'q.$1', 'a.x.$1', 'q.{{partition(2,1)}}', 'own.TEST.b'),
        {
          minLength: 1,
          maxLength: exact ? 2 : 1,
        },
      ),
      fc.constantFrom(100, 50),
    )
    .map(([drawn, targets, weight]) => {
      // What begins with a wildcard would take the account's own API away from it.
      const source = drawn.replace(/^[*>]/, 'a');
      const hasWildcard = source.split('.').includes('*');
      const open = source.endsWith('>');
      const fitting = [
        ...new Set(
          targets.map((target) => (hasWildcard ? target : target.replace(/\.?(\$1|\{\{.*\}\})/, ''))),
        ),
      ];
      const named = fitting.map((target) => (open ? `${target}.>` : target));
      const share = exact ? Math.floor(weight / named.length) : 100;
      return { source, destinations: named.map((subject) => ({ subject, weight: share })) };
    });
}

/** Mappings whose sources do not overlap: which of two such comes first, servers do not agree about. */
export function fittingMappings(all: readonly Redirect[]): readonly Redirect[] {
  const kept: Redirect[] = [];
  for (const one of all) if (kept.every(({ source }) => !meets(source, one.source))) kept.push(one);
  return kept;
}
