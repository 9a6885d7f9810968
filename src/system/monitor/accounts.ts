import { accountText } from '../../guard/index.ts';
import type { OptionsOf } from '../request-options.ts';
import type { ReplyBody } from '../service.ts';
import type { AccountView, HouseView, SystemView } from '../view.ts';
import { nowText } from './times.ts';
import { trafficByPeers } from './traffic.ts';

/** What the statistics of accounts may be asked for. */
export const STATZ_OPTIONS = { accounts: 'strings', include_unused: 'bool' } as const;

export type StatzOptions = OptionsOf<typeof STATZ_OPTIONS>;

/** The accounts that have connections now. */
export function activeAccounts(server: SystemView): AccountView[] {
  return server.accounts().filter(({ connectionCount }) => connectionCount > 0);
}

/** Subscriptions of all accounts, the server's own included. */
export function interestCount(server: SystemView): number {
  let count = 0;
  for (const { account } of server.accounts()) count += account.subscriptions;
  return count;
}

/** The statistics of one account: an entry of STATZ, and the body of the event about its connections. */
export function accountStat(view: AccountView): ReplyBody {
  const name = accountText(view.id);
  return {
    acc: name,
    name,
    conns: view.connectionCount,
    leafnodes: 0,
    total_conns: view.connectionCount,
    num_subscriptions: view.account.subscriptions,
    sent: trafficByPeers(view.sent),
    received: trafficByPeers(view.received),
    slow_consumers: view.slowConsumers,
  };
}

/** Statistics of accounts. */
export function accountStatz(house: HouseView, accounts: readonly AccountView[]): ReplyBody {
  return {
    server_id: house.id,
    now: nowText(house),
    account_statz: accounts.map((account) => accountStat(account)),
  };
}

/** The accounts that a request for everybody's statistics means. */
export function statzAccounts(server: SystemView, options: StatzOptions): AccountView[] {
  const named = options.accounts ?? [];
  const all = options.include_unused === true ? server.accounts() : activeAccounts(server);
  if (named.length === 0) return [...all];
  const wanted = new Set(named);
  return all.filter(({ id }) => wanted.has(accountText(id)));
}
