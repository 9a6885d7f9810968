import { readFileSync } from 'node:fs';
import { digestOf } from './digest.ts';
import type { Position, ServerOptions } from './options.ts';
import { Parser } from './parser.ts';
import { ConfigError, type ConfigWarning, Findings, Refusal } from './problems.ts';
import { readServer } from './server.ts';
import { readFailure, Sources } from './sources.ts';
import { checkTogether } from './startup.ts';
import { valuesFromTree } from './tree.ts';
import type { ConfigMap } from './values.ts';

/** What a configuration is read with. */
export interface ParseOptions {
  /** The name in messages, and what includes are relative to. */
  readonly file?: string;
  /** Environment variables that `$name` may refer to. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Reads an included file as text. Default: includes are refused. */
  readonly readFile?: (path: string) => string;
  /** Check only (`-t`): a few old forms that a running server puts up with are problems then. */
  readonly check?: boolean;
}

export interface LoadedConfig {
  readonly options: ServerOptions;
  readonly warnings: readonly ConfigWarning[];
  /** `sha256:…` over the values, equal to the one that `nats-server -t` prints. */
  readonly digest: string;
}

/**
 * Reads a configuration.
 * @throws {ConfigError} with everything that is wrong.
 */
export function parseConfig(text: string, how: ParseOptions = {}): LoadedConfig {
  const values = parseValues(text, how);
  const at: Position = { file: how.file ?? '', line: 0, column: 0 };
  if (values.entries.size === 0) throw refused(at, 'config has no values or is empty');
  return optionsOf(values, how.check ?? false);
}

/**
 * Reads a configuration file and what it includes; variables come from `env`, by default from nowhere.
 * @throws {ConfigError}; a file that cannot be read is a problem too.
 */
export function loadConfigFile(path: string, how: Omit<ParseOptions, 'file'> = {}): LoadedConfig {
  const readFile = how.readFile ?? ((name: string) => readFileSync(name, 'utf8'));
  let text: string;
  try {
    text = readFile(path);
  } catch (thrown) {
    const at: Position = { file: '', line: 0, column: 0 };
    throw refused(at, readFailure(path, thrown));
  }
  return parseConfig(text, { ...how, readFile, file: path });
}

/**
 * Reads options given as a plain object with the keys of the configuration language. An empty one is fine here.
 * @throws {ConfigError} whose problems name their place as a path (`accounts.A.users.0`).
 */
export function fromTree(tree: unknown, how: Pick<ParseOptions, 'check'> = {}): LoadedConfig {
  return optionsOf(
    refusing(() => valuesFromTree(tree)),
    how.check ?? false,
  );
}

/**
 * Reads text to values without giving them a meaning.
 * @throws {ConfigError} with the first thing that is no configuration.
 */
export function parseValues(text: string, how: ParseOptions = {}): ConfigMap {
  const file = how.file ?? '';
  const sources = new Sources(how.env, how.readFile);
  return refusing(() => {
    sources.admit(text, { file, line: 0, column: 0 });
    const world = { sources, size: { values: 0 }, files: [file], variables: [] };
    return new Parser(text, file, world).file();
  });
}

function optionsOf(values: ConfigMap, check: boolean): LoadedConfig {
  const findings = new Findings();
  const reading = readServer(values, findings, check);
  // What was refused is missing from the options: checks across keys would report the same thing twice.
  if (findings.problems.length === 0) checkTogether(reading);
  findings.throwIfRefused();
  return {
    options: reading.draft,
    warnings: findings.warnings,
    get digest() {
      return digestOf(values);
    },
  };
}

function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Refusal) throw refused(thrown.at, thrown.message);
    throw thrown;
  }
}

function refused(at: Position | undefined, message: string): ConfigError {
  const findings = new Findings();
  findings.problem(at, message);
  return new ConfigError(findings.problems);
}
