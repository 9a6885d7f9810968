import type { Account } from '../accounts/index.ts';
import { encodeJson, formatInstant, limits } from '../base/index.ts';
import { accountBytes, accountText } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { connectionsEvent, eventHead } from './event-body.ts';
import { EVENTS, type EventName } from './event-table.ts';
import { accountStat } from './monitor/accounts.ts';
import { statsz } from './monitor/statsz.ts';
import { trafficBody } from './monitor/traffic.ts';
import type { ServerStamp } from './server-info.ts';
import type { ReplyBody } from './service.ts';
import type { AccountView, ConnectionView, SystemView } from './view.ts';

const WINDOW_MS = 1_000;
/** Where a connection belongs that never entered an account, as events show it (measured on 2.14.5). */
const NOWHERE = '$G';
const FAILED_LOGIN = 'Authentication Failure';

/** Tells the system account what happens to connections and to the server. */
export class SystemEvents {
  readonly #view: SystemView;
  readonly #stamp: ServerStamp;
  #windowStart = 0;
  #inWindow = 0;

  constructor(view: SystemView, stamp: ServerStamp) {
    this.#view = view;
    this.#stamp = stamp;
  }

  /** A client entered an account. */
  connected(connection: ConnectionView): void {
    const { account } = connection;
    if (account === undefined) return;
    this.#tell('connect', accountBytes(account), (server) => ({
      ...eventHead(this.#view, 'client_connect', server),
      client: clientBody(connection),
    }));
  }

  /**
   * A connection is closed.
   * @param claimedUser whom it said to be, where nobody let it in.
   */
  disconnected(connection: ConnectionView, claimedUser: string): void {
    const body = (server: ReplyBody): ReplyBody => this.#disconnect(connection, claimedUser, server);
    if (connection.account !== undefined) {
      this.#tell('disconnect', accountBytes(connection.account), body);
    } else if (this.#mayTellOfStrangers()) {
      if (connection.closed?.reason === FAILED_LOGIN) this.#tell('auth-error', '', body);
      this.#tell('disconnect', NOWHERE, body);
    }
  }

  /** The number of connections of an account changed, or it is time to repeat it. */
  connections(account: AccountView): void {
    const body = (server: ReplyBody): ReplyBody => connectionsEvent(this.#view, server, accountStat(account));
    const name = accountBytes(account.id);
    this.#tell('connections-old', name, body);
    this.#tell('connections', name, body);
  }

  statsz(): void {
    this.#tell('statsz', '', (server) => ({ server, statsz: statsz(this.#view) }));
  }

  lameDuck(): void {
    this.#tell('lame-duck', '', (server) => server);
  }

  shutdown(): void {
    this.#tell('shutdown', '', (server) => server);
  }

  #disconnect(connection: ConnectionView, claimedUser: string, server: ReplyBody): ReplyBody {
    return {
      ...eventHead(this.#view, 'client_disconnect', server),
      client: clientBody(connection, claimedUser),
      // From the client's side: what it sent is what the server received (measured on 2.14.5).
      sent: trafficBody(connection.received),
      received: trafficBody(connection.sent),
      reason: connection.closed?.reason ?? '',
    };
  }

  /** Strangers can fail to log in as fast as they like; telling of it stays bounded. */
  #mayTellOfStrangers(): boolean {
    const now = this.#view.clock.now();
    if (now - this.#windowStart >= WINDOW_MS || now < this.#windowStart) {
      this.#windowStart = now;
      this.#inWindow = 0;
    }
    this.#inWindow++;
    return this.#inWindow <= limits.AUTH_EVENTS_PER_SECOND;
  }

  #tell(name: EventName, account: string, body: (server: ReplyBody) => ReplyBody): void {
    const system: Account | undefined = this.#view.system;
    if (system === undefined) return;
    const subject = eventSubject(name, this.#view.id, account);
    if (!system.hasInterest(subject)) return;
    this.#view.emit(system, subject, encodeJson(body(this.#stamp.next(system.id))));
  }
}

/** The subject of an event. The name of an account may hold what would end a subject on the wire. */
export function eventSubject(name: EventName, serverId: string, account: string): ByteString {
  const token = account.replace(/[\u0000-\u0020\u007f]/g, '_');
  const { subject } = EVENTS[name];
  return subject
    .split('.')
    .map((word) => (word === '<server>' ? serverId : word === '<account>' ? token : word))
    .join('.') as ByteString;
}

/** A client, as events show it. */
function clientBody(connection: ConnectionView, claimedUser = ''): ReplyBody {
  const { start, ip, id, account, name, lang, version, rttNs, closed, kind, clientType } = connection;
  const accountName = account === undefined ? NOWHERE : accountText(account);
  return {
    start: formatInstant(start),
    host: ip,
    id,
    acc: accountName,
    user: orAbsent(account === undefined ? claimedUser : connection.user),
    name: orAbsent(name),
    lang: orAbsent(lang),
    ver: orAbsent(version),
    // Only at the end is it told how long answers took (measured on 2.14.5).
    rtt: rttNs === 0 || closed === undefined ? undefined : rttNs,
    stop: closed === undefined ? undefined : formatInstant(closed.at),
    name_tag: accountName,
    kind,
    client_type: clientType,
  };
}

function orAbsent(text: string): string | undefined {
  return text === '' ? undefined : text;
}
