import type { Authenticator } from '../auth/index.ts';
import type { Principal } from '../guard/index.ts';
import {
  type ConnectOptions,
  DEFAULT_CONNECT,
  ERRORS,
  errorLine,
  OK_LINE,
  type ParserLimits,
  type ProtocolError,
  type ProtocolParser,
  subscriptionLost,
} from '../protocol/index.ts';
import type { Readmission } from './admission.ts';
import type { Connection } from './connection.ts';
import type { ConnectionHost } from './host.ts';
import { type Applicant, LateLogin } from './late-login.ts';
import type { Liveness } from './liveness.ts';
import { type Entry, Session } from './session.ts';

/** The parts of a connection that depend on whether, and as whom, it is in an account. */
export interface MemberParts {
  readonly parser: ProtocolParser;
  readonly liveness: Liveness;
  readonly limits: ParserLimits;
}

/**
 * In which account a connection is, and as whom: from before its CONNECT, over the login and what a change of the
 * configuration makes of it, to its end. Who may enter is decided by authentication and the guard, behind the host.
 */
export class Membership {
  readonly #connection: Connection;
  readonly #host: ConnectionHost;
  readonly #parts: MemberParts;
  readonly #nonce: string | undefined;
  #options: ConnectOptions = DEFAULT_CONNECT;
  /** Whom it acts for; replaced as a whole by every CONNECT. */
  #session: Session | undefined;
  /** The identity of the last session: a delivery that goes on while the connection leaves may still ask for it. */
  #principal: Principal | undefined;

  constructor(connection: Connection, host: ConnectionHost, parts: MemberParts) {
    this.#connection = connection;
    this.#host = host;
    this.#parts = parts;
    this.#nonce = this.authenticator.needsNonce ? host.nonce(connection.id) : undefined;
  }

  /** What the last CONNECT said. */
  get options(): ConnectOptions {
    return this.#options;
  }

  /** Its time in an account; undefined while it is in none. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Known to be set: only a connection that entered an account subscribes or publishes. */
  get principal(): Principal {
    if (this.#principal === undefined)
      throw new Error(`connection ${this.#connection.id} acts before it entered an account`);
    return this.#principal;
  }

  /** The challenge that it has to sign, where anybody may. */
  get nonce(): string | undefined {
    return this.#nonce;
  }

  /** Who comes in by its listener. */
  get authenticator(): Authenticator {
    return this.#host.authenticator.at(this.#connection.transport.listener ?? 'client');
  }

  /** How long it has to log in, ms; undefined: it does not have to. */
  get authTimeoutMs(): number | undefined {
    if (!this.authenticator.isRequired) return undefined;
    const { authTimeoutMs, websocket } = this.#host.options;
    const own = this.#connection.transport.listener === 'websocket' ? websocket?.authTimeoutMs : undefined;
    return own ?? authTimeoutMs;
  }

  /** Says to the parser whether anything may come before CONNECT. */
  demandConnect(): void {
    const { isRequired, hasGuest } = this.authenticator;
    this.#parts.parser.mustConnect = isRequired && !hasGuest;
  }

  // ---- login ---------------------------------------------------------------------------------------------------

  /** A CONNECT: leaves the account it was in, and asks for the way into another. */
  connect(options: ConnectOptions): void {
    this.leave();
    this.#options = options;
    this.#parts.parser.headersAllowed = options.headers && this.#host.options.headers;
    const outcome = this.#host.login(this.#connection, options, this.#nonce);
    if (outcome instanceof Promise) new LateLogin(this.#applicant(), this.#host.loop).wait(outcome);
    else this.#decided(outcome);
  }

  #applicant(): Applicant {
    const connection = this.#connection;
    return {
      get isClosed() {
        return connection.isClosed;
      },
      stand: () => {
        this.#parts.parser.suspend();
        connection.pauseInput();
      },
      goOn: (step) => {
        connection.contained(() => {
          step();
          // What came behind the CONNECT is input as any other: the step before it must not be interrupted.
          this.#host.loop.interruptible(connection);
          this.#parts.parser.resume();
        });
        connection.resumeInput();
      },
      decided: (outcome) => this.#decided(outcome),
      failed: (error) => connection.broken(error),
    };
  }

  #decided(entry: Entry | ProtocolError): void {
    if ('text' in entry) return this.#turnAway(entry);
    this.#enter(entry);
    if (this.#options.verbose) this.#connection.line(OK_LINE);
  }

  /** The session; a connection that never sent CONNECT enters as the guest, if there is one. */
  entered(): Session | undefined {
    if (this.#session !== undefined || this.#connection.isClosed) return this.#session;
    const entry = this.#host.enterAsGuest(this.#connection);
    if ('text' in entry) this.#connection.fail(entry, 'Authentication Failure');
    else this.#enter(entry);
    return this.#session;
  }

  #enter(entry: Entry): void {
    const { parser, liveness } = this.#parts;
    this.#principal = entry.principal;
    this.#session = new Session(entry, this.#connection, this.#host);
    parser.mustConnect = false;
    liveness.entered(true);
    this.#connection.transport.admitted?.();
    this.#adoptLimits();
    this.#host.life.entered(this.#connection);
  }

  /** Leaves the account: subscriptions of an earlier identity do not survive a second CONNECT. */
  leave(): void {
    const session = this.#session;
    session?.end();
    this.#session = undefined;
    if (session !== undefined) this.#host.life.left(this.#connection, session.account);
    this.#parts.liveness.entered(false);
  }

  /** The server's limits, and the account's where it has its own. */
  #adoptLimits(): void {
    const { limits } = this.#parts;
    const { maxPayload: serverWide, maxControlLine } = this.#host.options;
    const own = this.#session?.account.limits.maxPayload ?? -1;
    limits.maxPayload = own >= 0 ? Math.min(own, serverWide) : serverWide;
    limits.maxControlLine = maxControlLine;
  }

