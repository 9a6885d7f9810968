import type { Instant } from '../base/index.ts';

const NS_PER_MS = 1_000_000;

/** How long the way to a client and back takes: learned from its CONNECT, then from each PONG. */
export class RoundTrip {
  readonly #greetedAt: Instant;
  #ns = 0;
  #pingSentMs: number | undefined;

  /** @param greetedAt when the client was told who the server is. */
  constructor(greetedAt: Instant) {
    this.#greetedAt = greetedAt;
  }

  /** ns, after a PONG in whole milliseconds; 0: not measured yet. */
  get ns(): number {
    return this.#ns;
  }

  /** CONNECT arrived: the first one tells how long the way was. */
  connected(now: Instant): void {
    if (this.#ns === 0) this.#ns = nanosBetween(this.#greetedAt, now);
  }

  /** @param nowMs wire time. */
  pinged(nowMs: number): void {
    this.#pingSentMs = nowMs;
  }

  /** A PONG arrived; one that nobody asked for tells nothing. */
  ponged(nowMs: number): void {
    if (this.#pingSentMs === undefined) return;
    this.#ns = Math.max(1, nowMs - this.#pingSentMs) * NS_PER_MS;
    this.#pingSentMs = undefined;
  }
}

function nanosBetween(from: Instant, to: Instant): number {
  return Math.max(0, (to.ms - from.ms) * NS_PER_MS + to.ns - from.ns);
}
