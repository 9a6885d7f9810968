import type { Duplex } from 'node:stream';
import { importService, ServiceExport } from '../accounts/index.ts';
import { Authenticator } from '../auth/index.ts';
import { formatInstant, type Random, type Timer } from '../base/index.ts';
import type { ServerOptions } from '../config/index.ts';
import { accountBytes, accountId, type ControlId, Guard, type RuleId } from '../guard/index.ts';
import { type ConnectOptions, ERRORS, type ProtocolError, type ServerInfo } from '../protocol/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { UserInfoService } from '../system/index.ts';
import { NATS_VERSION } from '../version.ts';
import { Admission } from './admission.ts';
import type { CloseReason } from './close-reasons.ts';
import { Connection } from './connection.ts';
import { Directory } from './directory.ts';
import { onNextTurn, SeededRandom, SystemRandom } from './effects.ts';
import type { ConnectionHost } from './host.ts';
import { JetStreamHouse } from './jetstream-house.ts';
import { TcpListener } from './listener.ts';
import { causeText, type LogSink, SILENT } from './log.ts';
import { EMBEDDED_MEMORY_BYTES, ProcessMemory } from './memory-budget.ts';
import { PipeTransport } from './pipe.ts';
import { RefusalLog } from './refusal-log.ts';
import { RunQueue } from './run-queue.ts';
import { newServerId } from './server-id.ts';
import { serverInfo } from './server-info.ts';
import type { Entry } from './session.ts';
import { Times } from './times.ts';
import type { Transport } from './transport.ts';

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
}

/** What became of one API request, for tests that tell "not answered" from "not allowed". */
export interface AuditEntry {
  readonly subject: string;
  readonly account: string;
  readonly user: string;
  readonly rule: RuleId | undefined;
  /** Whether the guard minted a grant. */
  readonly granted: boolean;
  readonly handlerRan: boolean;
}

/** The composition root: it makes the parts, introduces them to each other, and runs the loop between them. */
export class Server implements ConnectionHost {
  readonly options: ServerOptions;
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  readonly times: Times;
  readonly accounts: Directory;
  readonly runQueue: RunQueue;
  readonly id: string;
  readonly name: string;
  readonly version = NATS_VERSION;
  readonly log: LogSink;
  readonly isTracing: boolean;
  readonly memory: ProcessMemory;
  readonly #random: Random;
  readonly #admission: Admission;
  readonly #jetstream: JetStreamHouse | undefined;
  readonly #connections = new Set<Connection>();
  #dirty: Connection[] = [];
  #listener: TcpListener | undefined;
  #lastClientId = 0;
  #settling = false;
  #turnBooked = false;
  #stopped = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ServerOptions, setup: ServerSetup = {}) {
    this.options = options;
    this.log = setup.log ?? SILENT;
    this.isTracing = this.log.isOn('trace');
    const seeded = setup.seed === undefined ? undefined : new SeededRandom(setup.seed);
    this.#random = seeded ?? new SystemRandom();
    this.times = new Times(
      setup.clock ?? 'real',
      () => this.settle(),
      (error) => this.#logError('in a timer', error),
    );
    const refusals = new RefusalLog(this.log, this.times.clock);
    const { systemAccount } = options;
    this.guard = new Guard({
      system: systemAccount === undefined ? undefined : accountId(systemAccount),
      controlsOff: setup.controlsOff ?? [],
    });
    this.guard.observe((refusal) => refusals.refused(refusal), { refusalsOnly: true });
    this.authenticator = new Authenticator(options);
    this.id = newServerId(this.#random.fork('server id'));
    this.name = options.serverName ?? this.id;
    this.runQueue = new RunQueue((error) => this.#logError('in the run queue', error));
    const { clock, scheduler } = this.times;
    this.accounts = new Directory(options, { clock, scheduler, guard: this.guard }, this.#random);
    this.#admission = new Admission(this.authenticator, this.accounts, this.guard);
    this.memory = new ProcessMemory(
      options.jetstream?.maxMemory ?? setup.memoryBytes ?? EMBEDDED_MEMORY_BYTES,
    );
    this.#offerSystemServices();
    this.#jetstream = this.#makeJetStream();
    this.#watchWriteDeadlines();
  }

  get clock(): Times['clock'] {
    return this.times.clock;
  }

  /** The port that is listened on; undefined before {@link listen}. */
  get port(): number | undefined {
    return this.#listener?.port;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Listens for TCP clients. @throws the system's error (`EADDRINUSE` and the like). */
  async listen(host: string, port: number): Promise<number> {
    this.#listener = await TcpListener.open(
      host,
      port,
      (transport) => this.#accept(transport),
      (error) => this.#logError('while accepting', error),
    );
    return this.#listener.port;
  }

  /** An in-process connection: a stream that speaks the wire protocol. */
  socket(): Duplex {
    const pipe = new PipeTransport();
    const events = this.#accept(pipe);
    pipe.attach({ onData: (chunk) => events.onData(chunk), onClose: () => events.onClose() });
    return pipe.client;
  }

  /** Empties JetStream in all accounts; connections stay. */
  reset(): void {
    this.#jetstream?.reset();
    this.settle();
  }

  auditRecords(): AuditEntry[] {
    const records = this.#jetstream?.auditRecords() ?? [];
    return records.map(({ subject, account, user, rule, granted, handled }) => ({
      subject,
      account,
      user,
      rule,
      granted,
      handlerRan: handled,
    }));
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
      this.#ended = this.#end();
    }
    return this.#ended;
  }

  async #end(): Promise<void> {
    for (const connection of [...this.#connections]) connection.close('Server Shutdown');
    this.times.stop();
    this.runQueue.clear();
    await this.#listener?.close();
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
  ): Entry | ProtocolError | Promise<Entry | ProtocolError> {
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
      this.times.release();
    }
    if (more) this.#bookTurn();
  }

  internalError(connection: Connection, error: unknown): void {
    this.#logError(`on ${connection.label}`, error);
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#connections.delete(connection);
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

  #accept(transport: Transport): { onData: (chunk: Buffer) => void; onClose: () => void } {
    const connection = new Connection(++this.#lastClientId, transport, this);
    this.#connections.add(connection);
    if (this.log.isOn('debug')) this.log.write('debug', `${connection.label} - Client connection created`);
    if (this.#stopped) connection.close('Server Shutdown');
    else connection.open();
    if (this.#connections.size > this.options.maxConnections) connection.refuse(ERRORS.maximumConnections);
    this.settle();
    return { onData: (chunk) => connection.receive(chunk), onClose: () => connection.peerClosed() };
  }

  // ---- wiring --------------------------------------------------------------------------------------------------

  /** The services every tenant imports from the system account without having to say so. */
  #offerSystemServices(): void {
    const { system } = this.accounts;
    if (system === undefined) return;
    const userInfo = '$SYS.REQ.USER.*.INFO' as ByteString;
    system.export(new ServiceExport(userInfo));
    for (const tenant of this.accounts.tenants()) {
      importService({
        importer: tenant,
        exporter: system,
        local: '$SYS.REQ.USER.INFO' as ByteString,
        remote: `$SYS.REQ.USER.${accountBytes(tenant.id)}.INFO` as ByteString,
        share: true,
      });
    }
    new UserInfoService(this).start(system);
  }

  #makeJetStream(): JetStreamHouse | undefined {
    const { options, accounts, guard, runQueue, memory, clock, name, log } = this;
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
