import type { Position } from '../config/index.ts';
import { type ByteString, isSubsetOf, tokensOf } from '../subjects/index.ts';
import type { Trace } from './decision.ts';
import type { Allowance } from './grants.ts';
import { AccountId, accountText } from './principal.ts';
import { decided, looked, quoted } from './trace.ts';
import { allow, allowOnce, refuse, type Verdict } from './verdict.ts';

/** The two kinds of doors: messages of a stream go out to whoever imports it, requests to a service come in. */
export type DoorKind = 'stream' | 'service';

/** What an account offers to others. */
export interface ExportFacts {
  /** Absent: a service. */
  readonly kind?: DoorKind;
  readonly subject: ByteString;
  /** The accounts it is offered to; absent: to every account. */
  readonly accounts?: readonly AccountId[];
  /** Which token (from 1) has to be the name of the importing account. */
  readonly accountTokenPosition?: number;
  readonly at?: Position;
}

/** What an account takes from another one. */
export interface ImportFacts {
  /** Absent: a service. */
  readonly kind?: DoorKind;
  /** The subject in the exporting account; wildcards for all that it stands for. */
  readonly remote: ByteString;
  readonly at?: Position;
}

/** Decides whether an account may take a subject that another account offers (`offer` undefined: it does not). */
export function decideCrossing(
  importer: AccountId,
  wanted: ImportFacts,
  offer: ExportFacts | undefined,
  trace?: Trace,
): Verdict {
  const kind = wanted.kind ?? 'service';
  trace?.note(looked(`imports the ${kind} ${quoted(wanted.remote)}`, wanted.at));
  if (offer === undefined) {
    trace?.note(
      decided(`the other account exports no ${kind} that covers ${quoted(wanted.remote)}`, wanted.at),
    );
    return refuse('crossing-not-exported');
  }
  if ((offer.kind ?? 'service') !== kind || !isSubsetOf(wanted.remote, offer.subject)) {
    trace?.note(decided(`${offerText(offer)} does not cover ${kind} ${quoted(wanted.remote)}`, offer.at));
    return refuse('crossing-not-exported');
  }
  if (!isOfferedTo(importer, offer.accounts)) {
    trace?.note(
      decided(`${offerText(offer)} is not offered to account "${accountText(importer)}"`, offer.at),
    );
    return refuse('crossing-private');
  }
  if (!carriesName(importer, wanted.remote, offer.accountTokenPosition)) {
    const token = `token ${offer.accountTokenPosition} of ${quoted(wanted.remote)}`;
    trace?.note(decided(`${token} is not the name of account "${accountText(importer)}"`, offer.at));
    return refuse('crossing-account-token');
  }
  trace?.note(decided(`${offerText(offer)} covers ${quoted(wanted.remote)}`, offer.at));
  return allow('crossing-imported');
}

function offerText(offer: ExportFacts): string {
  return `export of the ${offer.kind ?? 'service'} ${quoted(offer.subject)}`;
}

function isOfferedTo(importer: AccountId, accounts: readonly AccountId[] | undefined): boolean {
  if (accounts === undefined) return true;
  for (const account of accounts) if (AccountId.sameAs(account, importer)) return true;
  return false;
}

/** `position` counts from 1; absent: no token has to be the importing account's name. */
function carriesName(importer: AccountId, remote: ByteString, position: number | undefined): boolean {
  return position === undefined || tokensOf(remote)[position - 1] === AccountId.nameOf(importer);
}

/** Decides whether a response may go back over a reply mapping, and uses the mapping once when it may. */
export function decideResponse(mapping: Allowance, nowMs: number, trace?: Trace): Verdict {
  if (mapping.isWithdrawn) {
    trace?.note(decided('the door that the request came through is not there any more'));
    return refuse('crossing-withdrawn');
  }
  if (!mapping.use(nowMs)) {
    trace?.note(decided('the way back is used up or its time is over'));
    return refuse('crossing-spent-response');
  }
  trace?.note(decided('the request opened this way back, and it is alive'));
  return allowOnce('crossing-response');
}
