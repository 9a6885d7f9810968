/**
 * Services and events of the system account. Each service is a row (`table.ts`) with a scope; `dispatch.ts` is the one
 * way through it, `scope.ts` the only place where a grant of the guard becomes something to tell about. What is told is
 * made by plain functions from the view of the server (`view.ts`, which the server implements) to JSON-ready objects
 * (`monitor/`). Events are rows too (`event-table.ts`).
 */
export { ServiceDispatch, scopeRequestOf, serviceSubject } from './dispatch.ts';
export { renderSystemDocs } from './docs.ts';
export { EVENTS, type EventRow } from './event-table.ts';
export { SystemEvents } from './events.ts';
export { renderServiceMatrix, type ServiceCaller } from './matrix.ts';
export * as monitor from './monitor/index.ts';
export { ServerStamp } from './server-info.ts';
export type { ReplyBody, Service } from './service.ts';
export { SERVICES } from './table.ts';
export type {
  AccountJetStreamView,
  AccountView,
  CertificateView,
  ConnectionSource,
  ConnectionView,
  DoorsView,
  HouseView,
  HttpView,
  JetStreamView,
  ProcessView,
  ServerControls,
  ServerTotals,
  ServiceGuard,
  SubscriptionView,
  SystemView,
  TlsView,
  Traffic,
} from './view.ts';
