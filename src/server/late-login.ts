import type { ProtocolError } from '../protocol/index.ts';
import type { Arrival } from './admission.ts';
import type { Loop } from './loop.ts';
import type { Entry } from './session.ts';

/** The connection that logs in, as far as its login takes time. */
export interface Applicant {
  readonly isClosed: boolean;
  /** Nothing is parsed or read any more until {@link goOn}. */
  stand(): void;
  /** Takes a step, then handles what came behind the CONNECT. */
  goOn(step: () => void): void;
  decided(outcome: Entry | ProtocolError): void;
  failed(error: unknown): void;
}

/** Authentication may take time (bcrypt): the parser waits behind CONNECT meanwhile, and input is paused. */
export class LateLogin {
  readonly #applicant: Applicant;
  readonly #loop: Loop;

  constructor(applicant: Applicant, loop: Loop) {
    this.#applicant = applicant;
    this.#loop = loop;
    applicant.stand();
  }

  wait(outcome: Promise<Arrival>): void {
    outcome
      .then((arrive) => this.#arrive(arrive))
      .catch((error: unknown) => this.#goOn(() => this.#applicant.failed(error)));
  }

  /** Decides and enters in one step: nothing, a change of the configuration least of all, comes in between. */
  #arrive(arrive: Arrival): void {
    if (this.#applicant.isClosed) return;
    this.#loop.begin();
    const outcome = arrive();
    if (!(outcome instanceof Promise)) return this.#goOn(() => this.#applicant.decided(outcome));
    this.wait(outcome);
    this.#loop.settle();
  }

  #goOn(step: () => void): void {
    if (!this.#applicant.isClosed) this.#applicant.goOn(step);
    this.#loop.settle();
  }
}
