import { Alarm } from '../alarm.ts';
import type { JetStreamEnv, Runnable } from '../env.ts';

/** Who takes the turns. */
export interface TurnTaker extends Runnable {
  /** Whether somebody may be there to deliver to. */
  readonly isWanted: boolean;
}

/** The turns of one consumer in the run queue: it asks for one at a time, now or when the next thing falls due. */
export class RunTurns {
  readonly #env: JetStreamEnv;
  readonly #taker: TurnTaker;
  readonly #alarm: Alarm;
  #isQueued = false;
  /** Whether something has fallen due. */
  isDue = false;

  constructor(env: JetStreamEnv, taker: TurnTaker) {
    this.#env = env;
    this.#taker = taker;
    this.#alarm = new Alarm(env.scheduler, () => this.#onAlarm());
  }

  get isWanted(): boolean {
    return this.#taker.isWanted;
  }

  /** Asks for a turn if there may be something to deliver to somebody. */
  wake(): void {
    if (!this.#isQueued && this.#taker.isWanted) this.ask();
  }

  /** Asks for a turn, once. */
  ask(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#env.enqueue(this.#taker);
  }

  /** The turn has come, or there is none to wait for: from here on the next one may be asked for. */
  begin(): void {
    this.#isQueued = false;
  }

  /** None may be asked for until {@link begin}. */
  hold(): void {
    this.#isQueued = true;
  }

  /** Makes sure to ask for one at `due` (ms) or before. */
  before(due: number): void {
    this.#alarm.before(due);
  }

  close(): void {
    this.#alarm.close();
  }

  #onAlarm(): void {
    this.isDue = true;
    this.ask();
  }
}
