/**
 * The composition root and everything that touches sockets, time and chance: connections, listeners, run queue,
 * scheduler, outboxes.
 */

export type { ServerDecision, ServerDecisionListener } from './decisions.ts';
export { type Embedded, startEmbedded } from './embedded.ts';
export { loadEnvironment } from './environment.ts';
export type { LameDuckTimes } from './lame-duck.ts';
export { announceTls } from './listeners.ts';
export { type LogLevel, type LogSink, SILENT } from './log.ts';
export { MonitoringError } from './monitoring.ts';
export { type Finding, type Identity, RehearsalServer, type Rehearsed } from './rehearsal.ts';
export type { ReloadReport } from './reload-report.ts';
export type { ResetOptions } from './reset-options.ts';
export { Server } from './server.ts';
export type {
  AuditEntry,
  ConnectEvent,
  ConnectedClient,
  DisconnectEvent,
  MessageEvent,
  ServerEventListener,
  ServerEventName,
  ServerEvents,
} from './server-events.ts';
export type { ServerSetup } from './server-setup.ts';
export type { ServerClock, StartOptions, StateTime, UserSpec } from './start-options.ts';
