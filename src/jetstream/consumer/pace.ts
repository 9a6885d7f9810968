import type { StateReader, StateWriter } from '../state/index.ts';
import type { MessageView } from '../store/message-view.ts';
import type { ConsumerConfig } from './consumer-config.ts';

/** Slows deliveries down: `rate_limit_bps`, and `replay_policy: original` which keeps the gaps between messages. */
export class Pace {
  readonly #bitsPerMs: number;
  readonly #original: boolean;
  #notBefore = 0;
  #lastStored = 0;
  #lastSent = 0;

  constructor(config: ConsumerConfig) {
    this.#bitsPerMs = (config.rate_limit_bps ?? 0) / 1000;
    this.#original = config.replay_policy === 'original';
  }

  /** Whether a configuration needs any pacing at all. */
  static wanted(config: ConsumerConfig): boolean {
    return config.rate_limit_bps !== undefined || config.replay_policy === 'original';
  }

  /** When this message may go out (ms). */
  readyAt(view: MessageView, isNew: boolean): number {
    if (!this.#original || !isNew || this.#lastSent === 0) return this.#notBefore;
    return Math.max(this.#notBefore, this.#lastSent + (view.ms - this.#lastStored));
  }

  save(to: StateWriter): void {
    to.time(this.#notBefore);
    to.time(this.#lastStored);
    to.time(this.#lastSent);
  }

  load(from: StateReader): void {
    this.#notBefore = from.deadline();
    this.#lastStored = from.time();
    this.#lastSent = from.deadline();
  }

  /** A message of `bytes` bytes went out. */
  sent(view: MessageView, isNew: boolean, bytes: number, now: number): void {
    if (this.#bitsPerMs > 0) {
      this.#notBefore = Math.max(now, this.#notBefore) + (bytes * 8) / this.#bitsPerMs;
    }
    if (!isNew) return;
    this.#lastStored = view.ms;
    this.#lastSent = now;
  }
}
