import type { Finding } from '../finding.ts';
import { observationOf } from '../observation.ts';
import type { Frame } from '../wire-client.ts';

/** An account's own view of its JetStream assets before and after somebody else acted. */
export interface Assets {
  readonly account: string;
  readonly before: readonly Frame[];
  readonly after: readonly Frame[];
}

/**
 * The assets of everybody else are the same after the outsider acted as before. Counters of the account's own API
 * requests go up by the probing itself, so the looser form of an observation is compared.
 */
export function judgeIntegrity(outsider: string, assets: readonly Assets[]): Finding | undefined {
  const details: string[] = [];
  for (const { account, before, after } of assets) {
    const old = before.map((frame) => observationOf(frame, false));
    const now = after.map((frame) => observationOf(frame, false));
    const at = old.findIndex((each, i) => each !== now[i]);
    if (at === -1 && old.length === now.length) continue;
    details.push(`assets of ${account} before ${outsider} acts: ${old[at] ?? '(nothing)'}`);
    details.push(`assets of ${account} afterwards:        ${now[at] ?? '(nothing)'}`);
  }
  return details.length === 0
    ? undefined
    : { oracle: 'integrity', summary: `${outsider} changed assets of others`, details };
}
