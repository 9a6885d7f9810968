/**
 * Accounts: subject spaces that know nothing of each other. What is offered (`exports.ts`), what is taken (`imports.ts`
 * for services, `stream-imports.ts`), how a message is delivered within one (`deliver.ts`), the only place where one
 * changes account (`crossing.ts`), the ways back (`replies.ts`), and the doors as a configuration wants them
 * (`doors.ts`).
 */
export { Account, type AccountHouse } from './account.ts';
export {
  type BuiltinDoors,
  type BuiltinImport,
  builtinExports,
  builtinImports,
} from './builtin-doors.ts';
export type { AnyExport, AnyImport } from './door-change.ts';
export { type DoorAccounts, Doors } from './doors.ts';
export { type ResponseType, ServiceExport, StreamExport } from './exports.ts';
export { withoutIdentity } from './identity-header.ts';
export { type DoorEnds, importService, ServiceImport, type ServiceImportOptions } from './imports.ts';
export {
  ClientInterest,
  type ClientInterestContext,
  Interest,
  InternalInterest,
  type InternalReceive,
  NOT_TAKEN,
  type Receiver,
  type Sender,
} from './interest.ts';
export { Mapping, Mappings } from './mappings.ts';
export type { Passage } from './passage.ts';
export { clientInfo } from './request-info.ts';
export { StreamImport } from './stream-imports.ts';
