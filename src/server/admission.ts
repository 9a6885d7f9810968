import type { Authenticator, Finding } from '../auth/index.ts';
import type { Guard, Principal } from '../guard/index.ts';
import { type ConnectOptions, ERRORS, type ProtocolError } from '../protocol/index.ts';
import { EMPTY_BYTES } from '../subjects/index.ts';
import type { Connection } from './connection.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './session.ts';

/** The way in for every connection: authentication finds out who it is, the guard decides whether it may enter. */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #accounts: Directory;
  readonly #guard: Guard;

  constructor(authenticator: Authenticator, accounts: Directory, guard: Guard) {
    this.#authenticator = authenticator;
    this.#accounts = accounts;
    this.#guard = guard;
  }

  /** By the credentials of a CONNECT. A promise only where hashing makes it take time. */
  login(
    connection: Connection,
    options: ConnectOptions,
    nonce: string | undefined,
  ): Entry | ProtocolError | Promise<Entry | ProtocolError> {
    const finding = this.#authenticator.authenticate(options, nonce, () => !connection.isClosed);
    if (!(finding instanceof Promise)) return this.#admit(connection, finding);
    return finding.then((late) => this.#admit(connection, late));
  }

  /** Without a CONNECT. */
  asGuest(connection: Connection): Entry | ProtocolError {
    return this.#admit(connection, this.#authenticator.guest());
  }

  /** Not at all: the connection acted before the CONNECT that is required. */
  refuse(connection: Connection): void {
    this.#admit(connection, { found: 'none' });
  }

  #admit(connection: Connection, { found, identity }: Finding): Entry | ProtocolError {
    const options = connection.connectOptions;
    const account = identity === undefined ? undefined : this.#accounts.named(identity.account);
    const principal: Principal | undefined =
      identity === undefined || account === undefined
        ? undefined
        : {
            account: account.id,
            user: identity.user,
            client: connection.claims(options),
            ...(identity.permissions === undefined ? {} : { permissions: identity.permissions }),
          };
    const verdict = this.#guard.connect(
      {
        found: principal === undefined && found !== 'wrong' ? 'none' : found,
        namesAccount: options.account !== undefined,
        connectionType: connection.transport.connectionType,
        ...(identity?.connectionTypes === undefined ? {} : { allowedTypes: identity.connectionTypes }),
        connections: account?.connections ?? 0,
        maxConnections: account?.limits.maxConnections ?? 0,
      },
      principal,
      options.user ?? EMPTY_BYTES,
    );
    if (verdict.rule === 'connect-account-full') return ERRORS.maximumAccountConnections;
    if (!verdict.allowed || principal === undefined || account === undefined)
      return ERRORS.authorizationViolation;
    return { principal, account };
  }
}
