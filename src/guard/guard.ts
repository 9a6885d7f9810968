import type { Closable } from '../base/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import { type ConnectFacts, decideConnect } from './connect.ts';
import { type ControlId, type ControlSwitches, controlSwitches } from './controls.ts';
import { decideCrossing, decideResponse, type ExportFacts, type ImportFacts } from './crossing.ts';
import type { Action, DecisionListener, Observation, Reason } from './decision.ts';
import type { Allowance, ResponseGrants } from './grants.ts';
import { Observers } from './observers.ts';
import { AccountId, type Principal } from './principal.ts';
import { decidePublish, decidePublishBelow, decideReply, decideReplyBelow } from './publish.ts';
import { type Caller, decideScope, type Grant, mintGrant, type ScopeRequest } from './scope.ts';
import { decideDeliver, decideSubscribe } from './subscribe.ts';
import { haveSameRights, Succession } from './succession.ts';
import { type RuleCounters, Tally } from './tally.ts';
import { Reasons } from './trace.ts';
import type { Verdict } from './verdict.ts';

/** The policy of one server. */
export interface GuardOptions {
  /** The system account; absent when the server has none. */
  readonly system: AccountId | undefined;
  /** Controls the lab turned off. */
  readonly controlsOff?: readonly ControlId[];
}

/**
 * The reference monitor: every decision of authority goes through one of these methods. Each is a pure function of
 * principal, action and facts in a file of its own; this class adds the server's policy (system account, controls,
 * generation) and tells those who listen.
 */
export class Guard {
  readonly #system: AccountId | undefined;
  readonly #controls: ControlSwitches;
  readonly #observers = new Observers();
  readonly #tally = new Tally();
  readonly #succession = new Succession();
  #generation = 1;

  constructor(options: GuardOptions) {
    this.#system = options.system;
    this.#controls = controlSwitches(options.controlsOff ?? []);
  }

  /** Verdicts kept by their holders are good for one generation of the policy. */
  get generation(): number {
    return this.#generation;
  }

  /** The policy changed: every verdict kept anywhere is void. */
  policyChanged(): void {
    this.#generation++;
  }

  /** A principal that is connected acts as `after` from now on; undefined: it was sent away. */
  succeed(before: Principal, after: Principal | undefined): void {
    this.#succession.record(before, after);
  }

  /**
   * Whether what a principal asked for under an earlier policy is still to be done for it: it was not sent away since,
   * and it may still publish the request.
   * @param asked what it published; undefined where that is not known any more, so that only unchanged rights will do.
   */
  mayStillAsk(principal: Principal, asked: ByteString | undefined): boolean {
    const now = this.#succession.current(principal);
    if (now === undefined) return false;
    if (haveSameRights(principal, now)) return true;
    return asked !== undefined && this.publish(now, asked, undefined, 0).allowed;
  }

  /** Whether verdicts may be kept at all: not while somebody wants every action decided anew. */
  get mayKeep(): boolean {
    return !this.#observers.wantsEvery;
  }

  /** Tells a listener of decisions from now on. Kept verdicts are void when it wants every action. */
  observe(listener: DecisionListener, wants: Observation = {}): Closable {
    const observer = this.#observers.add(listener, wants);
    if (wants.every === true) this.policyChanged();
    return observer;
  }

  /** How often each rule decided since the start. */
  ruleCounters(): RuleCounters {
    return this.#tally.counters();
  }

  /** Counts decisions from zero again. */
  resetCounters(): void {
    this.#tally.reset();
  }

