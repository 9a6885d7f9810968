/**
 * The composition root and everything that touches sockets, time and chance: connections, listeners, run queue,
 * scheduler, outboxes.
 */

export type { ConnectedClient } from './connected-client.ts';
export type { ServerDecision, ServerDecisionListener } from './decisions.ts';
export {
  type Embedded,
  type ServerClock,
  type StartOptions,
  startEmbedded,
  type UserSpec,
} from './embedded.ts';
export { loadEnvironment } from './environment.ts';
export { type LogLevel, type LogSink, SILENT } from './log.ts';
export { type Finding, type Identity, RehearsalServer, type Rehearsed } from './rehearsal.ts';
export type { ReloadReport } from './reload.ts';
export { type AuditEntry, Server, type ServerSetup } from './server.ts';
export { CONNECTION_KINDS, type ConnectionKind } from './transport.ts';
