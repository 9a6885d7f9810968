import type { Decision, RuleId } from '../guard/index.ts';
import type { Recording } from './stage.ts';

/** What a rehearsed act comes to. */
export interface Outcome {
  readonly allowed: boolean;
  /** The decision that settled it. */
  readonly decision: Decision;
}

/** The decisions of a recording, in order. */
export function decisionsOf(recording: Recording): Decision[] {
  return recording.happenings.flatMap((each) => (each.kind === 'decision' ? [each.decision] : []));
}

/**
 * What the decisions of one act come to. Whatever is refused at the client's own hand (connect, subscribe, publish)
 * refuses the act. Behind that a message may go several ways: the act is refused when every way that leads out of the
 * account, or to a service, is.
 */
export function outcomeOf(recording: Recording): Outcome {
  const decisions = decisionsOf(recording);
  const connects = decisions.filter(({ action }) => action === 'connect');
  const isConnect = decisions.length === connects.length;
  if (isConnect) return settledBy(connects);
  const own = decisions.filter(({ action }) => OWN.has(action));
  const refused = [...connects, ...own].find(({ verdict }) => !verdict.allowed);
  if (refused !== undefined) return { allowed: false, decision: refused };
  for (const action of ['scope', 'crossing'] as const) {
    const ways = decisions.filter((decision) => decision.action === action);
    if (ways.length > 0) return settledBy(ways);
  }
  return settledBy(own.filter(({ action }) => action !== 'reply').slice(-1));
}

const OWN: ReadonlySet<Decision['action']> = new Set(['publish', 'subscribe', 'reply']);

/** Allowed by the first that is, refused by the last when none is. */
function settledBy(ways: readonly Decision[]): Outcome {
  const decision = ways.find(({ verdict }) => verdict.allowed) ?? ways.at(-1);
  if (decision === undefined) throw new Error('an act without a decision of the guard');
  return { allowed: decision.verdict.allowed, decision };
}

/** The rule of an outcome. */
export function ruleOf({ decision }: Outcome): RuleId {
  return decision.verdict.rule;
}
