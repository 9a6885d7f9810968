import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import { CLUSTER_ENDPOINTS } from './cluster-endpoints.ts';
import { CONSUMER_ENDPOINTS } from './consumer-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { MESSAGE_ENDPOINTS } from './message-endpoints.ts';
import { STREAM_ENDPOINTS } from './stream-endpoints.ts';
import { SYSTEM_ENDPOINTS } from './system-endpoints.ts';
import { TRANSFER_ENDPOINTS } from './transfer-endpoints.ts';

/** Every endpoint of the JetStream API of 2.14, one row each. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...ACCOUNT_ENDPOINTS,
  ...STREAM_ENDPOINTS,
  ...MESSAGE_ENDPOINTS,
  ...TRANSFER_ENDPOINTS,
  ...CONSUMER_ENDPOINTS,
  ...CLUSTER_ENDPOINTS,
  ...SYSTEM_ENDPOINTS,
];
