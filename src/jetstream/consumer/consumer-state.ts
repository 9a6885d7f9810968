import type { StateReader, StateWriter } from '../state/index.ts';
import type { Cursor } from './cursor.ts';
import type { Handout } from './handout.ts';
import type { Idleness } from './idleness.ts';
import type { Ledger } from './ledger.ts';
import type { Pause } from './pause.ts';
import type { Pin } from './priority.ts';

/**
 * The parts of a consumer that know something besides its configuration. Who waits for messages is no state: connections
 * end with a server.
 */
export interface StatefulParts {
  readonly idleness: Idleness;
  readonly pause: Pause;
  readonly cursor: Cursor;
  readonly ledger: Ledger;
  readonly handout: Handout;
  /** Absent for a push consumer. */
  readonly pin: Pin | undefined;
}

/** Writes what a consumer knows. */
export function saveConsumerState(to: StateWriter, parts: StatefulParts): void {
  parts.idleness.save(to);
  to.byte(parts.pause.isOpen ? 1 : 0);
  parts.cursor.save(to);
  parts.ledger.save(to);
  parts.handout.save(to);
  parts.pin?.save(to);
}

/**
 * Reads it into the parts of a new consumer.
 * @param isStored deliveries of messages that are gone are forgotten.
 */
export function loadConsumerState(
  from: StateReader,
  parts: StatefulParts,
  isStored: (seq: number) => boolean,
): void {
  parts.idleness.load(from);
  if (!from.flag()) parts.pause.forget();
  parts.cursor.load(from);
  parts.ledger.load(from, isStored);
  parts.handout.load(from);
  parts.pin?.load(from);
}
