import type { ByteString } from '../subjects/index.ts';
import type { ControlId, ControlSwitches } from './controls.ts';
import type { Trace } from './decision.ts';
import { AccountId, type Principal } from './principal.ts';
import type { RuleId } from './rules.ts';
import { decided, looked, quoted } from './trace.ts';
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
  /** The request came over an export that the system account's configuration declares, not over a built-in one. */
  readonly offered?: boolean;
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

/**
 * Decides whether a caller may use an endpoint or service of this scope. `system` is absent when the server has no
 * system account.
 */
export function decideScope(
  caller: Caller,
  request: ScopeRequest,
  system: AccountId | undefined,
  controls: ControlSwitches,
  trace?: Trace,
): Verdict {
  if (request.scope === 'account') {
    trace?.note(decided(`it acts on the caller's own account, ${shown(caller.account)}`));
    return allow('scope-own-account');
  }
  if (system !== undefined && AccountId.sameAs(caller.account, system)) {
    trace?.note(decided(`${shown(caller.account)} is the system account`));
    return allow('scope-system-account');
  }
  if (request.scope === 'named-account' && isOwnName(caller, request.target)) {
    trace?.note(decided(`the subject names the caller's own account, ${shown(caller.account)}`));
    return allow('scope-named-own-account');
  }
  if (request.offered === true) {
    trace?.note(decided('the configuration of the system account exports the subject to it'));
    return allow('scope-offered');
  }
  if (request.control !== undefined && !controls[request.control]) {
    trace?.note(decided(`control ${request.control} is off`));
    return allow('scope-control-off');
  }
  trace?.note(looked(`${shown(caller.account)} is not the system account`));
  if (request.scope === 'system') {
    trace?.note(decided('it acts on the whole server'));
    return refuse('scope-system-only');
  }
  trace?.note(
    decided(`the subject names ${targetText(request.target)}, the caller is ${shown(caller.account)}`),
  );
  return refuse('scope-named-account-only');
}

function shown(account: AccountId): string {
  return `account ${quoted(AccountId.nameOf(account))}`;
}

function targetText(target: ByteString | undefined): string {
  return target === undefined ? 'no account' : `account ${quoted(target)}`;
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
