import type { Position } from '../config/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { AccountId, Principal } from './principal.ts';
import type { Verdict } from './verdict.ts';

/** What the guard is asked about. */
export type Action =
  | 'connect'
  | 'publish'
  /** Naming a reply subject; asked after `publish`. */
  | 'reply'
  | 'subscribe'
  | 'deliver'
  | 'crossing'
  | 'response'
  | 'scope';

/** One thing the guard looked at on its way to a verdict, in the order in which it looked. */
export interface Reason {
  /** One clause for people: `deny "orders.>" matches`. */
  readonly text: string;
  /** Whether the verdict follows from it; the last reason of a decision does. */
  readonly decided: boolean;
  /** Where the configuration says so; absent where nothing was written. */
  readonly at?: Position;
}

/** Notes what a decision looked at. Passed to a decision by whoever wants to know; absent on the way of a message. */
export interface Trace {
  note(reason: Reason): void;
}

/** One decision of the reference monitor, as its listeners see it. */
export interface Decision {
  readonly action: Action;
  /** Absent where nobody was authenticated. */
  readonly principal: Principal | undefined;
  /** The account in which it was asked: the principal's own, or for a crossing the importing one. */
  readonly account: AccountId | undefined;
  /** The subject, or what else was asked for (the user name of a login). */
  readonly subject: ByteString;
  /** The queue group of a subscription or delivery, empty outside of them. */
  readonly queue: ByteString;
  readonly verdict: Verdict;
  /** What was looked at; empty unless a listener asked for reasons. */
  readonly reasons: readonly Reason[];
}

/** What a listener of decisions wants to be told. */
export interface Observation {
  /** Refusals only. Default: all decisions; a delivery that is refused is told only with {@link every}. */
  readonly refusalsOnly?: boolean;
  /** Every action is decided anew while somebody listens so: no kept verdict answers for it. */
  readonly every?: boolean;
  /** Reasons are collected. */
  readonly reasons?: boolean;
}

export type DecisionListener = (decision: Decision) => void;
