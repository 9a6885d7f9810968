import type { Clock, Scheduler, Timer } from '../base/index.ts';
import { ManualClock, RealClock, RuntimeAlarm } from './effects.ts';
import { HeapScheduler } from './scheduler.ts';

/** When a manual clock starts unless told otherwise: 2026-01-01T00:00:00Z. */
const MANUAL_START_MS = Date.UTC(2026, 0, 1);

const NEVER: Timer = { cancel: () => {} };

/**
 * The server's two clocks. The service clock (JetStream, replies, expiry) can be moved on, and stands still otherwise
 * when it is manual; the wire clock (ping, auth timeout, write deadline) is always real.
 */
export class Times {
  readonly isManual: boolean;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly #service: RealClock | ManualClock;
  readonly #serviceScheduler: HeapScheduler;
  readonly #wire = new RealClock();
  readonly #wireScheduler: HeapScheduler;
  readonly #settle: () => void;

  /**
   * @param settle drains the run queue and flushes, after tasks ran.
   * @param onError told of what a task throws.
   */
  constructor(kind: 'real' | 'manual', settle: () => void, onError: (error: unknown) => void) {
    this.isManual = kind === 'manual';
    this.#settle = settle;
    this.#service = this.isManual ? new ManualClock(MANUAL_START_MS) : new RealClock();
    const alarm = this.isManual ? undefined : new RuntimeAlarm();
    this.#serviceScheduler = new HeapScheduler(this.#service, alarm, settle, onError);
    this.#wireScheduler = new HeapScheduler(this.#wire, new RuntimeAlarm(), settle, onError);
    this.clock = this.#service;
    this.scheduler = this.#serviceScheduler;
  }

  /** A batch of input begins: until {@link release} the service clock stands. */
  hold(): void {
    this.#service.hold();
  }

  release(): void {
    this.#service.release();
  }

  wireNow(): number {
    return this.#wire.now();
  }

  /** Runs a task on the wire clock; for in-process connections under a manual clock, never. */
  wireAfter(isInProcess: boolean, delayMs: number, task: () => void): Timer {
    if (isInProcess && this.isManual) return NEVER;
    return this.#wireScheduler.at(this.#wire.now() + delayMs, task);
  }

  /**
   * Moves the service clock on, running what falls due at its own time and in order. `written` resolves when what one
   * step caused is on the wire.
   */
  async advance(ms: number, written: () => Promise<void>): Promise<void> {
    const target = this.clock.now() + ms;
    for (;;) {
      const due = this.#serviceScheduler.nextDue();
      if (due === undefined || due > target) break;
      this.#service.skip(Math.max(0, due - this.clock.now()));
      this.#serviceScheduler.runDue();
      this.#settle();
      await written();
    }
    this.#service.skip(Math.max(0, target - this.clock.now()));
    this.#serviceScheduler.rearm();
    this.#settle();
    await written();
  }

  /** Sets the service clock, forwards or back: what was planned stays planned for its time. */
  set(ms: number): void {
    this.#service.skip(ms - this.clock.now());
    this.#serviceScheduler.rearm();
  }

  stop(): void {
    this.#serviceScheduler.stop();
    this.#wireScheduler.stop();
  }
}
