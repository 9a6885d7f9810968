import { StateError } from '../state/index.ts';
import { maskedCrc } from './crc32c.ts';

/** Bytes of data in one frame at most, by the Snappy frame format. */
const MOST_DATA = 65_536;
const HEAD = 4;
const CRC = 4;
const IDENTIFIER = Buffer.from('S2sTwO', 'latin1');

const COMPRESSED = 0x00;
const STORED = 0x01;
const FIRST_SKIPPABLE = 0x80;
const STREAM_IDENTIFIER = 0xff;

/** The frame that a stream of frames begins with. */
export const FIRST_FRAME = Buffer.concat([
  Buffer.from([STREAM_IDENTIFIER, IDENTIFIER.length, 0, 0]),
  IDENTIFIER,
]);

/**
 * Puts bytes into frames of the S2 format, which is what tools for NATS expect of a backup. The data is stored as it is:
 * the frames are there for their checksums.
 */
export function* framed(bytes: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += MOST_DATA) {
    const data = bytes.subarray(at, at + MOST_DATA);
    const head = Buffer.alloc(HEAD + CRC);
    head.writeUInt32LE(STORED | ((data.length + CRC) << 8), 0);
    head.writeUInt32LE(maskedCrc(data), HEAD);
    yield head;
    yield data;
  }
}

/** Takes data out of frames that come in pieces of any size. */
export class FrameReader {
  readonly #take: (data: Buffer) => void;
  readonly #frame = Buffer.allocUnsafe(HEAD + CRC + MOST_DATA);
  #used = 0;
  #hasBegun = false;
  /** Bytes of a frame without meaning that are still to be passed over. */
  #skip = 0;

  /** @param take is given data, valid during the call only. */
  constructor(take: (data: Buffer) => void) {
    this.#take = take;
  }

  /** Whether no frame is half here. */
  get isBetween(): boolean {
    return this.#used === 0 && this.#skip === 0;
  }

  /** @throws StateError */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      const wanted = this.#used < HEAD ? HEAD : HEAD + this.#length();
      const taken = Math.min(wanted - this.#used, bytes.length - at);
      bytes.copy(this.#frame, this.#used, at, at + taken);
      this.#used += taken;
      at += taken;
      if (this.#used === HEAD) this.#begin();
      else if (this.#used === wanted && this.#used > HEAD) this.#finish();
    }
  }

  #length(): number {
    return this.#frame.readUIntLE(1, 3);
  }

  /** A frame's kind and length are known. */
  #begin(): void {
    const kind = this.#frame[0] as number;
    const length = this.#length();
    if (!this.#hasBegun && kind !== STREAM_IDENTIFIER) throw corrupt('it does not begin as a backup does');
    if (kind === COMPRESSED) throw new StateError(FOREIGN);
    if (kind >= FIRST_SKIPPABLE && kind < STREAM_IDENTIFIER) {
      this.#skip = length;
      this.#used = 0;
      return;
    }
    const isKnown = kind === STORED || kind === STREAM_IDENTIFIER;
    const [least, most] =
      kind === STORED ? [CRC + 1, CRC + MOST_DATA] : [IDENTIFIER.length, IDENTIFIER.length];
    if (!isKnown || length < least || length > most) throw corrupt('a frame is none');
  }

  #finish(): void {
    const body = this.#frame.subarray(HEAD, this.#used);
    this.#used = 0;
    if (this.#frame[0] === STREAM_IDENTIFIER) {
      if (!body.equals(IDENTIFIER)) throw corrupt('it does not begin as a backup does');
      this.#hasBegun = true;
      return;
    }
    const data = body.subarray(CRC);
    if (maskedCrc(data) !== body.readUInt32LE(0)) throw corrupt('crc mismatch');
    this.#take(data);
  }
}

/** What whoever restores a backup of nats-server is told. */
export const FOREIGN = 'the backup was made by another server than Bulkhead, which restores its own only';

function corrupt(why: string): StateError {
  return new StateError(`corrupt input, ${why}`);
}
