import type { AccountHouse } from './account.ts';

/** What waits for its end in a queue; the queue keeps the neighbours. */
export interface Expiring<E> {
  /** Ms since the epoch. */
  readonly expiresAt: number;
  expire(): void;
  earlier: E | undefined;
  later: E | undefined;
}

/**
 * Things that all live equally long, in order of expiry, with one timer for all. A linked list: whichever goes, and in
 * whatever order, costs the same (a Map whose first entries were deleted is searched from its start again and again).
 */
export class ExpiryQueue<E extends Expiring<E>> {
  readonly #house: AccountHouse;
  #first: E | undefined;
  #last: E | undefined;
  #isWatched = false;

  constructor(house: AccountHouse) {
    this.#house = house;
  }

  get oldest(): E | undefined {
    return this.#first;
  }

  add(entry: E): void {
    entry.earlier = this.#last;
    entry.later = undefined;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.later = entry;
    this.#last = entry;
    if (!this.#isWatched) this.#wakeAt(entry.expiresAt);
  }

  /** Takes an entry out that is in. */
  remove(entry: E): void {
    const { earlier, later } = entry;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    entry.earlier = undefined;
    entry.later = undefined;
  }

  #wakeAt(ms: number): void {
    this.#isWatched = true;
    this.#house.scheduler.at(ms, () => this.#sweep());
  }

  #sweep(): void {
    this.#isWatched = false;
    const now = this.#house.clock.now();
    for (let entry = this.#first; entry !== undefined; entry = this.#first) {
      if (entry.expiresAt > now) {
        this.#wakeAt(entry.expiresAt);
        return;
      }
      entry.expire();
    }
  }
}
