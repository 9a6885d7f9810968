/**
 * The JetStream API: a table of endpoints (`table.ts`), each with its door, scope, request, response and handler, and
 * the one way through it (`dispatch.ts`). `scope.ts` is the only place where a grant of the guard becomes something to
 * act on. The server implements `ApiHost` (`view.ts`), which is all that is seen of it from here.
 */
export type { AuditLog, AuditOutcome, AuditRecord } from './audit.ts';
export { ApiDispatch } from './dispatch.ts';
export { renderApiDocs } from './docs.ts';
export { encodeJson, encodeString } from './encode.ts';
export type { Endpoint } from './endpoint.ts';
export { type MatrixCaller, renderAuthorityMatrix } from './matrix.ts';
export { servedInside } from './routes.ts';
export { ApiStats, StatsBook } from './stats.ts';
export { ENDPOINTS } from './table.ts';
export {
  API_LEVEL,
  type ApiHost,
  type ApiLog,
  type ApiRequest,
  type ScopeDecision,
  type ScopeGuard,
} from './view.ts';
