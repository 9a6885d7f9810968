import { type Clock, parseTime, ZERO_TIME } from '../../base/index.ts';
import type { ConsumerAdvisories } from './consumer-advisories.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Until when a consumer delivers nothing, and what the world is told of it (measured on 2.14.5). */
export class Pause {
  readonly #clock: Clock;
  readonly #advisories: ConsumerAdvisories;
  /** As the configuration says it. */
  #text: string | undefined;
  /** Milliseconds since the epoch; 0 when it is over or there is none. */
  #until = 0;

  constructor(clock: Clock, advisories: ConsumerAdvisories) {
    this.#clock = clock;
    this.#advisories = advisories;
  }

  /** When it ends (ms), `Infinity` when it need not be ended. */
  get dueAt(): number {
    return this.#until === 0 ? NEVER : this.#until;
  }

  /** Whether the end was not told of yet. */
  get isOpen(): boolean {
    return this.#until !== 0;
  }

  /** Whether nothing may be delivered at a time (ms). */
  holds(now: number): boolean {
    return this.#until > now;
  }

  /** Nanoseconds that are left. */
  remaining(now: number): number {
    return Math.round((this.#until - now) * 1e6);
  }

  /** Takes over what a configuration says. */
  adopt(text: string | undefined): void {
    this.#text = text;
    const until = text === undefined ? undefined : parseTime(text);
    this.#until = until === undefined ? 0 : until.ms + until.ns / 1e6;
  }

  /** As {@link adopt}, and tells the world what has changed; a time that is past ends a pause. */
  change(text: string | undefined): void {
    const wasPaused = this.holds(this.#clock.now());
    const isSame = text === this.#text;
    this.adopt(text);
    if (!this.holds(this.#clock.now())) this.#until = 0;
    if (!isSame) this.announce(wasPaused);
  }

  announce(wasPaused = false): void {
    const isPaused = this.holds(this.#clock.now());
    if (!isPaused) this.#until = 0;
    if (isPaused || wasPaused) this.#advisories.paused(isPaused, this.#text ?? ZERO_TIME);
  }

  /** Ends it when its time has come. */
  tend(now: number): void {
    if (this.#until === 0 || this.#until > now) return;
    this.#until = 0;
    this.#advisories.paused(false, this.#text ?? ZERO_TIME);
  }

  /** The end was told of before: a state that was loaded says so. */
  forget(): void {
    this.#until = 0;
  }
}
