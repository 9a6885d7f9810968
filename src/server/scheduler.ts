import { type Clock, limits, type Scheduler, type Timer } from '../base/index.ts';

/** The runtime refuses longer delays; a longer wait is armed again. */
const LONGEST_ARM_MS = 2 ** 31 - 1;

/** Cancelled tasks that may stay in the heap before it is cleared of them, besides as many as there are others. */
const MOST_CANCELLED = 1024;

const NOTHING = (): void => {};

class Task implements Timer {
  cancelled = false;
  readonly at: number;
  readonly order: number;
  run: () => void;
  readonly #onCancel: () => void;

  constructor(at: number, order: number, run: () => void, onCancel: () => void) {
    this.at = at;
    this.order = order;
    this.run = run;
    this.#onCancel = onCancel;
  }

  /** It runs now: cancelling it changes nothing any more. */
  done(): void {
    this.cancelled = true;
    this.run = NOTHING;
  }

  /** What the task would have acted on is free to go at once, not only when it would have been due. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.run = NOTHING;
    this.#onCancel();
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** How the scheduler asks the runtime to wake it: one alarm at a time. */
export interface Alarm {
  arm(delayMs: number, wake: () => void): void;
  disarm(): void;
}

/**
 * One binary heap of tasks on one clock and one runtime alarm. With no alarm (a manual clock) tasks run only when
 * {@link runDue} is called.
 */
export class HeapScheduler implements Scheduler {
  readonly #clock: Clock;
  readonly #alarm: Alarm | undefined;
  readonly #afterTasks: () => void;
  readonly #onError: (error: unknown) => void;
  readonly #onCancel = (): void => this.#cancelled();
  #heap: Task[] = [];
  #dead = 0;
  #order = 0;
  #armedFor = Number.POSITIVE_INFINITY;

  /**
   * @param afterTasks called after due tasks ran because of the alarm: drains the run queue and flushes.
   * @param onError told of what a task throws; the tasks behind it run all the same.
   */
  constructor(
    clock: Clock,
    alarm?: Alarm,
    afterTasks: () => void = NOTHING,
    onError: (error: unknown) => void = rethrow,
  ) {
    this.#clock = clock;
    this.#alarm = alarm;
    this.#afterTasks = afterTasks;
    this.#onError = onError;
  }

  /** Tasks that are kept, cancelled ones included. */
  get size(): number {
    return this.#heap.length;
  }

  at(atMs: number, task: () => void): Timer {
    const entry = new Task(atMs, this.#order++, task, this.#onCancel);
    this.#push(entry);
    this.#rearm();
    return entry;
  }

  /** When the next task is due (ms), or `undefined`. */
  nextDue(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /**
   * Runs the tasks due by now, in order of time and then of scheduling.
   * @param most how many at most.
   */
  runDue(most = Number.POSITIVE_INFINITY): void {
    for (let left = most; left > 0; left--) {
      this.#dropCancelled();
      const next = this.#heap[0];
      if (next === undefined || next.at > this.#clock.now()) return;
      this.#pop();
      const { run } = next;
      next.done();
      try {
        run();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** Forgets every task and disarms. */
  stop(): void {
    this.#heap = [];
    this.#dead = 0;
    this.#alarm?.disarm();
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  /** The clock was moved: the alarm is set anew. */
  rearm(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#rearm();
  }

  #rearm(): void {
    if (this.#alarm === undefined) return;
    const due = this.nextDue();
    if (due === undefined || due >= this.#armedFor) return;
    this.#armedFor = due;
    const delay = Math.min(Math.max(due - this.#clock.now(), 0), LONGEST_ARM_MS);
    this.#alarm.arm(delay, () => this.#wake());
  }

  #wake(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    // What is due beyond that is due at once again: sockets have their turn in between.
    this.runDue(limits.RUN_QUEUE_TURN);
    this.#afterTasks();
    this.#rearm();
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled) {
      this.#pop();
      this.#dead--;
    }
  }

  /** Timers that are set and cancelled again and again must not pile up until they would have been due. */
  #cancelled(): void {
    this.#dead++;
    if (this.#dead < MOST_CANCELLED || this.#dead * 2 < this.#heap.length) return;
    const alive = this.#heap.filter((task) => !task.cancelled);
    this.#heap = [];
    this.#dead = 0;
    for (const task of alive) this.#push(task);
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let index = heap.push(task) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Task;
      if (!isBefore(task, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child++;
      if (!isBefore(heap[child] as Task, last)) break;
      heap[index] = heap[child] as Task;
      index = child;
    }
    heap[index] = last;
  }
}

function rethrow(error: unknown): never {
  throw error;
}
