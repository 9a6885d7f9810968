const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const PREFIX = 'Nats-';

/** The headers that a stream reads when a message is published, by number: a number is found without a lookup. */
export const HEADER = {
  msgId: 0,
  expectedStream: 1,
  expectedLastSequence: 2,
  expectedLastSubjectSequence: 3,
  expectedLastSubjectSequenceSubject: 4,
  expectedLastMsgId: 5,
  rollup: 6,
  ttl: 7,
  incr: 8,
  batchId: 9,
  schedule: 10,
  scheduleNext: 11,
  scheduler: 12,
  batchSequence: 13,
  batchCommit: 14,
  scheduleTarget: 15,
  scheduleSource: 16,
  scheduleTtl: 17,
  scheduleRollup: 18,
  scheduleTimeZone: 19,
} as const;

export type PublishHeader = (typeof HEADER)[keyof typeof HEADER];

/** The name of each number of {@link HEADER}. */
const NAMES: readonly string[] = [
  'Nats-Msg-Id',
  'Nats-Expected-Stream',
  'Nats-Expected-Last-Sequence',
  'Nats-Expected-Last-Subject-Sequence',
  'Nats-Expected-Last-Subject-Sequence-Subject',
  'Nats-Expected-Last-Msg-Id',
  'Nats-Rollup',
  'Nats-TTL',
  'Nats-Incr',
  'Nats-Batch-Id',
  'Nats-Schedule',
  'Nats-Schedule-Next',
  'Nats-Scheduler',
  'Nats-Batch-Sequence',
  'Nats-Batch-Commit',
  'Nats-Schedule-Target',
  'Nats-Schedule-Source',
  'Nats-Schedule-TTL',
  'Nats-Schedule-Rollup',
  'Nats-Schedule-Time-Zone',
];

/** The numbers of {@link HEADER} by length of the name: few names are as long as a line's key. */
const BY_LENGTH: readonly (readonly number[])[] = Array.from({ length: longest(NAMES) + 1 }, (_, length) =>
  NAMES.flatMap((name, at) => (name.length === length ? [at] : [])),
);

function longest(names: readonly string[]): number {
  return Math.max(...names.map((name) => name.length));
}

/**
 * Where the values of the headers of {@link HEADER} stand in one header block. One object is used for every message:
 * one walk over the block instead of one per header. The first line with a key counts, an empty value counts as none.
 */
export class PublishHeaders {
  readonly #starts = new Int32Array(NAMES.length);
  readonly #ends = new Int32Array(NAMES.length);
  #buffer: Buffer = Buffer.alloc(0);
  /** Bit n: there was a line with header n. */
  #lines = 0;
  /** Bit n: header n has a value. */
  #present = 0;

  /** Whether there was a line with any of the headers. */
  get any(): boolean {
    return this.#lines !== 0;
  }

  /** What {@link start} and {@link end} count in. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Reads the header block [start, end) of a buffer. */
  read(buffer: Buffer, start: number, end: number): void {
    this.#buffer = buffer;
    this.clear();
    let line = lineEnd(buffer, start, end);
    while (line < end) {
      const next = lineEnd(buffer, line, end);
      if (startsWith(buffer, line, next, PREFIX, 0)) this.#readLine(buffer, line, next);
      line = next;
    }
  }

  /** Forgets what was read. */
  clear(): void {
    this.#lines = 0;
    this.#present = 0;
  }

  has(header: PublishHeader): boolean {
    return (this.#present & (1 << header)) !== 0;
  }

  /** Whether there was a line with this header, even one without a value. */
  hasLine(header: PublishHeader): boolean {
    return (this.#lines & (1 << header)) !== 0;
  }

  /** Where the value of a header that is there starts. */
  start(header: PublishHeader): number {
    return this.#starts[header] as number;
  }

  end(header: PublishHeader): number {
    return this.#ends[header] as number;
  }

  /** The value, one character per byte; empty when the header is absent. */
  text(header: PublishHeader): string {
    return this.has(header) ? this.#buffer.latin1Slice(this.start(header), this.end(header)) : '';
  }

  #readLine(buffer: Buffer, line: number, next: number): void {
    let colon = line + PREFIX.length;
    while (colon < next && buffer[colon] !== COLON) colon++;
    const named = BY_LENGTH[colon - line];
    if (named === undefined) return;
    for (let i = 0; i < named.length; i++) {
      const at = named[i] as number;
      if (!startsWith(buffer, line, next, NAMES[at] as string, PREFIX.length)) continue;
      if ((this.#lines & (1 << at)) === 0) this.#place(at, buffer, colon + 1, next);
      return;
    }
  }

  #place(at: number, buffer: Buffer, start: number, end: number): void {
    while (start < end && buffer[start] === SPACE) start++;
    if (end > start && buffer[end - 1] === LF) end--;
    if (end > start && buffer[end - 1] === CR) end--;
    this.#lines |= 1 << at;
    if (end > start) this.#present |= 1 << at;
    this.#starts[at] = start;
    this.#ends[at] = end;
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
