import { type ByteString, isLiteral, isSubsetOf, matches } from '../../subjects/index.ts';
import type { AccountView } from '../view.ts';

/**
 * How many subscriptions of clients a subject reaches: all of them, or the members of one queue group. A pattern
 * reaches those inside it (measured on 2.14.5).
 */
export function countSubscribers(account: AccountView, subject: ByteString, queue: ByteString): number {
  const isOne = isLiteral(subject);
  let count = 0;
  for (const subscription of account.subscriptions()) {
    if (subscription.cid === 0) continue;
    if (queue !== '' && subscription.queue !== queue) continue;
    const reaches = isOne
      ? matches(subscription.subject, subject)
      : isSubsetOf(subscription.subject, subject);
    if (reaches) count++;
  }
  return count;
}
