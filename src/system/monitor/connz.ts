import { formatDuration, formatInstant, type Instant, limits } from '../../base/index.ts';
import { GLOBAL_ACCOUNT } from '../../config/index.ts';
import { accountText } from '../../guard/index.ts';
import { toBytes, toText } from '../../subjects/index.ts';
import type { OptionsOf } from '../request-options.ts';
import { type ReplyBody, ServiceError } from '../service.ts';
import type { CertificateView, ConnectionSource, ConnectionView, HouseView } from '../view.ts';
import { type ConnectionOrder, orderOf } from './connz-sort.ts';
import { windowOf } from './page.ts';
import { overlapsFilter, subscriptionBody } from './subscriptions.ts';
import { between, nowText, uptimeText } from './times.ts';

/** What a listing of connections may be asked for. */
export const CONNZ_OPTIONS = {
  sort: 'sort',
  auth: 'bool',
  subscriptions: 'bool',
  subscriptions_detail: 'bool',
  offset: 'int',
  limit: 'int',
  cid: 'uint64',
  mqtt_client: 'string',
  state: 'state',
  user: 'string',
  acc: 'string',
  filter_subject: 'string',
} as const;

export type ConnzOptions = OptionsOf<typeof CONNZ_OPTIONS>;

const GLOBAL = toText(GLOBAL_ACCOUNT);

/** Which connections: the open ones, the closed ones, or both; other numbers list none (measured on 2.14.5). */
const OPEN = 0;
const CLOSED = 1;
const ALL = 2;

/** What there is of an account that does not exist (measured on 2.14.5). */
export function connzOfNobody(house: HouseView, options: ConnzOptions): ReplyBody {
  const { offset, limit } = windowOf(0, options);
  return {
    server_id: '',
    now: nowText(house),
    num_connections: 0,
    total: 0,
    offset,
    limit,
    connections: null,
  };
}

/**
 * The connections of the server, or of one account.
 * @param ofAccount whether `source` is one account: only there subjects may be looked for.
 * @throws ServiceError
 */
export function connz(
  house: HouseView,
  source: ConnectionSource,
  options: ConnzOptions,
  ofAccount: boolean,
): ReplyBody {
  const order = orderOf(options.sort, options.state ?? OPEN);
  if (options.filter_subject !== undefined && options.filter_subject !== '' && !ofAccount)
    throw new ServiceError('filter by subject only valid with account filtering');
  const found = connectionsIn(source, options.state ?? OPEN);
  const chosen = sorted(found.filter(chooser(options)), order);
  const { offset, limit, start, end } = windowOf(
    chosen.length,
    isById(options) ? { offset: 0, limit: 1 } : options,
  );
  const page = chosen.slice(start, end);
  const detail = new Detail(options, house.clock.instant());
  return {
    server_id: house.id,
    now: nowText(house),
    num_connections: page.length,
    total: found.length,
    offset,
    limit,
    connections: page.map((connection) => detail.of(connection)),
  };
}

function isById({ cid }: ConnzOptions): boolean {
  return cid !== undefined && cid > 0;
}

function connectionsIn(source: ConnectionSource, state: number): ConnectionView[] {
  const open = state === OPEN || state === ALL ? source.connections() : [];
  const closed = state === CLOSED || state === ALL ? source.closedConnections() : [];
  return [...open, ...closed];
}

function chooser(options: ConnzOptions): (connection: ConnectionView) => boolean {
  const { cid, user, mqtt_client: mqtt, filter_subject: subject } = options;
  if (isById(options)) return (connection) => connection.id === cid;
  if (mqtt !== undefined && mqtt !== '') return () => false;
  const filter = subject === undefined || subject === '' ? undefined : toBytes(subject);
  return (connection) =>
    (user === undefined || user === '' || connection.user === user) &&
    (filter === undefined || connection.subscriptions().some((one) => overlapsFilter(one, filter)));
}

