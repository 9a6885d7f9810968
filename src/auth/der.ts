/** One element of DER: its tag, and where its content lies. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
}

/** Elements of one level that are read: names and certificates have far fewer. */
const MAX_ELEMENTS = 1024;
/** Bytes that a length may take. */
const MAX_LENGTH_BYTES = 4;

/**
 * The elements that lie one after the other in a buffer.
 * @returns undefined for what is not DER, or has too many of them.
 */
export function derElements(bytes: Buffer): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = lengthAt(bytes, at + 1);
    if (length === undefined || elements.length === MAX_ELEMENTS) return undefined;
    const end = length.next + length.value;
    if (end > bytes.length) return undefined;
    elements.push({ tag: bytes[at] ?? 0, content: bytes.subarray(length.next, end) });
    at = end;
  }
  return elements;
}

function lengthAt(bytes: Buffer, at: number): { value: number; next: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, next: at + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > MAX_LENGTH_BYTES || at + 1 + count > bytes.length) return undefined;
  return { value: bytes.readUIntBE(at + 1, count), next: at + 1 + count };
}

/** The only element of a buffer, when it has the tag that is wanted. */
export function derOne(bytes: Buffer, tag: number): DerElement | undefined {
  const elements = derElements(bytes);
  return elements?.length === 1 && elements[0]?.tag === tag ? elements[0] : undefined;
}

/** An object identifier in dots; undefined for what is none. */
export function derOid(content: Buffer): string | undefined {
  const numbers: number[] = [];
  let value = 0;
  for (const [index, byte] of content.entries()) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
    if (byte >= 0x80) {
      if (index === content.length - 1) return undefined;
      continue;
    }
    numbers.push(value);
    value = 0;
  }
  const [first, ...rest] = numbers;
  if (first === undefined) return undefined;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

const TEXT_TAGS: Readonly<Record<number, 'latin1' | 'utf8' | 'utf16be'>> = {
  12: 'utf8',
  18: 'latin1',
  19: 'latin1',
  20: 'latin1',
  22: 'latin1',
  26: 'latin1',
  30: 'utf16be',
};

/** The text of a string element; undefined for what is none. */
export function derText({ tag, content }: DerElement): string | undefined {
  const encoding = TEXT_TAGS[tag];
  if (encoding === undefined) return undefined;
  if (encoding !== 'utf16be') return content.toString(encoding);
  return content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : undefined;
}
