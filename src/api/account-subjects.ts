import type { Closable } from '../base/index.ts';
import type { AccountId } from '../guard/index.ts';
import type { AssetObserver, StreamConfig } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { AuditLog } from './audit.ts';
import { BoundEndpoint } from './bound-endpoint.ts';
import { DirectMirrors } from './direct-mirrors.ts';
import type { Endpoint, Lifetime, SubjectEndpoint } from './endpoint.ts';
import { type BoundTokens, subscriptionSubject } from './routes.ts';
import type { ScopeExchange } from './scope.ts';
import type { ApiHost } from './view.ts';

/**
 * The endpoints inside one account. Each is a subscription of that account that exists as long as its stream or
 * consumer does, which is why asking a missing consumer has no responders.
 */
export class AccountSubjects implements AssetObserver {
  readonly #host: ApiHost;
  readonly #exchange: ScopeExchange;
  readonly #audit: AuditLog;
  readonly #rows: readonly SubjectEndpoint[];
  readonly #account: AccountId;
  readonly #open = new Map<string, Closable[]>();
  readonly #mirrors = new DirectMirrors();

  constructor(
    host: ApiHost,
    exchange: ScopeExchange,
    audit: AuditLog,
    rows: readonly Endpoint[],
    account: AccountId,
  ) {
    this.#host = host;
    this.#exchange = exchange;
    this.#audit = audit;
    this.#rows = rows.filter((row) => row.door === 'account-subject');
    this.#account = account;
  }

  /** Also when a stream's configuration changed: what no longer holds is closed. */
  streamAdded(stream: ByteString): void {
    const config = this.#configOf(stream);
    this.#reopen(stream, config?.allow_direct ? ['direct-stream'] : [], { stream });
    this.#standIn(stream, this.#mirrors.note(stream, config));
  }

  streamRemoved(stream: ByteString): void {
    this.#close(stream);
    this.#standIn(stream, this.#mirrors.note(stream, undefined));
  }

  /** Lets a mirror answer direct requests to its origin where the origin itself does not. */
  #standIn(changed: ByteString, origins: readonly ByteString[]): void {
    for (const origin of new Set([changed, ...origins])) {
      const mirror = this.#mirrors.standInFor(origin);
      const isNeeded = mirror !== undefined && this.#configOf(origin)?.allow_direct !== true;
      const key = `.${origin}`;
      if (isNeeded) this.#reopen(key, ['direct-stream'], { stream: origin }, { stream: mirror });
      else if (this.#open.has(key)) this.#close(key);
    }
  }

  #configOf(stream: ByteString): StreamConfig | undefined {
    return this.#host.jetStreamOf(this.#account)?.streams.get(stream)?.config;
  }

  consumerAdded(stream: ByteString, consumer: ByteString): void {
    const config = this.#host
      .jetStreamOf(this.#account)
      ?.streams.get(stream)
      ?.consumers.get(consumer)?.config;
    const lifetimes: Lifetime[] = ['consumer'];
    const acked = config?.ack_policy !== 'none' && config?.ack_policy !== 'flow_control';
    if (acked) lifetimes.push('acked-consumer');
    if (config?.flow_control === true) lifetimes.push('flow-consumer');
    this.#reopen(`${stream}.${consumer}`, lifetimes, { stream, consumer });
  }

  consumerRemoved(stream: ByteString, consumer: ByteString): void {
    this.#close(`${stream}.${consumer}`);
  }

  /** @param actual what handlers are told instead of the names in the subject. */
  transferBegan(kind: 'snapshot' | 'restore', stream: ByteString, id: ByteString): void {
    this.#reopen(`${stream} ${id}`, [kind], { stream, id });
  }

  transferEnded(stream: ByteString, id: ByteString): void {
    this.#close(`${stream} ${id}`);
  }

  #reopen(key: string, lifetimes: readonly Lifetime[], names: BoundTokens, actual = names): void {
    this.#close(key);
    const rows = this.#rows.filter((row) => lifetimes.includes(row.lives));
    this.#open.set(
      key,
      rows.map((row) => this.#subscribe(row, names, actual)),
    );
  }

  #subscribe(row: SubjectEndpoint, names: BoundTokens, actual: BoundTokens): Closable {
    const [host, exchange, audit] = [this.#host, this.#exchange, this.#audit];
    const bound = new BoundEndpoint(host, exchange, audit, row, this.#account, names, actual);
    return this.#host.subscribe(this.#account, subscriptionSubject(row, names), (request) =>
      bound.receive(request),
    );
  }

  #close(key: string): void {
    for (const subscription of this.#open.get(key) ?? []) subscription.close();
    this.#open.delete(key);
  }
}
