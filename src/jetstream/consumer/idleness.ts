import type { StateReader, StateWriter } from '../state/index.ts';
import type { ConsumerConfig } from './consumer-config.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Since when nobody uses a consumer, and when it goes for that (`inactive_threshold`). Times are ms. */
export class Idleness {
  #lastUsed: number;
  #thresholdMs = NEVER;

  constructor(now: number) {
    this.#lastUsed = now;
  }

  configure({ inactive_threshold: threshold }: ConsumerConfig): void {
    this.#thresholdMs = threshold === undefined ? NEVER : threshold / 1e6;
  }

  /** Somebody uses it. */
  used(now: number): void {
    this.#lastUsed = now;
  }

  /**
   * When it goes if nobody uses it before; `Infinity` for never. A bound subscriber is use, and requests that wait when
   * this is looked at.
   */
  endsAt(isBound: boolean): number {
    return isBound ? NEVER : this.#lastUsed + this.#thresholdMs;
  }

  save(to: StateWriter): void {
    to.time(this.#lastUsed);
  }

  load(from: StateReader): void {
    this.#lastUsed = from.deadline();
  }
}
