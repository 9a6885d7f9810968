/**
 * Bulkhead inside somebody's process. `startServer()` is silent, installs no handlers, writes no file, and listens on
 * 127.0.0.1 on a free port.
 */
import type { Duplex } from 'node:stream';
import type { RuleCounters } from './guard/index.ts';
import type { ServerClock, StartOptions } from './server/embedded.ts';
import { startEmbedded } from './server/embedded.ts';
import type { AuditEntry, ConnectedClient, ReloadReport, ServerDecisionListener } from './server/index.ts';

export { ConfigError, type ConfigProblem } from './config/index.ts';
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
  const { server, clock, url, reload } = await startEmbedded(options);
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
    ruleCounters: () => server.ruleCounters(),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return running;
}
