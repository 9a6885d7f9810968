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
export type {
  AuditEntry,
  ConnectEvent,
  DisconnectEvent,
  MessageEvent,
  ServerEventListener,
  ServerEventName,
  ServerEvents,
} from './events.ts';
export type { LameDuckTimes } from './lame-duck.ts';
export { announceTls } from './listeners.ts';
export { type LogLevel, type LogSink, SILENT } from './log.ts';
export { MonitoringError } from './monitoring.ts';
export { type Finding, type Identity, RehearsalServer, type Rehearsed } from './rehearsal.ts';
export type { ReloadReport } from './reload.ts';
export type { StateTime } from './saved-state.ts';
export { type ResetOptions, Server, type ServerSetup } from './server.ts';
