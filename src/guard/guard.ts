import type { ByteString } from '../subjects/index.ts';
import { type ConnectFacts, decideConnect } from './connect.ts';
import type { ControlId } from './controls.ts';
import { decideCrossing, decideResponse, type ExportFacts } from './crossing.ts';
import type { Allowance, ResponseGrants } from './grants.ts';
import { AccountId, type Principal } from './principal.ts';
import { decidePublish, decideReply } from './publish.ts';
import { type Caller, decideScope, type Grant, mintGrant, type ScopeRequest } from './scope.ts';
import { decideDeliver, decideSubscribe } from './subscribe.ts';
import type { Verdict } from './verdict.ts';

/** A refusal, told to whoever listens: the log, events, counters. */
export interface Refusal {
  readonly verdict: Verdict;
  readonly action: 'connect' | 'publish' | 'subscribe' | 'crossing' | 'api';
  /** Absent where nobody was authenticated. */
  readonly principal: Principal | undefined;
  /** The subject refused, or what else was asked for. */
  readonly subject: ByteString;
}

/** The policy of one server. */
export interface GuardOptions {
  /** The system account; absent when the server has none. */
  readonly system: AccountId | undefined;
  /** Controls the lab turned off. */
  readonly controlsOff?: readonly ControlId[];
  readonly onRefusal?: (refusal: Refusal) => void;
}

/**
 * The reference monitor: every decision of authority goes through one of these methods. Each is a pure function of
 * principal, action and facts in a file of its own; this class adds the server's policy (system account, controls,
 * generation) and tells of refusals.
 */
export class Guard {
  readonly #system: AccountId | undefined;
  readonly #off: ReadonlySet<ControlId>;
  readonly #onRefusal: (refusal: Refusal) => void;
  #generation = 1;

  constructor(options: GuardOptions) {
    this.#system = options.system;
    this.#off = new Set(options.controlsOff ?? []);
    this.#onRefusal = options.onRefusal ?? (() => {});
  }

  /** Verdicts kept by their holders are good for one generation of the policy. */
  get generation(): number {
    return this.#generation;
  }

  /** The policy changed: every verdict kept anywhere is void. */
  policyChanged(): void {
    this.#generation++;
  }

  connect(facts: ConnectFacts, principal: Principal | undefined, claimedUser: ByteString): Verdict {
    return this.#told(decideConnect(facts), 'connect', principal, claimedUser);
  }

  publish(
    principal: Principal,
    subject: ByteString,
    grants: ResponseGrants | undefined,
    nowMs: number,
  ): Verdict {
    return this.#told(decidePublish(principal, subject, grants, nowMs), 'publish', principal, subject);
  }

  /** Whether a client may name this reply subject. */
  reply(principal: Principal, reply: ByteString): Verdict {
    return this.#told(decideReply(reply), 'publish', principal, reply);
  }

  subscribe(principal: Principal, subject: ByteString, queue: ByteString): Verdict {
    return this.#told(decideSubscribe(principal, subject, queue), 'subscribe', principal, subject);
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
    return this.#told(decideCrossing(importer, subject, offer), 'crossing', principal, subject);
  }

  /** Whether the principal that answers may use a reply mapping now. */
  response(mapping: Allowance, nowMs: number, principal: Principal, subject: ByteString): Verdict {
    return this.#told(decideResponse(mapping, nowMs), 'crossing', principal, subject);
  }

  /** Whether a caller may use an API endpoint; where it may, with the grant that the handler's context is made from. */
  scope<S extends ScopeRequest['scope']>(
    caller: Caller,
    request: ScopeRequest<S>,
    subject: ByteString,
  ): { readonly verdict: Verdict; readonly grant?: Grant<S> } {
    const verdict = decideScope(caller, request, this.#system, (id) => !this.#off.has(id));
    this.#told(verdict, 'api', caller.principal, subject);
    return verdict.allowed ? { verdict, grant: mintGrant(verdict, caller, request) } : { verdict };
  }

  /** How an account is introduced in INFO. For display: whoever wants to decide by it asks for a decision instead. */
  kindOf(account: AccountId): 'system' | 'tenant' {
    return this.#system !== undefined && AccountId.sameAs(account, this.#system) ? 'system' : 'tenant';
  }

  #told(
    verdict: Verdict,
    action: Refusal['action'],
    principal: Principal | undefined,
    subject: ByteString,
  ): Verdict {
    if (!verdict.allowed) this.#onRefusal({ verdict, action, principal, subject });
    return verdict;
  }
}
