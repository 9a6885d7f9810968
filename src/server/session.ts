import type { Account } from '../accounts/index.ts';
import type { Finding } from '../auth/index.ts';
import { haveSameRights, type Principal, ResponseGrants, sameResponses } from '../guard/index.ts';
import { AllowedReplies } from './allowed-replies.ts';
import { RouteCache } from './routes.ts';
import { type Subscriber, type SubscriptionHost, Subscriptions } from './subscriptions.ts';

/** The way in that authentication found: who acts, and in which account. */
export interface Entry {
  readonly principal: Principal;
  readonly account: Account;
  /** What authentication found, to be asked again when the configuration changes. */
  readonly finding: Finding;
}

/**
 * A connection's time in one account under one identity. A second CONNECT ends it and begins another: nothing of the
 * first, no subscription, verdict or grant, carries over. A change of the configuration leaves it in place and replaces
 * the rights.
 */
export class Session {
  #entry: Entry;
  readonly account: Account;
  readonly routes: RouteCache;
  readonly replies = new AllowedReplies();
  readonly subscriptions: Subscriptions;
  #responseGrants: ResponseGrants | undefined;

  constructor(entry: Entry, receiver: Subscriber, host: SubscriptionHost) {
    const { account, principal } = entry;
    this.#entry = entry;
    this.account = account;
    this.routes = new RouteCache(account);
    this.subscriptions = new Subscriptions(receiver, account, host);
    this.#responseGrants = grantsOf(principal);
    account.connections++;
  }

  get principal(): Principal {
    return this.#entry.principal;
  }

  get entry(): Entry {
    return this.#entry;
  }

  /** What allow_responses grants; absent when the user has no such permission. */
  get responseGrants(): ResponseGrants | undefined {
    return this.#responseGrants;
  }

  /**
   * Goes on with the rights of another configuration; grants live on only under the permission that gave them.
   * @returns whether they are others than before.
   */
  renew(entry: Entry): boolean {
    const before = this.#entry.principal;
    this.#entry = entry;
    const after = entry.principal;
    if (!sameResponses(before.permissions?.responses, after.permissions?.responses)) {
      this.#responseGrants = grantsOf(after);
    }
    return !haveSameRights(before, after);
  }

  end(): void {
    this.subscriptions.clear();
    this.account.connections--;
  }
}

function grantsOf({ permissions }: Principal): ResponseGrants | undefined {
  return permissions?.responses === undefined ? undefined : new ResponseGrants(permissions.responses);
}
