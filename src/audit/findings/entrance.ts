import { isHashed, type Position, type UserOptions } from '../../config/index.ts';
import { toText } from '../../subjects/index.ts';
import { sendersOf } from '../flows.ts';
import { entrance, type People, type Person, TOKEN_HOLDER } from '../people.ts';
import type { Finding, SubjectText } from '../report.ts';
import { textOf } from '../report-flows.ts';
import type { SubjectSet } from '../subject-set.ts';
import type { Realm, World } from '../world.ts';
import { type Findable, finding, list } from './draft.ts';

/** Hashes below this cost are guessed at too quickly. */
const LEAST_COST = 10;

/** Who gets in, and with what proof. */
export function entranceFindings({ world, outflows, access }: Findable): Finding[] {
  return [...openDoors(world), ...guest({ world, outflows, access }), ...secrets(world)];
}

function openDoors({ options, realms }: World): Finding[] {
  const realm = realms[0];
  const at = [options.authorizationAt];
  const isLocal = options.host === 'localhost' || options.host.startsWith('127.') || options.host === '::1';
  const severity = isLocal ? 'medium' : undefined;
  switch (entrance(options)) {
    case 'open': {
      const message = `No user and no token is configured: everybody who reaches ${options.host} has all rights of the global account.`;
      return [finding('no-authorization', message, { realm, at, severity })];
    }
    case 'beside the system account': {
      const message = 'Whoever connects without credentials has all rights of the global account.';
      return [finding('open-beside-system-account', message, { realm, at, severity })];
    }
    case 'closed':
      return [];
  }
}

function guest(found: Findable): Finding[] {
  const { world } = found;
  const name = world.options.noAuthUser;
  if (name === undefined) return [];
  for (const realm of world.realms) {
    const people = realm.people.find(({ persons }) => persons.some(({ user }) => user === name));
    if (people !== undefined) return guestFindings(realm, people, toText(name), found);
  }
  return [];
}

function guestFindings(realm: Realm, people: People, name: string, found: Findable): Finding[] {
  const person = people.persons.find((one) => one.name === name);
  const at = [found.world.options.noAuthUserAt, person?.options?.at];
  const where = { realm, user: name, at };
  const can = `Without credentials, as ${name} of account ${realm.text}, anybody ${abilities(realm, people, found)}.`;
  if (realm.kind === 'system') return [finding('guest-in-system-account', can, where)];
  return [finding(people.permissions === undefined ? 'guest-unrestricted' : 'guest-rights', can, where)];
}

/** What a guest can do, spelled out. */
function abilities(realm: Realm, people: People, { outflows, access }: Findable): string {
  const outflow = outflows.find(({ from }) => from === realm);
  const crossing = (outflow?.streams ?? [])
    .filter(({ kind }) => kind === 'request')
    .filter((stream) => sendersOf(stream).includes(people))
    .map(({ to }) => to.text);
  const own = access.find(
    ({ account, users }) => account === realm.text && users.includes(people.persons[0]?.name ?? ''),
  );
  const endpoints = own?.api.filter(({ verdict }) => verdict !== 'refused').length ?? 0;
  return [
    `may publish ${words(people.sends)} and receive ${words(people.hears)}`,
    crossing.length === 0 ? 'asks no service of another account' : `asks services of ${list(crossing)}`,
    endpoints === 0 ? 'uses no JetStream endpoint' : `uses ${endpoints} JetStream endpoints`,
  ].join('; ');
}

function words(set: SubjectSet): string {
  const texts = textOf([set]).map(setText);
  return texts.length === 0 ? 'nothing' : list(texts);
}

export function setText({ pattern, except = [] }: SubjectText): string {
  return except.length === 0 ? pattern : `${pattern} without ${list(except)}`;
}

function secrets({ realms, options }: World): Finding[] {
  return realms.flatMap((realm) => {
    const users = realm.people.flatMap(({ persons }) => persons);
    const token = users.some(({ name }) => name === TOKEN_HOLDER) ? options.token : undefined;
    return [
      ...emptyOnes(realm, users),
      ...plainOnes(realm, users, token, options.authorizationAt),
      ...weakOnes(realm, users, token),
    ];
  });
}

function emptyOnes(realm: Realm, users: readonly Person[]): Finding[] {
  const empty = users.filter(
    ({ options }) => options !== undefined && options.nkey === undefined && !options.password,
  );
  if (empty.length === 0) return [];
  const message = `${list(empty.map(({ name }) => name))} of account ${realm.text} log in with an empty password.`;
  return [finding('empty-password', message, { realm, at: empty.map(({ options }) => options?.at) })];
}

function plainOnes(
  realm: Realm,
  users: readonly Person[],
  token: string | undefined,
  authorizationAt: Position | undefined,
): Finding[] {
  const plain = users.filter(({ options }) => isPlain(options?.password));
  const names = plain.map(({ name }) => name);
  if (isPlain(token)) names.push(TOKEN_HOLDER);
  if (names.length === 0) return [];
  const message = `The secrets of ${list(names)} of account ${realm.text} can be read by whoever reads the configuration.`;
  return [
    finding('plain-secret', message, {
      realm,
      at: [...plain.map(({ options }) => options?.at), isPlain(token) ? authorizationAt : undefined],
    }),
  ];
}

function isPlain(secret: string | undefined): boolean {
  return secret !== undefined && secret !== '' && !isHashed(secret);
}

function weakOnes(realm: Realm, users: readonly Person[], token: string | undefined): Finding[] {
  const weak = users.filter(({ options }) => isWeak(options?.password));
  const names = weak.map(({ name }) => name);
  if (isWeak(token)) names.push(TOKEN_HOLDER);
  if (names.length === 0) return [];
  const message = `The hashes of ${list(names)} of account ${realm.text} have a cost below ${LEAST_COST}.`;
  const at = weak.map(({ options }: { readonly options?: UserOptions }) => options?.at);
  return [finding('weak-hash', message, { realm, at })];
}

function isWeak(secret: string | undefined): boolean {
  const cost = /^\$2[abxy]?\$(\d\d)\$/.exec(secret ?? '')?.[1];
  return cost !== undefined && Number(cost) < LEAST_COST;
}
