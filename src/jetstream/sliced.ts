/**
 * Work over many messages, done in slices with a valid state in between. Whoever started it calls {@link step} from
 * the run queue until it says it is done, and then takes the result.
 */
export interface SlicedWork<T> {
  /** Looks at no more than about `budget` messages. @returns whether the work is done. */
  step(budget: number): boolean;
  /** The outcome; only after the last step. */
  result(): T;
}

/** Work that is already done. */
export function finished<T>(value: T): SlicedWork<T> {
  return { step: () => true, result: () => value };
}

/** Runs sliced work to its end at once; for tests and for work known to be small. */
export function finish<T>(work: SlicedWork<T>, budget = Number.MAX_SAFE_INTEGER): T {
  while (!work.step(budget));
  return work.result();
}
