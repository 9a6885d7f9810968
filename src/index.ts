/**
 * Bulkhead inside somebody's process. `startServer()` is silent, installs no handlers, writes no file, and listens on
 * 127.0.0.1 on a free port.
 */
import type { Duplex } from 'node:stream';
import type { AuditOptions, AuditReport } from './audit/index.ts';
import type { ConfigSource, Explanation, Question } from './explain/index.ts';
import { Explaining } from './explaining.ts';
import type { RuleCounters } from './guard/index.ts';
import type { ServerClock, StartOptions } from './server/embedded.ts';
import { startEmbedded } from './server/embedded.ts';
import type { AuditEntry, ConnectedClient, ReloadReport, ServerDecisionListener } from './server/index.ts';

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
export type { ServerClock, StartOptions, UserSpec } from './server/embedded.ts';
export type {
  AuditEntry,
  ConnectedClient,
  LogLevel,
  LogSink,
  ReloadReport,
  ServerDecision,
  ServerDecisionListener,
} from './server/index.ts';

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
  /** Empties JetStream in all accounts; connections stay. */
  reset(): void;
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
   * Tells a listener of every decision of authority from now on, at once, with rule and reasons. While anybody listens
   * every action is decided anew; while nobody does it costs nothing. What a listener throws is logged.
   */
  on(event: 'decision', listener: ServerDecisionListener): BulkheadServer;
  off(event: 'decision', listener: ServerDecisionListener): BulkheadServer;
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
  const { server, clock, url, reload } = await startEmbedded(options, (asked, question) =>
    explaining.answer(asked, question),
  );
  const running: BulkheadServer = {
    url,
    urls: url === '' ? [] : [url],
    port: server.port ?? 0,
    clock,
    socket: () => server.socket(),
    reset: () => server.reset(),
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
