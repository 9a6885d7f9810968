/** What an oracle has to say against a run. */
export interface Finding {
  readonly oracle: 'noninterference' | 'canary' | 'integrity' | 'authority' | 'robustness' | 'agreement';
  /** One sentence. */
  readonly summary: string;
  /** What was seen, a line each. */
  readonly details: readonly string[];
}
