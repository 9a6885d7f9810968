import type { Clock } from '../base/index.ts';
import type { LogSink } from './log.ts';
import { RefusalBudget } from './refusal-budget.ts';

/** One error line for each connection that ends before it is one; so many a second, the rest is counted. */
export class TurnedAway {
  readonly #log: LogSink;
  readonly #budget: RefusalBudget;

  constructor(log: LogSink, clock: Clock) {
    this.#log = log;
    this.#budget = new RefusalBudget(clock);
  }

  tell(text: string): void {
    if (!this.#log.isOn('error')) return;
    const untold = this.#budget.take();
    if (untold === undefined) return;
    if (untold > 0) this.#log.write('error', `${untold} more connections were refused, not listed`);
    this.#log.write('error', text);
  }
}
