import { limits } from '../base/index.ts';
import type { Connection } from './connection.ts';
import { cpuMs, onNextTurn } from './effects.ts';
import { InputTurns, type Interruptible } from './input-turns.ts';
import type { RunQueue } from './run-queue.ts';
import type { Times } from './times.ts';

/** What goes wrong on the way, and what happens to it. */
export interface LoopErrors {
  /** Of the loop itself. */
  inLoop(error: unknown): void;
  onConnection(connection: Connection, error: unknown): void;
}

/**
 * The loop between the parts: input of one connection is handled, then what waits in the run queue runs, then what was
 * queued for clients is written, once for each of them.
 */
export class Loop {
  readonly #runQueue: RunQueue;
  readonly #times: Times;
  readonly #errors: LoopErrors;
  #dirty: Connection[] = [];
  #isSettling = false;
  /** Whether input of a connection is being handled. */
  #inBatch = false;
  #isTurnBooked = false;
  #isStopped = false;
  /** Whose input is being handled, where it can be interrupted, and when it had its first long work done (CPU, ms). */
  #input: Interruptible | undefined;
  #inputSince: number | undefined;
  readonly #inputTurns = new InputTurns();

  constructor(runQueue: RunQueue, times: Times, errors: LoopErrors) {
    this.#runQueue = runQueue;
    this.#times = times;
    this.#errors = errors;
  }

  /** Whether something is in the middle of being handled. */
  get isBusy(): boolean {
    return this.#inBatch || this.#isSettling;
  }

  /** The connection has bytes to flush at the end of the batch. */
  markDirty(connection: Connection): void {
    if (connection.isQueued) return;
    connection.isQueued = true;
    this.#dirty.push(connection);
  }

  /**
   * A batch of input begins: the service clock stands until {@link settle}.
   * @param input whose it is, where it can be interrupted.
   */
  begin(input?: Interruptible): void {
    this.#inBatch = true;
    this.#times.hold();
    this.interruptible(input);
  }

  /** From here on the batch in hand is input of this connection, where it can be interrupted. */
  interruptible(input: Interruptible | undefined): void {
    this.#input = input;
    this.#inputSince = undefined;
  }

  /**
   * Something was done that may cost more than a message, such as a request or a search. A batch of input that takes long
   * is interrupted behind the operation in hand: what one of them may cost is bounded, how many come at once is not.
   * It is measured from the end of the first one, because most batches have no more.
   */
  worked(): void {
    const input = this.#input;
    if (input === undefined) return;
    const now = cpuMs();
    this.#inputSince ??= now;
    if (now - this.#inputSince < limits.INPUT_TURN_MS) return;
    this.#input = undefined;
    input.interrupt();
    this.#inputTurns.add(input);
    this.#bookTurn();
  }

  /** A batch of input is handled: runs what waits, so much of it as one turn may take, and flushes. */
  settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#input = undefined;
    let more = false;
    try {
      more = this.#runQueue.drain();
      this.#flush();
    } catch (error) {
      this.#errors.inLoop(error);
    } finally {
      this.#isSettling = false;
      this.#inBatch = false;
      this.#times.release();
    }
    if (more) this.#bookTurn();
  }

  /** Nothing is left to do, and nothing more will be done by itself. */
  stop(): void {
    this.#isStopped = true;
    this.#inputTurns.clear();
    this.#runQueue.clear();
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) {
      connection.isQueued = false;
      try {
        connection.flush();
      } catch (error) {
        this.#errors.onConnection(connection, error);
      }
    }
  }

  #bookTurn(): void {
    if (this.#isTurnBooked || this.#isStopped) return;
    this.#isTurnBooked = true;
    onNextTurn(() => {
      this.#isTurnBooked = false;
      const input = this.#inputTurns.next();
      input?.goOn();
      // Who was closed meanwhile has nothing to go on with; what waits in the run queue has its turn all the same.
      if (input === undefined || input.isClosed) this.settle();
      if (!this.#inputTurns.isEmpty) this.#bookTurn();
    });
  }
}
