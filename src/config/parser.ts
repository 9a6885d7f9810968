import { limits } from '../base/index.ts';
import { type Holder, Lexer, type ValueToken } from './lexer.ts';
import type { Position } from './options.ts';
import { Refusal } from './problems.ts';
import type { Sources } from './sources.ts';
import type { ConfigArray, ConfigEntry, ConfigMap, ConfigValue } from './values.ts';

type OpenEntry = { -readonly [K in keyof ConfigEntry]: ConfigEntry[K] };
type OpenMap = Map<string, OpenEntry>;

/** How large a value is: values in it with variables written out, and levels below it. */
interface Extent {
  readonly values: number;
  readonly height: number;
}

const LEAF: Extent = { values: 1, height: 0 };

/** What the parsers of one configuration (its file, its includes, its environment values) share. */
export interface ParserWorld {
  readonly sources: Sources;
  readonly extents: WeakMap<object, Extent>;
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
    return this.#measured({ kind: 'map', entries, at });
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
        return token;
    }
  }

  #nested<V extends ConfigValue>(at: Position, read: () => V): V {
    this.#checkDepth(1, at);
    this.#depth++;
    const value = this.#measured(read());
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
      this.#checkDepth(this.#extent(entry.value).height, at);
      return this.#measured({ ...entry.value, at });
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
    return this.#measured({ ...value, at });
  }

  #include(name: string, entries: OpenMap, at: Position): void {
    const { sources, files } = this.#world;
    const { path, text } = sources.include(name, this.#file, files, at);
    const world = { ...this.#world, files: [...files, path] };
    for (const [key, entry] of new Parser(text, path, world, this.#depth).file().entries) {
      entries.set(key, { ...entry });
    }
  }

  #extent(value: ConfigValue): Extent {
    return this.#world.extents.get(value) ?? LEAF;
  }

  /** Remembers how large a value is, so that values grown by variables are refused before anybody walks them. */
  #measured<V extends ConfigValue>(value: V): V {
    if (value.kind !== 'map' && value.kind !== 'array') return value;
    let values = 1;
    let height = 0;
    const parts =
      value.kind === 'array' ? value.items : [...value.entries.values()].map((entry) => entry.value);
    for (const part of parts) {
      const extent = this.#extent(part);
      values += extent.values;
      height = Math.max(height, extent.height);
    }
    if (values > limits.MAX_CONFIG_VALUES) throw new Refusal(value.at, 'configuration holds too many values');
    this.#world.extents.set(value, { values, height: height + 1 });
    return value;
  }
}
