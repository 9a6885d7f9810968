import type { Closable } from '../base/index.ts';
import {
  type Action,
  accountText,
  type Decision,
  type Guard,
  type Reason,
  type RuleId,
} from '../guard/index.ts';
import { toText } from '../subjects/index.ts';

/** One decision of the server's reference monitor, in text. */
export interface ServerDecision {
  readonly action: Action;
  /** Absent where nobody was logged in. */
  readonly principal: { readonly account: string; readonly user: string } | undefined;
  /** The account in which it was asked: the principal's own; for a crossing the importing one; empty: none yet. */
  readonly account: string;
  /** The subject, or what else was asked for: the user name of a login. May hold any character. */
  readonly subject: string;
  /** The queue group of a subscription or delivery; empty outside of them. */
  readonly queue: string;
  readonly verdict: 'allowed' | 'refused';
  readonly rule: RuleId;
  /** What was looked at, in order; the last one decided. */
  readonly reasons: readonly Reason[];
}

export type ServerDecisionListener = (decision: ServerDecision) => void;

/** Everything that is decided while anybody listens; nothing is made, and verdicts are kept, while nobody does. */
export class DecisionListeners {
  readonly #guard: Guard;
  readonly #onError: (error: unknown) => void;
  readonly #listening = new Map<ServerDecisionListener, Closable>();

  /** @param onError is told what a listener throws: the decision stands, and the server goes on. */
  constructor(guard: Guard, onError: (error: unknown) => void) {
    this.#guard = guard;
    this.#onError = onError;
  }

  /** From now on the listener is told of every decision, at once. A listener listens once. */
  add(listener: ServerDecisionListener): void {
    if (this.#listening.has(listener)) return;
    const tell = (decision: Decision): void => {
      try {
        listener(inText(decision));
      } catch (error) {
        this.#onError(error);
      }
    };
    this.#listening.set(listener, this.#guard.observe(tell, { every: true, reasons: true }));
  }

  remove(listener: ServerDecisionListener): void {
    this.#listening.get(listener)?.close();
    this.#listening.delete(listener);
  }
}

function inText({ action, principal, account, subject, queue, verdict, reasons }: Decision): ServerDecision {
  return {
    action,
    principal: principal && { account: accountText(principal.account), user: toText(principal.user) },
    account: account === undefined ? '' : accountText(account),
    subject: toText(subject),
    queue: toText(queue),
    verdict: verdict.allowed ? 'allowed' : 'refused',
    rule: verdict.rule,
    reasons,
  };
}
