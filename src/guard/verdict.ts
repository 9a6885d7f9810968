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

const known = new Map<string, Verdict>();

/** One frozen object per kind of verdict: deciding allocates nothing. */
function verdict(allowed: boolean, rule: RuleId, cacheable: boolean, filtered: boolean): Verdict {
  const key = `${allowed} ${rule} ${cacheable} ${filtered}`;
  let found = known.get(key);
  if (found === undefined) {
    found = Object.freeze({ allowed, rule, cacheable, filtered });
    known.set(key, found);
  }
  return found;
}

export function allow(rule: RuleId): Verdict {
  return verdict(true, rule, true, false);
}

/** Allowed by a grant that can be used up or expire. */
export function allowOnce(rule: RuleId): Verdict {
  return verdict(true, rule, false, false);
}

/** Allowed, with every delivery judged. */
export function allowFiltered(rule: RuleId): Verdict {
  return verdict(true, rule, true, true);
}

export function refuse(rule: RuleId): Verdict {
  return verdict(false, rule, true, false);
}
