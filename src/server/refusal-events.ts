import type { Account } from '../accounts/index.ts';
import { type Clock, encodeJson } from '../base/index.ts';
import { accountBytes, type Decision, RULES } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import { decisionText } from './decision-text.ts';
import { RefusalBudget } from './refusal-budget.ts';
import type { RunQueue } from './run-queue.ts';

/** What the events need of the server. */
export interface RefusalEventsHost {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly clock: Clock;
  readonly runQueue: Pick<RunQueue, 'emit'>;
  timestamp(): string;
}

/** The type that the events carry. */
const TYPE = 'io.bulkhead.server.advisory.v1.refused';

/**
 * Refusals as events in the system account, and nowhere else: `$SYS.ACCOUNT.<account>.REFUSED`, and
 * `$SYS.SERVER.<id>.REFUSED` where nobody was logged in. Nothing is made while nobody there listens; at most so many a
 * second, the rest is counted in `not_listed` of the next one.
 */
export class RefusalEvents {
  readonly #system: Account;
  readonly #host: RefusalEventsHost;
  readonly #budget: RefusalBudget;

  constructor(system: Account, host: RefusalEventsHost) {
    this.#system = system;
    this.#host = host;
    this.#budget = new RefusalBudget(host.clock);
  }

  refused(refusal: Decision): void {
    const subject = this.#subject(refusal);
    if (!this.#system.hasInterest(subject)) return;
    const untold = this.#budget.take();
    if (untold === undefined) return;
    const { id, name, version, runQueue } = this.#host;
    const { queue, ...what } = decisionText(refusal);
    const event = {
      type: TYPE,
      id: this.#system.eventId(),
      timestamp: this.#host.timestamp(),
      server: { name, id, ver: version },
      ...what,
      ...(queue === '' ? {} : { queue }),
      promise: RULES[what.rule].promise,
      ...(untold === 0 ? {} : { not_listed: untold }),
    };
    runQueue.emit(this.#system, subject, EMPTY_BYTES, undefined, Buffer.from(encodeJson(event)));
  }

  #subject({ principal }: Decision): ByteString {
    const subject =
      principal === undefined
        ? `$SYS.SERVER.${this.#host.id}.REFUSED`
        : `$SYS.ACCOUNT.${asToken(accountBytes(principal.account))}.REFUSED`;
    return subject as ByteString;
  }
}

/** The name of an account may hold what would end a subject on the wire. */
function asToken(name: ByteString): string {
  return name.replace(/[\u0000-\u0020\u007f]/g, '_');
}
