import type { Clock } from '../base/index.ts';
import type { Grant, Scope } from '../guard/index.ts';
import { type JetStream, jsError } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { ApiStats, StatsBook } from './stats.ts';
import type { ApiHost } from './view.ts';

/** What is common to all accounts and no secret. */
export interface House {
  readonly clock: Clock;
  readonly serverName: string;
  readonly version: string;
  readonly domain: string;
}

/** The reach of an `account` handler: the caller's own JetStream. It has no name for anything else. */
export class AccountContext {
  readonly house: House;
  readonly stats: ApiStats;
  readonly #jetstream: JetStream | undefined;

  constructor(house: House, jetstream: JetStream | undefined, stats: ApiStats) {
    this.house = house;
    this.stats = stats;
    this.#jetstream = jetstream;
  }

  /** The caller's own JetStream; throws the error 10039 where it is off. */
  get jetstream(): JetStream {
    if (this.#jetstream === undefined) throw jsError('JSNotEnabledForAccountErr');
    return this.#jetstream;
  }

  /** Throws where JetStream is off. */
  requireJetStream(): void {
    void this.jetstream;
  }
}

/** The reach of a `named-account` handler: the JetStream of the account that the subject names. */
export class NamedAccountContext {
  readonly house: House;
  /** Undefined when that account has none, or does not exist. */
  readonly jetstream: JetStream | undefined;

  constructor(house: House, jetstream: JetStream | undefined) {
    this.house = house;
    this.jetstream = jetstream;
  }
}

/** The reach of a `system` handler: the whole server. */
export class SystemContext {
  readonly house: House;
  readonly #host: ApiHost;

  constructor(house: House, host: ApiHost) {
    this.house = house;
    this.#host = host;
  }

  /** Undefined when that account has no JetStream, or does not exist. */
  jetStreamNamed(name: ByteString): JetStream | undefined {
    return this.#host.jetStreamNamed(name);
  }
}

/** Which context a handler gets, by the scope of its row. */
export interface ContextOf {
  readonly account: AccountContext;
  readonly system: SystemContext;
  readonly 'named-account': NamedAccountContext;
}

type Makers = { readonly [S in Scope]: (grant: Grant<S>) => ContextOf[S] };

/** The one place where a grant is exchanged for what it grants. */
export class ScopeExchange {
  readonly #makers: Makers;

  constructor(host: ApiHost, stats: StatsBook) {
    const house: House = host;
    this.#makers = {
      account: (grant) => {
        const jetstream = grant.account === undefined ? undefined : host.jetStreamOf(grant.account);
        return new AccountContext(house, jetstream, stats.of(jetstream));
      },
      system: () => new SystemContext(house, host),
      'named-account': (grant) =>
        new NamedAccountContext(
          house,
          grant.account === undefined ? undefined : host.jetStreamOf(grant.account),
        ),
    };
  }

  contextFor<S extends Scope>(grant: Grant<S>): ContextOf[S] {
    if (!grant.isMinted) throw new TypeError('a grant comes from the guard');
    return this.#makers[grant.scope](grant);
  }
}
