import type { Account } from '../accounts/index.ts';
import type { Authenticator, Finding, Identity } from '../auth/index.ts';
import type { Guard, Principal } from '../guard/index.ts';
import { type ConnectOptions, ERRORS, type ProtocolError } from '../protocol/index.ts';
import { EMPTY_BYTES, toBytes } from '../subjects/index.ts';
import type { Connection } from './connection.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './session.ts';

/** What a change of the configuration means for somebody who is in: stays, in the same account, or goes. */
export type Readmission =
  | { readonly stays: Entry }
  /** The last words to it; undefined: the connection just ends. */
  | { readonly goes: ProtocolError | undefined };

/**
 * A login that took time has come to its end: who it is is known, whether it may enter is decided by calling this, at the
 * moment at which it does enter. Between the two the configuration may change; then it is asked anew.
 */
export type Arrival = () => Entry | ProtocolError | Promise<Arrival>;

/** The way in for every connection: authentication finds out who it is, the guard decides whether it may enter. */
export class Admission {
  #authenticator: Authenticator;
  readonly #accounts: Directory;
  readonly #guard: Guard;
  #deciding: Connection | undefined;

  constructor(authenticator: Authenticator, accounts: Directory, guard: Guard) {
    this.#authenticator = authenticator;
    this.#accounts = accounts;
    this.#guard = guard;
  }

  /** The connection whose login the guard is being asked about, as log lines name it. */
  get connecting(): string | undefined {
    return this.#deciding?.label;
  }

  /** By the credentials of a CONNECT. A promise only where hashing makes it take time. */
  login(
    connection: Connection,
    options: ConnectOptions,
    nonce: string | undefined,
  ): Entry | ProtocolError | Promise<Arrival> {
    const certificate = connection.transport.tls?.certificate;
    const credentials = certificate === undefined ? options : { ...options, certificate };
    const finding = this.#at(connection).authenticate(credentials, nonce, () => !connection.isClosed);
    if (!(finding instanceof Promise)) return this.admit(connection, finding);
    const asked = this.#authenticator;
    return finding.then(
      (late) => () =>
        // Found among users that have been replaced since: it has to be found among the new ones.
        asked === this.#authenticator ? this.admit(connection, late) : this.login(connection, options, nonce),
    );
  }

  /** From now on the users of another configuration are let in; also those whose login is on its way. */
  replaceAuthenticator(next: Authenticator): void {
    this.#authenticator = next;
  }

  /** Without a CONNECT. */
  asGuest(connection: Connection): Entry | ProtocolError {
    return this.admit(connection, this.#at(connection).guest());
  }

  /** Not at all: the connection acted before the CONNECT that is required. */
  refuse(connection: Connection): void {
    this.admit(connection, { found: 'none' });
  }

  /** Lets somebody in whom authentication, or a rehearsal in its place, has found. */
  admit(connection: Connection, finding: Finding): Entry | ProtocolError {
    const account = this.#accountOf(finding);
    return this.#decide(connection, finding, account, account?.connections ?? 0);
  }

  /**
   * Whether somebody who came in under an earlier configuration may stay in its account.
   * @param places how many connections of the account have kept their place before this one.
   */
  readmit(connection: Connection, before: Entry, places: number): Readmission {
    const standing = this.#at(connection).findAgain(before.finding);
    if (standing.kind === 'removed') return { goes: undefined };
    if (standing.kind === 'changed') {
      this.admit(connection, { found: 'wrong' });
      return { goes: ERRORS.authorizationViolation };
    }
    const { finding } = standing;
    const account = this.#accountOf(finding);
    if (account !== before.account || finding.identity?.user !== before.principal.user)
      return { goes: undefined };
    const outcome = this.#decide(connection, finding, account, places);
    return 'text' in outcome ? { goes: outcome } : { stays: outcome };
  }

  /** Who it is is found out for each listener by itself. */
  #at({ transport }: Connection): Authenticator {
    return this.#authenticator.at(transport.listener ?? 'client');
  }

  #accountOf({ identity }: Finding): Account | undefined {
    return identity === undefined ? undefined : this.#accounts.named(identity.account);
  }

  #decide(
    connection: Connection,
    finding: Finding,
    account: Account | undefined,
    connections: number,
  ): Entry | ProtocolError {
    const { found, identity } = finding;
    const options = connection.connectOptions;
    const principal =
      identity === undefined || account === undefined
        ? undefined
        : principalOf(connection, identity, account);
    this.#deciding = connection;
    const verdict = this.#guard.connect(
      {
        found: identity === undefined && found !== 'wrong' ? 'none' : found,
        ...(identity !== undefined && account === undefined ? { accountIsGone: true } : {}),
        namesAccount: options.account !== undefined,
        connectionType: connection.transport.connectionType,
        ...(identity?.connectionTypes === undefined ? {} : { allowedTypes: identity.connectionTypes }),
        connections,
        maxConnections: account?.limits.maxConnections ?? 0,
      },
      principal,
      options.user ?? EMPTY_BYTES,
    );
    this.#deciding = undefined;
    if (verdict.rule === 'connect-account-full') return ERRORS.maximumAccountConnections;
    if (!verdict.allowed || principal === undefined || account === undefined)
      return ERRORS.authorizationViolation;
    // Only in the lab: with its control off, the account that CONNECT names is the one it gets (CVE-2022-24450).
    const moved =
      verdict.rule === 'connect-control-off'
        ? this.#accounts.named(toBytes(options.account ?? ''))
        : undefined;
    if (moved !== undefined)
      return { principal: { ...principal, account: moved.id }, account: moved, finding };
    return { principal, account, finding };
  }
}

function principalOf(
  connection: Connection,
  { user, permissions }: Identity,
  { id: account }: Account,
): Principal {
  const client = connection.claims(connection.connectOptions);
  return { account, user, client, ...(permissions === undefined ? {} : { permissions }) };
}
