import type { Duplex } from 'node:stream';
import { type AccountHouse, Doors } from '../accounts/index.ts';
import { Authenticator } from '../auth/index.ts';
import { formatInstant, type Random, type Timer } from '../base/index.ts';
import type { ServerOptions } from '../config/index.ts';
import { accountId, Guard, type RuleCounters } from '../guard/index.ts';
import type { ConnectOptions, ProtocolError, ServerInfo } from '../protocol/index.ts';
import { EMPTY_BYTES, toBytes } from '../subjects/index.ts';
import { monitor } from '../system/index.ts';
import { NATS_VERSION } from '../version.ts';
import { Admission, type Arrival } from './admission.ts';
import { clientOf } from './connected-client.ts';
import type { Connection } from './connection.ts';
import { ConnectionLog } from './connection-log.ts';
import { Directory } from './directory.ts';
import { builtinDoors } from './doors.ts';
import { onNextTurn, SeededRandom, SystemRandom } from './effects.ts';
import { Ending } from './ending.ts';
import { Entrance, type EntranceHost } from './entrance.ts';
import { EventListeners } from './events.ts';
import { JetStreamSeat } from './jetstream-seat.ts';
import { beginLameDuck, type LameDuckTimes } from './lame-duck.ts';
import { type Life, LifeStream } from './life.ts';
import { Listeners, NO_LISTENERS } from './listeners.ts';
import { LiveChange, type LiveHouse } from './live-change.ts';
import { causeText, type LogSink, SILENT } from './log.ts';
import { Loop } from './loop.ts';
import { EMBEDDED_MEMORY_BYTES, ProcessMemory } from './memory-budget.ts';
import { type MessageWatch, Watching } from './message-watch.ts';
import { type Monitoring, openMonitoring } from './monitoring.ts';
import { Pause } from './pause.ts';
import { PipeTransport } from './pipe.ts';
import { tellRefusals } from './refusals.ts';
import type { LiveServer } from './reload.ts';
import type { ReloadReport } from './reload-report.ts';
import type { ResetOptions } from './reset-options.ts';
import { RunQueue } from './run-queue.ts';
import { loadState, type StateHouse, saveState } from './saved-state.ts';
import type { AuditEntry, ConnectedClient, ServerEventListener, ServerEventName } from './server-events.ts';
import { newServerId } from './server-id.ts';
import { serverInfo } from './server-info.ts';
import type { ServerSetup } from './server-setup.ts';
import type { Entry } from './session.ts';
import type { StateTime } from './start-options.ts';
import { SystemHouse } from './system-house.ts';
import { ThisProcess } from './system-process.ts';
import type { ConfigSource } from './system-view.ts';
import { Times } from './times.ts';

const NONCE_BYTES = 11;

/** The composition root: it makes the parts, introduces them to each other, and runs the loop between them. */
export class Server implements EntranceHost {
  readonly guard: Guard;
  readonly times: Times;
  readonly accounts: Directory;
  readonly runQueue: RunQueue;
  readonly loop: Loop;
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
  readonly #jetstream: JetStreamSeat;
  readonly #entrance: Entrance;
  readonly #life: Life;
  readonly #change: LiveChange;
  #listener: Listeners | undefined;
  #monitoring: Monitoring | undefined;
  readonly #ending = new Ending();

