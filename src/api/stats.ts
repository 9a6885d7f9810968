import type { JetStream } from '../jetstream/index.ts';
import { API_LEVEL } from './view.ts';

/** How many API requests were answered. A reply shows the numbers before its own request (measured on 2.14.5). */
export class ApiStats {
  total = 0;
  errors = 0;

  count(isError: boolean): void {
    this.total++;
    if (isError) this.errors++;
  }

  /** Counts from zero again. */
  reset(): void {
    this.total = 0;
    this.errors = 0;
  }

  /** The form that account info and monitoring show. */
  toBody(): Readonly<Record<string, unknown>> {
    return { level: API_LEVEL, total: this.total, errors: this.errors };
  }
}

/** The numbers of every account with JetStream and of the whole server. */
export class StatsBook {
  readonly server = new ApiStats();
  readonly #perAccount = new WeakMap<JetStream, ApiStats>();

  /** The numbers of one account; an account without JetStream has none that anybody could read. */
  of(jetstream: JetStream | undefined): ApiStats {
    if (jetstream === undefined) return new ApiStats();
    let stats = this.#perAccount.get(jetstream);
    if (stats === undefined) {
      stats = new ApiStats();
      this.#perAccount.set(jetstream, stats);
    }
    return stats;
  }
}
