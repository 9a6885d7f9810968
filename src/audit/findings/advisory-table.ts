import type { Position, SubjectPermission, UserOptions } from '../../config/index.ts';
import { type ByteString, overlaps } from '../../subjects/index.ts';
import type { Severity } from '../report.ts';
import { SubjectSet } from '../subject-set.ts';
import type { Findable } from './draft.ts';

/** What an advisory's condition is asked of. */
export interface Exposure extends Findable {
  /** Whether the configuration has a key whose meaning the options do not hold. */
  has(key: string): boolean;
}

type Lines = readonly (Position | undefined)[];

/** A published advisory of nats-server, as far as a configuration tells whether it matters. */
export interface Advisory {
  readonly id: string;
  readonly severity: Severity;
  readonly since: string;
  /** The first fixed version of each line of releases. */
  readonly fixed: readonly string[];
  /** What somebody can do, as the end of a sentence. */
  readonly effect: string;
  /** The lines that expose it; undefined: this configuration does not. */
  exposedBy(exposure: Exposure): Lines | undefined;
}

const ANY = '2.0.0';

/** Where no line decides: the configuration as a whole. */
const AS_A_WHOLE: Lines = [];

function when(condition: boolean, lines: Lines = AS_A_WHOLE): Lines | undefined {
  return condition ? lines : undefined;
}

function hasLogin({ has }: Exposure): Lines | undefined {
  return when(has('operator') || has('trusted_keys') || has('resolver'));
}

function users({ world }: Exposure): UserOptions[] {
  return world.realms.flatMap(({ people }) =>
    people.flatMap(({ persons }) => persons.flatMap(({ options }) => options ?? [])),
  );
}

/** Lines of the users whose permissions fulfil a condition; undefined when there are none. */
function usersWith(
  { world }: Exposure,
  side: 'publish' | 'subscribe',
  condition: (side: SubjectPermission) => boolean,
): Lines | undefined {
  const lines: (Position | undefined)[] = [];
  for (const { people } of world.realms) {
    for (const { permissions, persons } of people) {
      const rights = permissions?.[side];
      if (rights !== undefined && condition(rights))
        lines.push(rights.at ?? permissions?.at ?? persons[0]?.options?.at);
    }
  }
  return lines.length === 0 ? undefined : lines;
}

function tenants({ world }: Exposure): number {
  return world.realms.filter(({ kind, people }) => kind !== 'system' && people.length > 0).length;
}

function serviceImports({ world }: Exposure): Lines | undefined {
  const doors = world.doors.filter(({ kind, options }) => kind === 'service' && options !== undefined);
  return doors.length === 0 ? undefined : doors.map(({ options }) => options?.at);
}

function guestUser(exposure: Exposure): UserOptions | undefined {
  const { noAuthUser } = exposure.world.options;
  return users(exposure).find(
    ({ user, nkey }) => noAuthUser !== undefined && (user === noAuthUser || nkey === noAuthUser),
  );
}

function isRestricted({ allow = [], deny = [] }: SubjectPermission): boolean {
  return allow.length + deny.length > 0;
}

