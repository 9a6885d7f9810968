import { RULES, type RuleId } from './rules.ts';
import type { Verdict } from './verdict.ts';

/** How often a rule decided, and which way: a rule has one outcome, so that one of the two is always 0. */
export interface RuleCount {
  readonly allowed: number;
  readonly refused: number;
}

/** The rules that decided something since the start. */
export type RuleCounters = Readonly<Partial<Record<RuleId, RuleCount>>>;

const RULE_IDS = Object.keys(RULES) as RuleId[];

/**
 * Counts decisions by rule. An allowed verdict that its holder keeps was decided once and is counted once, however many
 * messages it lets through.
 */
export class Tally {
  readonly #counts = Object.fromEntries(RULE_IDS.map((rule) => [rule, 0])) as Record<RuleId, number>;

  count(verdict: Verdict): void {
    this.#counts[verdict.rule]++;
  }

  reset(): void {
    for (const rule of RULE_IDS) this.#counts[rule] = 0;
  }

  counters(): RuleCounters {
    const counters: Partial<Record<RuleId, RuleCount>> = {};
    for (const rule of RULE_IDS) {
      const count = this.#counts[rule];
      if (count === 0) continue;
      const allows = RULES[rule].outcome === 'allow';
      counters[rule] = { allowed: allows ? count : 0, refused: allows ? 0 : count };
    }
    return counters;
  }
}
