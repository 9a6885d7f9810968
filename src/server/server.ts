import type { Duplex } from 'node:stream';
import { type Account, type AccountHouse, Doors } from '../accounts/index.ts';
import type { AuditRecord } from '../api/index.ts';
import { Authenticator } from '../auth/index.ts';
import { formatInstant, type Random, type Timer } from '../base/index.ts';
import { formatPosition, type LoadedConfig, type ServerOptions } from '../config/index.ts';
import { accountId, type ControlId, Guard, type RuleCounters } from '../guard/index.ts';
import { type ConnectOptions, ERRORS, type ProtocolError, type ServerInfo } from '../protocol/index.ts';
import { EMPTY_BYTES, toBytes } from '../subjects/index.ts';
import { monitor } from '../system/index.ts';
import { NATS_VERSION } from '../version.ts';
import { Admission, type Arrival } from './admission.ts';
import type { CloseReason } from './close-reasons.ts';
import { type ConnectedClient, clientOf } from './connected-client.ts';
import { Connection } from './connection.ts';
import { Directory } from './directory.ts';
import { builtinDoors } from './doors.ts';
import { keepAlive, onNextTurn, SeededRandom, SystemRandom } from './effects.ts';
import { type AuditEntry, EventListeners, type ServerEventListener, type ServerEventName } from './events.ts';
import type { ConnectionHost } from './host.ts';
import { JetStreamHouse } from './jetstream-house.ts';
import { beginLameDuck, type LameDuckTimes } from './lame-duck.ts';
import type { AcceptedEvents, ListenerHost } from './listener.ts';
import { Listeners } from './listeners.ts';
import { causeText, type LogSink, SILENT } from './log.ts';
import { EMBEDDED_MEMORY_BYTES, ProcessMemory } from './memory-budget.ts';
import { type MessageWatch, Watching } from './message-watch.ts';
import { type Monitoring, openMonitoring } from './monitoring.ts';
import { Pause } from './pause.ts';
import { PipeTransport } from './pipe.ts';
import { RefusalEvents } from './refusal-events.ts';
import { RefusalLog } from './refusal-log.ts';
import { type LiveServer, type ReloadReport, reload } from './reload.ts';
import { RunQueue } from './run-queue.ts';
import { newServerId } from './server-id.ts';
import { serverInfo } from './server-info.ts';
import type { Entry } from './session.ts';
import { SystemHouse } from './system-house.ts';
import { ThisProcess } from './system-process.ts';
import { Times } from './times.ts';
import type { Transport } from './transport.ts';
import { TurnedAway } from './turned-away.ts';

/** How often connections that do not take their bytes are looked for, ms. */
const WRITE_DEADLINE_CHECK_MS = 1_000;
const NONCE_BYTES = 11;

/** What a server is made with, besides its configuration. */
export interface ServerSetup {
  readonly clock?: 'real' | 'manual';
  /** The same seed gives the same bytes out. Absent: chance is the operating system's. */
  readonly seed?: string | number;
  readonly log?: LogSink;
  /** Controls turned off, for the lab. */
  readonly controlsOff?: readonly ControlId[];
  /** What stored messages may take unless the configuration says otherwise, bytes. */
  readonly memoryBytes?: number;
  /** Reads the configuration anew from where it came, for reloads; absent: it came from nowhere. */
  readonly source?: () => LoadedConfig;
  /** Told of a configuration that is in force from now on, for what is not the server's own: log, pid file. */
  readonly reconfigured?: (options: ServerOptions) => void;
  /** Answers a question about authority, given as JSON; absent: the service that is asked says that there is nobody to. */
  readonly explain?: (server: Server, question: string) => Promise<Readonly<Record<string, unknown>>>;
}

/** What is lost in a reset: without an account, everything. */
export interface ResetOptions {
  readonly account?: string;
}

