import { type ByteString, isSubsetOf } from '../subjects/index.ts';
import type { Trace } from './decision.ts';
import type { Allowance } from './grants.ts';
import { AccountId } from './principal.ts';
import { allow, allowOnce, refuse, type Verdict } from './verdict.ts';

/** What an account offers to others. */
export interface ExportFacts {
  readonly subject: ByteString;
  /** The accounts it is offered to; absent: to every account. */
  readonly accounts?: readonly AccountId[];
}

/** Decides whether an account may take a subject that another account offers (`offer` undefined: it does not). */
export function decideCrossing(
  importer: AccountId,
  subject: ByteString,
  offer: ExportFacts | undefined,
  _trace?: Trace,
): Verdict {
  if (offer === undefined || !isSubsetOf(subject, offer.subject)) return refuse('crossing-not-exported');
  if (offer.accounts?.some((account) => AccountId.sameAs(account, importer)) ?? true)
    return allow('crossing-imported');
  return refuse('crossing-not-exported');
}

/** Decides whether a response may go back over a reply mapping, and uses the mapping once when it may. */
export function decideResponse(mapping: Allowance, nowMs: number): Verdict {
  return mapping.use(nowMs) ? allowOnce('crossing-response') : refuse('crossing-spent-response');
}
