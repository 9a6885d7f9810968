import type { Account, ClientInterest, Receiver, Sender } from '../accounts/index.ts';
import type { Message } from '../base/index.ts';
import type { ClientClaims, Principal, ResponseGrants } from '../guard/index.ts';
import {
  type Arguments,
  type ConnectOptions,
  ERRORS,
  errorLine,
  infoLine,
  OK_LINE,
  type OperationHandler,
  type ParserLimits,
  PING_LINE,
  PONG_LINE,
  type ProtocolError,
  ProtocolParser,
  parseConnect,
  redactConnect,
  type Violation,
} from '../protocol/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { type CloseReason, VIOLATIONS } from './close-reasons.ts';
import { connectionLabel } from './connection-label.ts';
import { ConnectionTrace } from './connection-trace.ts';
import type { ConnectionHost } from './host.ts';
import type { Interruptible } from './input-turns.ts';
import { Liveness } from './liveness.ts';
import { Membership } from './membership.ts';
import { Outbox } from './outbox.ts';
import { type Paced, Pacing } from './pacing.ts';
import { Publishing } from './publishing.ts';
import { RoundTrip } from './round-trip.ts';
import type { Entry } from './session.ts';
import type { Transport } from './transport.ts';

/** A receiver with this share of max_pending waiting makes its producers pause (measured on 2.14.5). */
const BEHIND_SHARE = 0.75;

/**
 * One client: what it sends becomes actions in its account, judged by the guard; what it is sent goes through its
 * outbox. It is both a {@link Receiver} and a {@link Sender}.
 */
export class Connection implements OperationHandler, Receiver, Sender, Paced, Interruptible {
  readonly id: number;
  readonly transport: Transport;
  readonly #host: ConnectionHost;
  readonly #outbox: Outbox;
  readonly #parser: ProtocolParser;
  readonly #limits: ParserLimits;
  readonly #start: string;
  readonly #liveness: Liveness;
  readonly #roundTrip: RoundTrip;
  readonly #publishing: Publishing;
  readonly #trace: ConnectionTrace;
  readonly membership: Membership;
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
    this.#trace = new ConnectionTrace(this, host);
    this.#parser = new ProtocolParser(this.#trace.listeningTo(this), this.#limits);
    this.#roundTrip = new RoundTrip(host.clock.instant());
    this.#publishing = new Publishing(this, host);
    const parts = { parser: this.#parser, liveness: this.#liveness, limits: this.#limits };
    this.membership = new Membership(this, host, parts);
    this.#start = host.timestamp();
    this.lastActivityMs = host.clock.now();
  }

  /** Greets the client and starts the timers. */
  open(): void {
    this.greet();
    this.begin();
  }

  /** Says who the server is; a handshake may have to come before the client can answer. */
  greet(): void {
    if (this.#closed !== undefined) return;
    this.contained(() => {
      this.membership.demandConnect();
      this.#sendInfo();
    });
  }

  /** The client can speak: the time that it has to log in begins. */
  begin(): void {
    if (this.#closed !== undefined) return;
    this.#liveness.start(this.membership.authTimeoutMs);
  }

  /** The log of the protocol was switched on or off. */
  followTracing(): void {
    this.#parser.handler = this.#trace.listeningTo(this);
  }

  #makeLiveness(): Liveness {
    const { pingMax, websocket, ...options } = this.#host.options;
    const own = this.transport.listener === 'websocket' ? websocket?.pingIntervalMs : undefined;
    const pingIntervalMs = own ?? options.pingIntervalMs;
    const events = {
      after: (delayMs: number, task: () => void) => this.#host.wireAfter(this, delayMs, task),
      onAuthTimeout: () => this.fail(ERRORS.authenticationTimeout, 'Authentication Timeout'),
      sendPing: () => this.#sendPing(),
      onStale: () => this.fail(ERRORS.staleConnection, 'Stale Connection'),
    };
    return new Liveness(events, pingIntervalMs, pingMax);
  }

  #sendPing(): void {
    this.#roundTrip.pinged(this.#host.wireNow());
    this.line(PING_LINE);
  }

  // ---- Receiver and Sender -------------------------------------------------------------------------------------

  get principal(): Principal {
    return this.membership.principal;
  }

  get receiver(): Receiver {
    return this;
  }

  get echo(): boolean {
    return this.membership.options.echo;
  }

  get responseGrants(): ResponseGrants | undefined {
    return this.membership.session?.responseGrants;
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
    return this.membership.session?.subscriptions.list() ?? [];
  }

  get subscriptionCount(): number {
    return this.membership.session?.subscriptions.count ?? 0;
  }

