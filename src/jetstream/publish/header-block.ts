const LF = 0x0a;
const PREAMBLE = Buffer.from('NATS/1.0\r\n');
const END = Buffer.from('\r\n');
const COLON = ':';

type Line = readonly [key: string, value: string];

/**
 * A header block without the lines whose keys are to go, and with others at its end.
 * @param block may be empty; one without any line left is empty.
 */
export function rewriteHeader(block: Buffer, drops: (key: string) => boolean, add: readonly Line[]): Buffer {
  const kept = headerLines(block).filter((line) => !drops(keyOf(line)));
  const added = add.map(textOf);
  if (kept.length + added.length === 0) return Buffer.alloc(0);
  return Buffer.concat([PREAMBLE, ...kept, ...added, END]);
}

/** A header block with these lines behind its own. */
export function extendHeader(block: Buffer, add: readonly Line[]): Buffer {
  const isWhole = block.length >= PREAMBLE.length + END.length && block.subarray(-END.length).equals(END);
  const start = isWhole ? block.subarray(0, block.length - END.length) : PREAMBLE;
  return Buffer.concat([start, ...add.map(textOf), END]);
}

function textOf([key, value]: Line): Buffer {
  return Buffer.from(`${key}: ${value}\r\n`, 'latin1');
}

/** The lines between the first, which says the version, and the blank one, each with its end. */
function headerLines(block: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = block.indexOf(LF) + 1; start > 0; ) {
    const end = block.indexOf(LF, start) + 1;
    if (end === 0 || end - start <= END.length) break;
    lines.push(block.subarray(start, end));
    start = end;
  }
  return lines;
}

function keyOf(line: Buffer): string {
  const end = line.indexOf(COLON);
  return line.latin1Slice(0, Math.max(0, end));
}