/** Every published advisory of nats-server whose exposure can be read off a configuration. */
export const ADVISORIES: readonly Advisory[] = [
  {
    id: 'CVE-2020-26892',
    severity: 'high',
    since: ANY,
    fixed: ['2.1.9'],
    effect: 'a user whose credentials were revoked stays able to log in.',
    exposedBy: hasLogin,
  },
  {
    id: 'CVE-2020-26521',
    severity: 'medium',
    since: ANY,
    fixed: ['2.1.9'],
    effect: 'an account holder can end the server with claims that hold empty entries.',
    exposedBy: hasLogin,
  },
  {
    id: 'CVE-2020-28466',
    severity: 'medium',
    since: ANY,
    fixed: ['2.2.0'],
    effect: 'accounts that import services of each other can make a request run for ever.',
    exposedBy: ({ world }) => {
      const pairs = new Map<string, Position | undefined>();
      const mutual: (Position | undefined)[] = [];
      for (const { importer, exporter, options, kind } of world.doors) {
        if (kind !== 'service' || options === undefined) continue;
        pairs.set(`${importer.name} ${exporter.name}`, options.at);
        const back = `${exporter.name} ${importer.name}`;
        if (importer !== exporter && pairs.has(back)) mutual.push(options.at, pairs.get(back));
      }
      return mutual.length === 0 ? undefined : mutual;
    },
  },
  {
    id: 'CVE-2021-3127',
    severity: 'critical',
    since: ANY,
    fixed: ['2.2.0'],
    effect: 'an activation token for one export opens another account’s other private exports.',
    exposedBy: hasLogin,
  },
  {
    id: 'CVE-2022-24450',
    severity: 'critical',
    since: ANY,
    fixed: ['2.7.2'],
    effect: 'a user can name the account it wants to be in, the system account too.',
    exposedBy: (exposure) => when(tenants(exposure) > 1 || exposure.world.system !== undefined),
  },
  {
    id: 'CVE-2022-26652',
    severity: 'high',
    since: '2.2.0',
    fixed: ['2.7.4'],
    effect: 'a JetStream user can write files outside the storage by restoring a crafted archive.',
    exposedBy: ({ world: { options } }) => when(options.jetstream !== undefined, [options.jetstreamAt]),
  },
  {
    id: 'CVE-2022-28357',
    severity: 'high',
    since: '2.2.0',
    fixed: ['2.8.0'],
    effect: 'a user of the system account can write files outside the store of account claims.',
    exposedBy: ({ has }) => when(has('resolver')),
  },
  {
    id: 'CVE-2022-29946',
    severity: 'high',
    since: ANY,
    fixed: ['2.8.2'],
    effect: 'a queue subscription with wildcards brings messages that are denied to the user.',
    exposedBy: (exposure) => usersWith(exposure, 'subscribe', ({ deny = [] }) => deny.length > 0),
  },
  {
    id: 'CVE-2022-42708',
    severity: 'medium',
    since: '2.2.0',
    fixed: ['2.9.3'],
    effect: 'a JetStream user can end a server of the cluster with a negative number of replicas.',
    exposedBy: ({ world: { options }, has }) =>
      when(options.jetstream !== undefined && has('cluster'), [options.jetstreamAt]),
  },
  {
    id: 'CVE-2022-42709',
    severity: 'medium',
    since: ANY,
    fixed: ['2.9.3'],
    effect: 'one request to a service that an account imports from itself ends the server.',
    exposedBy: ({ world }) => {
      const own = world.doors.filter(
        ({ importer, exporter, options }) => importer === exporter && options !== undefined,
      );
      return own.length === 0 ? undefined : own.map(({ options }) => options?.at);
    },
  },
  {
    id: 'CVE-2023-47090',
    severity: 'critical',
    since: '2.2.0',
    fixed: ['2.9.23', '2.10.2'],
    effect: 'a connection without credentials gets into the global account, past the authorization block.',
    exposedBy: ({ world: { options, system } }) => {
      const others = options.accounts.filter(({ name }) => name !== system?.name);
      const isExposed = options.users.length > 0 && options.accounts.length > 0 && others.length === 0;
      return when(isExposed, [options.authorizationAt]);
    },
  },
  {
    id: 'CVE-2023-46129',
    severity: 'high',
    since: '2.10.0',
    fixed: ['2.10.4'],
    effect: 'encrypted requests of the auth callout can be read without the key.',
    exposedBy: ({ has }) => when(has('auth_callout')),
  },
  {
    id: 'CVE-2025-30215',
    severity: 'critical',
    since: '2.2.0',
    fixed: ['2.10.27', '2.11.1'],
    effect:
      'a JetStream user of one account can delete the streams of another one and administer the server.',
    exposedBy: (exposure) => {
      const { options, system } = exposure.world;
      const isExposed = options.jetstream !== undefined && (tenants(exposure) > 1 || system !== undefined);
      return when(isExposed && tenants(exposure) > 0, [options.jetstreamAt]);
    },
  },
  {
    id: 'CVE-2026-27571',
    severity: 'high',
    since: '2.2.0',
    fixed: ['2.11.12', '2.12.3'],
    effect: 'whoever reaches the WebSocket port can fill the memory before login, where compression is on.',
    exposedBy: ({ has }) => when(has('websocket')),
  },
  {
    id: 'CVE-2026-27889',
    severity: 'high',
    since: '2.2.0',
    fixed: ['2.11.14', '2.12.5'],
    effect: 'whoever reaches the WebSocket port can end the server with one frame.',
    exposedBy: ({ has }) => when(has('websocket')),
  },
  {
    id: 'CVE-2026-29785',
    severity: 'high',
    since: '2.10.0',
    fixed: ['2.11.14', '2.12.5'],
    effect: 'whoever reaches the leafnode port can end the server before login.',
    exposedBy: ({ has }) => when(has('leafnodes')),
  },
  {
    id: 'CVE-2026-33246',
    severity: 'high',
    since: ANY,
    fixed: ['2.11.15', '2.12.6'],
    effect: 'the owner of a leafnode can make a service of another account believe any identity.',
    exposedBy: (exposure) => (exposure.has('leafnodes') ? serviceImports(exposure) : undefined),
  },
  {
    id: 'CVE-2026-33223',
    severity: 'critical',
    since: ANY,
    fixed: ['2.11.15', '2.12.6'],
    effect:
      'a client can forge the identity that services of other accounts, and the JetStream API, are shown.',
    exposedBy: (exposure) => {
      const { options } = exposure.world;
      const imports = serviceImports(exposure);
      return imports ?? when(options.jetstream !== undefined && tenants(exposure) > 1, [options.jetstreamAt]);
    },
  },
  {
    id: 'CVE-2026-33218',
    severity: 'high',
    since: '2.10.0',
    fixed: ['2.11.15', '2.12.6'],
    effect: 'whoever reaches the leafnode port can end the server with an error line before login.',
    exposedBy: ({ has }) => when(has('leafnodes')),
  },
  {
    id: 'CVE-2026-33219',
    severity: 'high',
    since: '2.2.0',
    fixed: ['2.11.15', '2.12.6'],
    effect:
      'fragments on the WebSocket port are collected without bound before login, where compression is on.',
    exposedBy: ({ has }) => when(has('websocket')),
  },
  {
    id: 'CVE-2026-33222',
    severity: 'high',
    since: '2.2.0',
    fixed: ['2.11.15', '2.12.6'],
    effect: 'a user who may restore one stream can restore under the name of another one.',
    exposedBy: (exposure) => {
      if (exposure.world.options.jetstream === undefined) return undefined;
      const restore = '$JS.API.STREAM.RESTORE.*' as ByteString;
      return usersWith(exposure, 'publish', ({ allow = [] }) =>
        allow.some(
          ({ subject }) =>
            overlaps(subject, restore) && !SubjectSet.of(restore).isSubsetOf(SubjectSet.of(subject)),
        ),
      );
    },
  },
  {
    id: 'CVE-2026-33248',
    severity: 'medium',
    since: '2.2.0',
    fixed: ['2.11.15', '2.12.6'],
    effect: 'with verify_and_map a certificate can stand for a user whose name repeats a part of it.',
    exposedBy: (exposure) => {
      const named = users(exposure).filter(({ user = '' }) => hasRepeatedPart(user));
      return exposure.has('tls') && named.length > 0 ? named.map(({ at }) => at) : undefined;
    },
  },
  {
    id: 'CVE-2026-33249',
    severity: 'medium',
    since: '2.11.0',
    fixed: ['2.11.15', '2.12.6'],
    effect: 'a client has the server publish trace events to subjects that the client may not publish to.',
    exposedBy: (exposure) => usersWith(exposure, 'publish', isRestricted),
  },
  {
    id: 'GHSA-38x3-76xf-cq45',
    severity: 'critical',
    since: '2.7.1',
    fixed: ['2.11.16', '2.12.7', '2.14.0'],
    effect:
      'whoever reaches the cluster or leafnode port gets in without credentials, with access to every account.',
    exposedBy: ({ world: { options }, has }) =>
      when(options.noAuthUser !== undefined && (has('cluster') || has('leafnodes')), [options.noAuthUserAt]),
  },
  {
    id: 'GHSA-wh7g-5m82-pmhr',
    severity: 'high',
    since: ANY,
    fixed: ['2.11.16', '2.12.7', '2.14.0'],
    effect: 'a wildcard subscription that partly overlaps a deny brings the denied messages.',
    exposedBy: (exposure) =>
      usersWith(exposure, 'subscribe', ({ deny = [] }) =>
        deny.some(({ subject }) => /(^|\.)[*>](\.|$)/.test(subject)),
      ),
  },
  {
    id: 'GHSA-jx8g-9g95-6322',
    severity: 'high',
    since: ANY,
    fixed: ['2.11.16', '2.12.7', '2.14.0'],
    effect: 'a deny that names a queue group switches the other denies off for queue subscriptions.',
    exposedBy: (exposure) =>
      usersWith(
        exposure,
        'subscribe',
        ({ deny = [] }) =>
          deny.some(({ queue }) => queue !== undefined) && deny.some(({ queue }) => queue === undefined),
      ),
  },
  {
    id: 'GHSA-3g5q-cfh2-cq67',
    severity: 'high',
    since: '2.10.0',
    fixed: ['2.11.17', '2.12.8', '2.14.0'],
    effect: 'whoever reaches the leafnode port can end the server with a second greeting before login.',
    exposedBy: ({ has }) => when(has('leafnodes')),
  },
  {
    id: 'GHSA-p3j5-5hrq-p75h',
    severity: 'medium',
    since: '2.11.0',
    fixed: ['2.12.12', '2.14.3'],
    effect: 'over a leafnode, trace events get to subjects that the leaf’s user may not publish to.',
    exposedBy: (exposure) =>
      exposure.has('leafnodes') ? usersWith(exposure, 'publish', isRestricted) : undefined,
  },
  {
    id: 'GHSA-g33f-6538-grxh',
    severity: 'high',
    since: ANY,
    fixed: ['2.12.10', '2.14.2'],
    effect: 'whoever reaches the port can end or block the server with a shortened issuer key.',
    exposedBy: hasLogin,
  },
  {
    id: 'GHSA-hmmp-q8cx-v964',
    severity: 'medium',
    since: ANY,
    fixed: ['2.12.12', '2.14.3'],
    effect:
      'a connection that does not send CONNECT becomes the guest past the connection types it is held to.',
    exposedBy: (exposure) => {
      const guest = guestUser(exposure);
      const isHeld =
        guest?.connectionTypes !== undefined || (guest !== undefined && exposure.has('proxy_required'));
      return when(isHeld, [exposure.world.options.noAuthUserAt, guest?.connectionTypesAt ?? guest?.at]);
    },
  },
  {
    id: 'GHSA-p957-7v2w-g93g',
    severity: 'high',
    since: '2.2.0',
    fixed: ['2.12.12', '2.14.3'],
    effect:
      'whoever reaches the WebSocket port can end the server by asking for MQTT, which is not configured.',
    exposedBy: ({ world: { options }, has }) =>
      when(has('websocket') && options.jetstream !== undefined && !has('mqtt')),
  },
  {
    id: 'GHSA-q59r-vq66-pxc2',
    severity: 'high',
    since: ANY,
    fixed: ['2.12.12', '2.14.3'],
    effect: 'any user can end the server by asking for a page of connections far beyond the end.',
    exposedBy: ({ world }) => when(world.system !== undefined),
  },
];

/** Whether a certificate's name, written as a user name, has one part twice. */
function hasRepeatedPart(name: string): boolean {
  const parts = name.split(',').map((part) => part.trim());
  return name.includes('=') && new Set(parts).size < parts.length;
}
