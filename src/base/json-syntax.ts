/**
 * The syntax of JSON, read byte by byte from a byte string, with the error texts of the server's reader. Nothing here
 * recurses: open arrays and objects are kept in a bounded stack (measured: 10,000 deep, as the server's).
 */

/** Deepest nesting of arrays and objects. */
const MAX_DEPTH = 10_000;

/** A request that is not JSON, or does not fit its type; the text is what the reply shows after `invalid JSON: `. */
export class JsonError extends Error {
  /** Where the offending byte stands, counted from 1; 0 when the error is not about syntax. */
  readonly offset: number;

  constructor(message: string, offset = 0) {
    super(message);
    this.name = 'JsonError';
    this.offset = offset;
  }
}

/** The text ended inside a value. */
export class JsonEnd extends JsonError {
  constructor() {
    super('unexpected end of JSON input');
  }
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER_END = /[0-9+\-.eE]*/y;

const KINDS: Readonly<Record<string, string>> = {
  '{': 'object',
  '[': 'array',
  '"': 'string',
  t: 'bool',
  f: 'bool',
  n: 'null',
};

/** What kind of value begins at an index, in the words of the server's errors. */
export function kindAt(text: string, at: number): string {
  return KINDS[text[at] ?? ''] ?? 'number';
}

/** The index of the first character from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/**
 * Checks one value from `start` (after white space) on.
 * @returns the index behind it.
 */
export function checkValue(text: string, start: number): number {
  const open: string[] = [];
  let at = descend(text, skipSpace(text, start), open);
  while (open.length > 0)
    at = open[open.length - 1] === '{' ? inObject(text, at, open) : inArray(text, at, open);
  return at;
}

/** Opens arrays and objects one inside another, down to the first scalar or empty one. @returns the index behind that. */
function descend(text: string, start: number, open: string[]): number {
  let at = start;
  for (;;) {
    const char = charAt(text, at);
    if (char !== '{' && char !== '[') return checkScalar(text, at, char);
    if (open.length >= MAX_DEPTH) throw invalid(text, at, 'exceeded max depth');
    at = skipSpace(text, at + 1);
    if (charAt(text, at) === (char === '{' ? '}' : ']')) return at + 1;
    open.push(char);
    if (char === '{') at = memberValue(text, at);
  }
}

function checkScalar(text: string, at: number, char: string): number {
  if (char === '"') return checkString(text, at);
  if (char === '-' || isDigit(char)) return checkNumber(text, at);
  if (char === 't') return checkWord(text, at, 'true');
  if (char === 'f') return checkWord(text, at, 'false');
  if (char === 'n') return checkWord(text, at, 'null');
  throw invalid(text, at, 'looking for beginning of value');
}

/** Reads `"key" :`. @returns where the member's value begins. */
function memberValue(text: string, at: number): number {
  if (charAt(text, at) !== '"') throw invalid(text, at, 'looking for beginning of object key string');
  const colon = skipSpace(text, checkString(text, at));
  if (charAt(text, colon) !== ':') throw invalid(text, colon, 'after object key');
  return skipSpace(text, colon + 1);
}

function inObject(text: string, start: number, open: string[]): number {
  const at = skipSpace(text, start);
  const char = charAt(text, at);
  if (char === '}') return closed(at, open);
  if (char !== ',') throw invalid(text, at, 'after object key:value pair');
  return descend(text, memberValue(text, skipSpace(text, at + 1)), open);
}

function inArray(text: string, start: number, open: string[]): number {
  const at = skipSpace(text, start);
  const char = charAt(text, at);
  if (char === ']') return closed(at, open);
  if (char !== ',') throw invalid(text, at, 'after array element');
  return descend(text, skipSpace(text, at + 1), open);
}

function closed(at: number, open: string[]): number {
  open.pop();
  return at + 1;
}

function checkString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const char = charAt(text, at);
    if (char === '"') return at + 1;
    if (char < ' ') throw invalid(text, at, 'in string literal');
    at = char === '\\' ? checkEscape(text, at + 1) : at + 1;
  }
}

function checkEscape(text: string, at: number): number {
  const char = charAt(text, at);
  if (char !== 'u') {
    if (!'"\\/bfnrt'.includes(char)) throw invalid(text, at, 'in string escape code');
    return at + 1;
  }
  for (let i = 1; i <= 4; i++) {
    if (!/[0-9a-fA-F]/.test(charAt(text, at + i)))
      throw invalid(text, at + i, 'in \\u hexadecimal character escape');
  }
  return at + 5;
}

function checkWord(text: string, start: number, word: string): number {
  for (let i = 1; i < word.length; i++) {
    if (charAt(text, start + i) !== word[i]) {
      throw invalid(text, start + i, `in literal ${word} (expecting '${word[i]}')`);
    }
  }
  return start + word.length;
}

function checkNumber(text: string, start: number): number {
  let at = text[start] === '-' ? start + 1 : start;
  if (charAt(text, at) === '0') at++;
  else at = digits(text, at, 'in numeric literal');
  if (text[at] === '.') at = digits(text, at + 1, 'after decimal point in numeric literal');
  if (text[at] === 'e' || text[at] === 'E') {
    at++;
    if (text[at] === '+' || text[at] === '-') at++;
    at = digits(text, at, 'in exponent of numeric literal');
  }
  return at;
}

function digits(text: string, start: number, where: string): number {
  let at = start;
  if (!isDigit(charAt(text, at))) throw invalid(text, at, where);
  while (isDigit(text[at] ?? '')) at++;
  return at;
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

/** The character there; the end of the text is an error of its own. */
function charAt(text: string, at: number): string {
  const char = text[at];
  if (char === undefined) throw new JsonEnd();
  return char;
}

function invalid(text: string, at: number, where: string): JsonError {
  return new JsonError(`invalid character ${quoteChar(text[at] ?? '')} ${where}`, at + 1);
}

/** A byte as the server quotes it: bytes above 0x7f as the Latin-1 letter of that number. */
export function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return "'\"'";
  return `'${quoteGo(char).slice(1, -1)}'`;
}

const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Text in Go's double quotes. */
export function quoteGo(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (NAMED[char] !== undefined) out += NAMED[char];
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0x80 && code < 0xa0) out += `\\u${code.toString(16).padStart(4, '0')}`;
    else out += char;
  }
  return `${out}"`;
}

/** Where a number that {@link checkValue} has passed ends. */
export function numberEnd(text: string, start: number): number {
  NUMBER_END.lastIndex = start;
  NUMBER_END.test(text);
  return NUMBER_END.lastIndex;
}

/** Where a string that {@link checkValue} has passed ends, behind its quote. */
export function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
