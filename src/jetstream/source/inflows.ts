import { limits } from '../../base/index.ts';
import { type ByteString, toBytes, toText } from '../../subjects/index.ts';
import { demand, type StateReader, type StateWriter } from '../state/index.ts';
import type { Stream } from '../stream/stream.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { Inflow, type SourceInfo } from './inflow.ts';

/** Bytes of one in a saved state at least: the length of its identity, and a sequence. */
const SAVED_INFLOW = 4 + 8;

/** Everything that comes into one stream from others: its mirror, or its sources. */
export class Inflows {
  readonly #stream: Stream;
  #all: Inflow[] = [];
  /** Where those stood that a loaded state has, by identity. */
  readonly #saved = new Map<string, number>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Begins and ends what a configuration asks for; what it still asks for goes on undisturbed. */
  adopt({ mirror, sources = [] }: StreamConfig): void {
    const known = new Map(this.#all.map((inflow) => [inflow.identity, inflow]));
    const wanted = mirror === undefined ? sources : [mirror];
    this.#all = wanted.map((source) => {
      const fresh = new Inflow(this.#stream, source, mirror !== undefined);
      const old = known.get(fresh.identity);
      if (old === undefined || old.isMirror !== fresh.isMirror) return this.#begin(fresh);
      known.delete(old.identity);
      return old;
    });
    for (const inflow of known.values()) this.#end(inflow);
  }

  save(to: StateWriter): void {
    to.word(this.#all.length);
    for (const inflow of this.#all) {
      to.text(toBytes(inflow.identity));
      to.number(inflow.position);
    }
  }

  /** Where each stands, before {@link adopt} begins with it. */
  load(from: StateReader): void {
    const count = from.count(SAVED_INFLOW);
    demand(count <= limits.MAX_ASSET_SUBJECTS, 'there are too many sources');
    for (let left = count; left > 0; left--) {
      this.#saved.set(toText(from.text()), from.integer());
    }
  }

  /** Ends all of it. */
  close(): void {
    for (const inflow of this.#all) this.#end(inflow);
    this.#all = [];
  }

  get mirror(): SourceInfo | undefined {
    return this.#stream.config.mirror === undefined ? undefined : this.#all[0]?.info();
  }

  get sources(): readonly SourceInfo[] | undefined {
    return this.#stream.config.sources === undefined ? undefined : this.#all.map((inflow) => inflow.info());
  }

  #begin(inflow: Inflow): Inflow {
    inflow.resumeAt(this.#saved.get(inflow.identity) ?? 0);
    this.#saved.delete(inflow.identity);
    this.#stream.jetstream.origins.follow(inflow);
    inflow.start();
    return inflow;
  }

  #end(inflow: Inflow): void {
    this.#stream.jetstream.origins.leave(inflow);
    inflow.stop();
  }
}

/** Who takes from the streams of an account, by the name of the origin, whether there is such a stream or not. */
export class Origins {
  readonly #followers = new Map<ByteString, Set<Inflow>>();

  /** Those who take from a stream of this name; the set stays the same as long as somebody does. */
  of(name: ByteString): ReadonlySet<Inflow> | undefined {
    return this.#followers.get(name);
  }

  follow(inflow: Inflow): void {
    const { originName: name } = inflow;
    let followers = this.#followers.get(name);
    if (followers === undefined) {
      followers = new Set();
      this.#followers.set(name, followers);
      this.#tell(inflow.stream, name, followers);
    }
    followers.add(inflow);
  }

  leave(inflow: Inflow): void {
    const { originName: name } = inflow;
    const followers = this.#followers.get(name);
    if (followers === undefined) return;
    followers.delete(inflow);
    if (followers.size > 0) return;
    this.#followers.delete(name);
    this.#tell(inflow.stream, name, undefined);
  }

  /** The stream of this name came, went, or keeps its messages for other reasons than before. */
  changed(name: ByteString): void {
    for (const inflow of this.#followers.get(name) ?? []) inflow.reconnect();
  }

  #tell({ jetstream }: Stream, name: ByteString, followers: ReadonlySet<Inflow> | undefined): void {
    jetstream.streams.get(name)?.setFollowers(followers);
  }
}
