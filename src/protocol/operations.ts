/** The verbs a client may send. Case does not matter; what follows a verb with arguments is a space or a tab. */
export type Verb = 'PUB' | 'HPUB' | 'SUB' | 'UNSUB' | 'PING' | 'PONG' | 'CONNECT' | 'INFO' | '+OK' | '-ERR';

interface VerbRow {
  readonly verb: Verb;
  readonly bytes: Uint8Array;
  /** Whether a space or tab has to follow: `PUB\r\n` is no operation, `PING\r\n` is. */
  readonly needsSpace: boolean;
}

function row(verb: Verb, needsSpace: boolean): VerbRow {
  return { verb, bytes: Buffer.from(verb), needsSpace };
}

const VERBS: readonly VerbRow[] = [
  row('PUB', true),
  row('HPUB', true),
  row('SUB', true),
  row('UNSUB', true),
  row('PING', false),
  row('PONG', false),
  row('CONNECT', false),
  row('INFO', true),
  row('+OK', false),
  row('-ERR', true),
];

const SPACE = 0x20;
const TAB = 0x09;

function upper(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}

/** How many of a verb's bytes stand at an offset: all, or those up to the first difference. */
function agreeing(row: VerbRow, buffer: Uint8Array, at: number, end: number): number {
  const { bytes } = row;
  let i = 0;
  while (i < bytes.length && at + i < end && upper(buffer[at + i] as number) === bytes[i]) i++;
  return i;
}

function isWhole(row: VerbRow, buffer: Uint8Array, at: number, end: number): boolean {
  if (agreeing(row, buffer, at, end) !== row.bytes.length) return false;
  if (!row.needsSpace) return true;
  const after = buffer[at + row.bytes.length];
  return at + row.bytes.length < end && (after === SPACE || after === TAB);
}

/** PUB is most of all traffic: told by four comparisons before the table is asked. */
function isPub(buffer: Uint8Array, at: number, end: number): boolean {
  const after = buffer[at + 3];
  return (
    at + 3 < end &&
    ((buffer[at] as number) | 0x20) === 0x70 &&
    ((buffer[at + 1] as number) | 0x20) === 0x75 &&
    ((buffer[at + 2] as number) | 0x20) === 0x62 &&
    (after === SPACE || after === TAB)
  );
}

/** The verb of the line that starts at an offset, or `undefined`. */
export function verbAt(buffer: Uint8Array, at: number, end: number): Verb | undefined {
  if (isPub(buffer, at, end)) return 'PUB';
  for (const candidate of VERBS) if (isWhole(candidate, buffer, at, end)) return candidate.verb;
  return undefined;
}

/** Whether the bytes so far can still become an operation. */
export function startsVerb(buffer: Uint8Array, at: number, end: number): boolean {
  for (const candidate of VERBS) {
    const agreed = agreeing(candidate, buffer, at, end);
    if (at + agreed === end) return true;
    if (agreed === candidate.bytes.length && isWhole(candidate, buffer, at, end)) return true;
  }
  return false;
}
