import type { RuleId } from '../guard/index.ts';

/** What became of one API request; "not answered" and "not allowed" are different things. */
export interface AuditRecord {
  readonly subject: string;
  /** Account and user of the caller, as text. */
  readonly account: string;
  readonly user: string;
  /** The subject pattern of the row, or undefined when no row matches. */
  readonly row: string | undefined;
  readonly rule: RuleId | undefined;
  /** Whether the guard minted a grant. */
  readonly granted: boolean;
  /** Whether the handler ran. */
  readonly handled: boolean;
  readonly outcome: AuditOutcome;
}

export type AuditOutcome = 'answered' | 'error' | 'silent' | 'refused' | 'unknown-subject';

/** The last requests, in a ring of fixed size, and counters of all. */
export class AuditLog {
  readonly counts: Record<AuditOutcome, number> = {
    answered: 0,
    error: 0,
    silent: 0,
    refused: 0,
    'unknown-subject': 0,
  };
  #ring: AuditRecord[] = [];
  readonly #size: number;
  #next = 0;
  /** Told of every record; the counted ones alone have none. */
  onRecord: ((record: AuditRecord) => void) | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  add(record: AuditRecord): void {
    this.counts[record.outcome]++;
    this.#ring[this.#next] = record;
    this.#next = (this.#next + 1) % this.#size;
    this.onRecord?.(record);
  }

  /** Counts without a record; for rows that are as frequent as messages. */
  countOnly(outcome: AuditOutcome): void {
    this.counts[outcome]++;
  }

  /** Drops the records of one account, or of all. */
  forget(account?: string): void {
    const kept = this.records().filter((record) => account !== undefined && record.account !== account);
    this.#ring = kept;
    this.#next = kept.length % this.#size;
  }

  /** The records kept, oldest first. */
  records(): AuditRecord[] {
    if (this.#ring.length < this.#size) return [...this.#ring];
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }
}
