import type { Clock } from '../base/index.ts';
import type { CloseReason } from './close-reasons.ts';
import type { Connection } from './connection.ts';
import type { LifeListener } from './life.ts';
import type { LogSink } from './log.ts';
import { TurnedAway } from './turned-away.ts';

/**
 * Ends by which a client is turned away for what it did, in nats-server's words where it has some. What the guard
 * refuses is not among them: that is told with its rule.
 */
const TURNED_AWAY: Partial<Record<CloseReason, string>> = {
  'Authentication Timeout': 'Authentication Timeout',
  'Bad Client Protocol Version': 'invalid client protocol',
  'Maximum Connections Exceeded': 'maximum connections exceeded',
  'Maximum Control Line Exceeded': 'maximum control line exceeded',
  'Maximum Message Payload Exceeded': 'maximum payload exceeded',
  'Maximum Subscriptions Exceeded': 'maximum subscriptions exceeded',
  'Message Header Violation': 'message headers not supported',
  'No Responders Requires Headers': 'no responders requires headers support',
  'Parse Error': 'Client parser ERROR',
  'Protocol Violation': 'protocol violation',
  'Stale Connection': 'Stale Client Connection - Closing',
};

/** The log lines about connections, in nats-server's words. One line tells of each that is turned away. */
export class ConnectionLog implements LifeListener {
  readonly #log: LogSink;
  readonly #turnedAway: TurnedAway;

  constructor(log: LogSink, clock: Clock) {
    this.#log = log;
    this.#turnedAway = new TurnedAway(log, clock);
  }

  accepted(connection: Connection): void {
    if (this.#log.isOn('debug')) this.#log.write('debug', `${connection.label} - Client connection created`);
  }

  closed(connection: Connection, reason: CloseReason): void {
    const why = TURNED_AWAY[reason];
    if (why !== undefined && this.#log.isOn('error')) this.#turnedAway.tell(`${connection.label} - ${why}`);
    if (this.#log.isOn('debug'))
      this.#log.write('debug', `${connection.label} - Client connection closed: ${reason}`);
    else if (reason.startsWith('Slow Consumer'))
      this.#log.write('info', `${connection.label} - Slow Consumer Detected: ${reason}`);
  }
}
