/**
 * Bulkhead inside somebody's process. `startServer()` is silent, installs no handlers, writes no file, and listens on
 * 127.0.0.1 on a free port.
 */
import type { Duplex } from 'node:stream';
import type { ServerClock, StartOptions } from './server/embedded.ts';
import { startEmbedded } from './server/embedded.ts';
import type { AuditEntry } from './server/index.ts';

export { ConfigError, type ConfigProblem } from './config/index.ts';
export { CONTROLS, type Control, type ControlId, RULES, type Rule, type RuleId } from './guard/index.ts';
export type { ServerClock, StartOptions, UserSpec } from './server/embedded.ts';
export type { AuditEntry, LogLevel, LogSink } from './server/index.ts';

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
  /** What the API dispatch decided lately, newest last: bounded, for tests that tell "not answered" from "not allowed". */
  auditRecords(): readonly AuditEntry[];
  /** Stops; idempotent, frees the port, leaves nothing running. */
  stop(): Promise<void>;
}

/**
 * Starts a server.
 * @throws {ConfigError} when the configuration is refused, or an error with the system's code (`EADDRINUSE`); nothing
 * is left open then.
 */
export async function startServer(options: StartOptions = {}): Promise<BulkheadServer> {
  const { server, clock, url } = await startEmbedded(options);
  return {
    url,
    urls: url === '' ? [] : [url],
    port: server.port ?? 0,
    clock,
    socket: () => server.socket(),
    reset: () => server.reset(),
    auditRecords: () => server.auditRecords(),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
