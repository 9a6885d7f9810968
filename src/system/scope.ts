import type { Clock } from '../base/index.ts';
import type { Caller, Grant, Principal, Scope } from '../guard/index.ts';
import type { AccountView, HouseView, SystemView } from './view.ts';

/** The reach of an `account` service: the account that asks, and who asks. It has no name for anything else. */
export class AccountContext {
  readonly house: HouseView;
  readonly account: AccountView | undefined;
  readonly caller: Caller;

  constructor(house: HouseView, account: AccountView | undefined, caller: Caller) {
    this.house = house;
    this.account = account;
    this.caller = caller;
  }
}

/** The reach of a `named-account` service: the account that the subject names. */
export class NamedAccountContext {
  readonly house: HouseView;
  /** Undefined when there is no such account. */
  readonly account: AccountView | undefined;
  /** Who asks, where that is somebody of this very account. */
  readonly asker: Principal | undefined;

  constructor(house: HouseView, account: AccountView | undefined, asker: Principal | undefined) {
    this.house = house;
    this.account = account;
    this.asker = asker;
  }
}

/** The reach of a `system` service: the whole server. */
export class SystemContext {
  readonly server: SystemView;

  constructor(server: SystemView) {
    this.server = server;
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

  constructor(view: SystemView) {
    const house = new House(view);
    const named = (grant: Grant): AccountView | undefined =>
      grant.account === undefined ? undefined : view.account(grant.account);
    this.#makers = {
      account: (grant) => new AccountContext(house, named(grant), grant.caller),
      system: () => new SystemContext(view),
      'named-account': (grant) =>
        new NamedAccountContext(
          house,
          named(grant),
          grant.rule === 'scope-named-own-account' ? grant.caller.principal : undefined,
        ),
    };
  }

  contextFor<S extends Scope>(grant: Grant<S>): ContextOf[S] {
    if (!grant.isMinted) throw new TypeError('a grant comes from the guard');
    return this.#makers[grant.scope](grant);
  }
}

/** The part of the view that says nothing of anybody: what is handed on is these fields and no others. */
class House implements HouseView {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly clock: Clock;
  readonly #view: () => Pick<HouseView, 'host' | 'options'>;

  constructor(view: SystemView) {
    this.id = view.id;
    this.name = view.name;
    this.version = view.version;
    this.clock = view.clock;
    this.#view = () => view;
  }

  get host(): string {
    return this.#view().host;
  }

  get options(): HouseView['options'] {
    const { tags, metadata, jetstream } = this.#view().options;
    return { tags, metadata, ...(jetstream === undefined ? {} : { jetstream }) };
  }
}
