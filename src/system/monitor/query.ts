import { limits } from '../../base/index.ts';
import { ServiceError } from '../service.ts';

/** How one option of a page is read from the query of its address. */
export interface Reader<T> {
  /** Its name there. */
  readonly param: string;
  /** What it takes, for the reader of the index page. */
  readonly takes: string;
  /** @throws ServiceError with the text of the answer. */
  read(text: string): T;
}

/** The options of a page that its address can set. */
export type QueryRule<Options> = { readonly [Name in keyof Options]?: Reader<NonNullable<Options[Name]>> };

/** Query parameters by name: of a name that stands there twice, the first. */
export type Params = ReadonlyMap<string, string>;

/** Reads a query as the real server does: pairs that are not well-formed are passed over (measured on 2.14.5). */
export function paramsOf(query: string): Params {
  const params = new Map<string, string>();
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    const name = unescaped(at < 0 ? pair : pair.slice(0, at));
    const value = unescaped(at < 0 ? '' : pair.slice(at + 1));
    if (name === undefined || value === undefined || pair.includes(';') || params.has(name)) continue;
    params.set(name, value);
  }
  return params;
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/**
 * The options that parameters set; an empty one says nothing.
 * @throws ServiceError for the first that cannot be read.
 */
export function readQuery<Options>(rule: QueryRule<Options>, params: Params): Options {
  const options: Record<string, unknown> = {};
  for (const [name, reader] of Object.entries<Reader<unknown> | undefined>(rule)) {
    const text = reader === undefined ? '' : (params.get(reader.param) ?? '');
    if (text !== '') options[name] = reader?.read(text);
  }
  return options as Options;
}

export function text(param: string, takes = 'name'): Reader<string> {
  return { param, takes, read: (value) => value };
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

export function bool(param: string): Reader<boolean> {
  return { param, takes: '1', read: (value) => readBool(param, value) };
}

function readBool(param: string, value: string): boolean {
  if (TRUE.has(value)) return true;
  if (FALSE.has(value)) return false;
  throw unreadable('boolean', param, 'ParseBool', value, 'invalid syntax');
}

/** `subs`: a boolean, or `detail`. This one tells whether subscriptions are wanted at all. */
export function subscriptions(param: string): Reader<boolean> {
  return { param, takes: '1 or detail', read: (value) => value === DETAIL || readBool(param, value) };
}

/** The same parameter once more: whether they are wanted in detail. */
export function inDetail(param: string): Reader<boolean> {
  return { param, takes: '', read: (value) => value === DETAIL };
}

const DETAIL = 'detail';

/** A signed integer of 64 bits; beyond what is exact here it is the greatest exact one. */
export function int(param: string): Reader<number> {
  return {
    param,
    takes: 'n',
    read(value) {
      if (!/^[+-]?\d+$/.test(value)) throw unreadable('int', param, 'Atoi', value, 'invalid syntax');
      const exact = BigInt(value.replace(/^\+/, ''));
      if (exact < -(2n ** 63n) || exact >= 2n ** 63n)
        throw unreadable('int', param, 'Atoi', value, 'value out of range');
      return clamped(Number(exact));
    },
  };
}

export function uint64(param: string): Reader<number> {
  return {
    param,
    takes: 'n',
    read(value) {
      if (!/^\d+$/.test(value)) throw unreadable('uint64', param, 'ParseUint', value, 'invalid syntax');
      const exact = BigInt(value);
      if (exact >= 2n ** 64n) throw unreadable('uint64', param, 'ParseUint', value, 'value out of range');
      return clamped(Number(exact));
    },
  };
}

function clamped(value: number): number {
  return Math.min(limits.MAX_SAFE, Math.max(-limits.MAX_SAFE, value));
}

const STATES: ReadonlyMap<string, number> = new Map([
  ['open', 0],
  ['closed', 1],
  ['any', 2],
  ['all', 2],
]);

/** Which connections: by name, whatever its case (measured on 2.14.5). */
export function state(param: string): Reader<number> {
  return {
    param,
    takes: 'open, closed or any',
    read(value) {
      const found = STATES.get(value.toLowerCase());
      if (found === undefined) throw new ServiceError(`Error decoding state for ${value}`, 400);
      return found;
    },
  };
}

/** Bounds what is repeated of somebody's own text. */
const SHOWN_CHARACTERS = 256;

function unreadable(type: string, param: string, how: string, value: string, why: string): ServiceError {
  const shown = JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  return new ServiceError(
    `Error decoding ${type} for '${param}': strconv.${how}: parsing ${shown}: ${why}`,
    400,
  );
}
