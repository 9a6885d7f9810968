import { advertisedAddress } from './advertise.ts';
import type { AdvertisedAddress, Position } from './options.ts';
import { Refusal } from './problems.ts';
import { type ConfigEntry, type ConfigMap, type ConfigValue, typeName } from './values.ts';

/** Readers of one value: each gives the typed value, or throws a {@link Refusal} at the value's place. */

export function stringOf(value: ConfigValue): string {
  return value.kind === 'string' ? value.value : wrongType(value, 'string');
}

export function booleanOf(value: ConfigValue): boolean {
  return value.kind === 'boolean' ? value.value : wrongType(value, 'boolean');
}

export function integerOf(value: ConfigValue): number {
  return value.kind === 'integer' ? value.value : wrongType(value, 'integer');
}

export function mapOf(value: ConfigValue): ConfigMap {
  return value.kind === 'map' ? value : wrongType(value, 'map');
}

/** An address that clients are told; undefined for an empty one. */
export function advertisedOf({ value, at }: ConfigEntry): AdvertisedAddress | undefined {
  try {
    return advertisedAddress(stringOf(value));
  } catch (thrown) {
    throw thrown instanceof RangeError ? new Refusal(at, thrown.message) : thrown;
  }
}

/** An integer that is not negative. */
export function countOf(entry: ConfigEntry): number {
  const count = integerOf(entry.value);
  if (count < 0) throw new Refusal(entry.at, `${entry.key} value can not be negative`);
  return count;
}

/** A count for which 0 means the default, as for the real server. */
export function countOr(entry: ConfigEntry, fallback: number): number {
  return countOf(entry) || fallback;
}

function wrongType(value: ConfigValue, wanted: ConfigValue['kind']): never {
  return conversionRefused(value.at, value.kind, wanted);
}

function conversionRefused(at: Position, got: ConfigValue['kind'], wanted: ConfigValue['kind']): never {
  throw new Refusal(at, `interface conversion: interface {} is ${typeName(got)}, not ${typeName(wanted)}`);
}

/** A value for a message, as Go prints it. */
export function shownValue(value: ConfigValue): string {
  switch (value.kind) {
    case 'array':
      return `[${value.items.map(shownValue).join(' ')}]`;
    case 'map':
      return `map[${[...value.entries.values()].map((inner) => `${inner.key}:${shownValue(inner.value)}`).join(' ')}]`;
    case 'date':
      return new Date(value.value).toISOString();
    default:
      return String(value.value);
  }
}
