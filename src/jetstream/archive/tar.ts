import { limits } from '../../base/index.ts';
import { StateError } from '../state/index.ts';

const BLOCK = 512;
const NAME_BYTES = 100;
const REGULAR = 0x30;
/** Offsets of a header's fields (POSIX.1-1988, ustar). */
const MODE = 100;
const SIZE = 124;
const CHECKSUM = 148;
const KIND = 156;
const MAGIC = 257;

/** The end of an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** One file of an archive: header, bytes, and zeros up to the next block. */
export function* tarFile(name: string, bytes: Buffer): Generator<Buffer, void> {
  const header = Buffer.alloc(BLOCK);
  header.latin1Write(name, 0, NAME_BYTES);
  for (const [at, value, digits] of [
    [MODE, 0o600, 7],
    [MODE + 8, 0, 7],
    [MODE + 16, 0, 7],
    [SIZE, bytes.length, 11],
    [SIZE + 12, 0, 11],
  ] as const) {
    header.latin1Write(value.toString(8).padStart(digits, '0'), at);
  }
  header[KIND] = REGULAR;
  header.latin1Write('ustar\0' + '00', MAGIC);
  header.latin1Write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, CHECKSUM);
  yield header;
  yield bytes;
  const rest = bytes.length % BLOCK;
  if (rest > 0) yield TAR_END.subarray(0, BLOCK - rest);
}

/** The sum of a header's bytes, those of the sum itself counted as spaces. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= CHECKSUM && i < CHECKSUM + 8 ? 0x20 : (header[i] as number);
  return sum;
}

/** What happens to the files of an archive. */
export interface TarTarget {
  /** A file begins. @throws for a name that has no business here, before any of its bytes are kept. */
  begin(name: string): void;
  file(name: string, bytes: Buffer): void;
}

/**
 * Takes files out of an archive that comes in pieces of any size. Names are names: nothing is ever written to where one
 * points, and only regular files are known.
 */
export class TarReader {
  readonly #target: TarTarget;
  readonly #block = Buffer.allocUnsafe(BLOCK);
  #used = 0;
  #name = '';
  #size = 0;
  /** What has come of the file in hand; grows as bytes come, whatever its header announces. */
  #file: Buffer | undefined;
  #filled = 0;
  #padding = 0;
  #isAtEnd = false;

  constructor(target: TarTarget) {
    this.#target = target;
  }

  /** Whether the block that ends an archive was seen. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Bytes held of a file that is not complete. */
  get held(): number {
    return this.#file?.length ?? 0;
  }

  /** @throws StateError */
  push(data: Buffer): void {
    for (let at = 0; at < data.length; ) {
      if (this.#isAtEnd) return;
      if (this.#file !== undefined) at += this.#fill(this.#file, data, at);
      else if (this.#padding > 0) at += this.#pad(data.length - at);
      else at += this.#header(data, at);
    }
  }

  #header(data: Buffer, at: number): number {
    const taken = data.copy(this.#block, this.#used, at, at + BLOCK - this.#used);
    this.#used += taken;
    if (this.#used < BLOCK) return taken;
    this.#used = 0;
    if (this.#block.equals(TAR_END.subarray(0, BLOCK))) this.#isAtEnd = true;
    else this.#open();
    return taken;
  }

  #open(): void {
    const header = this.#block;
    if (fieldOf(header, CHECKSUM, 8) !== checksum(header))
      throw new StateError('corrupt input, an entry is none');
    const end = header.indexOf(0);
    this.#name = header.latin1Slice(0, end < 0 ? NAME_BYTES : Math.min(end, NAME_BYTES));
    this.#size = fieldOf(header, SIZE, 12);
    if (header[KIND] !== REGULAR || !(this.#size <= limits.MAX_STATE_PART))
      throw new StateError('unexpected content');
    this.#target.begin(this.#name);
    this.#padding = (BLOCK - (this.#size % BLOCK)) % BLOCK;
    this.#file = Buffer.allocUnsafe(Math.min(this.#size, FIRST_ROOM));
    this.#filled = 0;
    if (this.#size === 0) this.#close();
  }

  #fill(file: Buffer, data: Buffer, at: number): number {
    const taken = Math.min(data.length - at, this.#size - this.#filled);
    let room = file;
    if (this.#filled + taken > file.length) {
      room = Buffer.allocUnsafe(Math.min(this.#size, Math.max(this.#filled + taken, 2 * file.length)));
      file.copy(room, 0, 0, this.#filled);
      this.#file = room;
    }
    data.copy(room, this.#filled, at, at + taken);
    this.#filled += taken;
    if (this.#filled === this.#size) this.#close();
    return taken;
  }

  #close(): void {
    const bytes = (this.#file ?? TAR_END).subarray(0, this.#size);
    this.#file = undefined;
    this.#target.file(this.#name, bytes);
  }

  #pad(left: number): number {
    const taken = Math.min(this.#padding, left);
    this.#padding -= taken;
    return taken;
  }
}

/** Most files have no more. */
const FIRST_ROOM = 128 * 1024;

/** An octal number of a header; NaN when it is none. */
function fieldOf(header: Buffer, at: number, length: number): number {
  const text = header
    .latin1Slice(at, at + length)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}
