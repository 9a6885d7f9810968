import type { Position } from '../config/index.ts';

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
export const REPORT_VERSION = 1;

/** How bad a finding is, worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A set of subjects as people read it: a pattern, without what the other patterns match. */
export interface SubjectText {
  readonly pattern: string;
  readonly except?: readonly string[];
  /** The pattern is an upper bound: some of these subjects may not get there. */
  readonly may?: true;
}

/** What kind of thing crosses. */
export type FlowKind =
  /** A published message, over a stream import. */
  | 'message'
  /** A request, over service imports. */
  | 'request'
  /** The answer to a request, back over the ways its request opened. */
  | 'reply'
  /** A request to the JetStream API in the system account. */
  | 'api'
  /** A request to another service of the system account. */
  | 'system';

/** One door on the way of a flow. */
export interface Step {
  readonly door: 'stream' | 'service' | 'response';
  /** The account it is left from, and the one it leads into. */
  readonly from: string;
  readonly to: string;
  /** The subjects before and behind the door. */
  readonly subject: string;
  readonly becomes: string;
  /** Every account has this door by itself. */
  readonly builtin?: true;
  readonly importAt?: Position;
  readonly exportAt?: Position;
}

/** A concrete subject that was asked of the guard, all along the path. */
export interface Witness {
  /** What a client publishes to have `subject` in its account; absent: `subject` itself. */
  readonly publish?: string;
  readonly subject: string;
  readonly arrives: string;
  /** Somebody who may publish it; absent when no user may. */
  readonly sender?: string;
  /** Somebody who may receive it; absent when no user may. */
  readonly receiver?: string;
}

/** Everything of one kind that gets from one account to another. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly kind: FlowKind;
  /** In the account where it starts. */
  readonly subjects: readonly SubjectText[];
  /** In the account where it ends. */
  readonly arrives: readonly SubjectText[];
  readonly witness: Witness;
  /** One path; with `allPaths` every one. */
  readonly paths: readonly (readonly Step[])[];
  /** Users of `from` who can send at least one of the subjects, and of `to` who can receive one. */
  readonly senders: readonly string[];
  readonly receivers: readonly string[];
  /** For which account the system account acts on it. */
  readonly actsFor?: string;
}

/** Whether an endpoint or a service may be used. */
export interface Reach {
  /** The endpoint's or service's subject, as in its table. */
  readonly subject: string;
  /** The account whose assets are acted on. */
  readonly actsFor: string;
  /** `own`: only where the subject names that very account. `refused`: it gets there and the guard says no. */
  readonly verdict: 'allowed' | 'own' | 'refused';
  readonly rule: string;
  /** A subject that reaches it; what to publish. */
  readonly publish: string;
  /** Whether only some of its subjects can be published. */
  readonly partly?: true;
}

/** Users with the same rights in the same account, and which endpoints and services they reach. */
export interface Access {
  readonly account: string;
  readonly users: readonly string[];
  readonly api: readonly Reach[];
  readonly system: readonly Reach[];
}

/** Something that somebody should know or change. */
export interface Finding {
  /** Of the kind of finding; see the table of rules. */
  readonly id: string;
  readonly severity: Severity;
  /** What is so, in one or two sentences. */
  readonly message: string;
  /** What to change. */
  readonly remedy: string;
  /** An advisory, or a rule of the guard. */
  readonly reference: string;
  /** The lines that make it so; the first is the one to change. */
  readonly at: readonly Position[];
  readonly account?: string;
  readonly user?: string;
}

export interface AccountSummary {
  readonly name: string;
  readonly kind: 'tenant' | 'global' | 'system';
  readonly users: number;
  readonly jetstream: boolean;
  readonly exports: number;
  readonly imports: number;
  readonly at?: Position;
}

/** What the auditor found out about one configuration. */
export interface AuditReport {
  readonly version: typeof REPORT_VERSION;
  /** The version of nats-server whose advisories were looked for; absent: none were. */
  readonly serverVersion?: string;
  readonly accounts: readonly AccountSummary[];
  readonly flows: readonly Flow[];
  readonly access: readonly Access[];
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Severity, number>>;
  /** What was bounded: one sentence each. Empty: the report is complete. */
  readonly cut: readonly string[];
}

export interface AuditOptions {
  /** Every path of each flow, and not one of them. */
  readonly allPaths?: boolean;
  /** A version of nats-server (`2.9.10`) whose published advisories are looked for. */
  readonly serverVersion?: string;
  /** Keys of the configuration that are accepted without effect (`websocket`, `operator`): advisories may speak of them. */
  readonly keys?: readonly string[];
  /** Ways out of one account that are followed at most. Default 1,000. */
  readonly maxPaths?: number;
}
