/** What is lost in a reset: without an account, everything. */
export interface ResetOptions {
  readonly account?: string;
}
