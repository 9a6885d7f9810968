/**
 * Time and chance are inputs. The core is deterministic: it takes both from these interfaces; the real ones live in
 * `server/effects.ts`.
 */

/** A moment since the Unix epoch in two numbers, because nanoseconds since 1970 do not fit in 2⁵³. */
export interface Instant {
  /** Whole milliseconds since the epoch. */
  readonly ms: number;
  /** Nanoseconds within that millisecond, 0 to 999,999. */
  readonly ns: number;
}

/** What time it is. */
export interface Clock {
  /** Milliseconds since the epoch, an integer. */
  now(): number;
  /** Both numbers of the present moment. */
  instant(): Instant;
}

/** A task that has been scheduled. Cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Runs tasks later, by the clock it belongs to. */
export interface Scheduler {
  /** Runs `task` when the clock has reached `atMs` (ms since the epoch); never from within this call. */
  at(atMs: number, task: () => void): Timer;
}

/** Chance: the operating system's, or a seed's. */
export interface Random {
  /** A uniform integer in [0, bound), bound ≤ 2³². */
  below(bound: number): number;
  /** `length` characters of the 62 letters and digits. */
  token(length: number): string;
  bytes(length: number): Uint8Array;
  /** An independent generator for one purpose. Draws from it never shift anybody else's. */
  fork(label: string): Random;
}
