/** One attribute of a name: `CN` and `Alice`. Types are in upper case. */
export interface NamePart {
  readonly type: string;
  readonly value: string;
}

/** A distinguished name: parts, each of one attribute or of several that belong together (`CN=a+OU=b`). */
export type DistinguishedName = readonly (readonly NamePart[])[];

/** Attribute types by their object identifiers (RFC 4514, RFC 4519). */
export const ATTRIBUTE_TYPES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'POSTALCODE',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'EMAILADDRESS',
};

/** Characters of a configured name that are read as a distinguished name. */
const MAX_CHARACTERS = 4096;

/**
 * Reads a name as people write it (RFC 4514): parts with commas between them, `\` before what would end one.
 * @returns undefined for what is no distinguished name.
 */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  if (text.length > MAX_CHARACTERS || !text.includes('=')) return undefined;
  const parts = splitAt(text, ',');
  const name: NamePart[][] = [];
  for (const part of parts ?? []) {
    const attributes = splitAt(part, '+')?.map(parseAttribute);
    if (attributes === undefined) return undefined;
    const whole = attributes.filter((attribute) => attribute !== undefined);
    if (whole.length !== attributes.length) return undefined;
    name.push(whole);
  }
  return name.length === 0 ? undefined : name;
}

/** Splits at a character that has no backslash before it; undefined: the text ends in a backslash. */
function splitAt(text: string, separator: string): string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
    if (i >= text.length) return undefined;
  }
  return [...parts, text.slice(from)];
}

function parseAttribute(text: string): NamePart | undefined {
  const match = /^\s*([A-Za-z][\w-]*|\d+(?:\.\d+)+)\s*=(.*)$/s.exec(text);
  if (match === null) return undefined;
  const type = (match[1] ?? '').toUpperCase();
  const value = unescaped(trimmed(match[2] ?? ''));
  return value === undefined ? undefined : { type: ATTRIBUTE_TYPES[type] ?? type, value };
}

/** Without the blanks around it; a blank behind a backslash belongs to the value. */
function trimmed(text: string): string {
  const start = text.trimStart();
  const end = start.trimEnd();
  const isEscaped = /(?:^|[^\\])(?:\\\\)*\\$/.test(end) && end.length < start.length;
  return isEscaped ? start.slice(0, end.length + 1) : end;
}

/** Backslashes resolved: pairs of hex digits are bytes of UTF-8, anything else stands for itself. */
function unescaped(text: string): string | undefined {
  const bytes: Buffer[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = String.fromCodePoint(text.codePointAt(i) ?? 0);
    if (char !== '\\') {
      bytes.push(Buffer.from(char));
      i += char.length - 1;
      continue;
    }
    const hex = /^[0-9A-Fa-f]{2}/.exec(text.slice(i + 1, i + 3))?.[0];
    const next = text[i + 1];
    if (next === undefined) return undefined;
    bytes.push(hex === undefined ? Buffer.from(next) : Buffer.from(hex, 'hex'));
    i += hex?.length ?? 1;
  }
  return Buffer.concat(bytes).toString();
}

/**
 * Whether two names have the same parts, each as often in the one as in the other, in whatever order (CVE-2026-33248:
 * a part that stands twice has to be there twice).
 */
export function sameDistinguishedName(one: DistinguishedName, other: DistinguishedName): boolean {
  const [left, right] = [keysOf(one), keysOf(other)];
  return left.length === right.length && left.every((key, index) => key === right[index]);
}

function keysOf(name: DistinguishedName): string[] {
  return name
    .map((part) => JSON.stringify(part.map(({ type, value }) => JSON.stringify([type, value])).sort()))
    .sort();
}
