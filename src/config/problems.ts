import { limits } from '../base/index.ts';
import type { Position } from './options.ts';

/** One thing that is wrong with a configuration. Line and column count from 1; 0 where there is no text. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** Where in an options tree that was passed as a value, instead of file and line. */
  readonly path?: string;
}

/** Something in a configuration that is accepted, but that its author should know about. */
export interface ConfigWarning {
  /** Absent for what concerns the configuration as a whole. */
  readonly position?: Position;
  readonly key: string;
  readonly message: string;
}

/** Writes where something stands, as the prefix of a message: `file:line:column: `, or the path in a tree. */
export function formatPosition(at: Position | undefined): string {
  if (at === undefined) return '';
  if (at.path !== undefined) return at.path === '' ? '' : `${at.path}: `;
  if (at.line === 0) return at.file === '' ? '' : `${at.file}: `;
  return `${at.file === '' ? '-' : at.file}:${at.line}:${at.column}: `;
}

/** A configuration that is refused, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map((problem) => `${formatPosition(problem)}${problem.message}`).join('\n'));
    this.problems = problems;
  }
}

/** Thrown by a reader of one value; the section that holds the value records it and goes on with the next one. */
export class Refusal extends Error {
  readonly at: Position | undefined;

  constructor(at: Position | undefined, message: string) {
    super(message);
    this.at = at;
  }
}

/** Collects what is found while a configuration is read, so that one run names all of it. */
export class Findings {
  readonly problems: ConfigProblem[] = [];
  readonly warnings: ConfigWarning[] = [];
  /** The keys that were warned of, also those whose warning is left out: what is decided by them has no bound. */
  readonly warnedKeys = new Set<string>();

  problem(at: Position | undefined, message: string): void {
    if (this.problems.length >= limits.MAX_CONFIG_FINDINGS) return;
    const { file, line, column, path } = at ?? NOWHERE;
    this.problems.push({ file, line, column, message, ...(path === undefined ? {} : { path }) });
  }

  /** @param key the name of a key of the tables, of which there are not many. */
  warn(position: Position | undefined, key: string, message: string): void {
    this.warnedKeys.add(key);
    if (this.warnings.length >= limits.MAX_CONFIG_FINDINGS) return;
    this.warnings.push(position === undefined ? { key, message } : { position, key, message });
  }

  /** Runs one step; what it refuses is recorded. Anything else that it throws is a bug and passes. */
  attempt(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      this.problem(thrown.at, thrown.message);
    }
  }

  /** @throws {ConfigError} when any problem was found. */
  throwIfRefused(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}

const NOWHERE: Position = { file: '', line: 0, column: 0 };
