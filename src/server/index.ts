/**
 * The composition root and everything that touches sockets, time and chance: connections, listeners, run queue,
 * scheduler, outboxes.
 */
export {
  type Embedded,
  type ServerClock,
  type StartOptions,
  startEmbedded,
  type UserSpec,
} from './embedded.ts';
export { type LogLevel, type LogSink, SILENT } from './log.ts';
export { type AuditEntry, Server, type ServerSetup } from './server.ts';
