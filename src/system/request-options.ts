import {
  checkValue,
  JsonError,
  kindAt,
  limits,
  numberEnd,
  quoteChar,
  skipSpace,
  stringEnd,
} from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';

/**
 * The type of an option: `int` is a signed 64-bit number there, clamped to what is exact here; `state` an int under a
 * name of its own in error texts, as `sort` is a string.
 */
export type OptionType = 'string' | 'sort' | 'bool' | 'int' | 'uint64' | 'state' | 'duration' | 'strings';

interface OptionValues {
  readonly string: string;
  readonly sort: string;
  readonly bool: boolean;
  readonly int: number;
  readonly uint64: number;
  readonly state: number;
  readonly duration: number;
  readonly strings: readonly string[];
}

type OptionTypes = Readonly<Record<string, OptionType>>;

/** The decoded options of a request: a field is absent where the request said nothing or `null`. */
export type OptionsOf<Types extends OptionTypes> = {
  readonly [Name in keyof Types]?: OptionValues[Types[Name]];
};

interface Field {
  readonly name: string;
  readonly type: OptionType;
  /** The name in error texts: `ConnzEventOptions.ConnzOptions.offset`. */
  readonly path: string;
}

/**
 * What may stand in a request. Unknown fields are ignored, names match whatever their case, nothing at all is no
 * options (measured on 2.14.5).
 */
export interface OptionRule<Options> {
  readonly kind: 'json' | 'text' | 'ignored';
  /** Name of the whole in error texts. */
  readonly goName: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** The names of its own options, for the documentation. */
  readonly own: readonly string[];
  /** Whether nothing at all is no JSON. */
  readonly needsBody: boolean;
  /** Whether a request may be addressed to some servers only: those that are not meant say nothing. */
  readonly filtered: boolean;
  /** Phantom: what the handler gets. */
  readonly options?: Options;
}

/** By which a request says which servers are meant. */
const FILTER = {
  server_name: 'string',
  cluster: 'string',
  host: 'string',
  exact_match: 'bool',
  tags: 'strings',
  domain: 'string',
} as const satisfies OptionTypes;

export type FilterOptions = OptionsOf<typeof FILTER>;

/**
 * JSON options, and the filter by which servers are addressed.
 * @param goName the whole in error texts, such as `ConnzEventOptions`.
 * @param group the part of it that these options are, such as `ConnzOptions`; empty: none.
 */
export function jsonOptions<const Types extends OptionTypes>(
  goName: string,
  group: string,
  types: Types,
): OptionRule<OptionsOf<Types> & FilterOptions> {
  const fields = new Map<string, Field>();
  addFields(fields, `${goName}.EventFilterOptions.`, FILTER);
  addFields(fields, group === '' ? `${goName}.` : `${goName}.${group}.`, types);
  return { kind: 'json', goName, fields, own: Object.keys(types), needsBody: false, filtered: true };
}

/** JSON options of a service that only one server is asked for. */
export function plainOptions<const Types extends OptionTypes>(
  goName: string,
  types: Types,
  needsBody = true,
): OptionRule<OptionsOf<Types>> {
  const fields = new Map<string, Field>();
  addFields(fields, `${goName}.`, types);
  return { kind: 'json', goName, fields, own: Object.keys(types), needsBody, filtered: false };
}

/** The request is text, read by the handler. */
export function textRequest(): OptionRule<undefined> {
  return { kind: 'text', goName: '', fields: new Map(), own: [], needsBody: false, filtered: false };
}

/** Nobody looks at the payload. */
export function payloadIgnored(): OptionRule<undefined> {
  return { kind: 'ignored', goName: '', fields: new Map(), own: [], needsBody: false, filtered: false };
}

function addFields(fields: Map<string, Field>, path: string, types: OptionTypes): void {
  for (const [name, type] of Object.entries(types)) fields.set(fold(name), { name, type, path: path + name });
}

/** Field names match by Unicode case folding; of the non-ASCII letters only these two fold to ASCII. */
function fold(name: string): string {
  return name.replaceAll('ſ', 's').replaceAll('\u212a', 'k').toLowerCase();
}

/**
 * Reads the options of a request.
 * @throws JsonError with the text that the reply shows.
 */
export function decodeOptions(rule: OptionRule<unknown>, text: ByteString): Record<string, unknown> {
  if (rule.kind !== 'json' || (text === '' && !rule.needsBody)) return {};
  const start = skipSpace(text, 0);
  const end = skipSpace(text, checkValue(text, start));
  if (end < text.length)
    throw new JsonError(`invalid character ${quoteChar(text.charAt(end))} after top-level value`, end + 1);
  return new OptionReader(text, start).read(rule);
}

/** Reads one flat object that is known to be well-formed; the first field of a wrong type is complained of. */
class OptionReader {
  readonly #text: ByteString;
  #at: number;
  #complaint: string | undefined;

  constructor(text: ByteString, at: number) {
    this.#text = text;
    this.#at = at;
  }

