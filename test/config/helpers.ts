import {
  ConfigError,
  type ConfigMap,
  type ConfigValue,
  type ParseOptions,
  parseConfig,
} from '../../src/config/index.ts';

/** The error that an action throws; fails when it throws none, or another one. */
export function configErrorOf(action: () => unknown): ConfigError {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown;
    throw thrown;
  }
  throw new Error('expected a ConfigError, got none');
}

/** The messages of a refused text, with positions. */
export function refusalOf(text: string, how: ParseOptions = { file: 'x.conf' }): string {
  return configErrorOf(() => parseConfig(text, how)).message;
}

/** Values without positions, for comparison: maps as lists of pairs, so that order counts. */
export function bare(value: ConfigValue): unknown {
  switch (value.kind) {
    case 'map':
      return {
        map: [...value.entries.values()].map((entry) => [entry.key, bare(entry.value)]),
      };
    case 'array':
      return value.items.map(bare);
    default:
      return [value.kind, value.value];
  }
}

/** The map below a key; fails when there is none. */
export function inside(map: ConfigMap, key: string): ConfigMap {
  const value = map.entries.get(key)?.value;
  if (value?.kind !== 'map') throw new Error(`expected a map below ${key}`);
  return value;
}
