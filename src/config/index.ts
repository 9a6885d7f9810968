/**
 * The configuration language of nats-server and the typed options it stands for. Text becomes tokens, tokens become
 * values with positions, values become `ServerOptions`, by one table of keys that also writes the reference page.
 * Everything that is wrong is found in one run and refused together; what is accepted without effect is named in a
 * warning, never passed over.
 */
export { advertisedAddress } from './advertise.ts';
export { type Certificates, checkCertificates, readCertificates } from './certificates.ts';
export { TLS13_CIPHERS } from './ciphers.ts';
export {
  BARE_ACCOUNT,
  DEFAULT_RESPONSES,
  DEFAULT_THRESHOLD_MS,
  DEFAULTS,
  defaultOptions,
  GLOBAL_ACCOUNT,
  UNLIMITED_ACCOUNT,
  UNLIMITED_JETSTREAM,
} from './defaults.ts';
export { renderConfigDocs } from './docs.ts';
export { entryText } from './entry-text.ts';
export { isHashed } from './hashed.ts';
export { localSubjectOf } from './import-subjects.ts';
export { globalJetStream } from './jetstream.ts';
export { type ConfigKey, configKeys, type KeyStatus } from './keys.ts';
export {
  fromTree,
  type LoadedConfig,
  loadConfigFile,
  type ParseOptions,
  parseConfig,
  parseValues,
} from './load.ts';
export type * from './options.ts';
export { CONNECTION_KINDS } from './options.ts';
export { originOf } from './origins.ts';
export { printConfig } from './print.ts';
export { ConfigError, type ConfigProblem, type ConfigWarning, formatPosition } from './problems.ts';
export { sameOptions, unreloadable } from './reload.ts';
export type {
  ConfigArray,
  ConfigBoolean,
  ConfigDate,
  ConfigEntry,
  ConfigFloat,
  ConfigInteger,
  ConfigMap,
  ConfigString,
  ConfigValue,
} from './values.ts';
