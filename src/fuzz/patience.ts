import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/**
 * The fuzzers' one file of real time. Their targets are real processes, which cannot be asked when they have finished;
 * nothing of the server under test takes time from here.
 */

/** Longest wait for a PONG, ms. A server that does not answer for so long has failed. */
export const PONG_MS = 5000;

/** Waits so many ms. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets the event loop turn: everything already readable has been read afterwards. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Calls `late` after so many ms, unless the returned function is called before. */
export function deadline(ms: number, late: () => void): () => void {
  const timer = setTimeout(late, ms);
  return () => clearTimeout(timer);
}

/** Milliseconds on a clock that only goes forward, for budgets and progress. */
export function elapsed(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
