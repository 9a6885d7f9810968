import type { Closable } from '../base/index.ts';
import type { AccountId } from '../guard/index.ts';
import type { AssetObserver } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { AuditLog } from './audit.ts';
import { BoundEndpoint } from './bound-endpoint.ts';
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
    const config = this.#host.jetStreamOf(this.#account)?.streams.get(stream)?.config;
    this.#reopen(stream, config?.allow_direct ? 'direct-stream' : undefined, { stream });
  }

  streamRemoved(stream: ByteString): void {
    this.#close(stream);
  }

  consumerAdded(stream: ByteString, consumer: ByteString): void {
    this.#reopen(`${stream}.${consumer}`, 'consumer', { stream, consumer });
  }

  consumerRemoved(stream: ByteString, consumer: ByteString): void {
    this.#close(`${stream}.${consumer}`);
  }

  #reopen(key: string, lifetime: Lifetime | undefined, names: BoundTokens): void {
    this.#close(key);
    const rows = this.#rows.filter((row) => row.lives === lifetime);
    this.#open.set(
      key,
      rows.map((row) => this.#subscribe(row, names)),
    );
  }

  #subscribe(row: SubjectEndpoint, names: BoundTokens): Closable {
    const bound = new BoundEndpoint(this.#host, this.#exchange, this.#audit, row, this.#account, names);
    return this.#host.subscribe(this.#account, subscriptionSubject(row, names), (request) =>
      bound.receive(request),
    );
  }

  #close(key: string): void {
    for (const subscription of this.#open.get(key) ?? []) subscription.close();
    this.#open.delete(key);
  }
}
