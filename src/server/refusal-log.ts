import type { Clock } from '../base/index.ts';
import { type Decision, RULES } from '../guard/index.ts';
import { decisionText } from './decision-text.ts';
import type { LogSink } from './log.ts';
import { RefusalBudget } from './refusal-budget.ts';

/**
 * One warning line for each refusal: who, what, which rule, its sentence. A learner whose request times out finds the
 * reason here. At most so many lines a second; the rest is counted and summed up.
 */
export class RefusalLog {
  readonly #sink: LogSink;
  readonly #budget: RefusalBudget;
  readonly #connecting: () => string | undefined;

  /** @param connecting the connection whose login is being decided, as log lines name it. */
  constructor(sink: LogSink, clock: Clock, connecting: () => string | undefined) {
    this.#sink = sink;
    this.#connecting = connecting;
    this.#budget = new RefusalBudget(clock);
  }

  refused(refusal: Decision): void {
    if (!this.#sink.isOn('warn')) return;
    const untold = this.#budget.take();
    if (untold === undefined) return;
    if (untold > 0) this.#sink.write('warn', `Refused: ${untold} more, not listed`);
    const { action, account, user, subject, rule } = decisionText(refusal);
    const from = action === 'connect' ? this.#connecting() : undefined;
    const known = refusal.principal === undefined ? 'somebody' : `user "${user}" of account "${account}"`;
    const who = from ?? known;
    const what = action === 'connect' ? `connect as "${subject}"` : `${action} "${subject}"`;
    const text = `Refused: ${who}, ${what}, by rule ${rule}: ${RULES[rule].promise}`;
    this.#sink.write('warn', text, { event: 'refused', action, user, account, subject, rule });
  }
}
