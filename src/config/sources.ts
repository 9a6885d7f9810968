import { dirname, join } from 'node:path';
import { limits } from '../base/index.ts';
import type { Position } from './options.ts';
import { Refusal } from './problems.ts';

/** Where the texts of one configuration come from; counts them, so that a small file cannot pull in a huge one. */
export class Sources {
  readonly #readFile: ((path: string) => string) | undefined;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #chars = 0;
  #includes = 0;

  constructor(env: Readonly<Record<string, string | undefined>> = {}, readFile?: (path: string) => string) {
    this.#env = env;
    this.#readFile = readFile;
  }

  /** Counts a text before it is read. */
  admit(text: string, at: Position): string {
    this.#chars += text.length;
    if (this.#chars <= limits.MAX_CONFIG_CHARS) return text;
    throw new Refusal(at, `configuration is larger than ${limits.MAX_CONFIG_CHARS} characters`);
  }

  /** The value of an environment variable, as text. */
  variable(name: string, at: Position): string | undefined {
    const text = Object.hasOwn(this.#env, name) ? this.#env[name] : undefined;
    return text === undefined ? undefined : this.admit(text, at);
  }

  /** Reads an included file. Paths, also absolute ones, are taken below the including file's folder, as measured. */
  include(
    name: string,
    from: string,
    chain: readonly string[],
    at: Position,
  ): { path: string; text: string } {
    const path = join(dirname(from), name);
    if (chain.includes(path)) throw new Refusal(at, `include cycle: ${[...chain, path].join(' -> ')}`);
    if (chain.length > limits.MAX_INCLUDE_DEPTH) throw new Refusal(at, 'includes are nested too deeply');
    this.#includes++;
    if (this.#includes > limits.MAX_CONFIG_INCLUDES) throw new Refusal(at, 'too many included files');
    return { path, text: this.admit(this.#read(name, path, at), at) };
  }

  #read(name: string, path: string, at: Position): string {
    if (this.#readFile === undefined) {
      throw new Refusal(at, `error parsing include file '${name}', files can not be included here`);
    }
    try {
      return this.#readFile(path);
    } catch (thrown) {
      throw new Refusal(at, `error parsing include file '${name}', ${readFailure(path, thrown)}`);
    }
  }
}

/** Why a file could not be read, in the real server's words where they are common. */
export function readFailure(path: string, thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT') return `open ${path}: no such file or directory`;
  if (code === 'EACCES') return `open ${path}: permission denied`;
  if (code === 'EISDIR') return `read ${path}: is a directory`;
  return `open ${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}
