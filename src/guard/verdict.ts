import type { RuleId } from './rules.ts';

/** What the guard says: allowed or not, by which rule, and whether the answer may be kept until the policy changes. */
export interface Verdict {
  readonly allowed: boolean;
  readonly rule: RuleId;
  /** False when the verdict rests on a grant or on time. */
  readonly cacheable: boolean;
  /** For subscriptions: allowed, but deliveries have to be judged one by one. */
  readonly filtered: boolean;
}

/** One frozen object per kind of verdict and rule: deciding allocates nothing. */
function kind(allowed: boolean, cacheable: boolean, filtered: boolean): (rule: RuleId) => Verdict {
  const known = new Map<RuleId, Verdict>();
  return (rule) => {
    let verdict = known.get(rule);
    if (verdict === undefined) {
      verdict = Object.freeze({ allowed, rule, cacheable, filtered });
      known.set(rule, verdict);
    }
    return verdict;
  };
}

export const allow = kind(true, true, false);

/** Allowed by a grant that can be used up or expire. */
export const allowOnce = kind(true, false, false);

/** Allowed, with every delivery judged. */
export const allowFiltered = kind(true, true, true);

export const refuse = kind(false, true, false);
