import {
  EXPORT_KEYS,
  IMPORT_KEYS,
  IMPORT_SOURCE_KEYS,
  LATENCY_KEYS,
  MAPPING_DESTINATION_KEYS,
} from './keys/doors.ts';
import { CERTIFICATE_KEYS, OWN_LOGIN_KEYS, TLS_KEYS, WEBSOCKET_KEYS } from './keys/listeners.ts';
import {
  ACCOUNT_JETSTREAM_KEYS,
  ACCOUNT_KEYS,
  ACCOUNT_LIMITS_KEYS,
  AUTHORIZATION_KEYS,
  JETSTREAM_BATCH_KEYS,
  JETSTREAM_KEYS,
  JETSTREAM_LIMITS_KEYS,
  PERMISSIONS_KEYS,
  RESPONSES_KEYS,
  SUBJECT_PERMISSION_KEYS,
  USER_KEYS,
} from './keys/sections.ts';
import { SERVER_KEYS } from './keys/server.ts';
import type { KeySpec, SectionKeys } from './keys/spec.ts';

export type { KeyStatus } from './keys/spec.ts';

/** One row of the table of keys. */
export interface ConfigKey extends KeySpec {
  /** Where it stands; empty at the top. */
  readonly section: string;
  readonly key: string;
}

const SECTIONS: readonly (readonly [string, SectionKeys])[] = [
  ['', SERVER_KEYS],
  ['authorization', AUTHORIZATION_KEYS],
  ['accounts.*', ACCOUNT_KEYS],
  ['accounts.*.limits', ACCOUNT_LIMITS_KEYS],
  ['accounts.*.jetstream', ACCOUNT_JETSTREAM_KEYS],
  ['accounts.*.exports[]', EXPORT_KEYS],
  ['accounts.*.exports[].latency', LATENCY_KEYS],
  ['accounts.*.imports[]', IMPORT_KEYS],
  ['accounts.*.imports[].stream|service', IMPORT_SOURCE_KEYS],
  ['mappings.*[]', MAPPING_DESTINATION_KEYS],
  ['users[]', USER_KEYS],
  ['permissions', PERMISSIONS_KEYS],
  ['permissions.publish|subscribe', SUBJECT_PERMISSION_KEYS],
  ['permissions.allow_responses', RESPONSES_KEYS],
  ['jetstream', JETSTREAM_KEYS],
  ['jetstream.limits', JETSTREAM_LIMITS_KEYS],
  ['jetstream.limits.batch', JETSTREAM_BATCH_KEYS],
  ['tls', TLS_KEYS],
  ['tls.certs[]', CERTIFICATE_KEYS],
  ['websocket', WEBSOCKET_KEYS],
  ['websocket.authorization', OWN_LOGIN_KEYS],
];

/** Every key of every section: the one table that reading, refusing unknown keys and the reference page rest on. */
export const configKeys: readonly ConfigKey[] = SECTIONS.flatMap(([section, keys]) =>
  Object.entries(keys).map(([key, spec]) => ({ ...spec, section, key })),
);
