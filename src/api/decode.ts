import {
  checkValue,
  JsonEnd,
  JsonError,
  kindAt,
  numberEnd,
  quoteGo,
  skipSpace,
  stringEnd,
} from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import {
  type EnumComplaint,
  foldName,
  type GoField,
  type GoType,
  goName,
  type IntegerName,
  type StructShape,
} from './go-shape.ts';
import { checkTime } from './go-time.ts';

export { JsonError } from '../base/index.ts';

/** A decoded request: only fields of its shape, absent where the request said nothing or `null`. */
export type Decoded = Record<string, unknown>;

/**
 * Reads an API request. The server reads strictly first: value after value until the text ends, unknown fields
 * refused; where the configuration says `strict: false` it then tries the plain reader (measured on 2.14.5).
 * @throws JsonError with the text behind `invalid JSON: `.
 */
export function decodeRequest(text: ByteString, shape: StructShape, strict: boolean): Decoded {
  try {
    return decodeAll(text, shape);
  } catch (error) {
    if (strict || !(error instanceof JsonError)) throw error;
    return decodePlain(text, shape);
  }
}

/** Every value of the text into the same object; empty text is an empty object. */
function decodeAll(text: ByteString, shape: StructShape): Decoded {
  const target: Decoded = {};
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const end = checkedEnd(text, at);
    new Reader(text, at, true).request(shape, target);
    at = skipSpace(text, end);
  }
  return target;
}

function checkedEnd(text: ByteString, at: number): number {
  try {
    return checkValue(text, at);
  } catch (error) {
    if (error instanceof JsonEnd) throw new JsonError('unexpected EOF');
    if (error instanceof JsonError)
      throw new JsonError(`${error.message} at offset ${error.offset}`, error.offset);
    throw error;
  }
}

/** Exactly one value; unknown fields are ignored. @throws JsonError without an offset in its text. */
export function decodePlain(text: ByteString, shape: StructShape): Decoded {
  const start = skipSpace(text, 0);
  const end = skipSpace(text, checkValue(text, start));
  if (end < text.length)
    throw new JsonError(`invalid character '${text[end]}' after top-level value`, end + 1);
  const target: Decoded = {};
  new Reader(text, start, false).request(shape, target);
  return target;
}

/** Where a value goes, as error texts call it. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

/**
 * Reads one value, already known to be well-formed, along a shape: it recurses as deep as the shape only. A value of
 * the wrong type is noted and reading goes on, because a later complaint of a field's own reader outranks it
 * (measured); the first noted error is thrown at the end.
 */
class Reader {
  readonly #text: ByteString;
  readonly #strict: boolean;
  #at: number;
  #noted: JsonError | undefined;

  constructor(text: ByteString, at: number, strict: boolean) {
    this.#text = text;
    this.#at = at;
    this.#strict = strict;
  }

