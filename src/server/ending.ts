import { keepAlive } from './effects.ts';

/** How far the end of a server has come. It ends once, at once or gently; whoever asks waits for the same end. */
export class Ending {
  #isStopped = false;
  #isGentle = false;
  #ended: Promise<void> = Promise.resolve();
  readonly #whenEnded: Promise<void>;
  #toldEnd: () => void = () => {};

  constructor() {
    this.#whenEnded = new Promise((resolve) => {
      this.#toldEnd = resolve;
    });
  }

  /** Whether it has stopped, or is stopping. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether it takes no new connections because it is about to stop. */
  get isLameDuck(): boolean {
    return this.#isGentle;
  }

  /** @throws Error when the server has stopped. */
  assertNotStopped(): void {
    if (this.#isStopped) throw new Error('the server has stopped');
  }

  /** @throws Error when the server has stopped, or is about to. */
  assertStays(): void {
    if (this.#isStopped || this.#isGentle) throw new Error('the server has stopped, or is about to');
  }

  /** Ends gently: begins unless it has ended or is ending, and keeps the process alive until {@link stop} is done. */
  gently(begin: () => void): Promise<void> {
    if (this.#isStopped || this.#isGentle) return this.#whenEnded;
    this.#isGentle = true;
    const alive = keepAlive();
    void this.#whenEnded.then(() => alive.close());
    begin();
    return this.#whenEnded;
  }

  stop(end: () => Promise<void>): Promise<void> {
    if (!this.#isStopped) {
      this.#isStopped = true;
      this.#ended = end().finally(this.#toldEnd);
    }
    return this.#ended;
  }
}