/** The composition root: it makes the parts, introduces them to each other, and runs the loop between them. */
export class Server implements ConnectionHost {
  readonly guard: Guard;
  readonly times: Times;
  readonly accounts: Directory;
  readonly runQueue: RunQueue;
  readonly id: string;
  readonly name: string;
  readonly version = NATS_VERSION;
  readonly log: LogSink;
  isTracing: boolean;
  watch: MessageWatch | undefined;
  readonly memory: ProcessMemory;
  readonly #setup: ServerSetup;
  readonly #random: Random;
  readonly #admission: Admission;
  readonly #events: EventListeners;
  readonly #pause = new Pause();
  readonly #watching: Watching;
  readonly #doors: Doors;
  readonly #system: SystemHouse;
  #options: ServerOptions;
  #authenticator: Authenticator;
  #jetstream: JetStreamHouse | undefined;
  readonly #connections = new Set<Connection>();
  #dirty: Connection[] = [];
  #listener: Listeners | undefined;
  #monitoring: Monitoring | undefined;
  #lastClientId = 0;
  #settling = false;
  /** Whether input of a connection is being handled. */
  #inBatch = false;
  #turnBooked = false;
  #stopped = false;
  #isLameDuck = false;
  #ended: Promise<void> = Promise.resolve();
  readonly #whenEnded: Promise<void>;
  #toldEnd: () => void = () => {};

