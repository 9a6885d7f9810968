import type { KeyObject } from 'node:crypto';
import {
  GLOBAL_ACCOUNT,
  isHashed,
  type PermissionsOptions,
  type ServerOptions,
  type UserOptions,
} from '../config/index.ts';
import type { ConnectFacts } from '../guard/index.ts';
import type { ConnectOptions } from '../protocol/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes } from '../subjects/index.ts';
import { equalSecrets, HashVerifier } from './secrets.ts';
import { isSignatureOf, userKey } from './signatures.ts';

/** What a client presents. Secrets: never log it. */
export type Credentials = Pick<ConnectOptions, 'user' | 'pass' | 'authToken' | 'jwt' | 'nkey' | 'sig'>;

/** Who somebody turned out to be. */
export interface Identity {
  readonly account: ByteString;
  /** User name or public nkey; empty for a guest without name. */
  readonly user: ByteString;
  readonly permissions?: PermissionsOptions;
  readonly connectionTypes?: readonly string[];
}

/** What authentication found, for the guard to decide on. */
export interface Finding {
  readonly found: ConnectFacts['found'];
  /** Absent when nobody was found. */
  readonly identity?: Identity;
}

interface KnownUser {
  readonly identity: Identity;
  readonly password: string;
  readonly key?: KeyObject;
}

/** Finds out who a client is, from the users, nkeys and token of the configuration. */
export class Authenticator {
  readonly #users = new Map<ByteString, KnownUser>();
  readonly #nkeys = new Map<string, KnownUser>();
  readonly #token: string | undefined;
  readonly #guest: Identity | undefined;
  readonly #verifier = new HashVerifier();
  readonly #anyHashed: boolean;
  /** Whether a connection has to log in, or be let in as a guest. */
  readonly isRequired: boolean;
  /** Whether INFO says so: with a configured no_auth_user it does not (measured on 2.14.5). */
  readonly isAnnounced: boolean;

