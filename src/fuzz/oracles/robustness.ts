import type { Finding } from '../finding.ts';
import type { Outcome } from '../run.ts';

/** Whatever was sent, a fresh connection is answered. */
export function judgeRobustness(outcome: Outcome): Finding | undefined {
  if (outcome.alive) return undefined;
  return { oracle: 'robustness', summary: 'a fresh connection got no PONG after the run', details: [] };
}