  request(shape: StructShape, target: Decoded): void {
    const kind = this.#kind();
    if (kind === 'object') this.#struct(shape, '', target);
    else if (kind !== 'null')
      this.#note(`json: cannot unmarshal ${kind} into Go value of type server.${shape.name}`);
    if (this.#noted !== undefined) throw this.#noted;
  }

  #struct(shape: StructShape, prefix: string, target: Decoded): void {
    this.#members((key) => {
      const field = shape.fields.get(key) ?? shape.fields.get(foldName(key));
      if (field === undefined) this.#unknown(key);
      else this.#field(field, { struct: shape.name, path: prefix + field.path }, target);
    });
  }

  #unknown(key: string): void {
    if (this.#strict) this.#note(`json: unknown field ${quoteGo(key)}`);
    this.#skip();
  }

  #field(field: GoField, place: Place, target: Decoded): void {
    const value = this.#read(field.type, place, target[field.name]);
    if (value !== undefined) target[field.name] = value;
  }

  /** @returns undefined for null and for a value of the wrong type. */
  #read(type: GoType, place: Place, before?: unknown): unknown {
    if (type.kind === 'enum') return this.#enum(type, place);
    const kind = this.#kind();
    if (kind === 'null') return void this.#skip();
    if (type.kind === 'time') return this.#time(kind);
    if (type.kind === 'integer' && kind === 'number') return this.#integer(type.name, place);
    if (wantedKind(type) !== kind) return this.#wrongType(kind, type, place);
    switch (type.kind) {
      case 'array':
        return this.#array(type.element, place);
      case 'map':
        return this.#map(type.element, place);
      case 'struct': {
        const target: Decoded = isDecoded(before) ? before : {};
        this.#struct(type.shape, `${place.path}.`, target);
        return target;
      }
      default:
        return kind === 'bool' ? this.#skip() === 'true' : this.#string();
    }
  }

  #wrongType(kind: string, type: GoType, place: Place): undefined {
    this.#note(
      `json: cannot unmarshal ${kind} into Go struct field ${place.struct}.${place.path} of type ${goName(type)}`,
    );
    this.#skip();
    return undefined;
  }

  #integer(name: IntegerName, place: Place): number | undefined {
    const text = this.#text.slice(this.#at, numberEnd(this.#text, this.#at));
    this.#at += text.length;
    if (fits(text, name)) return Number(text);
    this.#note(
      `json: cannot unmarshal number ${text} into Go struct field ${place.struct}.${place.path} of type ${name}`,
    );
    return undefined;
  }

  #enum(type: GoType & { kind: 'enum' }, place: Place): string {
    const kind = this.#kind();
    const raw = this.#skip();
    const value = raw.slice(1, -1);
    if (kind === 'string' && type.values.includes(value)) return value;
    throw new JsonError(enumComplaint(type.complaint, kind, raw, place));
  }

  #time(kind: string): string {
    if (kind !== 'string') throw new JsonError('Time.UnmarshalJSON: input is not a JSON string');
    const text = this.#string();
    checkTime(text);
    return text;
  }

  #array(element: GoType, place: Place): unknown[] {
    const out: unknown[] = [];
    this.#at = skipSpace(this.#text, this.#at + 1);
    while (this.#text[this.#at] !== ']') {
      if (this.#text[this.#at] === ',') this.#at = skipSpace(this.#text, this.#at + 1);
      out.push(this.#read(element, place) ?? zeroOf(element));
      this.#at = skipSpace(this.#text, this.#at);
    }
    this.#at++;
    return out;
  }

  /** Its keys are the client's: the object has no prototype. */
  #map(element: GoType, place: Place): Decoded {
    const out: Decoded = Object.create(null);
    this.#members((key) => {
      out[key] = this.#read(element, place) ?? zeroOf(element);
    });
    return out;
  }

  #members(visit: (key: string) => void): void {
    this.#at = skipSpace(this.#text, this.#at + 1);
    while (this.#text[this.#at] !== '}') {
      if (this.#text[this.#at] === ',') this.#at = skipSpace(this.#text, this.#at + 1);
      const key = this.#string();
      this.#at = skipSpace(this.#text, skipSpace(this.#text, this.#at) + 1);
      visit(key);
      this.#at = skipSpace(this.#text, this.#at);
    }
    this.#at++;
  }

  #string(): string {
    const end = stringEnd(this.#text, this.#at);
    const raw = this.#text.slice(this.#at, end);
    this.#at = end;
    return unquote(raw);
  }

  #kind(): string {
    return kindAt(this.#text, this.#at);
  }

  /** Passes over one value. @returns its bytes. */
  #skip(): string {
    const start = this.#at;
    this.#at = checkValue(this.#text, start);
    return this.#text.slice(start, this.#at);
  }

  #note(message: string): void {
    this.#noted ??= new JsonError(message);
  }
}

function wantedKind(type: GoType): string {
  switch (type.kind) {
    case 'array':
      return 'array';
    case 'map':
    case 'struct':
      return 'object';
    case 'integer':
      return 'number';
    default:
      return type.kind;
  }
}

function isDecoded(value: unknown): value is Decoded {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function zeroOf(type: GoType): unknown {
  if (type.kind === 'integer') return 0;
  return type.kind === 'struct' ? {} : '';
}

function enumComplaint(complaint: EnumComplaint, kind: string, raw: string, place: Place): string {
  const shown = utf8(raw);
  if (complaint === 'can not unmarshal') return `can not unmarshal ${quoteGo(shown)}`;
  if (complaint !== 'compression') return `unknown ${complaint}: ${shown}`;
  if (kind === 'string' || kind === 'null') return 'unknown compression algorithm';
  return `json: cannot unmarshal ${kind} into Go struct field ${place.struct}.${place.path} of type string`;
}

const RANGES: Readonly<Record<IntegerName, readonly [bigint, bigint]>> = {
  int: [-(2n ** 63n), 2n ** 63n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  'time.Duration': [-(2n ** 63n), 2n ** 63n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/**
 * Whether a number fits its type there. Above 2⁵³ the nearest double stands for it: such a number is a limit, a duration
 * or a sequence that nothing reaches, and is compared and echoed, nothing else (`base/json.ts` writes the largest of
 * each type, how programs say that there is no limit, again as they came).
 */
function fits(text: string, name: IntegerName): boolean {
  if (!/^-?\d+$/.test(text) || text.length > 20) return false;
  if (name === 'uint64' && text.startsWith('-')) return false;
  const [least, most] = RANGES[name];
  const value = BigInt(text);
  return value >= least && value <= most;
}

/** The text of a well-formed JSON string. Bytes that are not UTF-8 and lone surrogates become U+FFFD, as on the server. */
function unquote(raw: string): string {
  const text = utf8(raw);
  if (!text.includes('\\')) return text.slice(1, -1);
  return String(JSON.parse(text)).replace(/\p{Surrogate}/gu, '\ufffd');
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').utf8Slice();
}
