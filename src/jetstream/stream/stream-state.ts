/** A stream's state as replies show it; keys in the server's order. Times are RFC 3339. */
export interface StreamState {
  messages: number;
  bytes: number;
  first_seq: number;
  first_ts: string;
  last_seq: number;
  last_ts: string;
  num_subjects?: number;
  /** Messages per subject (text), only when asked for. */
  subjects?: Record<string, number>;
  num_deleted?: number;
  /** Sequences missing between first and last, only when asked for. */
  deleted?: number[];
  consumer_count: number;
}

/** What to tell besides the totals. */
export interface StateQuery {
  readonly deletedDetails?: boolean;
  /** Messages per subject, as `subjectPage` of the stream finds them. */
  readonly subjects?: Record<string, number>;
}
