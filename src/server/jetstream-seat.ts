import type { Account } from '../accounts/index.ts';
import type { AuditRecord } from '../api/index.ts';
import type { ServerOptions } from '../config/index.ts';
import { JetStreamHouse, type JetStreamHouseSetup } from './jetstream-house.ts';
import { EMBEDDED_MEMORY_BYTES } from './memory-budget.ts';
import type { AuditEntry } from './server-events.ts';

/** What JetStream is built from, whenever it is. */
export interface SeatSetup extends Omit<JetStreamHouseSetup, 'options' | 'jetstream'> {
  /** What stored messages may take unless the configuration says otherwise, bytes. */
  readonly memoryBytes: number | undefined;
}

/** Where JetStream of the whole server is, or is not: a configuration may switch it on and off. */
export class JetStreamSeat {
  readonly #setup: SeatSetup;
  #house: JetStreamHouse | undefined;
  #tell: ((entry: AuditEntry) => void) | undefined;

  constructor(setup: SeatSetup) {
    this.#setup = setup;
  }

  /** Undefined while JetStream is off. */
  get house(): JetStreamHouse | undefined {
    return this.#house;
  }

  /** Switches JetStream on and off, per account and as a whole. */
  adopt(options: ServerOptions): void {
    const { jetstream } = options;
    const { memory, memoryBytes } = this.#setup;
    memory.limit = jetstream?.maxMemory ?? memoryBytes ?? EMBEDDED_MEMORY_BYTES;
    if (jetstream === undefined) {
      this.#house?.close();
      this.#house = undefined;
    } else if (this.#house === undefined) {
      this.#house = new JetStreamHouse({ ...this.#setup, options, jetstream });
      this.watchApi(this.#tell);
    } else {
      this.#house.adopt(options);
    }
  }

  /** @param tell is told of every request to the API from now on; undefined: nobody is. */
  watchApi(tell: ((entry: AuditEntry) => void) | undefined): void {
    this.#tell = tell;
    if (this.#house === undefined) return;
    this.#house.dispatch.audit.onRecord = tell && ((record) => tell(auditEntry(record)));
  }

  reset(only: Account | undefined): void {
    this.#house?.reset(only);
  }

  auditRecords(): AuditEntry[] {
    return (this.#house?.auditRecords() ?? []).map(auditEntry);
  }
}

function auditEntry({ subject, account, user, rule, granted, handled }: AuditRecord): AuditEntry {
  return { subject, account, user, rule, granted, handlerRan: handled };
}
