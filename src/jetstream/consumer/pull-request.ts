/** A decoded MSG.NEXT request. Durations are nanoseconds as on the wire; absent means not asked for. */
export interface PullRequest {
  /** Messages wanted; 0 or less counts as 1. */
  readonly batch?: number;
  readonly expires?: number;
  readonly max_bytes?: number;
  readonly no_wait?: boolean;
  readonly idle_heartbeat?: number;
  readonly group?: string;
  readonly min_pending?: number;
  readonly min_ack_pending?: number;
  readonly id?: string;
  readonly priority?: number;
  /** Whether it was a number or nothing at all, not JSON. */
  readonly isBare?: boolean;
}
