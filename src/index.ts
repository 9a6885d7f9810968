/**
 * Bulkhead inside somebody's process. `startServer()` is silent, installs no handlers, writes no file, and listens on
 * 127.0.0.1 on a free port.
 */
import type { Duplex } from 'node:stream';
import type { AuditOptions, AuditReport } from './audit/index.ts';
import type { ConfigSource, Explanation, Question } from './explain/index.ts';
import { Explaining } from './explaining.ts';
import type { RuleCounters } from './guard/index.ts';
import { milliseconds, startEmbedded } from './server/embedded.ts';
import type {
  AuditEntry,
  ConnectedClient,
  LameDuckTimes,
  ReloadReport,
  ResetOptions,
  Server,
  ServerEventListener,
  ServerEventName,
  StateTime,
} from './server/index.ts';
import type { ServerClock, StartOptions } from './server/start-options.ts';

export type { AuditOptions, AuditReport, Finding, Flow, Severity } from './audit/index.ts';
export { ConfigError, type ConfigProblem } from './config/index.ts';
export type { Change, ConfigSource, Explanation, Place, Question, Step } from './explain/index.ts';
export {
  type Action,
  CONTROLS,
  type Control,
  type ControlId,
  type Reason,
  RULES,
  type Rule,
  type RuleCount,
  type RuleCounters,
  type RuleId,
} from './guard/index.ts';
export { StateError } from './jetstream/index.ts';
export type {
  AuditEntry,
  ConnectEvent,
  ConnectedClient,
  DisconnectEvent,
  LogLevel,
  LogSink,
  MessageEvent,
  ReloadReport,
  ResetOptions,
  ServerDecision,
  ServerDecisionListener,
  ServerEventListener,
  ServerEventName,
  ServerEvents,
  StateTime,
} from './server/index.ts';
export type { ServerClock, StartOptions, UserSpec } from './server/start-options.ts';

/**
 * Why somebody may do something or may not with a configuration: text, object, or `{ configFile }`. No server is
 * started; people assert permissions with it in their own tests.
 * @throws {ConfigError} when the configuration is refused, or an error named QuestionError for a question about nobody.
 */
export async function explain(config: ConfigSource, question: Question): Promise<Explanation> {
  const { explainerFor } = await import('./explain/index.ts');
  const explainer = explainerFor(config);
  try {
    return explainer.explain(question);
  } finally {
    explainer.close();
  }
}

/**
 * Everything that crosses a boundary in a configuration (text, object, or `{ configFile }`), who reaches what, and what
 * somebody should know about it. No server is started.
 * @throws {ConfigError} when the configuration is refused.
 */
export async function audit(config: ConfigSource, options: AuditOptions = {}): Promise<AuditReport> {
  const { auditConfig } = await import('./audit/index.ts');
  return auditConfig(config, options, process.env);
}

/** Characters of an answer that is no report, as its error shows them. */
const LONGEST_COMPLAINT = 200;

/** How long lame duck mode takes: ms, or a Go duration such as `30s`. */
export interface LameDuckOptions {
  /** Until the first client is closed. */
  readonly grace?: number | string;
  /** Until the last one is, the grace included. */
  readonly duration?: number | string;
}

