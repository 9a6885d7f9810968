import type { ByteString } from '../../subjects/index.ts';
import { type ReadonlyRoster, Roster } from '../stream/roster.ts';
import type { Consumer } from './consumer.ts';
import { WorkShares } from './work-shares.ts';

/** The consumers of a stream, to look at. */
export interface ReadonlyConsumerRoster extends ReadonlyRoster<Consumer> {
  /** How many there are but for the `direct` ones: what stream info tells, and `max_consumers` counts. */
  readonly shownCount: number;
  /** Those in the order of their names, as listings show them. */
  shown(): readonly Consumer[];
  /** What each of them wants, for the rule of work queues. */
  shares(): WorkShares;
}

/**
 * The consumers of a stream. Those that other streams ask for to take from it, the `direct` ones, are found by their
 * names only: no listing shows them and no limit counts them (measured on 2.14.5).
 */
export class ConsumerRoster extends Roster<Consumer> implements ReadonlyConsumerRoster {
  readonly #hidden = new Set<ByteString>();
  #shown: readonly Consumer[] | undefined;
  /** Only what was asked for once is kept: most streams are no work queues. */
  #shares: WorkShares | undefined;

  get shownCount(): number {
    return this.size - this.#hidden.size;
  }

  override set(name: ByteString, consumer: Consumer): this {
    this.#shown = undefined;
    if (consumer.config.direct === true) this.#hidden.add(name);
    else this.#hidden.delete(name);
    this.#shares?.add(consumer);
    return super.set(name, consumer);
  }

  override delete(name: ByteString): boolean {
    const consumer = this.get(name);
    if (consumer !== undefined) this.#shares?.remove(consumer);
    this.#shown = undefined;
    this.#hidden.delete(name);
    return super.delete(name);
  }

  override clear(): void {
    this.#shown = undefined;
    this.#shares = undefined;
    this.#hidden.clear();
    super.clear();
  }

  shares(): WorkShares {
    this.#shares ??= new WorkShares(this.values());
    return this.#shares;
  }

  shown(): readonly Consumer[] {
    if (this.#hidden.size === 0) return this.sorted();
    this.#shown ??= this.sorted().filter(({ name }) => !this.#hidden.has(name));
    return this.#shown;
  }
}