  connect(facts: ConnectFacts, principal: Principal | undefined, claimedUser: ByteString): Verdict {
    const reasons = this.#reasons();
    const verdict = decideConnect(facts, this.#controls, reasons);
    return this.#told(verdict, 'connect', principal, principal?.account, claimedUser, EMPTY_BYTES, reasons);
  }

  publish(
    principal: Principal,
    subject: ByteString,
    grants: ResponseGrants | undefined,
    nowMs: number,
  ): Verdict {
    const reasons = this.#reasons();
    const verdict = decidePublish(principal, subject, grants, nowMs, reasons);
    return this.#told(verdict, 'publish', principal, principal.account, subject, EMPTY_BYTES, reasons);
  }

  /**
   * Whether all subjects below a literal beginning (`a.b.`) may be published to; undefined when they have to be judged one
   * by one.
   */
  publishBelow(principal: Principal, beginning: ByteString): Verdict | undefined {
    const verdict = this.mayKeep ? decidePublishBelow(principal, beginning) : undefined;
    if (verdict === undefined) return undefined;
    const below = `${beginning}>` as ByteString;
    return this.#told(verdict, 'publish', principal, principal.account, below, EMPTY_BYTES, undefined);
  }

  /** Whether a client may name this reply subject. */
  reply(principal: Principal, reply: ByteString): Verdict {
    const reasons = this.#reasons();
    const verdict = decideReply(reply, reasons);
    return this.#told(verdict, 'reply', principal, principal.account, reply, EMPTY_BYTES, reasons);
  }

  /**
   * Whether a client may name any reply subject below a literal beginning (`a.`); undefined when they have to be judged one
   * by one.
   */
  replyBelow(principal: Principal, beginning: ByteString): Verdict | undefined {
    const verdict = this.mayKeep ? decideReplyBelow(beginning) : undefined;
    if (verdict === undefined) return undefined;
    const below = `${beginning}>` as ByteString;
    return this.#told(verdict, 'reply', principal, principal.account, below, EMPTY_BYTES, undefined);
  }

  subscribe(principal: Principal, subject: ByteString, queue: ByteString): Verdict {
    const reasons = this.#reasons();
    const verdict = decideSubscribe(principal, subject, queue, this.#controls, reasons);
    return this.#told(verdict, 'subscribe', principal, principal.account, subject, queue, reasons);
  }

  /**
   * Whether a message may reach a principal. A refusal is the filter at work, not an offence: only who wants every
   * decision is told.
   */
  deliver(principal: Principal, subject: ByteString, queue: ByteString): Verdict {
    const reasons = this.#reasons();
    const verdict = decideDeliver(principal, subject, queue, this.#controls, reasons);
    return this.#told(verdict, 'deliver', principal, principal.account, subject, queue, reasons);
  }

  /**
   * Whether `importer` may take what it wants over the export `offer`, on behalf of `principal`. Depends on the
   * configuration alone, so that an import may keep the verdict for one {@link generation} where {@link mayKeep} says so.
   */
  crossing(
    importer: AccountId,
    wanted: ImportFacts,
    offer: ExportFacts | undefined,
    principal: Principal,
  ): Verdict {
    const reasons = this.#reasons();
    const verdict = decideCrossing(importer, wanted, offer, reasons);
    return this.#told(verdict, 'crossing', principal, importer, wanted.remote, EMPTY_BYTES, reasons);
  }

  /** Whether the principal that answers may use a reply mapping now. */
  response(mapping: Allowance, nowMs: number, principal: Principal, subject: ByteString): Verdict {
    const reasons = this.#reasons();
    const verdict = decideResponse(mapping, nowMs, reasons);
    return this.#told(verdict, 'response', principal, principal.account, subject, EMPTY_BYTES, reasons);
  }

  /** Whether a caller may use an API endpoint; where it may, with the grant that the handler's context is made from. */
  scope<S extends ScopeRequest['scope']>(
    caller: Caller,
    request: ScopeRequest<S>,
    subject: ByteString,
  ): { readonly verdict: Verdict; readonly grant?: Grant<S> } {
    const reasons = this.#reasons();
    const verdict = decideScope(caller, request, this.#system, this.#controls, reasons);
    this.#told(verdict, 'scope', caller.principal, caller.account, subject, EMPTY_BYTES, reasons);
    return verdict.allowed ? { verdict, grant: mintGrant(verdict, caller, request) } : { verdict };
  }

  /** How an account is introduced in INFO. For display: whoever wants to decide by it asks for a decision instead. */
  kindOf(account: AccountId): 'system' | 'tenant' {
    return this.#system !== undefined && AccountId.sameAs(account, this.#system) ? 'system' : 'tenant';
  }

  /** Where a decision notes what it looked at; undefined while nobody asks for reasons. */
  #reasons(): Reasons | undefined {
    return this.#observers.wantsReasons ? new Reasons() : undefined;
  }

  /** Counts a decision, and tells it to those who want to hear of it. */
  #told(
    verdict: Verdict,
    action: Action,
    principal: Principal | undefined,
    account: AccountId | undefined,
    subject: ByteString,
    queue: ByteString,
    reasons: Reasons | undefined,
  ): Verdict {
    this.#tally.count(verdict);
    if (this.#observers.wants(verdict, action)) {
      const list = reasons?.list ?? NO_REASONS;
      this.#observers.tell({ action, principal, account, subject, queue, verdict, reasons: list });
    }
    return verdict;
  }
}

const NO_REASONS: readonly Reason[] = [];