  read(rule: OptionRule<unknown>): Record<string, unknown> {
    const options: Record<string, unknown> = {};
    const kind = this.#kind();
    if (kind === 'object') this.#members(rule, options);
    else if (kind !== 'null')
      throw new JsonError(`json: cannot unmarshal ${kind} into Go value of type server.${rule.goName}`);
    if (this.#complaint !== undefined) throw new JsonError(this.#complaint);
    return options;
  }

  #members(rule: OptionRule<unknown>, options: Record<string, unknown>): void {
    this.#step(1);
    while (this.#text[this.#at] !== '}') {
      if (this.#text[this.#at] === ',') this.#step(1);
      const key = unquote(this.#raw());
      this.#step(0);
      this.#step(1);
      const field = rule.fields.get(fold(key));
      if (field === undefined) this.#raw();
      else this.#field(field, options);
      this.#step(0);
    }
  }

  #field(field: Field, options: Record<string, unknown>): void {
    const value = this.#value(field.type, field.path);
    if (value !== undefined) options[field.name] = value;
  }

  #value(type: OptionType, path: string): unknown {
    const kind = this.#kind();
    if (type === 'strings' && kind === 'array') return this.#strings(path);
    const raw = this.#raw();
    if (kind === 'null') return undefined;
    if ((type === 'string' || type === 'sort') && kind === 'string') return unquote(raw);
    if (type === 'bool' && kind === 'bool') return raw === 'true';
    if (isInteger(type) && kind === 'number') return this.#integer(type, raw, path);
    return this.#complain(kind, path, type);
  }

  #integer(type: OptionType, raw: string, path: string): number | undefined {
    if (!fits(type, raw)) return this.#complain(`number ${raw}`, path, type);
    return Math.min(limits.MAX_SAFE, Math.max(-limits.MAX_SAFE, Number(raw)));
  }

  #strings(path: string): string[] {
    const out: string[] = [];
    this.#step(1);
    while (this.#text[this.#at] !== ']') {
      if (this.#text[this.#at] === ',') this.#step(1);
      const kind = this.#kind();
      const raw = this.#raw();
      if (kind === 'string') out.push(unquote(raw));
      else if (kind === 'null') out.push('');
      else this.#complain(kind, path, 'string');
      this.#step(0);
    }
    this.#at++;
    return out;
  }

  /** Passes over so many characters and the white space behind them. */
  #step(characters: number): void {
    this.#at = skipSpace(this.#text, this.#at + characters);
  }

  /** Passes over one value. @returns its bytes. */
  #raw(): string {
    const start = this.#at;
    const char = this.#text[start] ?? '';
    if (char === '"') this.#at = stringEnd(this.#text, start);
    else if (char === '-' || (char >= '0' && char <= '9')) this.#at = numberEnd(this.#text, start);
    else this.#at = checkValue(this.#text, start);
    return this.#text.slice(start, this.#at);
  }

  #kind(): string {
    return kindAt(this.#text, this.#at);
  }

  #complain(what: string, path: string, type: OptionType): undefined {
    this.#complaint ??= `json: cannot unmarshal ${what} into Go struct field ${path} of type ${GO_TYPES[type]}`;
    return undefined;
  }
}

const GO_TYPES: Readonly<Record<OptionType, string>> = {
  string: 'string',
  sort: 'server.SortOpt',
  bool: 'bool',
  int: 'int',
  uint64: 'uint64',
  state: 'server.ConnState',
  duration: 'time.Duration',
  strings: '[]string',
};

function isInteger(type: OptionType): boolean {
  return type === 'int' || type === 'uint64' || type === 'state' || type === 'duration';
}

/** Whether a number is one of 64 bits there: an integer without fraction and exponent. */
function fits(type: OptionType, raw: string): boolean {
  if (!/^-?\d{1,20}$/.test(raw)) return false;
  const value = BigInt(raw);
  if (type === 'uint64') return !raw.startsWith('-') && value < 2n ** 64n;
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

/** The text of a well-formed JSON string. Bytes that are not UTF-8 and lone surrogates become U+FFFD, as on the server. */
function unquote(raw: string): string {
  const text = Buffer.from(raw, 'latin1').utf8Slice();
  if (!text.includes('\\')) return text.slice(1, -1);
  return String(JSON.parse(text)).replace(/\p{Surrogate}/gu, '\ufffd');
}

/** A server, as filters describe it. */
export interface Addressee {
  readonly name: string;
  readonly host: string;
  readonly options: {
    readonly tags: readonly string[];
    readonly jetstream?: { readonly domain: string };
  };
}

/** Whether a request is meant for this server: who is not meant says nothing (measured on 2.14.5). */
export function isMeant({ name, host: ownHost, options }: Addressee, filter: FilterOptions): boolean {
  const { server_name: wanted = '', host = '', cluster = '', domain = '', tags = [] } = filter;
  const fits = (own: string, asked: string): boolean =>
    asked === '' || (filter.exact_match === true ? own === asked : own.includes(asked));
  const ownTags = new Set(options.tags.map((tag) => tag.toLowerCase()));
  return (
    fits(name, wanted) &&
    fits(ownHost, host) &&
    fits('', cluster) &&
    (domain === '' || options.jetstream?.domain === domain) &&
    tags.every((tag) => ownTags.has(tag.toLowerCase()))
  );
}
