/** What a change of the configuration did. */
export interface ReloadReport {
  /** What is different, in the words of nats-server's log: `accounts`, `max_payload = 2000`. */
  readonly changes: readonly string[];
  /** How many connections had no right to stay. */
  readonly connectionsClosed: number;
  /** How many subscriptions were taken from connections that stayed. */
  readonly subscriptionsLost: number;
}
