import { limits } from '../base/index.ts';
import type { Position } from './options.ts';
import { Refusal } from './problems.ts';
import type { ConfigEntry, ConfigMap, ConfigValue } from './values.ts';

/** Takes a plain JavaScript object (or a `Map`) as the values of a configuration. Strings are never variables. */
export function valuesFromTree(tree: unknown): ConfigMap {
  const value = new TreeReader().value(tree, [], 0);
  if (value.kind !== 'map') throw new Refusal(value.at, 'options have to be an object');
  return value;
}

class TreeReader {
  #values = 0;

  value(given: unknown, path: readonly string[], depth: number): ConfigValue {
    const at: Position = { file: '', line: 0, column: 0, path: path.join('.') };
    if (depth > limits.MAX_NESTING)
      throw new Refusal(at, `values are nested deeper than ${limits.MAX_NESTING} levels`);
    this.#values++;
    if (this.#values > limits.MAX_CONFIG_VALUES) throw new Refusal(at, 'configuration holds too many values');
    if (Array.isArray(given)) {
      const items = given.map((item, index) => this.value(item, [...path, String(index)], depth + 1));
      return { kind: 'array', items, at };
    }
    return scalar(given, at) ?? this.#map(given, at, path, depth);
  }

  #map(given: unknown, at: Position, path: readonly string[], depth: number): ConfigMap {
    const entries = new Map<string, ConfigEntry>();
    for (const [key, inner] of pairsOf(given, at)) {
      if (inner === undefined) continue;
      const value = this.value(inner, [...path, key], depth + 1);
      entries.set(key, { key, value, at: value.at, used: false });
    }
    return { kind: 'map', entries, at };
  }
}

function scalar(given: unknown, at: Position): ConfigValue | undefined {
  if (typeof given === 'string') return { kind: 'string', value: given, at };
  if (typeof given === 'boolean') return { kind: 'boolean', value: given, at };
  if (given instanceof Date && !Number.isNaN(given.getTime()))
    return { kind: 'date', value: given.getTime(), at };
  if (typeof given !== 'number') return undefined;
  if (Number.isSafeInteger(given)) return { kind: 'integer', value: given + 0, at };
  if (Number.isFinite(given)) return { kind: 'float', value: given, at };
  throw new Refusal(at, `${given} is not a number that an option can have`);
}

/** Own enumerable keys only: what an object inherits is no configuration. */
function pairsOf(given: unknown, at: Position): Iterable<[string, unknown]> {
  if (given instanceof Map) return [...given].map(([key, inner]): [string, unknown] => [String(key), inner]);
  if (typeof given === 'object' && given !== null && isPlain(given)) return Object.entries(given);
  const what =
    given === null ? 'null' : typeof given === 'object' ? 'an object of a class' : `a ${typeof given}`;
  throw new Refusal(at, `${what} is not a value that an option can have`);
}

function isPlain(given: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  // An object from another realm (a test runner's) has that realm's Object.prototype, whose prototype is null too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
