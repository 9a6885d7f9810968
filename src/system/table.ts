import { ACCOUNT_SERVICES } from './account-services.ts';
import { CONTROL_SERVICES } from './control-services.ts';
import { EXPLAIN_SERVICES } from './explain-service.ts';
import { SERVER_SERVICES } from './server-services.ts';
import type { Service } from './service.ts';

/** Every service of the system account on one server of 2.14, one row each. */
export const SERVICES: readonly Service[] = [
  ...SERVER_SERVICES,
  ...ACCOUNT_SERVICES,
  ...CONTROL_SERVICES,
  ...EXPLAIN_SERVICES,
];
