/**
 * The reference monitor. Everything that can be refused for a reason of authority is decided here and nowhere else:
 * connect, publish, subscribe, deliver, crossing, API scope. Each decision is a pure function of principal, action and
 * facts, names the rule that decided (`rules.ts`), and says whether it may be cached. Only this folder compares two
 * accounts.
 */
export type { ConnectFacts } from './connect.ts';
export { CONTROLS, type Control, type ControlId, isControlId } from './controls.ts';
export type { DoorKind, ExportFacts, ImportFacts } from './crossing.ts';
export type { Action, Decision, DecisionListener, Observation, Reason, Trace } from './decision.ts';
export { Allowance, ResponseGrants } from './grants.ts';
export { Guard, type GuardOptions } from './guard.ts';
export {
  type AccountId,
  accountBytes,
  accountId,
  accountText,
  type ClientClaims,
  type Principal,
} from './principal.ts';
export { RULES, type Rule, type RuleId } from './rules.ts';
export type { Caller, Grant, Scope, ScopeRequest } from './scope.ts';
export { haveSameRights, sameResponses } from './succession.ts';
export type { RuleCount, RuleCounters } from './tally.ts';
export type { Verdict } from './verdict.ts';
