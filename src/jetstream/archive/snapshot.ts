import { type Closable, Message, statusHeader, type Timer } from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES } from '../../subjects/index.ts';
import { sendStatus } from '../consumer/status.ts';
import type { ReplySink, Runnable } from '../env.ts';
import { Footprint } from '../footprint.ts';
import { heldByParts, streamParts } from '../state/stream-parts.ts';
import type { Stream } from '../stream/stream.ts';
import { backup } from './archive.ts';

/** Bytes of a chunk, and of the chunks that may wait for acknowledgements (measured on 2.14.5). */
const DEFAULT_CHUNK = 128 * 1024;
const LEAST_CHUNK = 1024;
const MOST_CHUNK = 1024 * 1024;
const DEFAULT_WINDOW = 8 * 1024 * 1024;
const MOST_WINDOW = 32 * 1024 * 1024;
/** How long a full window may wait for an acknowledgement, ms (measured on 2.14.5). */
const FLOW_TIMEOUT_MS = 5_000;
/** How long the first chunk may wait for a subscription to its very subject, ms (measured on 2.14.5). */
const SUBSCRIBER_TIMEOUT_MS = 2_000;
/** What a backup holds of the stream's bytes besides chunks: a part, and the same in frames. */
const PARTS_HELD = 256 * 1024;
/** Bytes read from the stream before others get their turn. */
const BYTES_PER_TURN = 512 * 1024;

/** What a backup is asked for. Sizes are bytes; absent and 0 are the default. */
export interface SnapshotOptions {
  readonly withConsumers: boolean;
  readonly chunkSize: number;
  readonly windowSize: number;
}

const outgoing = new Message();

/**
 * Sends the backup of a stream in chunks, not more of them than the window allows without acknowledgements, and an empty
 * message behind the last one. The stream goes on meanwhile.
 */
export class Snapshot implements Runnable {
  readonly id: ByteString;
  readonly stream: Stream;
  readonly #sink: ReplySink;
  readonly #ended: () => void;
  readonly #pieces: Iterator<Buffer>;
  readonly #chunkSize: number;
  readonly #window: number;
  readonly #footprint: Footprint;
  /** Numbers of chunks that are not acknowledged. */
  readonly #waiting = new Set<number>();
  /** What was read and not sent. */
  #buffered: Buffer[] = [];
  #bytes = 0;
  #sent = 0;
  #isRead = false;
  #isOver = false;
  #isLate = false;
  #timer: Timer | undefined;
  #hasBegun = false;
  #subscriber: Closable | undefined;

  /**
   * @param ended called once, when it is over.
   * @throws JsError when the process can hold no more.
   */
  constructor(stream: Stream, id: ByteString, options: SnapshotOptions, sink: ReplySink, ended: () => void) {
    this.stream = stream;
    this.id = id;
    this.#sink = sink;
    this.#ended = ended;
    this.#pieces = backup(streamParts(stream, options.withConsumers));
    const chunk = options.chunkSize === 0 ? DEFAULT_CHUNK : options.chunkSize;
    this.#chunkSize = Math.min(Math.max(chunk, LEAST_CHUNK), MOST_CHUNK);
    const window = options.windowSize === 0 ? DEFAULT_WINDOW : options.windowSize;
    this.#window = Math.min(Math.max(window, this.#chunkSize), MOST_WINDOW);
    this.#footprint = new Footprint(stream.jetstream.env.memory);
    this.#footprint.resize(2 * this.#chunkSize + PARTS_HELD + heldByParts(stream));
  }

  /** A chunk was acknowledged; what was never sent, or is acknowledged already, changes nothing. */
  acknowledge(chunk: number): void {
    if (this.#isOver || !this.#waiting.delete(chunk)) return;
    this.#stopWaiting();
    this.stream.jetstream.env.enqueue(this);
  }

  run(): boolean {
    if (this.#isOver || !this.#begins()) return false;
    if (!this.#sink.interested()) return this.#end();
    if (this.#isLate) return this.#endWith(statusHeader('408 No Flow Response'));
    let left = BYTES_PER_TURN;
    while (left > 0) {
      if (this.stream.isClosed) return this.#endWith(statusHeader('500 Stream Deleted'));
      if (this.#waiting.size > 0 && (this.#waiting.size + 1) * this.#chunkSize > this.#window)
        return this.#wait(FLOW_TIMEOUT_MS);
      if (!this.#fill()) return this.#finish();
      this.#sendChunk(this.#take(this.#chunkSize), this.#ackSubject());
      left -= this.#chunkSize;
    }
    return true;
  }

  /** Ends it without another word. */
  abort(): void {
    if (!this.#isOver) this.#end();
  }

  /**
   * Whether the first chunk can go. Tools subscribe to its subject when they have the answer to their request, some of
   * them beside a wildcard that takes it in: only a subscription to the subject itself says that they are there.
   */
  #begins(): boolean {
    if (this.#hasBegun) return true;
    const { env } = this.stream.jetstream;
    const { subject } = this.#sink;
    if (this.#isLate || env.hasLiteralInterest(subject)) {
      this.#hasBegun = true;
      this.#isLate = false;
      this.#stopWaiting();
      return true;
    }
    this.#subscriber ??= env.watchInterest(subject, () => env.enqueue(this));
    return this.#wait(SUBSCRIBER_TIMEOUT_MS);
  }

  #stopWaiting(): void {
    this.#subscriber?.close();
    this.#subscriber = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Reads until there is a whole chunk. @returns false when there is none any more. */
  #fill(): boolean {
    while (this.#bytes < this.#chunkSize && !this.#isRead) {
      const piece = this.#pieces.next();
      if (piece.done === true) this.#isRead = true;
      else {
        this.#buffered.push(piece.value);
        this.#bytes += piece.value.length;
      }
    }
    return this.#bytes >= this.#chunkSize;
  }

  #take(size: number): Buffer {
    const all = this.#buffered.length === 1 ? (this.#buffered[0] as Buffer) : Buffer.concat(this.#buffered);
    this.#buffered = size === all.length ? [] : [all.subarray(size)];
    this.#bytes -= size;
    return all.subarray(0, size);
  }

  #ackSubject(): ByteString {
    this.#waiting.add(++this.#sent);
    return `$JS.SNAPSHOT.ACK.${this.stream.name}.${this.id}.${this.#chunkSize}.${this.#sent}` as ByteString;
  }

  #sendChunk(chunk: Buffer, reply: ByteString): void {
    outgoing.subject = this.#sink.subject;
    outgoing.reply = reply;
    outgoing.place(chunk, 0, 0, chunk.length);
    this.#sink.send(outgoing);
  }

  #wait(timeoutMs: number): false {
    const { scheduler, clock } = this.stream.jetstream.env;
    this.#timer ??= scheduler.at(clock.now() + timeoutMs, () => {
      this.#isLate = true;
      this.stream.jetstream.env.enqueue(this);
    });
    return false;
  }

  /** The rest goes without a reply subject, and the end has a status only where there were acknowledgements (measured). */
  #finish(): false {
    if (this.#bytes > 0) this.#sendChunk(this.#take(this.#bytes), EMPTY_BYTES);
    if (this.#sent > 0) return this.#endWith(statusHeader('204'));
    this.#sendChunk(Buffer.alloc(0), EMPTY_BYTES);
    return this.#end();
  }

  #endWith(header: Buffer): false {
    sendStatus(this.#sink, header);
    return this.#end();
  }

  #end(): false {
    this.#isOver = true;
    this.#stopWaiting();
    this.#buffered = [];
    this.#footprint.release();
    this.#ended();
    return false;
  }
}
