/**
 * Attacks on account boundaries, generated: worlds, hostile traffic, targets to run it on (Bulkhead in this process, or
 * any server over the wire), oracles that judge what was seen, and campaigns that shrink a finding to its smallest trace.
 */
export type { Action, Scenario } from './actions.ts';
export { type CampaignOptions, type CampaignResult, runCampaign, worldOfSeed } from './campaign.ts';
export type { Finding } from './finding.ts';
export type { Canary, Fuzzer } from './fuzzers/fuzzer.ts';
export { WEAPONS, type Weapon } from './generators/actions.ts';
export {
  type EmbeddedOptions,
  type EmbeddedServer,
  InProcessTarget,
  type StartEmbedded,
} from './in-process-target.ts';
export type { ListenerFuzzer, StrangerFinding, Way } from './listeners/listener-fuzzer.ts';
export { TOO_LONG, type VisitOptions, visit } from './listeners/visit.ts';
export { FUZZERS, fuzzerById, LISTENER_FUZZERS, listenerFuzzersById } from './registry.ts';
export { type Counterexample, describeAction, reportText } from './report.ts';
export type { AuditRecord, Session, Target } from './target.ts';
export { BinaryTarget, UrlTarget } from './tcp-target.ts';
export { type World, worldConfig, worldFromConfig } from './world.ts';
