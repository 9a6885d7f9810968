import { readFileSync } from 'node:fs';
import { fromTree, loadConfigFile, parseConfig } from '../config/index.ts';
import { loadEnvironment } from '../server/index.ts';
import { Explainer } from './explainer.ts';

/** A configuration: text in nats-server's language, the same as an object, or the name of a file. */
export type ConfigSource = string | { readonly configFile: string } | Readonly<Record<string, unknown>>;

/**
 * An explainer for a configuration.
 * @throws {ConfigError} when the configuration is refused.
 */
export function explainerFor(config: ConfigSource): Explainer {
  if (typeof config === 'string') {
    return new Explainer(parseConfig(config).options, { read: (file) => (file === '' ? config : undefined) });
  }
  const { configFile } = config;
  if (typeof configFile !== 'string') return new Explainer(fromTree(config).options);
  return new Explainer(loadConfigFile(configFile, { env: loadEnvironment() }).options, { read: textOf });
}

/** A file's text; a file that cannot be read any more has no lines to show. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
