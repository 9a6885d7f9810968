import { limits } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import type { JetStream } from '../jetstream.ts';
import type { SlicedWork } from '../sliced.ts';

/**
 * Deletes a stream that has many consumers: some of these at a time, and the stream with the last of them. Until then
 * it is there and works, with fewer consumers each time.
 */
export class StreamDeletion implements SlicedWork<void> {
  readonly #jetstream: JetStream;
  readonly #name: ByteString;

  constructor(jetstream: JetStream, name: ByteString) {
    this.#jetstream = jetstream;
    this.#name = name;
  }

  step(budget: number): boolean {
    const stream = this.#jetstream.streams.get(this.#name);
    if (stream === undefined) return true;
    let left = Math.min(budget, limits.CONSUMERS_AT_ONCE);
    if (stream.consumers.size <= left) {
      this.#jetstream.deleteStream(this.#name);
      return true;
    }
    for (const name of stream.consumers.keys()) {
      if (left-- === 0) break;
      stream.deleteConsumer(name);
    }
    return false;
  }

  result(): void {}
}
