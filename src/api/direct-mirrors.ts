import type { StreamConfig } from '../jetstream/index.ts';
import { type ByteString, toBytes } from '../subjects/index.ts';

/** Which mirrors of an account answer direct requests to their origins. */
export class DirectMirrors {
  readonly #originOf = new Map<ByteString, ByteString>();
  readonly #byOrigin = new Map<ByteString, Set<ByteString>>();

  /**
   * Notes what a stream is now; undefined when it went.
   * @returns the origins whose stand-in may be another one than before.
   */
  note(stream: ByteString, config: StreamConfig | undefined): readonly ByteString[] {
    const before = this.#originOf.get(stream);
    const origin = config?.mirror_direct === true ? config.mirror?.name : undefined;
    const after = origin === undefined ? undefined : toBytes(origin);
    if (before !== after) {
      if (before !== undefined) this.#leave(stream, before);
      if (after !== undefined) this.#join(stream, after);
    }
    return [before, after].filter((one) => one !== undefined);
  }

  /** The mirror that answers for an origin: the one that does so for the longest time. */
  standInFor(origin: ByteString): ByteString | undefined {
    for (const stream of this.#byOrigin.get(origin) ?? []) return stream;
    return undefined;
  }

  #join(stream: ByteString, origin: ByteString): void {
    this.#originOf.set(stream, origin);
    const mirrors = this.#byOrigin.get(origin) ?? new Set();
    this.#byOrigin.set(origin, mirrors.add(stream));
  }

  #leave(stream: ByteString, origin: ByteString): void {
    this.#originOf.delete(stream);
    const mirrors = this.#byOrigin.get(origin);
    mirrors?.delete(stream);
    if (mirrors?.size === 0) this.#byOrigin.delete(origin);
  }
}
