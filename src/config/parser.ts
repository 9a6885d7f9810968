import { limits } from '../base/index.ts';
import { type Holder, Lexer, type ValueToken } from './lexer.ts';
import type { Position } from './options.ts';
import { Refusal } from './problems.ts';
import type { Sources } from './sources.ts';
import type { ConfigArray, ConfigEntry, ConfigMap, ConfigValue } from './values.ts';

type OpenEntry = { -readonly [K in keyof ConfigEntry]: ConfigEntry[K] };
type OpenMap = Map<string, OpenEntry>;

/** What the parsers of one configuration (its file, its includes, its environment values) share. */
export interface ParserWorld {
  readonly sources: Sources;
  /** How many values there are by now. */
  readonly size: { values: number };
  /** Files being read, outermost first. */
  readonly files: readonly string[];
  /** Environment variables being read. */
  readonly variables: readonly string[];
}

/** Tokens to values: maps, arrays, variables by scope, includes. One instance reads one text. */
export class Parser {
  readonly #lexer: Lexer;
  readonly #file: string;
  readonly #world: ParserWorld;
  /** The maps around the current place, outermost first: the scopes of variables. */
  readonly #scopes: OpenMap[] = [];
  #depth: number;

  constructor(text: string, file: string, world: ParserWorld, depth = 0) {
    this.#lexer = new Lexer(text, file);
    this.#file = file;
    this.#world = world;
    this.#depth = depth;
  }

  /** Reads the whole text. */
  file(): ConfigMap {
    const at = this.#lexer.position();
    const entries: OpenMap = new Map();
    this.#scopes.push(entries);
    const wrapped = this.#entries(entries, 'file');
    if (wrapped) this.#nothingMore();
    return { kind: 'map', entries, at };
  }

  /** Reads entries to the end of the text or map; true when it was a map around the whole text. */
  #entries(entries: OpenMap, holder: Holder): boolean {
    let inside = holder;
    for (let first = true; ; first = false) {
      const token = this.#lexer.key();
      switch (token.kind) {
        case 'open':
          if (!first || holder !== 'file')
            this.#lexer.fail("Unexpected '{' where a key was expected", token.at);
          inside = 'map';
          continue;
        case 'close':
          if (inside === 'map') return holder === 'file';
          return this.#lexer.fail("Unexpected '}': nothing is open here", token.at);
        case 'end':
          if (inside === 'map') this.#lexer.fail('Unexpected EOF processing map.');
          return false;
        case 'include':
          this.#include(token.text, entries, token.at);
          break;
        case 'key': {
          const value = this.#value(this.#lexer.valueOfKey(token.at));
          entries.set(token.text, { key: token.text, value, at: token.at, used: false });
        }
      }
      this.#lexer.endOfValue(inside);
    }
  }

  #nothingMore(): void {
    const token = this.#lexer.key();
    if (token.kind !== 'end')
      this.#lexer.fail('Expected nothing after the map around the whole file', token.at);
  }

  #value(token: ValueToken): ConfigValue {
    switch (token.kind) {
      case 'open-map':
        return this.#nested(token.at, () => this.#map(token.at));
      case 'open-array':
        return this.#nested(token.at, () => this.#array(token.at));
      case 'variable':
        return this.#variable(token.value, token.at);
      case 'close-array':
        return this.#lexer.fail("Unexpected ']'", token.at);
      default:
        return this.#counted(token);
    }
  }

  #nested<V extends ConfigValue>(at: Position, read: () => V): V {
    this.#checkDepth(1, at);
    this.#depth++;
    const value = this.#counted(read());
    this.#depth--;
    return value;
  }

  #checkDepth(more: number, at: Position): void {
    if (this.#depth + more > limits.MAX_NESTING) {
      throw new Refusal(at, `values are nested deeper than ${limits.MAX_NESTING} levels`);
    }
  }

  #map(at: Position): ConfigMap {
    const entries: OpenMap = new Map();
    this.#scopes.push(entries);
    this.#entries(entries, 'map');
    this.#scopes.pop();
    return { kind: 'map', entries, at };
  }

  #array(at: Position): ConfigArray {
    const items: ConfigValue[] = [];
    for (;;) {
      const token = this.#lexer.item();
      if (token.kind === 'close-array') return { kind: 'array', items, at };
      items.push(this.#value(token));
      this.#lexer.endOfValue('array');
    }
  }

  /** The innermost scope that knows the name; then the environment. */
  #variable(name: string, at: Position): ConfigValue {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const entry = this.#scopes[i]?.get(name);
      if (entry === undefined) continue;
      entry.used = true;
      this.#checkDepth(this.#countAll(entry.value), at);
      return { ...entry.value, at };
    }
    return this.#environment(name, at);
  }

  /** An environment variable holds a value of the language. */
  #environment(name: string, at: Position): ConfigValue {
    const { sources, variables } = this.#world;
    if (variables.includes(name)) throw new Refusal(at, `variable reference cycle for '${name}'`);
    const text = sources.variable(name, at);
    if (text === undefined) {
      throw new Refusal(at, `variable reference for '${name}' on line ${at.line} can not be found`);
    }
    const world = { ...this.#world, variables: [...variables, name] };
    const read = new Parser(`value=${text}`, `$${name}`, world, this.#depth).file();
    const value = read.entries.get('value')?.value;
    if (value === undefined) throw new Refusal(at, `variable '${name}' has no value`);
    return { ...value, at };
  }

  #include(name: string, entries: OpenMap, at: Position): void {
    const { sources, files } = this.#world;
    const { path, text } = sources.include(name, this.#file, files, at);
    const world = { ...this.#world, files: [...files, path] };
    for (const [key, entry] of new Parser(text, path, world, this.#depth).file().entries) {
      entries.set(key, { ...entry });
    }
  }

  /**
   * Counts a value, so that values grown by variables are refused before anybody walks them: a variable costs all that
   * it stands for.
   */
  #counted<V extends ConfigValue>(value: V): V {
    this.#world.size.values++;
    if (this.#world.size.values > limits.MAX_CONFIG_VALUES)
      throw new Refusal(value.at, 'configuration holds too many values');
    return value;
  }

  /** Counts everything in a value that a variable stands for; tells how many levels there are below it. */
  #countAll(value: ConfigValue): number {
    this.#counted(value);
    let height = 0;
    if (value.kind === 'array') {
      for (const item of value.items) height = Math.max(height, 1 + this.#countAll(item));
    } else if (value.kind === 'map') {
      for (const inner of value.entries.values()) height = Math.max(height, 1 + this.#countAll(inner.value));
    }
    return height;
  }
}
