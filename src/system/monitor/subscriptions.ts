import { type ByteString, matches, toText } from '../../subjects/index.ts';
import type { ReplyBody } from '../service.ts';
import type { SubscriptionView } from '../view.ts';

/** A subscription, as listings show it. */
export function subscriptionBody(subscription: SubscriptionView, account?: string): ReplyBody {
  const { subject, queue, sid, delivered, max, cid } = subscription;
  return {
    account,
    account_tag: account,
    subject: toText(subject),
    qgroup: queue === '' ? undefined : toText(queue),
    sid: toText(sid),
    msgs: delivered,
    max: max === 0 ? undefined : max,
    cid,
  };
}

/** Whether a subscription would receive what is published on a subject, or is the very pattern. */
export function overlapsFilter({ subject }: SubscriptionView, filter: ByteString): boolean {
  return subject === filter || matches(subject, filter);
}
