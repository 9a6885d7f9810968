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
import type { CertificateNames } from './certificate-names.ts';
import { CertificateUsers } from './certificate-users.ts';
import { loginAt } from './listener-login.ts';
import { equalSecrets, HashVerifier } from './secrets.ts';
import { isSignatureOf, userKey } from './signatures.ts';
import type { Proof, Standing } from './standing.ts';

/** What a client presents. Secrets: never log it. */
export type Credentials = Pick<ConnectOptions, 'user' | 'pass' | 'authToken' | 'jwt' | 'nkey' | 'sig'> & {
  /** The names in its certificate, where TLS asked for one and has checked it. */
  readonly certificate?: CertificateNames;
};

/** Where a client comes in. Who it is is found out for each listener by itself. */
export type ListenerKind = 'client' | 'websocket';

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
  /** What it rests on, for finding the same one again; absent when nobody was found. */
  readonly proof?: Proof;
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
  readonly #verifier: HashVerifier;
  readonly #anyHashed: boolean;
  /** Present where certificates say who somebody is: then nobody comes in without one. */
  readonly #certificates: CertificateUsers | undefined;
  /** Whether some listener tells users by their certificates: a user without a password is meant for it then. */
  readonly #needsCertificates: boolean;
  readonly #websocket: Authenticator | undefined;
  /** Whether a connection has to log in, or be let in as a guest. */
  readonly isRequired: boolean;
  /** Whether INFO says so: with a configured no_auth_user it does not (measured on 2.14.5). */
  readonly isAnnounced: boolean;

  /** @param verifier of the authenticator that this one replaces: the bounds on its work hold for both together. */
  constructor(
    configured: ServerOptions,
    verifier: HashVerifier = new HashVerifier(),
    listener: ListenerKind = 'client',
  ) {
    const options = loginAt(listener, configured);
    this.#verifier = verifier;
    for (const user of options.users) this.#learn(user, GLOBAL_ACCOUNT, options.defaultPermissions);
    for (const account of options.accounts) {
      for (const user of account.users) this.#learn(user, account.name, account.defaultPermissions);
    }
    this.#token = options.token;
    this.isRequired =
      this.#users.size + this.#nkeys.size > 0 || options.token !== undefined || options.foreignLogin === true;
    // A WebSocket listener says so in any case (measured on 2.14.5).
    this.isAnnounced = this.isRequired && (options.noAuthUser === undefined || listener === 'websocket');
    this.#guest = this.#findGuest(options);
    const secrets = [...this.#users.values()].map((user) => user.password);
    this.#anyHashed = [...secrets, options.token ?? ''].some(isHashed);
    const tellsByCertificate = options.tls?.mapsUsers === true && options.singleUser === undefined;
    if (tellsByCertificate && this.#users.size > 0)
      this.#certificates = new CertificateUsers(this.#users.keys());
    this.#needsCertificates = [configured.tls, configured.websocket?.tls].some(
      (tls) => tls?.mapsUsers === true,
    );
    if (listener === 'client' && configured.websocket !== undefined)
      this.#websocket = new Authenticator(configured, verifier, 'websocket');
  }

  /** The one that finds out who comes in at a listener. */
  at(listener: ListenerKind): Authenticator {
    return listener === 'websocket' ? (this.#websocket ?? this) : this;
  }

  /** The one that takes this one's place when the configuration changes. */
  successor(options: ServerOptions): Authenticator {
    return new Authenticator(options, this.#verifier);
  }

  get hasGuest(): boolean {
    return this.#guest !== undefined && this.#certificates === undefined;
  }

  /** Whether INFO carries a challenge. */
  get needsNonce(): boolean {
    return this.#nkeys.size > 0;
  }

  /** Who a user of the configuration is, for rehearsals: nobody comes in by this. */
  identityOf(user: ByteString): Identity | undefined {
    return (this.#users.get(user) ?? this.#nkeys.get(user))?.identity;
  }

  /** Who comes in without having said anything. */
  guest(): Finding {
    if (!this.isRequired) return openTo(EMPTY_BYTES, true);
    if (this.#certificates !== undefined) return { found: 'none' };
    if (this.#guest === undefined) return { found: 'none' };
    return { found: 'guest', identity: this.#guest, proof: { by: 'nothing', silent: true } };
  }

  /**
   * Who somebody is now that came in under an earlier configuration. What was sent is not kept: a secret that is
   * written differently, be it the hash of the same password, counts as another one. Takes no time, so that nothing
   * can happen in between.
   */
  findAgain({ identity, proof }: Finding): Standing {
    if (identity === undefined || proof === undefined) return { kind: 'changed' };
    if (proof.by === 'password') return this.#stillUser(proof.user, proof.secret);
    if (proof.by === 'nkey') {
      const known = this.#nkeys.get(proof.nkey);
      return known === undefined
        ? { kind: 'removed' }
        : { kind: 'known', finding: found(known.identity, proof) };
    }
    const silent = proof.by === 'nothing' && proof.silent;
    if (!this.isRequired) {
      return { kind: 'known', finding: openTo(silent ? EMPTY_BYTES : identity.user, silent) };
    }
    if (proof.by === 'token') {
      const isSame = this.#token === proof.secret;
      return isSame ? { kind: 'known', finding: found(identity, proof) } : { kind: 'changed' };
    }
    const guest: Finding = silent ? this.guest() : { found: 'none' };
    return guest.identity === undefined ? { kind: 'changed' } : { kind: 'known', finding: guest };
  }

  #stillUser(user: ByteString, secret: string): Standing {
    const known = this.#users.get(user);
    if (known === undefined) return { kind: 'removed' };
    if (known.password !== secret) return { kind: 'changed' };
    return { kind: 'known', finding: found(known.identity, { by: 'password', user, secret }) };
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
    const { user, pass, authToken, nkey, jwt } = credentials;
    const isSilent = [user, pass, authToken, nkey, jwt].every((given) => given === undefined);
    if (!this.isRequired) return openTo(user ?? EMPTY_BYTES, isSilent);
    if (nkey !== undefined && this.needsNonce) return this.#byNkey(credentials, nonce);
    if (this.#certificates !== undefined) return this.#byCertificate(credentials, isWanted);
    if (authToken !== undefined && this.#token !== undefined) return this.#byToken(authToken, isWanted);
    if (user !== undefined) return this.#byPassword(user, pass ?? '', isWanted);
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
    const isSigned = isSignatureOf(known.key, nonce, sig);
    return isSigned
      ? found(known.identity, { by: 'nkey', nkey: credentials.nkey ?? '' })
      : { found: 'wrong' };
  }

  #byToken(token: string, isWanted: () => boolean): Finding | Promise<Finding> {
    const identity: Identity = { account: GLOBAL_ACCOUNT, user: EMPTY_BYTES };
    const secret = this.#token;
    const known = secret === undefined ? undefined : found(identity, { by: 'token', secret });
    return this.#compare(token, secret, known, isWanted);
  }

  /** The certificate says who it is, whatever CONNECT says; a password that the user has is needed all the same. */
  #byCertificate({ certificate, pass }: Credentials, isWanted: () => boolean): Finding | Promise<Finding> {
    const user = certificate === undefined ? undefined : this.#certificates?.find(certificate);
    return user === undefined ? { found: 'wrong' } : this.#compareUser(user, pass ?? '', isWanted);
  }

  /** By name and password; a user without password that is meant for a certificate does not come in by its name. */
  #byPassword(user: ByteString, password: string, isWanted: () => boolean): Finding | Promise<Finding> {
    const isMeantForCertificate = this.#needsCertificates && this.#users.get(user)?.password === '';
    if (isMeantForCertificate) return this.#compare(password, undefined, undefined, isWanted);
    return this.#compareUser(user, password, isWanted);
  }

  #compareUser(user: ByteString, password: string, isWanted: () => boolean): Finding | Promise<Finding> {
    const known = this.#users.get(user);
    if (known === undefined) return this.#compare(password, undefined, undefined, isWanted);
    const proof: Proof = { by: 'password', user, secret: known.password };
    return this.#compare(password, known.password, found(known.identity, proof), isWanted);
  }

  /**
   * Compares a secret with the one expected (undefined: there is none to match) of whoever is known by it. Where any secret of the configuration
   * is hashed, every failure takes one verification, so that time does not tell which users exist.
   */
  #compare(
    given: string,
    expected: string | undefined,
    known: Finding | undefined,
    isWanted: () => boolean,
  ): Finding | Promise<Finding> {
    if (expected !== undefined && isHashed(expected))
      return this.#compareHashed(given, expected, known, isWanted);
    const equal = equalSecrets(given, expected ?? '') && expected !== undefined;
    if (equal && known !== undefined) return known;
    if (!this.#anyHashed) return { found: 'wrong' };
    return this.#verifier.pretend(given, isWanted).then(() => ({ found: 'wrong' }) as const);
  }

  async #compareHashed(
    given: string,
    expected: string,
    known: Finding | undefined,
    isWanted: () => boolean,
  ): Promise<Finding> {
    const equal = await this.#verifier.verify(given, expected, isWanted);
    return equal && known !== undefined ? known : { found: 'wrong' };
  }
}

function found(identity: Identity, proof: Proof): Finding {
  return { found: 'credentials', identity, proof };
}

/** Everybody is in the global account where no users are configured. */
function openTo(user: ByteString, silent: boolean): Finding {
  const identity: Identity = { account: GLOBAL_ACCOUNT, user };
  return { found: 'open', identity, proof: { by: 'nothing', silent } };
}
