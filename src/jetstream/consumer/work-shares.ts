import { type ByteString, toBytes } from '../../subjects/index.ts';
import { SubjectClaims } from '../stream/claims.ts';
import type { Consumer } from './consumer.ts';
import { filterSubjects } from './consumer-config.ts';
import { competes } from './consumer-sourcing.ts';

const EVERYTHING = ['>' as ByteString];

/** Which subjects the consumers of a work queue want: a new one is not compared with each of them. */
export class WorkShares {
  readonly #claims = new SubjectClaims();
  /** What each of the consumers wants that compete. */
  readonly #wanted = new Map<Consumer, readonly ByteString[]>();

  constructor(consumers: Iterable<Consumer>) {
    for (const consumer of consumers) this.add(consumer);
  }

  /** Takes a consumer in, or notes that it wants other subjects than before. */
  add(consumer: Consumer): void {
    this.remove(consumer);
    if (!competes(consumer.config)) return;
    const filters = filterSubjects(consumer.config).map(toBytes);
    const wanted = filters.length === 0 ? EVERYTHING : filters;
    this.#wanted.set(consumer, wanted);
    for (const pattern of wanted) this.#claims.add(pattern);
  }

  remove(consumer: Consumer): void {
    for (const pattern of this.#wanted.get(consumer) ?? []) this.#claims.remove(pattern);
    this.#wanted.delete(consumer);
  }

  /** How many consumers compete, but for one. */
  countBut(self: Consumer | undefined): number {
    return this.#wanted.size - (self !== undefined && this.#wanted.has(self) ? 1 : 0);
  }

  /** Whether another consumer wants something of the same, or it takes too long to find out. */
  overlaps(patterns: readonly ByteString[], self: Consumer | undefined): boolean {
    const own = self === undefined ? [] : (this.#wanted.get(self) ?? []);
    for (const pattern of own) this.#claims.remove(pattern);
    const overlap = this.#claims.overlaps(patterns);
    for (const pattern of own) this.#claims.add(pattern);
    return overlap !== false;
  }
}
