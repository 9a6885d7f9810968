import type { Closable } from '../base/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import { type ConnectFacts, decideConnect } from './connect.ts';
import type { ControlId } from './controls.ts';
import { decideCrossing, decideResponse, type ExportFacts } from './crossing.ts';
import type { Action, DecisionListener, Observation, Reason, Trace } from './decision.ts';
import type { Allowance, ResponseGrants } from './grants.ts';
import { Observers } from './observers.ts';
import { AccountId, type Principal } from './principal.ts';
import { decidePublish, decideReply } from './publish.ts';
import { type Caller, decideScope, type Grant, mintGrant, type ScopeRequest } from './scope.ts';
import { decideDeliver, decideSubscribe } from './subscribe.ts';
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
  readonly #off: ReadonlySet<ControlId>;
  readonly #observers = new Observers();
  #generation = 1;

  constructor(options: GuardOptions) {
    this.#system = options.system;
    this.#off = new Set(options.controlsOff ?? []);
  }

  /** Verdicts kept by their holders are good for one generation of the policy. */
  get generation(): number {
    return this.#generation;
  }

  /** The policy changed: every verdict kept anywhere is void. */
  policyChanged(): void {
    this.#generation++;
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

  connect(facts: ConnectFacts, principal: Principal | undefined, claimedUser: ByteString): Verdict {
    const reasons = this.#reasons();
    const verdict = decideConnect(facts, reasons);
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

  /** Whether a client may name this reply subject. */
  reply(principal: Principal, reply: ByteString): Verdict {
    const verdict = decideReply(reply);
    return this.#told(verdict, 'publish', principal, principal.account, reply, EMPTY_BYTES, undefined);
  }

  subscribe(principal: Principal, subject: ByteString, queue: ByteString): Verdict {
    const reasons = this.#reasons();
    const verdict = decideSubscribe(principal, subject, queue, reasons);
    return this.#told(verdict, 'subscribe', principal, principal.account, subject, queue, reasons);
  }

  /** Whether a message may reach a principal. A refusal is the filter at work, not an offence: it is not told. */
  deliver(principal: Principal, subject: ByteString, queue: ByteString): Verdict {
    return decideDeliver(principal, subject, queue);
  }

  /** Whether `importer` may take `subject` over the export `offer`, on behalf of `principal`. */
  crossing(
    importer: AccountId,
    subject: ByteString,
    offer: ExportFacts | undefined,
    principal: Principal,
  ): Verdict {
    const reasons = this.#reasons();
    const verdict = decideCrossing(importer, subject, offer, reasons);
    return this.#told(verdict, 'crossing', principal, importer, subject, EMPTY_BYTES, reasons);
  }

  /** Whether the principal that answers may use a reply mapping now. */
  response(mapping: Allowance, nowMs: number, principal: Principal, subject: ByteString): Verdict {
    const verdict = decideResponse(mapping, nowMs);
    return this.#told(verdict, 'response', principal, principal.account, subject, EMPTY_BYTES, undefined);
  }

  /** Whether a caller may use an API endpoint; where it may, with the grant that the handler's context is made from. */
  scope<S extends ScopeRequest['scope']>(
    caller: Caller,
    request: ScopeRequest<S>,
    subject: ByteString,
  ): { readonly verdict: Verdict; readonly grant?: Grant<S> } {
    const reasons = this.#reasons();
    const verdict = decideScope(caller, request, this.#system, (id) => !this.#off.has(id), reasons);
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

  #told(
    verdict: Verdict,
    action: Action,
    principal: Principal | undefined,
    account: AccountId | undefined,
    subject: ByteString,
    queue: ByteString,
    reasons: Reasons | undefined,
  ): Verdict {
    if (verdict.allowed ? this.#observers.wantsAllowed : !this.#observers.isEmpty) {
      this.#observers.tell({
        action,
        principal,
        account,
        subject,
        queue,
        verdict,
        reasons: reasons?.list ?? [],
      });
    }
    return verdict;
  }
}

/** The reasons of one decision, in the order in which they were looked at. */
class Reasons implements Trace {
  readonly list: Reason[] = [];

  note(reason: Reason): void {
    this.list.push(reason);
  }
}