  constructor(options: ServerOptions) {
    for (const user of options.users) this.#learn(user, GLOBAL_ACCOUNT, options.defaultPermissions);
    for (const account of options.accounts) {
      for (const user of account.users) this.#learn(user, account.name, account.defaultPermissions);
    }
    this.#token = options.token;
    this.isRequired =
      this.#users.size + this.#nkeys.size > 0 || options.token !== undefined || options.foreignLogin === true;
    this.isAnnounced = this.isRequired && options.noAuthUser === undefined;
    this.#guest = this.#findGuest(options);
    const secrets = [...this.#users.values()].map((user) => user.password);
    this.#anyHashed = [...secrets, options.token ?? ''].some(isHashed);
  }

  get hasGuest(): boolean {
    return this.#guest !== undefined;
  }

  /** Whether INFO carries a challenge. */
  get needsNonce(): boolean {
    return this.#nkeys.size > 0;
  }

  /** Who comes in without having said anything. */
  guest(): Finding {
    if (!this.isRequired) return { found: 'open', identity: { account: GLOBAL_ACCOUNT, user: EMPTY_BYTES } };
    return this.#guest === undefined ? { found: 'none' } : { found: 'guest', identity: this.#guest };
  }

  /**
   * Who presents these credentials. Kinds that no user of the configuration has are passed over (measured on 2.14.5),
   * but whoever presents some never becomes the guest. A promise only where hashing makes it take time.
   * @param isWanted whether the client is still there when its turn comes.
   */
  authenticate(
    credentials: Credentials,
    nonce: string | undefined,
    isWanted: () => boolean = () => true,
  ): Finding | Promise<Finding> {
    if (!this.isRequired) {
      const user = credentials.user ?? EMPTY_BYTES;
      return { found: 'open', identity: { account: GLOBAL_ACCOUNT, user } };
    }
    const { user, pass, authToken, nkey, jwt } = credentials;
    if (nkey !== undefined && this.needsNonce) return this.#byNkey(credentials, nonce);
    if (authToken !== undefined && this.#token !== undefined) return this.#byToken(authToken, isWanted);
    if (user !== undefined) return this.#byPassword(user, pass ?? '', isWanted);
    const isSilent = [pass, authToken, nkey, jwt].every((given) => given === undefined);
    return isSilent ? this.guest() : { found: 'wrong' };
  }

  #learn(user: UserOptions, account: ByteString, byDefault: PermissionsOptions | undefined): void {
    const permissions = user.permissions ?? byDefault;
    const identity: Identity = {
      account,
      user: user.user ?? toBytes(user.nkey ?? ''),
      ...(permissions === undefined ? {} : { permissions }),
      ...(user.connectionTypes === undefined ? {} : { connectionTypes: user.connectionTypes }),
    };
    if (user.nkey !== undefined) {
      const key = userKey(user.nkey);
      this.#nkeys.set(user.nkey, { identity, password: '', ...(key === undefined ? {} : { key }) });
    } else if (user.user !== undefined) {
      this.#users.set(user.user, { identity, password: user.password ?? '' });
    }
  }

  /**
   * The configured no_auth_user; or, where the only users are those of the system account, an anonymous user of the
   * global account, unless an authorization block guards it (CVE-2023-47090).
   */
  #findGuest(options: ServerOptions): Identity | undefined {
    const named = options.noAuthUser;
    if (named !== undefined) return (this.#users.get(named) ?? this.#nkeys.get(named))?.identity;
    const { users, token, authorizationDeclared, foreignLogin } = options;
    const guarded =
      users.length > 0 || token !== undefined || authorizationDeclared === true || foreignLogin === true;
    const onlySystem = options.accounts.every((account) => account.name === options.systemAccount);
    if (!this.isRequired || guarded || !onlySystem) return undefined;
    return { account: GLOBAL_ACCOUNT, user: EMPTY_BYTES };
  }

  #byNkey(credentials: Credentials, nonce: string | undefined): Finding {
    const known = this.#nkeys.get(credentials.nkey ?? '');
    const { sig } = credentials;
    if (known?.key === undefined || sig === undefined || nonce === undefined) return { found: 'wrong' };
    return isSignatureOf(known.key, nonce, sig) ? found(known.identity) : { found: 'wrong' };
  }

  #byToken(token: string, isWanted: () => boolean): Finding | Promise<Finding> {
    const identity: Identity = { account: GLOBAL_ACCOUNT, user: EMPTY_BYTES };
    return this.#compare(token, this.#token, identity, isWanted);
  }

  #byPassword(user: ByteString, password: string, isWanted: () => boolean): Finding | Promise<Finding> {
    const known = this.#users.get(user);
    return this.#compare(password, known?.password, known?.identity, isWanted);
  }

  /**
   * Compares a secret with the one expected (undefined: there is none to match). Where any secret of the configuration
   * is hashed, every failure takes one verification, so that time does not tell which users exist.
   */
  #compare(
    given: string,
    expected: string | undefined,
    identity: Identity | undefined,
    isWanted: () => boolean,
  ): Finding | Promise<Finding> {
    if (expected !== undefined && isHashed(expected))
      return this.#compareHashed(given, expected, identity, isWanted);
    const equal = equalSecrets(given, expected ?? '') && expected !== undefined;
    if (equal && identity !== undefined) return found(identity);
    if (!this.#anyHashed) return { found: 'wrong' };
    return this.#verifier.pretend(given, isWanted).then(() => ({ found: 'wrong' }) as const);
  }

  async #compareHashed(
    given: string,
    expected: string,
    identity: Identity | undefined,
    isWanted: () => boolean,
  ): Promise<Finding> {
    const equal = await this.#verifier.verify(given, expected, isWanted);
    return equal && identity !== undefined ? found(identity) : { found: 'wrong' };
  }
}

function found(identity: Identity): Finding {
  return { found: 'credentials', identity };
}
