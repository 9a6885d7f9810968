import { limits } from '../../base/index.ts';
import { accountText } from '../../guard/index.ts';
import { isPublishSubject, matches, toBytes } from '../../subjects/index.ts';
import type { OptionsOf } from '../request-options.ts';
import { type ReplyBody, ServiceError } from '../service.ts';
import type { AccountView, HouseView, SubscriptionView } from '../view.ts';
import { interestStats } from './interest-stats.ts';
import { windowOf } from './page.ts';
import { subscriptionBody } from './subscriptions.ts';
import { nowText } from './times.ts';

/** What a listing of subscriptions may be asked for. */
export const SUBSZ_OPTIONS = {
  offset: 'int',
  limit: 'int',
  subscriptions: 'bool',
  account: 'string',
  test: 'string',
} as const;

export type SubszOptions = OptionsOf<typeof SUBSZ_OPTIONS>;

interface Found {
  readonly account: string;
  readonly subscription: SubscriptionView;
}

/**
 * The subscriptions of these accounts: statistics, and a page of the list where it is asked for.
 * @throws ServiceError
 */
export function subsz(
  house: HouseView,
  accounts: readonly AccountView[],
  options: SubszOptions,
  withList = options.subscriptions === true,
): ReplyBody {
  const test = options.test ?? '';
  if (test !== '' && !isPublishSubject(toBytes(test)))
    throw new ServiceError(`invalid test subject, must be valid publish subject: ${test}`);
  const found = withList ? find(accounts, test) : [];
  const { offset, limit, start, end } = windowOf(found.length, options);
  const page = found.slice(start, end);
  return {
    server_id: house.id,
    now: nowText(house),
    ...interestStats(accounts),
    total: found.length,
    offset,
    limit,
    subscriptions_list:
      page.length === 0
        ? undefined
        : page.map(({ account, subscription }) => subscriptionBody(subscription, account)),
  };
}

function find(accounts: readonly AccountView[], test: string): Found[] {
  const subject = toBytes(test);
  const found: Found[] = [];
  for (const view of accounts) {
    const account = accountText(view.id);
    for (const subscription of view.subscriptions()) {
      if (test !== '' && !matches(subscription.subject, subject)) continue;
      if (found.length >= limits.MONITOR_SUBSCRIPTIONS) return found;
      found.push({ account, subscription });
    }
  }
  return found;
}
