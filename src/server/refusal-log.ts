import { type Clock, limits } from '../base/index.ts';
import { accountText, type Decision, RULES } from '../guard/index.ts';
import { toText } from '../subjects/index.ts';
import type { LogSink } from './log.ts';

const WINDOW_MS = 1000;
/** A subject longer than this is cut in the log. */
const SHOWN_CHARACTERS = 200;

/**
 * One warning line for each refusal: who, what, which rule, its sentence. A learner whose request times out finds the
 * reason here. At most so many lines a second; the rest is counted and summed up.
 */
export class RefusalLog {
  readonly #sink: LogSink;
  readonly #clock: Clock;
  #windowStart = 0;
  #lines = 0;
  #left = 0;

  constructor(sink: LogSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  refused(refusal: Decision): void {
    if (!this.#sink.isOn('warn') || !this.#hasRoom()) return;
    const { rule } = refusal.verdict;
    const user = refusal.principal === undefined ? '' : toText(refusal.principal.user);
    const account = refusal.principal === undefined ? '' : accountText(refusal.principal.account);
    const subject = printable(toText(refusal.subject));
    const who =
      refusal.principal === undefined ? 'somebody' : `user "${printable(user)}" of account "${account}"`;
    const what = refusal.action === 'connect' ? `connect as "${subject}"` : `${refusal.action} "${subject}"`;
    const text = `Refused: ${who}, ${what}, by rule ${rule}: ${RULES[rule].promise}`;
    this.#sink.write('warn', text, {
      event: 'refused',
      action: refusal.action,
      user,
      account,
      subject,
      rule,
    });
  }

  #hasRoom(): boolean {
    const now = this.#clock.now();
    if (now - this.#windowStart >= WINDOW_MS) {
      if (this.#left > 0) this.#sink.write('warn', `Refused: ${this.#left} more, not listed`);
      this.#windowStart = now;
      this.#lines = 0;
      this.#left = 0;
    }
    if (this.#lines < limits.REFUSAL_LINES_PER_SECOND) {
      this.#lines++;
      return true;
    }
    this.#left++;
    return false;
  }
}

/** Hostile text on one line: control characters shown as such, cut to a length. */
function printable(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
