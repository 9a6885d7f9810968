import { fromTree, type LoadedConfig, loadConfigFile, parseConfig } from '../config/index.ts';
import { audit } from './audit.ts';
import type { AuditOptions, AuditReport } from './report.ts';

/** A configuration: text in nats-server's language, the same as an object, or the name of a file. */
export type ConfigSource = string | { readonly configFile: string } | Readonly<Record<string, unknown>>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Audits a configuration that still has to be read.
 * @param env variables that a configuration file may refer to.
 * @throws {ConfigError} when it is refused.
 */
export function auditConfig(
  config: ConfigSource,
  how: AuditOptions = {},
  env: Environment = {},
): AuditReport {
  const loaded = load(config, env);
  return audit(loaded.options, { keys: keysOf(loaded), ...how });
}

function load(config: ConfigSource, env: Environment): LoadedConfig {
  if (typeof config === 'string') return parseConfig(config);
  const { configFile } = config;
  return typeof configFile === 'string' ? loadConfigFile(configFile, { env }) : fromTree(config);
}

/** Keys that have no effect here may have one on nats-server: advisories speak of them. */
function keysOf({ warnings }: LoadedConfig): string[] {
  return [...new Set(warnings.map(({ key }) => key))];
}
