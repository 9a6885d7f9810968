import type { ByteString } from '../subjects/index.ts';
import type { ControlId } from './controls.ts';
import type { Trace } from './decision.ts';
import { AccountId, type Principal } from './principal.ts';
import type { RuleId } from './rules.ts';
import { allow, refuse, type Verdict } from './verdict.ts';

/**
 * What an API endpoint acts on.
 * - `account`: the caller's own account.
 * - `system`: the whole server; for the system account only.
 * - `named-account`: the account named in the subject, for that account itself and for the system account.
 */
export type Scope = 'account' | 'system' | 'named-account';

/** Who asks, seen by an endpoint: the principal, and the account on whose behalf the request arrived. */
export interface Caller {
  readonly principal: Principal;
  /** The account whose import the request used last; for a system user, the system account. */
  readonly account: AccountId;
}

/** What a request asks of an endpoint, as far as authority is concerned. */
export interface ScopeRequest<S extends Scope = Scope> {
  readonly scope: S;
  /** The account named in the subject; needed by `named-account`. */
  readonly target?: ByteString;
  /** The control whose absence makes the guard forget this check (the lab only). */
  readonly control?: ControlId;
}

/**
 * Permission to act with one scope, bound to caller and rule. Only this file can make one: the constructor needs a
 * key that does not leave it.
 */
export class Grant<S extends Scope = Scope> {
  readonly scope: S;
  readonly caller: Caller;
  readonly rule: RuleId;
  /** The account acted on: the caller's own, or the one the subject names. Undefined for `system`. */
  readonly account: AccountId | undefined;
  readonly #minted = true;

  private constructor(scope: S, caller: Caller, rule: RuleId, account: AccountId | undefined) {
    this.scope = scope;
    this.caller = caller;
    this.rule = rule;
    this.account = account;
  }

  /** @internal for {@link mintGrant} alone. */
  static mint<S extends Scope>(
    key: typeof MINT,
    request: ScopeRequest<S>,
    caller: Caller,
    rule: RuleId,
  ): Grant<S> {
    if (key !== MINT) throw new TypeError('only the guard mints grants');
    return new Grant(request.scope, caller, rule, accountActedOn(request, caller));
  }

  get isMinted(): boolean {
    return this.#minted;
  }
}

const MINT: unique symbol = Symbol('mint');

function accountActedOn(request: ScopeRequest, caller: Caller): AccountId | undefined {
  if (request.scope === 'account') return caller.account;
  if (request.scope === 'system' || request.target === undefined) return undefined;
  return new AccountId(request.target);
}

/** Decides whether a caller may use an endpoint of this scope. `system` is absent when the server has no system account. */
export function decideScope(
  caller: Caller,
  request: ScopeRequest,
  system: AccountId | undefined,
  isControlOn: (id: ControlId) => boolean,
  _trace?: Trace,
): Verdict {
  if (request.scope === 'account') return allow('scope-own-account');
  if (system !== undefined && AccountId.sameAs(caller.account, system)) return allow('scope-system-account');
  if (request.scope === 'named-account' && isOwnName(caller, request.target))
    return allow('scope-named-own-account');
  if (request.control !== undefined && !isControlOn(request.control)) return allow('scope-control-off');
  return refuse(request.scope === 'system' ? 'scope-system-only' : 'scope-named-account-only');
}

function isOwnName(caller: Caller, target: ByteString | undefined): boolean {
  return target !== undefined && AccountId.nameOf(caller.account) === target;
}

/** Turns an allowing verdict into a grant. */
export function mintGrant<S extends Scope>(
  verdict: Verdict,
  caller: Caller,
  request: ScopeRequest<S>,
): Grant<S> {
  if (!verdict.allowed) throw new TypeError(`no grant for a refusal by ${verdict.rule}`);
  return Grant.mint(MINT, request, caller, verdict.rule);
}
