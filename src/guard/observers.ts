import type { Closable } from '../base/index.ts';
import type { Decision, DecisionListener, Observation } from './decision.ts';

/** Who listens to decisions. While nobody does, nothing is made for them. */
export class Observers {
  readonly #listeners = new Set<{ readonly tell: DecisionListener; readonly wants: Observation }>();
  /** Somebody wants to hear of allowed actions too. */
  wantsAllowed = false;
  /** Somebody wants every action decided anew. */
  wantsEvery = false;
  /** Somebody wants to know why. */
  wantsReasons = false;

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

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

  tell(decision: Decision): void {
    for (const { tell, wants } of this.#listeners)
      if (!decision.verdict.allowed || wants.refusalsOnly !== true) tell(decision);
  }

  #recount(): void {
    const all = [...this.#listeners].map(({ wants }) => wants);
    this.wantsAllowed = all.some((wants) => wants.refusalsOnly !== true);
    this.wantsEvery = all.some((wants) => wants.every === true);
    this.wantsReasons = all.some((wants) => wants.reasons === true);
  }
}
