import { ENDPOINTS } from '../api/index.ts';
import { patternTokens } from '../base/index.ts';
import type { Scope } from '../guard/index.ts';
import { type ByteString, tokensOf, toText } from '../subjects/index.ts';
import { SERVICES, scopeRequestOf } from '../system/index.ts';
import { type Outflow, startOf } from './flows.ts';
import { NO_PATH, type Path } from './paths.ts';
import { meet } from './patterns.ts';
import type { People } from './people.ts';
import type { Access, Reach } from './report.ts';
import { namesOf } from './report-flows.ts';
import { SubjectSet } from './subject-set.ts';
import type { Realm, World } from './world.ts';

/** An endpoint or a service, as its table has it. */
export interface Row {
  readonly subject: string;
  readonly scope: Scope;
  /** Whether it stands in the system account, or in the account whose assets it serves. */
  readonly door: 'system-service' | 'account-subject';
}

const API_ROWS: readonly Row[] = ENDPOINTS;
const SERVICE_ROWS: readonly Row[] = SERVICES.map(({ subject, scope }) => ({
  subject,
  scope,
  door: 'system-service',
}));

/** For which accounts and people something was found out already. */
export type AccessCache = Map<string, Pick<Access, 'api' | 'system'>>;

/** Who in an account reaches which endpoint and service. */
export function accessOf({ from: realm, requests }: Outflow, world: World, cache: AccessCache): Access[] {
  const ways = [NO_PATH, ...requests].filter((way) => leadsToRows(way, realm, world));
  const shape = shapeOf(realm, ways);
  return realm.people.map((people) => {
    const key = shape === undefined ? undefined : `${shape} ${people.key}`;
    let reached = key === undefined ? undefined : cache.get(key);
    if (reached === undefined) {
      reached = {
        api: world.options.jetstream === undefined ? [] : reaches(API_ROWS, realm, people, ways, world),
        system: reaches(SERVICE_ROWS, realm, people, ways, world),
      };
      if (key !== undefined) cache.set(key, reached);
    }
    return { account: realm.text, users: namesOf([people]), ...reached };
  });
}

/** Accounts that have nothing but the doors that every account has are alike in this. */
function shapeOf(realm: Realm, ways: readonly Path[]): string | undefined {
  const isPlain = ways.every(({ doors }) => doors.every((door) => door.options === undefined));
  if (!isPlain || realm.range.subjects !== undefined || realm.kind !== 'tenant') return undefined;
  return `${realm.hasJetStream} ${ways.length}`;
}

function leadsToRows(way: Path, realm: Realm, world: World): boolean {
  const end = way.doors.at(-1)?.exporter ?? realm;
  if (end === world.system) return true;
  return end.hasJetStream && !SubjectSet.ofTerms([way.arrives]).intersect(JETSTREAM).isEmpty;
}

const JETSTREAM = SubjectSet.of('$JS.>' as ByteString);

function reaches(
  rows: readonly Row[],
  realm: Realm,
  people: People,
  ways: readonly Path[],
  world: World,
): Reach[] {
  const found: Reach[] = [];
  for (const row of rows) {
    const pattern = patternOf(row.subject);
    for (const way of ways) {
      const reach = reachOver(way, row, pattern, realm, people, world);
      if (reach !== undefined) found.push(reach);
    }
  }
  return found;
}

/** The subjects of a row as a pattern: each named token is a `*`, a named rest a `>`. */
export function patternOf(subject: string): ByteString {
  const words = patternTokens(subject).map((token) => {
    if (token.kind === 'literal') return token.text;
    return token.kind === 'one' ? '*' : '>';
  });
  return words.join('.') as ByteString;
}

function reachOver(
  way: Path,
  row: Row,
  pattern: ByteString,
  realm: Realm,
  people: People,
  world: World,
): Reach | undefined {
  const end = way.doors.at(-1)?.exporter ?? realm;
  if ((row.door === 'system-service') !== (end === world.system)) return undefined;
  if (row.door === 'account-subject' && !end.hasJetStream) return undefined;
  const inside = meet(way.arrives.pattern, pattern);
  if (inside === undefined) return undefined;
  const all = backToStart(way, inside);
  const sent = inRange(all, realm).intersect(people.sends);
  const subject = sent.member();
  if (subject === 'none' || subject === 'unknown') return undefined;
  const actsFor = end === world.system ? (way.doors.at(-1)?.importer ?? end) : end;
  const isOffered = way.doors.at(-1)?.offer.options !== undefined;
  const asked: Asked = { row, people, actsFor, subject, inside, isOffered };
  const verdict = scopeVerdict(asked, world);
  return {
    subject: row.subject,
    actsFor: actsFor === realm ? OWN : actsFor.text,
    ...verdict,
    publish: toText(subject),
    ...(all.isSubsetOf(people.sends) ? {} : { partly: true as const }),
  };
}

/** How the report names the account of whoever acts. */
export const OWN = 'own account';

function backToStart(way: Path, arrives: ByteString): SubjectSet {
  const there = SubjectSet.of(arrives).without(way.arrives.except);
  return SubjectSet.ofTerms([way.origin]).intersect(startOf(there, way));
}

function inRange(subjects: SubjectSet, realm: Realm): SubjectSet {
  return realm.range.subjects === undefined ? subjects : subjects.intersect(realm.range.subjects);
}

/** A request that gets to a row. */
interface Asked {
  readonly row: Row;
  readonly people: People;
  readonly actsFor: Realm;
  /** As it is published. */
  readonly subject: ByteString;
  /** As it arrives, for all that can be published. */
  readonly inside: ByteString;
  /** It came over an export that the configuration of the system account has. */
  readonly isOffered: boolean;
}

/** No account is called so. */
const STRANGER = '\u0001' as ByteString;

/** What the guard says, asked as dispatch asks it: for the account that the subject names, where it leaves no choice. */
function scopeVerdict(asked: Asked, { guard }: World): Pick<Reach, 'verdict' | 'rule'> {
  const { row, people, actsFor, subject, inside, isOffered } = asked;
  const caller = { principal: people.principal, account: actsFor.id };
  const ask = (account: ByteString) =>
    guard.scope(caller, scopeRequestOf(row, { account }, isOffered), subject).verdict;
  const named = namedIn(row, inside);
  const any = ask(named ?? STRANGER);
  if (any.allowed || named !== undefined || row.scope !== 'named-account')
    return { verdict: any.allowed ? 'allowed' : 'refused', rule: any.rule };
  const own = ask(actsFor.name);
  return { verdict: own.allowed ? 'own' : 'refused', rule: own.rule };
}

/** The account that a request names; undefined where whoever asks may choose it, or none is named. */
function namedIn({ subject }: Row, inside: ByteString): ByteString | undefined {
  const at = patternTokens(subject).findIndex((token) => token.kind === 'one' && token.name === 'account');
  const named = at === -1 ? undefined : tokensOf(inside)[at];
  return named === '*' || named === '>' ? undefined : named;
}