  #turnAway(error: ProtocolError): void {
    const isFull = error === ERRORS.maximumAccountConnections;
    this.#connection.fail(error, isFull ? 'Maximum Account Connections Exceeded' : 'Authentication Failure');
  }

  // ---- live change ---------------------------------------------------------------------------------------------

  /** The configuration changed while it was on its way in: it will be judged by the new one when it gets there. */
  reconsiderArrival(): void {
    this.#adoptLimits();
    this.demandConnect();
    const timeoutMs = this.authTimeoutMs;
    if (timeoutMs !== undefined) this.#parts.liveness.demandLogin(timeoutMs);
  }

  /**
   * The configuration changed: goes on with the rights of the new one, or ends where there are none left.
   * @returns how many subscriptions it lost by that.
   */
  reconsider(outcome: Readmission): number {
    const session = this.#session;
    if (session === undefined) return 0;
    if ('goes' in outcome) {
      this.#dismiss(outcome.goes);
      return 0;
    }
    const { stays: entry } = outcome;
    this.#host.guard.succeed(session.principal, entry.principal);
    this.#principal = entry.principal;
    const hasOtherRights = session.renew(entry);
    this.#adoptLimits();
    const lost = hasOtherRights ? session.subscriptions.rejudge() : [];
    for (const { subject, queue, sid } of lost)
      this.#connection.line(errorLine(subscriptionLost(subject, queue, sid).text));
    if (session.subscriptions.areTooMany)
      this.#connection.fail(ERRORS.maximumSubscriptions, 'Maximum Subscriptions Exceeded');
    return lost.length;
  }

  /** Nothing is delivered any more from here on, not even what others publish before it is told. */
  #dismiss(error: ProtocolError | undefined): void {
    if (this.#principal !== undefined) this.#host.guard.succeed(this.#principal, undefined);
    if (error === undefined) this.#connection.close('Credentials Revoked');
    else this.#turnAway(error);
  }
}