function sorted(connections: ConnectionView[], order: ConnectionOrder): ConnectionView[] {
  return connections.sort((a, b) => order(a, b) || a.id - b.id);
}

/** Writes connections, with so many of their subscriptions as one reply may hold. */
class Detail {
  readonly #options: ConnzOptions;
  readonly #now: Instant;
  #subscriptionsLeft: number = limits.MONITOR_SUBSCRIPTIONS;

  constructor(options: ConnzOptions, now: Instant) {
    this.#options = options;
    this.#now = now;
  }

  of(connection: ConnectionView): ReplyBody {
    const { id, kind, clientType, ip, port, start, lastActivity, closed, received, sent } = connection;
    const until = closed?.at ?? this.#now;
    return {
      cid: id,
      kind,
      type: clientType,
      ip,
      port,
      start: formatInstant(start),
      last_activity: formatInstant(lastActivity),
      stop: closed === undefined ? undefined : formatInstant(closed.at),
      reason: closed?.reason,
      rtt: rttText(connection),
      uptime: uptimeText(between(start, until)),
      idle: uptimeText(between(lastActivity, until)),
      pending_bytes: connection.pendingBytes,
      in_msgs: received.messages,
      out_msgs: sent.messages,
      in_bytes: received.bytes,
      out_bytes: sent.bytes,
      subscriptions: connection.subscriptionCount,
      name: orAbsent(connection.name),
      lang: orAbsent(connection.lang),
      version: orAbsent(connection.version),
      tls_version: connection.tls?.version,
      tls_cipher_suite: connection.tls?.cipherSuite,
      tls_first: connection.tls?.first === true ? true : undefined,
      ...this.#authOf(connection),
      ...this.#subscriptionsOf(connection),
      name_tag: this.#options.auth === true ? nameTagOf(connection) : undefined,
    };
  }

  /** Who it is. A name and digests are all that is shown: never a token, an nkey's signature or a JWT. */
  #authOf(connection: ConnectionView): ReplyBody {
    if (this.#options.auth !== true) return {};
    const certificates = connection.tls?.certificates() ?? [];
    return {
      tls_peer_certs: certificates.length === 0 ? undefined : certificates.map(certificateBody),
      authorized_user: orAbsent(connection.user),
      account: accountOf(connection),
    };
  }

  #subscriptionsOf(connection: ConnectionView): ReplyBody {
    const { subscriptions, subscriptions_detail: detailed } = this.#options;
    if (subscriptions !== true && detailed !== true) return {};
    const shown = connection.subscriptions().slice(0, this.#subscriptionsLeft);
    this.#subscriptionsLeft -= shown.length;
    if (shown.length === 0) return {};
    if (detailed === true) return { subscriptions_list_detail: shown.map((one) => subscriptionBody(one)) };
    return { subscriptions_list: shown.map(({ subject }) => toText(subject)) };
  }
}

/** A closed connection that was never measured shows a zero, a live one nothing (measured on 2.14.5). */
function rttText({ rttNs, closed }: ConnectionView): string | undefined {
  return rttNs === 0 && closed === undefined ? undefined : formatDuration(rttNs);
}

function certificateBody({ subject, keyDigest, digest }: CertificateView): ReplyBody {
  return { subject, spki_sha256: keyDigest, cert_sha256: digest };
}

/** The global account goes without saying (measured on 2.14.5). */
function accountOf({ account }: ConnectionView): string | undefined {
  const name = account === undefined ? GLOBAL : accountText(account);
  return name === GLOBAL ? undefined : name;
}

/** Who is in no account yet counts as one in the global account (measured on 2.14.5). */
function nameTagOf(connection: ConnectionView): string | undefined {
  return accountOf(connection) ?? (connection.closed === undefined ? GLOBAL : undefined);
}

function orAbsent(text: string): string | undefined {
  return text === '' ? undefined : text;
}
