import type { Account, ClientInterest, Receiver, Sender } from '../accounts/index.ts';
import type { Authenticator } from '../auth/index.ts';
import { type Instant, Message } from '../base/index.ts';
import type { ClientClaims, Principal, ResponseGrants } from '../guard/index.ts';
import {
  type Arguments,
  type ConnectOptions,
  DEFAULT_CONNECT,
  ERRORS,
  errorLine,
  infoLine,
  OK_LINE,
  type OperationHandler,
  PING_LINE,
  PONG_LINE,
  type ProtocolError,
  ProtocolParser,
  parseConnect,
  publishViolation,
  redactConnect,
  replyViolation,
  subscriptionLost,
  type Violation,
} from '../protocol/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import type { Readmission } from './admission.ts';
import { type CloseReason, VIOLATIONS } from './close-reasons.ts';
import { connectionLabel } from './connection-label.ts';
import type { ConnectionHost } from './host.ts';
import { type Applicant, LateLogin } from './late-login.ts';
import { Liveness } from './liveness.ts';
import { noRespondersStatus } from './no-responders.ts';
import { Outbox } from './outbox.ts';
import { type Paced, Pacing } from './pacing.ts';
import { Branch, type Route, tokenAt } from './routes.ts';
import { type Entry, Session } from './session.ts';
import { deliveryTrace, lineTrace, TracingHandler } from './tracing.ts';
import type { Transport } from './transport.ts';

/** A receiver with this share of max_pending waiting makes its producers pause (measured on 2.14.5). */
const BEHIND_SHARE = 0.75;
const NS_PER_MS = 1_000_000;

/**
 * One client: what it sends becomes actions in its account, judged by the guard; what it is sent goes through its
 * outbox. It is both a {@link Receiver} and a {@link Sender}.
 */
export class Connection implements OperationHandler, Receiver, Sender, Paced {
  readonly id: number;
  readonly transport: Transport;
  readonly #host: ConnectionHost;
  readonly #outbox: Outbox;
  readonly #parser: ProtocolParser;
  readonly #limits: { maxControlLine: number; maxPayload: number };
  readonly #start: string;
  readonly #startedAt: Instant;
  readonly #nonce: string | undefined;
  /** One message object serves every publish of this connection. */
  readonly #message = new Message();
  #options: ConnectOptions = DEFAULT_CONNECT;
  /** Whom it acts for; replaced as a whole by every CONNECT. */
  #session: Session | undefined;
  /** The identity of the last session: a delivery that goes on while the connection leaves may still ask for it. */
  #principal: Principal | undefined;
  readonly #liveness: Liveness;
  readonly pacing: Pacing;
  #closed: CloseReason | undefined;
  #toldAccount = false;
  inMessages = 0;
  inBytes = 0;
  outMessages = 0;
  outBytes = 0;
  /** Whether the server will flush it at the end of the batch. */
  isQueued = false;
  /** When it last sent or was sent something, ms on the service clock. */
  lastActivityMs: number;
  /** How long its CONNECT took, then its last PONG (in whole milliseconds), ns; 0: not measured. */
  rttNs = 0;
  #pingSentAt: number | undefined;
  /** Whether it was told to look for another server. */
  isLameDuck = false;
  /** When bytes began to wait for the transport, ms on the wire clock; undefined: none wait. */
  waitingSince: number | undefined;

  constructor(id: number, transport: Transport, host: ConnectionHost) {
    this.id = id;
    this.transport = transport;
    this.#host = host;
    this.#limits = { maxControlLine: host.options.maxControlLine, maxPayload: host.options.maxPayload };
    this.#outbox = new Outbox(transport, () => this.#onWriteProgress());
    this.#liveness = this.#makeLiveness();
    this.pacing = new Pacing(this, (delayMs, task) => host.wireAfter(undefined, delayMs, task));
    this.#parser = new ProtocolParser(this.#handler(), this.#limits);
    this.#startedAt = host.clock.instant();
    this.#start = host.timestamp();
    this.lastActivityMs = host.clock.now();
    this.#nonce = this.#authenticator.needsNonce ? host.nonce(id) : undefined;
  }

  /** Greets the client and starts the timers. */
  open(): void {
    this.greet();
    this.begin();
  }

