/**
 * Accounts: subject spaces that know nothing of each other. What is offered (`exports.ts`), what is taken
 * (`imports.ts`), how a message is delivered within one (`deliver.ts`), and the only place where one changes account
 * (`crossing.ts`).
 */
export { Account, type AccountHouse } from './account.ts';
export { type ResponseType, ServiceExport } from './exports.ts';
export { importService, ServiceImport, type ServiceImportOptions } from './imports.ts';
export {
  ClientInterest,
  type ClientInterestContext,
  Interest,
  InternalInterest,
  type InternalReceive,
  type Passage,
  type Receiver,
  type Sender,
} from './interest.ts';
export { clientInfo } from './request-info.ts';