  constructor(options: ServerOptions, setup: ServerSetup = {}) {
    this.#options = options;
    this.#setup = setup;
    this.#whenEnded = new Promise((resolve) => {
      this.#toldEnd = resolve;
    });
    this.log = setup.log ?? SILENT;
    this.isTracing = this.log.isOn('trace');
    const seeded = setup.seed === undefined ? undefined : new SeededRandom(setup.seed);
    this.#random = seeded ?? new SystemRandom();
    this.times = new Times(
      setup.clock ?? 'real',
      () => this.settle(),
      (error) => this.#logError('in a timer', error),
    );
    const { systemAccount } = options;
    this.guard = new Guard({
      system: systemAccount === undefined ? undefined : accountId(systemAccount),
      controlsOff: setup.controlsOff ?? [],
    });
    this.#events = new EventListeners(
      this.guard,
      (error) => this.#logError('in a listener', error),
      () => this.#listenersChanged(),
    );
    this.#watching = new Watching(this.#events, this.#pause, () => this.options.maxPending);
    this.#authenticator = new Authenticator(options);
    this.id = newServerId(this.#random.fork('server id'));
    this.name = options.serverName ?? this.id;
    this.runQueue = new RunQueue((error) => this.#logError('in the run queue', error));
    const { clock, scheduler } = this.times;
    const { guard, runQueue } = this;
    const emit: AccountHouse['emit'] = (account, subject, payload) =>
      runQueue.emit(account, subject, EMPTY_BYTES, undefined, payload);
    this.accounts = new Directory(options, { clock, scheduler, guard, emit }, this.#random);
    this.#doors = new Doors(this.accounts);
    this.#admission = new Admission(this.#authenticator, this.accounts, this.guard);
    this.memory = new ProcessMemory(memoryLimit(options, setup));
    this.#applyDoors(options);
    this.#jetstream = this.#makeJetStream(options);
    this.#system = this.#makeSystemHouse();
    this.#tellRefusals();
    this.#watchWriteDeadlines();
  }

  /** The configuration that is in force. */
  get options(): ServerOptions {
    return this.#options;
  }

  get authenticator(): Authenticator {
    return this.#authenticator;
  }

  get clock(): Times['clock'] {
    return this.times.clock;
  }

  /** The port that is listened on; undefined before {@link listen}. */
  get port(): number | undefined {
    return this.#listener?.port;
  }

  /** The port for WebSockets; undefined where there is none. */
  get websocketPort(): number | undefined {
    return this.#listener?.websocketPort;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Where monitoring is offered over HTTP: `http://127.0.0.1:8222`; undefined where it is not. */
  get monitoringUrl(): string | undefined {
    return this.#monitoring?.url;
  }

  /** Listens for TCP clients, and offers monitoring where it is configured. @throws the system's error (`EADDRINUSE` and the like). */
  async listen(host: string, port: number): Promise<number> {
    const after = (delayMs: number, task: () => void): Timer => this.times.wireAfter(false, delayMs, task);
    this.#monitoring ??= await openMonitoring(
      { view: this.#system.view, log: this.log, after },
      this.options,
    );
    const opening = { host, port, websocketPort: this.websocketPort };
    this.#listener = await Listeners.open(() => this.#options, opening, this.#listenerHost(), this.log);
    return this.#listener.port;
  }

  /**
   * What monitoring answers at an address such as `/connz?subs=1`, whether it is offered over HTTP or not: status, kind
   * and text. {@link monitor.NO_PAGE} where there is nothing.
   */
  monitor(target: string): monitor.MonitorAnswer {
    return monitor.findPage(target)?.answer(this.#system.view) ?? monitor.NO_PAGE;
  }

  /** An in-process connection: a stream that speaks the wire protocol. */
  socket(): Duplex {
    const pipe = new PipeTransport();
    const events = this.#accept(pipe);
    events.greet();
    events.begin();
    pipe.attach({ onData: (chunk) => events.onData(chunk), onClose: () => events.onClose() });
    return pipe.client;
  }

  /**
   * Empties JetStream and counts from zero again, in all accounts or in one; connections stay.
   * @throws {RangeError} when there is no such account.
   */
  reset({ account: name }: ResetOptions = {}): void {
    const only = name === undefined ? undefined : this.accounts.named(toBytes(name));
    if (name !== undefined && only === undefined) throw new RangeError(`there is no account ${name}`);
    const { system } = this.accounts;
    const all = [...this.accounts.tenants(), ...(system === undefined ? [] : [system])];
    this.#jetstream?.reset(only);
    this.settle();
    this.#system.resetStatistics(only === undefined ? all : [only], only === undefined);
    if (only === undefined) this.guard.resetCounters();
  }

  /** Keeps messages back from clients until {@link resume}; everything else goes on. */
  pause(): void {
    this.#pause.isOn = true;
    this.watch = this.#watching.current();
  }

  /** Sends what waited, and keeps nothing back any more. */
  resume(): void {
    this.#pause.end();
    this.watch = this.#watching.current();
    this.settle();
  }

  /**
   * Ends gently: nobody new comes in, clients are told and closed one by one, then the server stops.
   * @param times absent: as configured.
   */
  lameDuck({ graceMs, durationMs }: Partial<LameDuckTimes> = {}): Promise<void> {
    if (this.#stopped || this.#isLameDuck) return this.#whenEnded;
    this.#isLameDuck = true;
    const alive = keepAlive();
    void this.#whenEnded.then(() => alive.close());
    const { lameDuckGracePeriodMs, lameDuckDurationMs } = this.#options;
    const host = {
      connections: this.#connections,
      log: this.log,
      random: this.#random.fork('lame duck'),
      stopAccepting: () => this.#listener?.stopAccepting(),
      announce: () => this.#system.lameDuck(),
      after: (delayMs: number, task: () => void) => void this.times.wireAfter(false, delayMs, task),
      settle: () => this.settle(),
      end: () => void this.stop(),
    };
    beginLameDuck(host, {
      graceMs: graceMs ?? lameDuckGracePeriodMs,
      durationMs: durationMs ?? lameDuckDurationMs,
    });
    return this.#whenEnded;
  }

  /** Whether it takes no new connections because it is about to end. */
  get isLameDuck(): boolean {
    return this.#isLameDuck;
  }

  /**
   * Closes the listener and every connection, then listens on the same port again.
   * @param keepState whether streams and consumers are there afterwards.
   * @throws the system's error when somebody took the port meanwhile.
   */
  async restart(keepState = true): Promise<void> {
    if (this.#stopped || this.#isLameDuck) throw new Error('the server has stopped, or is about to');
    const { port } = this;
    for (const connection of [...this.#connections]) connection.close('Server Shutdown');
    this.settle();
    await this.#listener?.close();
    if (!keepState) this.reset();
    if (port !== undefined) await this.listen(this.#options.host, port);
  }

  /**
   * Goes over to another configuration while clients are connected.
   * @throws {ConfigError} for what cannot change while it runs, and keeps the one it has.
   */
  reload(after: ServerOptions): ReloadReport {
    if (this.#stopped) throw new Error('the server has stopped');
    if (this.#inBatch || this.#settling) throw new Error('a configuration changes between messages only');
    try {
      const listenBy = this.#listener?.prepare(after);
      const report = reload(this.#live(), after);
      listenBy?.();
      for (const change of report.changes) this.log.write('info', `Reloaded: ${change}`);
      this.#setup.reconfigured?.(after);
      this.#followLog();
      return report;
    } finally {
      this.settle();
    }
  }

  /**
   * Reads the configuration anew from where it came, as soon as what is being delivered is delivered.
   * @throws {ConfigError} when it is refused; the server keeps the one it has.
   */
  async reloadFromSource(): Promise<ReloadReport> {
    const { source } = this.#setup;
    if (source === undefined) {
      const why = 'can only reload config when a file is provided using -c or --config';
      this.log.write('error', `Failed to reload server configuration: ${why}`);
      throw new Error(why);
    }
    await new Promise<void>((resolve) => onNextTurn(resolve));
    try {
      const { options, warnings, digest } = source();
      for (const { position, message } of warnings)
        this.log.write('warn', `${formatPosition(position)}${message}`);
      const report = this.reload(options);
      this.log.write('info', `Reloaded server configuration (${digest})`);
      return report;
    } catch (error) {
      this.log.write(
        'error',
        `Failed to reload server configuration: ${error instanceof Error ? error.message : String(error)}`,
      );
      throw error;
    }
  }

  /** Closes the connections that a filter picks, all without one. @returns how many those are. */
  disconnect(filter: (client: ConnectedClient) => boolean = () => true): number {
    const picked = [...this.#connections].filter((connection) => filter(clientOf(connection)));
    for (const connection of picked) connection.close('Kicked');
    this.settle();
    return picked.length;
  }

  auditRecords(): AuditEntry[] {
    return (this.#jetstream?.auditRecords() ?? []).map(auditEntry);
  }

  /** Tells a listener from now on; whatever it throws is logged and changes nothing. */
  on<E extends ServerEventName>(event: E, listener: ServerEventListener<E>): void {
    this.#events.add(event, listener);
  }

  off<E extends ServerEventName>(event: E, listener: ServerEventListener<E>): void {
    this.#events.remove(event, listener);
  }

  /** How often each rule of the guard decided since the start. */
  ruleCounters(): RuleCounters {
    return this.guard.ruleCounters();
  }

  /** Resolves when everything queued has been handed to the operating system, or nobody takes it any more. */
  async written(): Promise<void> {
    for (let turn = 0; turn < 1_000; turn++) {
      this.settle();
      const busy = !this.runQueue.isEmpty || [...this.#connections].some((c) => c.pendingBytes > 0);
      if (!busy) return;
      await new Promise<void>((resolve) => onNextTurn(resolve));
    }
  }

  /** Closes every connection and the listener. Idempotent: whoever asks waits for the same end. */
  stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#ended = this.#end().finally(this.#toldEnd);
    }
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#system.shutdown();
    this.settle();
    for (const connection of [...this.#connections]) connection.close('Server Shutdown');
    this.times.stop();
    this.runQueue.clear();
    await Promise.all([this.#listener?.close(), this.#monitoring?.close()]);
  }

  // ---- ConnectionHost ------------------------------------------------------------------------------------------

  timestamp(): string {
    return formatInstant(this.clock.instant());
  }

  nonce(connectionId: number): string {
    return Buffer.from(this.#random.fork(`nonce ${connectionId}`).bytes(NONCE_BYTES)).toString('base64url');
  }

  wireNow(): number {
    return this.times.wireNow();
  }

  wireAfter(connection: Connection | undefined, delayMs: number, task: () => void): Timer {
    return this.times.wireAfter(connection?.transport.connectionType === 'IN_PROCESS', delayMs, task);
  }

  infoFor(connection: Connection, nonce: string | undefined, afterConnect: boolean): ServerInfo {
    return serverInfo(this, connection, nonce, afterConnect);
  }

  login(
    connection: Connection,
    options: ConnectOptions,
    nonce: string | undefined,
  ): Entry | ProtocolError | Promise<Arrival> {
    return this.#admission.login(connection, options, nonce);
  }

  enterAsGuest(connection: Connection): Entry | ProtocolError {
    return this.#admission.asGuest(connection);
  }

  refusedBeforeConnect(connection: Connection): void {
    this.#admission.refuse(connection);
  }

  markDirty(connection: Connection): void {
    if (connection.isQueued) return;
    connection.isQueued = true;
    this.#dirty.push(connection);
  }

  begin(): void {
    this.#inBatch = true;
    this.times.hold();
  }

  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    let more = false;
    try {
      more = this.runQueue.drain();
      this.#flush();
    } catch (error) {
      this.#logError('while writing', error);
    } finally {
      this.#settling = false;
      this.#inBatch = false;
      this.times.release();
    }
    if (more) this.#bookTurn();
  }

  internalError(connection: Connection, error: unknown): void {
    this.#logError(`on ${connection.label}`, error);
  }

  entered(connection: Connection): void {
    this.#events.connected(connection);
    this.#system.entered(connection);
  }

  left(connection: Connection, account: Account): void {
    this.#system.left(connection, account);
  }

  ended(connection: Connection): void {
    this.#system.ended(connection);
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#connections.delete(connection);
    this.#pause.forget(connection);
    this.#events.disconnected(connection, reason);
    this.#system.closed(connection, reason);
    if (this.log.isOn('debug'))
      this.log.write('debug', `${connection.label} - Client connection closed: ${reason}`);
    else if (reason.startsWith('Slow Consumer')) {
      this.log.write('info', `${connection.label} - Slow Consumer Detected: ${reason}`);
    }
  }

  trace(connection: Connection, direction: '<<-' | '->>' | '<->', text: () => string): void {
    if (this.isTracing) this.log.write('trace', `${connection.label} - ${direction} ${text()}`);
  }

  // ---- the way in ----------------------------------------------------------------------------------------------

  /** What listeners need; they know nothing else of the server. */
  #listenerHost(): ListenerHost {
    const isFull = (): boolean => this.#connections.size > this.options.maxConnections;
    const turnedAway = new TurnedAway(this.log, this.clock);
    return {
      get isFull() {
        return isFull();
      },
      accept: (transport) => this.#accept(transport),
      after: (delayMs, task) => this.times.wireAfter(false, delayMs, task),
      wireNow: () => this.wireNow(),
      refused: (text) => turnedAway.tell(text),
      failed: (where, error) => this.#logError(where, error),
    };
  }

  #accept(transport: Transport): AcceptedEvents {
    const connection = new Connection(++this.#lastClientId, transport, this);
    this.#connections.add(connection);
    this.#system.accepted(connection);
    if (this.log.isOn('debug')) this.log.write('debug', `${connection.label} - Client connection created`);
    if (this.#stopped || this.#isLameDuck) connection.close('Server Shutdown');
    return {
      greet: () => {
        connection.greet();
        if (this.#connections.size > this.options.maxConnections)
          connection.refuse(ERRORS.maximumConnections);
        this.settle();
      },
      begin: () => connection.begin(),
      onData: (chunk) => connection.receive(chunk),
      onClose: (reason) => connection.peerClosed(reason),
    };
  }

  // ---- wiring --------------------------------------------------------------------------------------------------

  /** Services and events of the system account; without one, the counting alone. */
  #makeSystemHouse(): SystemHouse {
    return new SystemHouse({
      server: this,
      doors: this.#doors,
      process: new ThisProcess(() => this.wireNow()),
      jetstream: () => this.#jetstream,
      reload: () => this.reloadFromSource(),
      explain: (question) => this.#explain(question),
      settle: () => this.settle(),
      after: (delayMs, task) => this.times.wireAfter(false, delayMs, task),
    });
  }

  async #explain(question: string): Promise<Readonly<Record<string, unknown>>> {
    const { explain } = this.#setup;
    if (explain === undefined) throw new Error('this server was started without an explainer');
    return explain(this, question);
  }

  #live(): LiveServer {
    return {
      options: this.#options,
      guard: this.guard,
      authenticator: this.#authenticator,
      accounts: this.accounts,
      runQueue: this.runQueue,
      admission: this.#admission,
      connections: this.#connections,
      applyDoors: (options) => this.#applyDoors(options),
      adopt: (options, authenticator) => {
        this.#options = options;
        this.#authenticator = authenticator;
        this.#system.reconfigured();
      },
      adoptJetStream: (options) => this.#adoptJetStream(options),
      internalError: (connection, error) => this.internalError(connection, error),
    };
  }

  /** The log may show more, or less, than before. */
  #followLog(): void {
    const isTracing = this.log.isOn('trace');
    if (isTracing === this.isTracing) return;
    this.isTracing = isTracing;
    for (const connection of this.#connections) connection.followTracing();
  }

  #listenersChanged(): void {
    this.watch = this.#watching.current();
    this.#watchApi();
  }

  #watchApi(): void {
    if (this.#jetstream === undefined) return;
    const tell = (record: AuditRecord): void => this.#events.api(auditEntry(record));
    this.#jetstream.dispatch.audit.onRecord = this.#events.has('api') ? tell : undefined;
  }

  #applyDoors(options: ServerOptions): void {
    this.#doors.apply(options.accounts, builtinDoors(options));
  }

  #adoptJetStream(options: ServerOptions): void {
    this.memory.limit = memoryLimit(options, this.#setup);
    if (options.jetstream === undefined) {
      this.#jetstream?.close();
      this.#jetstream = undefined;
    } else if (this.#jetstream === undefined) {
      this.#jetstream = this.#makeJetStream(options);
      this.#watchApi();
    } else {
      this.#jetstream.adopt(options);
    }
  }

  #makeJetStream(options: ServerOptions): JetStreamHouse | undefined {
    const { accounts, guard, runQueue, memory, clock, name, log } = this;
    const { jetstream } = options;
    if (jetstream === undefined) return undefined;
    return new JetStreamHouse({
      options,
      jetstream,
      accounts,
      guard,
      runQueue,
      memory,
      clock,
      serverName: name,
      log,
    });
  }

  /** Refusals are told twice: in the log, and to whoever listens in the system account. */
  #tellRefusals(): void {
    const log = new RefusalLog(this.log, this.clock);
    this.guard.observe((refusal) => log.refused(refusal), { refusalsOnly: true });
    const { system } = this.accounts;
    if (system === undefined) return;
    const events = new RefusalEvents(system, this);
    this.guard.observe((refusal) => events.refused(refusal), { refusalsOnly: true });
  }

  // ---- the loop ------------------------------------------------------------------------------------------------

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) {
      connection.isQueued = false;
      try {
        connection.flush();
      } catch (error) {
        this.internalError(connection, error);
      }
    }
  }

  #bookTurn(): void {
    if (this.#turnBooked || this.#stopped) return;
    this.#turnBooked = true;
    onNextTurn(() => {
      this.#turnBooked = false;
      this.settle();
    });
  }

  #watchWriteDeadlines(): void {
    this.times.wireAfter(false, WRITE_DEADLINE_CHECK_MS, () => {
      const late = this.wireNow() - this.options.writeDeadlineMs;
      for (const connection of this.#connections) {
        if (connection.waitingSince !== undefined && connection.waitingSince < late) {
          connection.close('Slow Consumer (Write Deadline)');
        }
      }
      this.#watchWriteDeadlines();
    });
  }

  #logError(where: string, error: unknown): void {
    this.log.write('error', `Internal error ${where}: ${causeText(error)}`);
  }
}

function auditEntry({ subject, account, user, rule, granted, handled }: AuditRecord): AuditEntry {
  return { subject, account, user, rule, granted, handlerRan: handled };
}

function memoryLimit({ jetstream }: ServerOptions, { memoryBytes }: ServerSetup): number {
  return jetstream?.maxMemory ?? memoryBytes ?? EMBEDDED_MEMORY_BYTES;
}
