import type { Position } from './options.ts';

/**
 * A value of the configuration language. `at` is where its key stands (for the item of an array: the item itself),
 * which is where the real server points in its messages.
 */
export type ConfigValue =
  | ConfigString
  | ConfigInteger
  | ConfigFloat
  | ConfigBoolean
  | ConfigDate
  | ConfigArray
  | ConfigMap;

export interface ConfigString {
  readonly kind: 'string';
  readonly value: string;
  readonly at: Position;
}

export interface ConfigInteger {
  readonly kind: 'integer';
  /** Held to 2^53-1 either way. */
  readonly value: number;
  /** As it was written, when that was with a size suffix (`5m`), for messages. */
  readonly written?: string;
  readonly at: Position;
}

export interface ConfigFloat {
  readonly kind: 'float';
  readonly value: number;
  readonly at: Position;
}

export interface ConfigBoolean {
  readonly kind: 'boolean';
  readonly value: boolean;
  readonly at: Position;
}

export interface ConfigDate {
  readonly kind: 'date';
  /** ms since the epoch; the language has whole seconds. */
  readonly value: number;
  readonly at: Position;
}

export interface ConfigArray {
  readonly kind: 'array';
  readonly items: readonly ConfigValue[];
  readonly at: Position;
}

export interface ConfigMap {
  readonly kind: 'map';
  /** In the order of the text; a key that comes twice keeps its last value. */
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  readonly at: Position;
}

export interface ConfigEntry {
  readonly key: string;
  readonly value: ConfigValue;
  /** Where the key stands. */
  readonly at: Position;
  /** Whether a variable refers to this key: such a key needs no meaning of its own. */
  readonly used: boolean;
}

/** What the messages call the kinds: the real server's names for them. */
const GO_TYPES = {
  string: 'string',
  integer: 'int64',
  float: 'float64',
  boolean: 'bool',
  date: 'time.Time',
  array: '[]interface {}',
  map: 'map[string]interface {}',
} as const satisfies Record<ConfigValue['kind'], string>;

/** The real server's name for the type of a value, for its messages. */
export function typeName(kind: ConfigValue['kind']): string {
  return GO_TYPES[kind];
}
