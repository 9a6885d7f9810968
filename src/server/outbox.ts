import type { Message } from '../base/index.ts';
import { Chunk, encodedBound, encodeMessage } from '../protocol/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Transport } from './transport.ts';

/** Bytes gathered before they are handed to the transport within one batch. */
const CHUNK_BYTES = 64 * 1024;
const SMALL_CHUNK_BYTES = 4 * 1024;
/** Spare chunks kept for reuse by all connections. */
const SPARE_CHUNKS = 64;

/** Outboxes that may gather in chunks of the full size at a time. */
const MANY_CHUNKS = 1024;

const spares: Chunk[] = [];

/** Outboxes that gather bytes now. */
let gathering = 0;

/** Where one message goes to very many connections, those beyond the first get a small chunk each. */
function takeChunk(bytes: number): Chunk {
  if (bytes > CHUNK_BYTES) return new Chunk(bytes);
  if (gathering > MANY_CHUNKS && bytes <= SMALL_CHUNK_BYTES) return new Chunk(SMALL_CHUNK_BYTES);
  return spares.pop() ?? new Chunk(CHUNK_BYTES);
}

function giveBack(chunk: Chunk): void {
  if (chunk.bytes.length === CHUNK_BYTES && spares.length < SPARE_CHUNKS) spares.push(chunk);
}

/**
 * What waits to be written to one connection. Messages are encoded into one chunk, which goes to the transport when it
 * is full or the batch of input is over. An idle connection holds no buffer.
 */
export class Outbox {
  readonly #transport: Transport;
  #chunk: Chunk | undefined;
  #used = 0;
  /** Chunks handed over and not yet written, oldest first, with the bytes of each. */
  readonly #flying: { chunk: Chunk | undefined; bytes: number }[] = [];
  #flyingBytes = 0;
  readonly #onWritten: () => void;
  readonly #onProgress: () => void;

  /** @param onProgress called whenever the transport has written something. */
  constructor(transport: Transport, onProgress: () => void) {
    this.#transport = transport;
    this.#onProgress = onProgress;
    this.#onWritten = () => this.#landed();
  }

  /** Bytes that are encoded and not yet taken by the operating system. */
  get pendingBytes(): number {
    return this.#used + this.#flyingBytes;
  }

  get isFlying(): boolean {
    return this.#flyingBytes > 0;
  }

  message(message: Message, sid: ByteString, headers: boolean): void {
    const chunk = this.#room(encodedBound(message, sid));
    this.#used = encodeMessage(chunk, this.#used, message, sid, headers);
  }

  line(bytes: Buffer): void {
    const chunk = this.#room(bytes.length);
    bytes.copy(chunk.bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Hands what is gathered to the transport. */
  flush(): void {
    const chunk = this.#chunk;
    if (chunk === undefined || this.#used === 0) return;
    this.#chunk = undefined;
    gathering--;
    const bytes = this.#used;
    this.#used = 0;
    this.#flyingBytes += bytes;
    if (bytes <= SMALL_CHUNK_BYTES) {
      const small = Buffer.from(chunk.bytes.subarray(0, bytes));
      giveBack(chunk);
      this.#flying.push({ chunk: undefined, bytes });
      this.#transport.write(small, this.#onWritten);
    } else {
      this.#flying.push({ chunk, bytes });
      this.#transport.write(chunk.bytes.subarray(0, bytes), this.#onWritten);
    }
  }

  /** Forgets what has not been handed over. */
  clear(): void {
    if (this.#chunk !== undefined) {
      giveBack(this.#chunk);
      gathering--;
    }
    this.#chunk = undefined;
    this.#used = 0;
  }

  #room(bytes: number): Chunk {
    const chunk = this.#chunk;
    if (chunk !== undefined && chunk.bytes.length - this.#used >= bytes) return chunk;
    this.flush();
    if (this.#chunk === undefined) gathering++;
    const fresh = takeChunk(bytes);
    this.#chunk = fresh;
    return fresh;
  }

  #landed(): void {
    const first = this.#flying.shift();
    if (first === undefined) return;
    this.#flyingBytes -= first.bytes;
    if (first.chunk !== undefined) giveBack(first.chunk);
    this.#onProgress();
  }
}