  /** Tells the client to look for another server. */
  warnLameDuck(): void {
    this.isLameDuck = true;
    this.#sendInfo();
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** The way in that it took; undefined while it is not in an account. */
  get entry(): Entry | undefined {
    return this.membership.session?.entry;
  }

  get account(): Account | undefined {
    return this.membership.session?.account;
  }

  send(message: Message, sid: ByteString): boolean {
    if (this.#closed !== undefined) return false;
    const kept = this.#host.watch?.delivering(this, message, sid) ?? false;
    if (!kept) this.#outbox.message(message, sid, this.membership.options.headers);
    if (this.#host.isTracing) this.#trace.delivery(message, sid);
    this.outMessages++;
    this.outBytes += message.size;
    this.#queued();
    return true;
  }

  traceRemoval(sid: ByteString): void {
    this.#trace.removal(sid);
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
    this.#host.loop.begin(this);
    this.lastActivityMs = this.#host.clock.now();
    this.contained(() => this.#parser.parse(chunk));
    this.#host.loop.settle();
    this.pacing.batchOver();
  }

  interrupt(): void {
    this.#parser.suspend();
    this.pauseInput();
  }

  goOn(): void {
    if (this.#closed !== undefined) return;
    this.#host.loop.begin(this);
    this.contained(() => this.#parser.resume());
    this.#host.loop.settle();
    this.resumeInput();
    this.pacing.batchOver();
  }

  /** An unexpected error closes this connection and nothing else. */
  contained(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.broken(error);
    }
  }

  broken(error: unknown): void {
    this.#host.internalError(this, error);
    this.close('Internal Error');
  }

  /** The client's end is gone. */
  peerClosed(reason: CloseReason = 'Client Closed'): void {
    this.close(reason);
  }

  onPing(): void {
    if (this.membership.entered() === undefined) return;
    this.line(PONG_LINE);
    if (!this.#toldAccount && this.membership.options.protocol >= 1) {
      this.#toldAccount = true;
      this.#sendInfo(true);
    }
  }

  onPong(): void {
    if (this.membership.entered() === undefined) return;
    this.#liveness.pong();
    this.#roundTrip.ponged(this.#host.wireNow());
  }

  onPeerError(): void {
    this.close('Client Closed');
  }

  onViolation(violation: Violation): void {
    const { error, reason } = VIOLATIONS[violation];
    if (violation === 'not-authorized') this.#host.refusedBeforeConnect(this);
    if (error === undefined) this.close(reason);
    else this.fail(error, reason);
  }

  onSubscribe(buffer: Buffer, args: Arguments): void {
    const session = this.membership.entered();
    if (session !== undefined) this.answer(session.subscriptions.subscribe(buffer, args));
  }

  onUnsubscribe(buffer: Buffer, args: Arguments): void {
    const session = this.membership.entered();
    if (session === undefined) return;
    session.subscriptions.unsubscribe(buffer, args);
    this.answer(undefined);
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
    const session = this.membership.session ?? this.membership.entered();
    if (session === undefined) return;
    this.inMessages++;
    this.inBytes += end - headerStart;
    this.#publishing.publish(
      session,
      buffer,
      subjectStart,
      subjectEnd,
      replyStart,
      replyEnd,
      headerStart,
      payloadStart,
      end,
    );
  }

  onConnect(buffer: Buffer, start: number, end: number): void {
    const text = buffer.utf8Slice(start, end);
    this.#host.trace(this, '<<-', () => `[CONNECT ${redactConnect(text)}]`);
    const parsed = parseConnect(text, this.membership.options);
    if (parsed === undefined) return this.close('Parse Error');
    // What cookies say counts where CONNECT says nothing (measured on 2.14.5).
    const options: ConnectOptions = { ...this.transport.offered, ...parsed };
    if (options.protocol > 1 || options.protocol < 0) {
      return this.fail(ERRORS.invalidClientProtocol, 'Bad Client Protocol Version');
    }
    if (options.noResponders && !options.headers) {
      return this.fail(ERRORS.noRespondersRequiresHeaders, 'No Responders Requires Headers');
    }
    this.#roundTrip.connected(this.#host.clock.instant());
    this.membership.connect(options);
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

  /** How long its CONNECT took, then its last PONG, ns; 0: not measured. */
  get rttNs(): number {
    return this.#roundTrip.ns;
  }

  /** What it speaks, as events name it. */
  get clientType(): 'nats' | 'websocket' {
    return this.transport.connectionType === 'WEBSOCKET' ? 'websocket' : 'nats';
  }

  get connectOptions(): ConnectOptions {
    return this.membership.options;
  }

  // ---- output --------------------------------------------------------------------------------------------------

  /** Queues a protocol line. */
  line(bytes: Buffer): void {
    if (this.#closed !== undefined) return;
    if (this.#host.isTracing) this.#trace.line(bytes);
    this.#outbox.line(bytes);
    this.#queued();
  }

  /** +OK where the client wants it, the error where there is one. */
  answer(error: ProtocolError | undefined): void {
    if (error !== undefined) {
      this.line(errorLine(error.text));
      if (error.closes) this.close('Protocol Violation');
    } else if (this.membership.options.verbose) {
      this.line(OK_LINE);
    }
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
    this.line(infoLine(this.#host.infoFor(this, this.membership.nonce, afterConnect)));
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

  /** The last word to the client, and the end. */
  fail(error: ProtocolError, reason: CloseReason): void {
    this.line(errorLine(error.text));
    this.close(reason);
  }

  /** Turns the client away after the greeting. */
  refuse(error: ProtocolError): void {
    this.fail(error, 'Maximum Connections Exceeded');
  }

  /** Ends the connection; what is queued is still written. Closing twice does nothing. */
  close(reason: CloseReason): void {
    if (this.#closed !== undefined) return;
    this.#outbox.flush();
    this.#closed = reason;
    this.#liveness.stop();
    this.#parser.stop();
    this.#host.life.closed(this, reason);
    this.membership.leave();
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