/** A running server. */
export interface BulkheadServer extends AsyncDisposable {
  /** `nats://127.0.0.1:<port>`; empty when it does not listen. */
  readonly url: string;
  readonly urls: readonly string[];
  /** The TCP port; 0 when it does not listen. */
  readonly port: number;
  readonly clock: ServerClock;
  /** An in-process connection: a stream that speaks the client protocol. */
  socket(): Duplex;
  /**
   * Empties JetStream and counts from zero again, in all accounts or in one; connections stay.
   * @throws {RangeError} when there is no such account.
   */
  reset(options?: ResetOptions): void;
  /**
   * The JetStream state of all accounts as bytes, as it is now: streams, messages, consumers with what they delivered and
   * what was acknowledged. Fit for a file and for a worker thread. Connections and statistics are no state.
   */
  save(): Uint8Array;
  /**
   * Puts a saved state in the place of the present one, in all accounts; connections and subscriptions stay, and who
   * waits at a consumer that the state has too waits there. Resolves when all that this caused has been written.
   * @param options `time`: what becomes of the times in it. `resume`: they stay, and the service clock goes to where it
   * stood (default for a manual clock); `shift`: they move to the present, so that nothing is older than it was
   * (default for a real one); `keep`: neither.
   * @throws {StateError} for bytes that are none, or damaged, of a later format, or of accounts that are not here;
   * nothing has changed then.
   */
  load(state: Uint8Array, options?: { readonly time?: StateTime }): Promise<void>;
  /**
   * Closes every connection, then listens on the same port again; resolves when it does. Streams and consumers are there
   * afterwards unless `keepState` is false; subscriptions are not, as they end with their connections.
   * @throws the system's error (`EADDRINUSE`) when somebody took the port meanwhile.
   */
  restart(options?: { readonly keepState?: boolean }): Promise<void>;
  /**
   * Keeps messages back from clients until {@link resume}. Everything else goes on: what clients send is handled, and
   * +OK, PONG and errors come, so that a flush says that nothing more is on its way. A client for which more than
   * `max_pending` waits is closed as a slow consumer.
   */
  pause(): void;
  /** Sends what waited, in order, and keeps nothing back any more. */
  resume(): void;
  /**
   * Ends gently, as `kill -USR2` ends the command: nobody new comes in, clients are told (INFO with `ldm`), closed one
   * by one after the grace, and the server stops. Resolves when it has.
   * @param times absent: as configured, two minutes with a grace of ten seconds. Real time, whatever the clock.
   */
  lameDuck(times?: LameDuckOptions): Promise<void>;
  /**
   * What monitoring says at an address such as `/connz?subs=1`, without an HTTP port.
   * @throws {RangeError} when there is no such page, or an option is wrong.
   */
  monitor<T = Readonly<Record<string, unknown>>>(path: string): T;
  /**
   * Goes over to another configuration while clients are connected: text or object as for the start; without one, what
   * the file that it was started from says now. Who lost a right loses it at once, subscriptions included; who did not
   * is not disturbed. It happens between two messages. See docs/live-change.md for what cannot change.
   * @throws {ConfigError} when it is refused; nothing has changed then.
   */
  reload(config?: StartOptions['config']): Promise<ReloadReport>;
  /** Closes the connections that a filter picks, all of them without one. @returns how many. */
  disconnect(filter?: (client: ConnectedClient) => boolean): number;
  /** What the API dispatch decided lately, newest last: bounded, for tests that tell "not answered" from "not allowed". */
  auditRecords(): readonly AuditEntry[];
  /**
   * Tells a listener from now on, at once, of clients that come and go (`connect`, `disconnect`), of every `message` of a
   * client or to one, of every `decision` of authority with its rule and reasons, and of every request of the JetStream
   * `api`. While nobody listens it costs nothing; while anybody listens to decisions, every action is decided anew. What
   * a listener throws is logged.
   */
  on<E extends ServerEventName>(event: E, listener: ServerEventListener<E>): BulkheadServer;
  off<E extends ServerEventName>(event: E, listener: ServerEventListener<E>): BulkheadServer;
  /**
   * Why somebody may do something or may not, with the configuration that is in force: every decision, its rule, and the
   * smallest change that would decide it otherwise.
   * @throws {Error} named QuestionError for a question about nobody, or about no subject.
   */
  explain(question: Question): Promise<Explanation>;
  /** How often each rule decided since the start. A verdict that was kept and used again counts once. */
  ruleCounters(): RuleCounters;
  /** Stops; idempotent, frees the port, leaves nothing running. */
  stop(): Promise<void>;
}

/**
 * Starts a server.
 * @throws {ConfigError} when the configuration is refused, or an error with the system's code (`EADDRINUSE`); nothing
 * is left open then.
 */
export async function startServer(options: StartOptions = {}): Promise<BulkheadServer> {
  const explaining = new Explaining(options.lab?.controlsOff);
  const { server, clock, url, urls, reload, load } = await startEmbedded(options, (asked, question) =>
    explaining.answer(asked, question),
  );
  const running: BulkheadServer = {
    url,
    urls,
    port: server.port ?? 0,
    clock,
    socket: () => server.socket(),
    reset: (what) => server.reset(what),
    save: () => server.save(),
    load: (state, { time } = {}) => load(state, time),
    restart: ({ keepState = true } = {}) => server.restart(keepState),
    pause: () => server.pause(),
    resume: () => server.resume(),
    lameDuck: async (times) => server.lameDuck(lameDuckTimes(times)),
    monitor: (path) => jsonOf(path, server.monitor(path)),
    reload,
    disconnect: (filter) => server.disconnect(filter),
    auditRecords: () => server.auditRecords(),
    on: (event, listener) => {
      server.on(event, listener);
      return running;
    },
    off: (event, listener) => {
      server.off(event, listener);
      return running;
    },
    explain: (question) => explaining.explain(server, question),
    ruleCounters: () => server.ruleCounters(),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return running;
}

function lameDuckTimes({ grace, duration }: LameDuckOptions = {}): Partial<LameDuckTimes> {
  return {
    ...(grace === undefined ? {} : { graceMs: milliseconds(grace) }),
    ...(duration === undefined ? {} : { durationMs: milliseconds(duration) }),
  };
}

/** Pages for people are no objects, and neither are complaints. */
function jsonOf<T>(path: string, { contentType, body }: ReturnType<Server['monitor']>): T {
  if (contentType.startsWith('application/json')) return JSON.parse(body) as T;
  throw new RangeError(`monitoring has no report at ${path}: ${body.slice(0, LONGEST_COMPLAINT).trim()}`);
}
