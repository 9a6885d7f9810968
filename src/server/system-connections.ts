import type { Account, ClientInterest } from '../accounts/index.ts';
import type { Instant } from '../base/index.ts';
import type { AccountId } from '../guard/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import type { ConnectionView, SubscriptionView, TlsView, Traffic } from '../system/index.ts';
import { certificateView } from './certificate-view.ts';
import type { CloseReason } from './close-reasons.ts';
import type { Connection } from './connection.ts';

const NO_ACTIVITY_NS = 0;

/** A subscription of a connection, as monitoring sees it. */
export function subscriptionView(interest: ClientInterest, cid: number): SubscriptionView {
  const { subject, queue, sid, delivered, max } = interest;
  return { subject, queue, sid, delivered, max, cid };
}

/** A live connection, as monitoring sees it: looked at when it is asked for. */
export class LiveConnection implements ConnectionView {
  readonly kind = 'Client';
  readonly start: Instant;
  readonly #connection: Connection;

  constructor(connection: Connection, start: Instant) {
    this.#connection = connection;
    this.start = start;
  }

  get clientType(): 'nats' | 'websocket' {
    return this.#connection.clientType;
  }

  get id(): number {
    return this.#connection.id;
  }

  get ip(): string {
    return this.#connection.transport.remoteAddress;
  }

  get port(): number {
    return this.#connection.transport.remotePort;
  }

  /** Never before the start: both are moments of one clock, which was read once for each batch. */
  get lastActivity(): Instant {
    const ms = this.#connection.lastActivityMs;
    return ms <= this.start.ms ? this.start : { ms, ns: NO_ACTIVITY_NS };
  }

  get rttNs(): number {
    return this.#connection.rttNs;
  }

  get pendingBytes(): number {
    return this.#connection.pendingBytes;
  }

  get received(): Traffic {
    return { messages: this.#connection.inMessages, bytes: this.#connection.inBytes };
  }

  get sent(): Traffic {
    return { messages: this.#connection.outMessages, bytes: this.#connection.outBytes };
  }

  get name(): string {
    return this.#connection.connectOptions.name;
  }

  get lang(): string {
    return this.#connection.connectOptions.lang;
  }

  get version(): string {
    return this.#connection.connectOptions.version;
  }

  get account(): AccountId | undefined {
    return this.#connection.entry?.account.id;
  }

  /** The authenticated user; a name that was only claimed is nobody's. */
  get user(): string {
    const { entry } = this.#connection;
    return entry === undefined ? '' : toText(entry.principal.user);
  }

  get tls(): TlsView | undefined {
    const { tls } = this.#connection.transport;
    return tls && { ...tls, certificates: () => tls.chain.map(certificateView) };
  }

  get subscriptionCount(): number {
    return this.#connection.subscriptionCount;
  }

  subscriptions(): readonly SubscriptionView[] {
    return this.#connection.subscriptions.map((interest) => subscriptionView(interest, this.id));
  }
}

/** What is remembered of a closed connection: how it was at the end. Its subscriptions are forgotten but for their number. */
export function closedConnection(live: ConnectionView, at: Instant, reason: CloseReason): ConnectionView {
  const { id, kind, clientType, ip, port, start, lastActivity, rttNs, pendingBytes, received, sent } = live;
  const { name, lang, version, account, user, subscriptionCount, tls } = live;
  return {
    id,
    kind,
    clientType,
    ip,
    port,
    start,
    lastActivity,
    rttNs,
    pendingBytes,
    received,
    sent,
    name: cut(name),
    lang: cut(lang),
    version: cut(version),
    account,
    user,
    ...(tls === undefined
      ? {}
      : {
          tls: {
            version: tls.version,
            cipherSuite: tls.cipherSuite,
            first: tls.first,
            certificates: () => [],
          },
        }),
    subscriptionCount,
    subscriptions: () => [],
    closed: { at, reason },
  };
}

/** What a client calls itself is kept for long: not at any length. */
const KEPT_CHARACTERS = 256;

function cut(text: string): string {
  return text.length > KEPT_CHARACTERS ? text.slice(0, KEPT_CHARACTERS) : text;
}

/** The subscriptions in an account, the server's own included. */
export function subscriptionsIn(
  account: Account,
  cidOf: (interest: ClientInterest) => number,
): SubscriptionView[] {
  const views: SubscriptionView[] = [];
  let own = 0;
  for (const interest of account.interests()) {
    if ('sid' in interest) {
      const client = interest as ClientInterest;
      views.push(subscriptionView(client, cidOf(client)));
    } else {
      const { subject, queue } = interest;
      views.push({ subject, queue, sid: String(++own) as ByteString, delivered: 0, max: 0, cid: 0 });
    }
  }
  return views;
}