  /** Says who the server is; a handshake may have to come before the client can answer. */
  greet(): void {
    if (this.#closed !== undefined) return;
    this.#contained(() => {
      this.#demandConnect();
      this.#sendInfo();
    });
  }

  /** The client can speak: the time that it has to log in begins. */
  begin(): void {
    if (this.#closed !== undefined) return;
    this.#liveness.start(this.#authenticator.isRequired ? this.#authTimeoutMs : undefined);
  }

  /** Who comes in by its listener. */
  get #authenticator(): Authenticator {
    return this.#host.authenticator.at(this.transport.listener ?? 'client');
  }

  get #authTimeoutMs(): number {
    const { authTimeoutMs, websocket } = this.#host.options;
    const own = this.transport.listener === 'websocket' ? websocket?.authTimeoutMs : undefined;
    return own ?? authTimeoutMs;
  }

  /** The log of the protocol was switched on or off. */
  followTracing(): void {
    this.#parser.handler = this.#handler();
  }

  #handler(): OperationHandler {
    if (!this.#host.isTracing) return this;
    const write = (text: string): void => this.#host.trace(this, '<<-', () => text);
    return new TracingHandler(this, write, () => this.#mostTraced());
  }

  #demandConnect(): void {
    const { isRequired, hasGuest } = this.#authenticator;
    this.#parser.mustConnect = isRequired && !hasGuest;
  }

  #makeLiveness(): Liveness {
    const { pingMax, websocket, ...options } = this.#host.options;
    const own = this.transport.listener === 'websocket' ? websocket?.pingIntervalMs : undefined;
    const pingIntervalMs = own ?? options.pingIntervalMs;
    const events = {
      after: (delayMs: number, task: () => void) => this.#host.wireAfter(this, delayMs, task),
      onAuthTimeout: () => this.#fail(ERRORS.authenticationTimeout, 'Authentication Timeout'),
      sendPing: () => this.#sendPing(),
      onStale: () => this.#fail(ERRORS.staleConnection, 'Stale Connection'),
    };
    return new Liveness(events, pingIntervalMs, pingMax);
  }

  #sendPing(): void {
    this.#pingSentAt = this.#host.wireNow();
    this.line(PING_LINE);
  }

  // ---- Receiver and Sender -------------------------------------------------------------------------------------

  /** Known to be set: only a connection that entered an account subscribes or publishes. */
  get principal(): Principal {
    if (this.#principal === undefined)
      throw new Error(`connection ${this.id} acts before it entered an account`);
    return this.#principal;
  }

  get receiver(): Receiver {
    return this;
  }

  get echo(): boolean {
    return this.#options.echo;
  }

  get responseGrants(): ResponseGrants | undefined {
    return this.#session?.responseGrants;
  }

  get isBehind(): boolean {
    return this.#outbox.pendingBytes > this.#host.options.maxPending * BEHIND_SHARE;
  }

  /** Bytes a message of this connection may have: the account's limit once it is in one. */
  get maxPayload(): number {
    return this.#limits.maxPayload;
  }

  get pendingBytes(): number {
    return this.#outbox.pendingBytes;
  }

  /** Its subscriptions in the account it is in. */
  get subscriptions(): readonly ClientInterest[] {
    return this.#session?.subscriptions.list() ?? [];
  }

  get subscriptionCount(): number {
    return this.#session?.subscriptions.count ?? 0;
  }

  /** Tells the client to look for another server. */
  warnLameDuck(): void {
    this.isLameDuck = true;
    this.#sendInfo();
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  get account(): Account | undefined {
    return this.#session?.account;
  }

  send(message: Message, sid: ByteString): boolean {
    if (this.#closed !== undefined) return false;
    const kept = this.#host.watch?.delivering(this, message, sid) ?? false;
    if (!kept) this.#outbox.message(message, sid, this.#options.headers);
    if (this.#host.isTracing) this.#traceDelivery(message, sid);
    this.outMessages++;
    this.outBytes += message.size;
    this.#queued();
    return true;
  }

  #traceDelivery(message: Message, sid: ByteString): void {
    for (const text of deliveryTrace(message, sid, this.#options.headers, this.#mostTraced()))
      this.#host.trace(this, '->>', () => text);
  }

  traceRemoval(sid: ByteString): void {
    this.#host.trace(this, '<->', () => `[DELSUB ${toText(sid)}]`);
  }

  /** Bytes of a payload that are written down. */
  #mostTraced(): number {
    return this.#host.options.log.maxTracedBytes ?? Number.POSITIVE_INFINITY;
  }

  onReceiverBehind(receiver: Receiver): void {
    if (!this.#host.options.fastProducerStall) return;
    if (receiver instanceof Connection) this.pacing.note(receiver);
  }

  // ---- input ---------------------------------------------------------------------------------------------------

  /** Takes bytes of the client. */
  receive(chunk: Buffer): void {
    if (this.#closed !== undefined) return;
    this.#liveness.heard();
    this.#host.loop.begin();
    this.lastActivityMs = this.#host.clock.now();
    this.#contained(() => this.#parser.parse(chunk));
    this.#host.loop.settle();
    this.pacing.batchOver();
  }

  /** An unexpected error closes this connection and nothing else. */
  #contained(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#broken(error);
    }
  }

  #broken(error: unknown): void {
    this.#host.internalError(this, error);
    this.close('Internal Error');
  }

  /** The client's end is gone. */
  peerClosed(reason: CloseReason = 'Client Closed'): void {
    this.close(reason);
  }

  onPing(): void {
    if (this.#entered() === undefined) return;
    this.line(PONG_LINE);
    if (!this.#toldAccount && this.#options.protocol >= 1) {
      this.#toldAccount = true;
      this.#sendInfo(true);
    }
  }

  onPong(): void {
    if (this.#entered() === undefined) return;
    this.#liveness.pong();
    if (this.#pingSentAt === undefined) return;
    this.rttNs = Math.max(1, this.#host.wireNow() - this.#pingSentAt) * NS_PER_MS;
    this.#pingSentAt = undefined;
  }

  onPeerError(): void {
    this.close('Client Closed');
  }

  onViolation(violation: Violation): void {
    const { error, reason } = VIOLATIONS[violation];
    if (violation === 'not-authorized') this.#host.refusedBeforeConnect(this);
    if (error === undefined) this.close(reason);
    else this.#fail(error, reason);
  }

  onSubscribe(buffer: Buffer, args: Arguments): void {
    const session = this.#entered();
    if (session !== undefined) this.#answer(session.subscriptions.subscribe(buffer, args));
  }

  onUnsubscribe(buffer: Buffer, args: Arguments): void {
    const session = this.#entered();
    if (session === undefined) return;
    session.subscriptions.unsubscribe(buffer, args);
    this.#answer(undefined);
  }

  onPublish(
    buffer: Buffer,
    subjectStart: number,
    subjectEnd: number,
    replyStart: number,
    replyEnd: number,
    headerStart: number,
    payloadStart: number,
    end: number,
  ): void {
    const session = this.#session ?? this.#entered();
    if (session === undefined) return;
    this.inMessages++;
    this.inBytes += end - headerStart;
    const published = session.routes.find(buffer, subjectStart, subjectEnd);
    const { pedantic, verbose, noResponders } = this.#options;
    if (pedantic && !published.isPublishSubject) this.line(errorLine(ERRORS.invalidPublishSubject.text));
    // From here on there is only the mapped subject: it is what has to be allowed (measured on 2.14.5).
    const route = published.target;
    if (!this.#mayPublish(session, route)) return this.#answer(publishViolation(route.subject));
    const message = this.#message;
    message.reply = tokenAt(buffer, replyStart, replyEnd);
    if (message.reply !== '' && !this.#host.guard.reply(session.principal, message.reply).allowed) {
      return this.#answer(replyViolation(message.reply));
    }
    message.subject = route.subject;
    message.place(buffer, headerStart, payloadStart, end);
    if (route === published) message.subjectStart = subjectStart;
    if (verbose) this.line(OK_LINE);
    this.#host.watch?.published(this, message);
    const received = route.account.deliverTo(route.result, route.subject, message, this);
    if (received === 0 && message.reply !== '' && noResponders) this.#noResponders(message);
  }

  onConnect(buffer: Buffer, start: number, end: number): void {
    const text = buffer.utf8Slice(start, end);
    this.#host.trace(this, '<<-', () => `[CONNECT ${redactConnect(text)}]`);
    const parsed = parseConnect(text, this.#options);
    if (parsed === undefined) return this.close('Parse Error');
    // What cookies say counts where CONNECT says nothing (measured on 2.14.5).
    const options: ConnectOptions = { ...this.transport.offered, ...parsed };
    if (options.protocol > 1 || options.protocol < 0) {
      return this.#fail(ERRORS.invalidClientProtocol, 'Bad Client Protocol Version');
    }
    if (options.noResponders && !options.headers) {
      return this.#fail(ERRORS.noRespondersRequiresHeaders, 'No Responders Requires Headers');
    }
    this.#leave();
    if (this.rttNs === 0) this.rttNs = nanosBetween(this.#startedAt, this.#host.clock.instant());
    this.#options = options;
    this.#parser.headersAllowed = options.headers && this.#host.options.headers;
    this.#login(options);
  }

  // ---- login ---------------------------------------------------------------------------------------------------

  #login(options: ConnectOptions): void {
    const outcome = this.#host.login(this, options, this.#nonce);
    if (outcome instanceof Promise) new LateLogin(this.#applicant(), this.#host.loop).wait(outcome);
    else this.#loggedIn(outcome);
  }

  #applicant(): Applicant {
    const isClosed = (): boolean => this.#closed !== undefined;
    return {
      get isClosed() {
        return isClosed();
      },
      stand: () => {
        this.#parser.suspend();
        this.transport.pause();
      },
      goOn: (step) => {
        this.#contained(() => {
          step();
          this.#parser.resume();
        });
        this.resumeInput();
      },
      decided: (outcome) => this.#loggedIn(outcome),
      failed: (error) => this.#broken(error),
    };
  }

  #loggedIn(entry: Entry | ProtocolError): void {
    if ('text' in entry) {
      const full = entry === ERRORS.maximumAccountConnections;
      return this.#fail(entry, full ? 'Maximum Account Connections Exceeded' : 'Authentication Failure');
    }
    this.#enter(entry);
    if (this.#options.verbose) this.line(OK_LINE);
  }

  /** The session; a connection that never sent CONNECT enters as the guest, if there is one. */
  #entered(): Session | undefined {
    if (this.#session !== undefined || this.#closed !== undefined) return this.#session;
    const entry = this.#host.enterAsGuest(this);
    if ('text' in entry) this.#fail(entry, 'Authentication Failure');
    else this.#enter(entry);
    return this.#session;
  }

  #enter(entry: Entry): void {
    this.#principal = entry.principal;
    this.#session = new Session(entry, this, this.#host);
    this.#parser.mustConnect = false;
    this.#liveness.entered(true);
    this.transport.admitted?.();
    this.#adoptLimits();
    this.#host.life.entered(this);
  }

  /** The server's limits, and the account's where it has its own. */
  #adoptLimits(): void {
    const { maxPayload: serverWide, maxControlLine } = this.#host.options;
    const own = this.#session?.account.limits.maxPayload ?? -1;
    this.#limits.maxPayload = own >= 0 ? Math.min(own, serverWide) : serverWide;
    this.#limits.maxControlLine = maxControlLine;
  }

  /** Leaves the account: subscriptions of an earlier identity do not survive a second CONNECT. */
  #leave(): void {
    const session = this.#session;
    session?.end();
    this.#session = undefined;
    if (session !== undefined) this.#host.life.left(this, session.account);
    this.#liveness.entered(false);
  }

  /** What the client says of itself, for events and `Nats-Request-Info`. */
  claims(options: ConnectOptions): ClientClaims {
    return {
      id: this.id,
      host: this.transport.remoteAddress,
      name: options.name,
      lang: options.lang,
      version: options.version,
      start: this.#start,
      kind: 'Client',
      clientType: this.clientType,
    };
  }

  /** What it speaks, as events name it. */
  get clientType(): 'nats' | 'websocket' {
    return this.transport.connectionType === 'WEBSOCKET' ? 'websocket' : 'nats';
  }

  get connectOptions(): ConnectOptions {
    return this.#options;
  }

  // ---- live change ---------------------------------------------------------------------------------------------

  /** The way in that it took; undefined while it is not in an account. */
  get entry(): Entry | undefined {
    return this.#session?.entry;
  }

  /** The configuration changed while it was on its way in: it will be judged by the new one when it gets there. */
  reconsiderArrival(): void {
    this.#adoptLimits();
    this.#demandConnect();
    if (this.#authenticator.isRequired) this.#liveness.demandLogin(this.#authTimeoutMs);
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
      this.line(errorLine(subscriptionLost(subject, queue, sid).text));
    if (session.subscriptions.areTooMany)
      this.#fail(ERRORS.maximumSubscriptions, 'Maximum Subscriptions Exceeded');
    return lost.length;
  }

  /** Nothing is delivered any more from here on, not even what others publish before it is told. */
  #dismiss(error: ProtocolError | undefined): void {
    if (this.#principal !== undefined) this.#host.guard.succeed(this.#principal, undefined);
    if (error === undefined) return this.close('Credentials Revoked');
    const full = error === ERRORS.maximumAccountConnections;
    this.#fail(error, full ? 'Maximum Account Connections Exceeded' : 'Authentication Failure');
  }

  // ---- publishing ----------------------------------------------------------------------------------------------

  #mayPublish({ principal, responseGrants }: Session, route: Route): boolean {
    const { guard } = this.#host;
    if (route.allowedAt === guard.generation) return true;
    if (route instanceof Branch && route.admits(guard, principal)) return true;
    const nowMs = responseGrants === undefined ? 0 : this.#host.clock.now();
    const verdict = guard.publish(principal, route.subject, responseGrants, nowMs);
    if (verdict.allowed && verdict.cacheable && guard.mayKeep) route.keepVerdict(guard.generation);
    return verdict.allowed;
  }

  /**
   * Nobody received a request: the requester itself is told, if it listens on the reply subject. It does not count as a
   * delivery (measured on 2.14.5).
   */
  #noResponders(request: Message): void {
    const interest = this.#session?.subscriptions.findFor(request.reply);
    if (interest !== undefined) this.send(noRespondersStatus(request), interest.sid);
  }

  /** +OK where the client wants it, the error where there is one. */
  #answer(error: ProtocolError | undefined): void {
    if (error !== undefined) {
      this.line(errorLine(error.text));
      if (error.closes) this.close('Protocol Violation');
    } else if (this.#options.verbose) {
      this.line(OK_LINE);
    }
  }

  // ---- output --------------------------------------------------------------------------------------------------

  /** Queues a protocol line. */
  line(bytes: Buffer): void {
    if (this.#closed !== undefined) return;
    if (this.#host.isTracing) this.#traceLine(bytes);
    this.#outbox.line(bytes);
    this.#queued();
  }

  #traceLine(bytes: Buffer): void {
    const text = lineTrace(bytes);
    if (text !== undefined) this.#host.trace(this, '->>', () => text);
  }

  /** Bytes were queued: they go out at the end of the batch, unless there are more than may ever wait. */
  #queued(): void {
    this.#host.loop.markDirty(this);
    if (this.#outbox.pendingBytes > this.#host.options.maxPending)
      this.close('Slow Consumer (Pending Bytes)');
  }

  /** Hands queued bytes to the transport; called once per batch. */
  flush(): void {
    this.#outbox.flush();
    this.lastActivityMs = this.#host.clock.now();
    if (this.waitingSince === undefined && this.#outbox.isFlying) this.waitingSince = this.#host.wireNow();
  }

  #sendInfo(afterConnect = false): void {
    this.line(infoLine(this.#host.infoFor(this, this.#nonce, afterConnect)));
  }

  #onWriteProgress(): void {
    this.waitingSince = this.#outbox.isFlying ? this.#host.wireNow() : undefined;
    this.pacing.progressed();
  }

  pauseInput(): void {
    this.transport.pause();
  }

  /** Reads on, unless the parser itself waits for a login. */
  resumeInput(): void {
    if (!this.#parser.isSuspended) this.transport.resume();
  }

  // ---- the end -------------------------------------------------------------------------------------------------

  #fail(error: ProtocolError, reason: CloseReason): void {
    this.line(errorLine(error.text));
    this.close(reason);
  }

  /** Turns the client away after the greeting. */
  refuse(error: ProtocolError): void {
    this.#fail(error, 'Maximum Connections Exceeded');
  }

  /** Ends the connection; what is queued is still written. Closing twice does nothing. */
  close(reason: CloseReason): void {
    if (this.#closed !== undefined) return;
    this.#outbox.flush();
    this.#closed = reason;
    this.#liveness.stop();
    this.#parser.stop();
    this.#host.life.closed(this, reason);
    this.#leave();
    this.pacing.releaseAll();
    this.#outbox.clear();
    if (reason.startsWith('Slow Consumer')) this.transport.destroy();
    else this.transport.end(reason);
    this.#host.life.ended(this);
  }

  /** As log lines name it. */
  get label(): string {
    return connectionLabel(this);
  }
}

function nanosBetween(from: Instant, to: Instant): number {
  return Math.max(0, (to.ms - from.ms) * NS_PER_MS + to.ns - from.ns);
}
