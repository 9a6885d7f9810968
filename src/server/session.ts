import type { Account, Receiver } from '../accounts/index.ts';
import { type Principal, ResponseGrants } from '../guard/index.ts';
import { RouteCache } from './routes.ts';
import { type SubscriptionHost, Subscriptions } from './subscriptions.ts';

/** The way in that authentication found: who acts, and in which account. */
export interface Entry {
  readonly principal: Principal;
  readonly account: Account;
}

/**
 * A connection's time in one account under one identity. A second CONNECT ends it and begins another: nothing of the
 * first, no subscription, verdict or grant, carries over.
 */
export class Session {
  readonly principal: Principal;
  readonly account: Account;
  readonly routes: RouteCache;
  readonly subscriptions: Subscriptions;
  /** What allow_responses grants; absent when the user has no such permission. */
  readonly responseGrants: ResponseGrants | undefined;

  constructor({ principal, account }: Entry, receiver: Receiver, host: SubscriptionHost) {
    this.principal = principal;
    this.account = account;
    this.routes = new RouteCache(account);
    this.subscriptions = new Subscriptions(receiver, account, host);
    const responses = principal.permissions?.responses;
    this.responseGrants = responses === undefined ? undefined : new ResponseGrants(responses);
    account.connections++;
  }

  end(): void {
    this.subscriptions.clear();
    this.account.connections--;
  }
}
