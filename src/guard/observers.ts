import type { Closable } from '../base/index.ts';
import type { Action, Decision, DecisionListener, Observation } from './decision.ts';
import type { Verdict } from './verdict.ts';

/** Who listens to decisions. While nobody does, nothing is made for them. */
export class Observers {
  readonly #listeners = new Set<{ readonly tell: DecisionListener; readonly wants: Observation }>();
  /** Somebody wants to hear of allowed actions too. */
  wantsAllowed = false;
  /** Somebody wants every action decided anew. */
  wantsEvery = false;
  /** Somebody wants to know why. */
  wantsReasons = false;

  add(tell: DecisionListener, wants: Observation): Closable {
    const listener = { tell, wants };
    this.#listeners.add(listener);
    this.#recount();
    return {
      close: () => {
        this.#listeners.delete(listener);
        this.#recount();
      },
    };
  }

  /** Whether anybody wants to hear of such a decision. Asked for every one of them. */
  wants(verdict: Verdict, action: Action): boolean {
    if (this.#listeners.size === 0) return false;
    return action === 'deliver' ? this.wantsEvery : this.wantsAllowed || !verdict.allowed;
  }

  /** A listener may stop listening, and others may begin, while it is told. */
  tell(decision: Decision): void {
    const { verdict, action } = decision;
    for (const { tell, wants } of [...this.#listeners]) {
      if (verdict.allowed && wants.refusalsOnly === true) continue;
      if (action === 'deliver' && wants.every !== true) continue;
      tell(decision);
    }
  }

  #recount(): void {
    const all = [...this.#listeners].map(({ wants }) => wants);
    this.wantsAllowed = all.some((wants) => wants.refusalsOnly !== true);
    this.wantsEvery = all.some((wants) => wants.every === true);
    this.wantsReasons = all.some((wants) => wants.reasons === true);
  }
}