  constructor(options: ServerOptions, setup: ServerSetup = {}) {
    this.#options = options;
    this.#setup = setup;
    this.log = setup.log ?? SILENT;
    this.isTracing = this.log.isOn('trace');
    const seeded = setup.seed === undefined ? undefined : new SeededRandom(setup.seed);
    this.#random = seeded ?? new SystemRandom();
    this.times = new Times(
      setup.clock ?? 'real',
      () => this.settle(),
      (error) => this.failed('in a timer', error),
    );
    const { systemAccount } = options;
    this.guard = new Guard({
      system: systemAccount === undefined ? undefined : accountId(systemAccount),
      controlsOff: setup.controlsOff ?? [],
    });
    this.#events = new EventListeners(
      this.guard,
      (error) => this.failed('in a listener', error),
      () => this.#listenersChanged(),
    );
    this.#watching = new Watching(this.#events, this.#pause, () => this.options.maxPending);
    this.#authenticator = new Authenticator(options);
    this.id = newServerId(this.#random.fork('server id'));
    this.name = options.serverName ?? this.id;
    this.runQueue = new RunQueue((error) => this.failed('in the run queue', error));
    this.loop = new Loop(this.runQueue, this.times, {
      inLoop: (error) => this.failed('while writing', error),
      onConnection: (connection, error) => this.internalError(connection, error),
    });
    const { clock, scheduler } = this.times;
    const { guard, runQueue } = this;
    const emit: AccountHouse['emit'] = (account, subject, payload) =>
      runQueue.emit(account, subject, EMPTY_BYTES, undefined, payload);
    this.accounts = new Directory(options, { clock, scheduler, guard, emit }, this.#random);
    this.#doors = new Doors(this.accounts);
    this.#admission = new Admission(this.#authenticator, this.accounts, this.guard);
    this.memory = new ProcessMemory(setup.memoryBytes ?? EMBEDDED_MEMORY_BYTES);
    this.#applyDoors(options);
    this.#jetstream = this.#makeJetStream();
    this.#jetstream.adopt(options);
    this.#entrance = new Entrance(this);
    this.#system = this.#makeSystemHouse();
    this.#life = new LifeStream([
      this.#entrance,
      this.#pause,
      this.#events,
      this.#system,
      new ConnectionLog(this.log, this.clock),
    ]);
    this.#change = new LiveChange(this.#liveHouse());
    tellRefusals(this.guard, this.log, this.accounts.system, this, () => this.#admission.connecting);
    this.#entrance.watchWriteDeadlines();
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
    return this.#entrance.connections.size;
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
      this.#setup.monitoringPatience,
    );
    const opening = { host, port, websocketPort: this.websocketPort };
    this.#listener = await Listeners.open(
      () => this.#options,
      opening,
      this.#entrance.forListeners(),
      this.log,
    );
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
    const events = this.#entrance.accept(pipe);
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
    this.#jetstream.reset(only);
    this.settle();
    this.#system.resetStatistics(only === undefined ? all : [only], only === undefined);
    if (only === undefined) this.guard.resetCounters();
  }

  /** The JetStream state of all accounts as bytes. */
  save(): Uint8Array {
    return saveState(this.#stateHouse());
  }

  /**
   * Puts a saved state in the place of the present one; connections stay. Between two messages only.
   * @param time absent: a manual clock resumes, for a real one the state moves to the present.
   * @throws StateError, and nothing has changed.
   */
  load(state: Uint8Array, time: StateTime = this.times.isManual ? 'resume' : 'shift'): void {
    this.#ending.assertNotStopped();
    if (this.loop.isBusy) throw new Error('a state is loaded between messages only');
    try {
      loadState(state, this.#stateHouse(), time);
    } finally {
      this.settle();
    }
  }

  #stateHouse(): StateHouse {
    return {
      clock: this.clock,
      jetStreams: this.#jetstream.house?.byAccount ?? new Map(),
      accountNamed: (name) => this.accounts.named(name),
      setClock: (ms) => this.times.set(ms),
    };
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
  lameDuck(times: Partial<LameDuckTimes> = {}): Promise<void> {
    return this.#ending.gently(() => this.#beginLameDuck(times));
  }

  #beginLameDuck({ graceMs, durationMs }: Partial<LameDuckTimes>): void {
    this.#entrance.shut();
    const { lameDuckGracePeriodMs, lameDuckDurationMs } = this.#options;
    const host = {
      connections: this.#entrance.connections,
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
  }

  /** Whether it takes no new connections because it is about to end. */
  get isLameDuck(): boolean {
    return this.#ending.isLameDuck;
  }

  /**
   * Closes the listener and every connection, then listens on the same port again.
   * @param keepState whether streams and consumers are there afterwards.
   * @throws the system's error when somebody took the port meanwhile.
   */
  async restart(keepState = true): Promise<void> {
    this.#ending.assertStays();
    const { port } = this;
    this.#jetstream.house?.serverStops();
    this.settle();
    this.#entrance.closeAll('Server Shutdown');
    this.settle();
    await this.#listener?.close();
    if (!keepState) this.reset();
    if (port !== undefined) await this.listen(this.#options.host, port);
  }

  /**
   * Goes over to another configuration while clients are connected.
   * @param loaded what it was read from.
   * @throws {ConfigError} for what cannot change while it runs, and keeps the one it has.
   */
  reload(after: ServerOptions, loaded?: ConfigSource): ReloadReport {
    this.#ending.assertNotStopped();
    return this.#change.reload(after, loaded);
  }

  /**
   * Reads the configuration anew from where it came, as soon as what is being delivered is delivered.
   * @throws {ConfigError} when it is refused; the server keeps the one it has.
   */
  reloadFromSource(): Promise<ReloadReport> {
    return this.#change.fromSource(() => this.#ending.isStopped);
  }

  /** Closes the connections that a filter picks, all without one. @returns how many those are. */
  disconnect(filter: (client: ConnectedClient) => boolean = () => true): number {
    const picked = [...this.#entrance.connections].filter((connection) => filter(clientOf(connection)));
    for (const connection of picked) connection.close('Kicked');
    this.settle();
    return picked.length;
  }

  auditRecords(): AuditEntry[] {
    return this.#jetstream.auditRecords();
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
      const busy = !this.runQueue.isEmpty || [...this.#entrance.connections].some((c) => c.pendingBytes > 0);
      if (!busy) return;
      await new Promise<void>((resolve) => onNextTurn(resolve));
    }
  }

  /** Closes every connection and the listener. Idempotent: whoever asks waits for the same end. */
  stop(): Promise<void> {
    return this.#ending.stop(() => this.#end());
  }

  async #end(): Promise<void> {
    this.#entrance.shut();
    this.#system.shutdown();
    this.#jetstream.house?.serverStops();
    this.settle();
    this.#entrance.closeAll('Server Shutdown');
    this.times.stop();
    this.loop.stop();
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

  /** Runs what waits, and writes what was queued. */
  settle(): void {
    this.loop.settle();
  }

  /** The stream of what becomes of connections. */
  get life(): Life {
    return this.#life;
  }

  internalError(connection: Connection, error: unknown): void {
    this.failed(`on ${connection.label}`, error);
  }

  failed(where: string, error: unknown): void {
    this.log.write('error', `Internal error ${where}: ${causeText(error)}`);
  }

  trace(connection: Connection, direction: '<<-' | '->>' | '<->', text: () => string): void {
    if (this.isTracing) this.log.write('trace', `${connection.label} - ${direction} ${text()}`);
  }

  // ---- wiring --------------------------------------------------------------------------------------------------

  /** Services and events of the system account; without one, the counting alone. */
  #makeSystemHouse(): SystemHouse {
    return new SystemHouse({
      server: this,
      doors: this.#doors,
      process: new ThisProcess(() => this.wireNow()),
      loaded: this.#setup.loaded,
      listeners: () => this.#listener?.view ?? NO_LISTENERS,
      jetstream: () => this.#jetstream.house,
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

  #liveHouse(): LiveHouse {
    const { log, loop } = this;
    return {
      log,
      loop,
      source: this.#setup.source,
      live: () => this.#live(),
      prepareListeners: (after) => this.#listener?.prepare(after),
      changed: (after, loaded) => {
        this.#system.reconfigured(loaded);
        this.#setup.reconfigured?.(after);
        this.#followLog();
      },
    };
  }

  #live(): LiveServer {
    return {
      options: this.#options,
      guard: this.guard,
      authenticator: this.#authenticator,
      accounts: this.accounts,
      runQueue: this.runQueue,
      admission: this.#admission,
      connections: this.#entrance.connections,
      applyDoors: (options) => this.#applyDoors(options),
      adopt: (options, authenticator) => {
        this.#options = options;
        this.#authenticator = authenticator;
      },
      adoptJetStream: (options) => this.#jetstream.adopt(options),
      internalError: (connection, error) => this.internalError(connection, error),
    };
  }

  /** The log may show more, or less, than before. */
  #followLog(): void {
    const isTracing = this.log.isOn('trace');
    if (isTracing === this.isTracing) return;
    this.isTracing = isTracing;
    for (const connection of this.#entrance.connections) connection.followTracing();
  }

  #listenersChanged(): void {
    this.watch = this.#watching.current();
    this.#jetstream.watchApi(this.#events.has('api') ? (entry) => this.#events.api(entry) : undefined);
  }

  #applyDoors(options: ServerOptions): void {
    this.#doors.apply(options.accounts, builtinDoors(options));
  }

  #makeJetStream(): JetStreamSeat {
    const { accounts, guard, runQueue, memory, clock, name: serverName, log } = this;
    const { memoryBytes } = this.#setup;
    const worked = (): void => this.loop.worked();
    const house = { accounts, guard, runQueue, memory, clock, serverName, log, memoryBytes, worked };
    return new JetStreamSeat(house);
  }
}
