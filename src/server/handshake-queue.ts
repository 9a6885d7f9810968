import { limits } from '../base/index.ts';
import { onNextTurn } from './effects.ts';

/**
 * Begins handshakes a few at a time, so that a storm of logins does not hold up traffic: between two turns of the event
 * loop whatever else has arrived is handled. Who waits here has its time limit running.
 */
export class HandshakeQueue {
  readonly #waiting: (() => void)[] = [];
  #booked = false;
  #begun = 0;

  begin(handshake: () => void): void {
    if (this.#begun < limits.TLS_HANDSHAKES_PER_TURN) {
      this.#begun++;
      handshake();
    } else {
      this.#waiting.push(handshake);
    }
    this.#book();
  }

  #book(): void {
    if (this.#booked) return;
    this.#booked = true;
    onNextTurn(() => {
      this.#booked = false;
      this.#begun = 0;
      const next = this.#waiting.splice(0, limits.TLS_HANDSHAKES_PER_TURN);
      this.#begun = next.length;
      for (const handshake of next) handshake();
      if (next.length > 0) this.#book();
    });
  }
}
