const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const PREFIX = 'Nats-';

/** The headers that a stream reads when a message is published; the values are places in {@link PublishHeaders}. */
export const PUBLISH_HEADERS = {
  'Nats-Msg-Id': 0,
  'Nats-Expected-Stream': 1,
  'Nats-Expected-Last-Sequence': 2,
  'Nats-Expected-Last-Subject-Sequence': 3,
  'Nats-Expected-Last-Subject-Sequence-Subject': 4,
  'Nats-Expected-Last-Msg-Id': 5,
  'Nats-Rollup': 6,
  'Nats-TTL': 7,
  'Nats-Incr': 8,
  'Nats-Batch-Id': 9,
  'Nats-Schedule': 10,
  'Nats-Schedule-Next': 11,
  'Nats-Scheduler': 12,
} as const;

export type PublishHeader = keyof typeof PUBLISH_HEADERS;

const NAMES = Object.keys(PUBLISH_HEADERS) as PublishHeader[];

/**
 * Where the values of {@link PUBLISH_HEADERS} stand in one header block. One object is used for every message: one
 * walk over the block instead of one per header. The first line with a key counts, an empty value counts as none.
 */
export class PublishHeaders {
  readonly #starts = new Int32Array(NAMES.length);
  readonly #ends = new Int32Array(NAMES.length);
  #buffer: Buffer = Buffer.alloc(0);
  /** Whether any of the headers is there. */
  any = false;

  /** Reads the header block [start, end) of a buffer. */
  read(buffer: Buffer, start: number, end: number): void {
    this.#buffer = buffer;
    this.any = false;
    let line = lineEnd(buffer, start, end);
    while (line < end) {
      const next = lineEnd(buffer, line, end);
      if (startsWith(buffer, line, next, PREFIX, 0)) this.#readLine(buffer, line, next);
      line = next;
    }
  }

  /** Forgets what was read, before a message without a header block. */
  clear(): void {
    if (!this.any) return;
    this.any = false;
    this.#ends.fill(0);
    this.#starts.fill(0);
  }

  has(header: PublishHeader): boolean {
    return this.any && this.end(header) > this.start(header);
  }

  start(header: PublishHeader): number {
    return this.#starts[PUBLISH_HEADERS[header]] as number;
  }

  end(header: PublishHeader): number {
    return this.#ends[PUBLISH_HEADERS[header]] as number;
  }

  /** The value, one character per byte; empty when the header is absent. */
  text(header: PublishHeader): string {
    return this.has(header) ? this.#buffer.latin1Slice(this.start(header), this.end(header)) : '';
  }

  #readLine(buffer: Buffer, line: number, next: number): void {
    for (let at = 0; at < NAMES.length; at++) {
      const name = NAMES[at] as string;
      if (buffer[line + name.length] !== COLON || !startsWith(buffer, line, next, name, PREFIX.length))
        continue;
      if (!this.any) {
        this.#ends.fill(0);
        this.#starts.fill(0);
        this.any = true;
      }
      if (this.#starts[at] === 0) this.#place(at, buffer, line + name.length + 1, next);
      return;
    }
  }

  #place(at: number, buffer: Buffer, start: number, end: number): void {
    while (start < end && buffer[start] === SPACE) start++;
    if (end > start && buffer[end - 1] === LF) end--;
    if (end > start && buffer[end - 1] === CR) end--;
    this.#starts[at] = start;
    this.#ends[at] = Math.max(start, end);
  }
}

function lineEnd(buffer: Buffer, from: number, end: number): number {
  for (let i = from; i < end; i++) if (buffer[i] === LF) return i + 1;
  return end;
}

function startsWith(buffer: Buffer, line: number, end: number, text: string, known: number): boolean {
  if (line + text.length >= end) return false;
  for (let i = known; i < text.length; i++) if (buffer[line + i] !== text.charCodeAt(i)) return false;
  return true;
}
