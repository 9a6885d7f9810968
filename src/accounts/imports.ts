import type { Message } from '../base/index.ts';
import { type ByteString, EMPTY_BYTES, matches } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { crossRequest } from './crossing.ts';
import { Interest, type Passage, type Sender } from './interest.ts';

/** What an account takes from another one. */
export interface ServiceImportOptions {
  readonly importer: Account;
  readonly exporter: Account;
  /** The subject that requesters publish to; it may have wildcards when `remote` is the same. */
  readonly local: ByteString;
  /** The subject it becomes in the exporting account. */
  readonly remote: ByteString;
  /** Whether the exporter learns who asks, beyond the account. */
  readonly share: boolean;
  /** Subjects within `local` that the importing account serves itself; they never cross. */
  readonly except?: readonly ByteString[];
}

/** A service import: an interest in the importing account whose messages cross into the exporting one. */
export class ServiceImport extends Interest {
  readonly importer: Account;
  readonly exporter: Account;
  readonly remote: ByteString;
  readonly share: boolean;
  readonly #except: readonly ByteString[];

  constructor(options: ServiceImportOptions) {
    super(options.local, EMPTY_BYTES);
    this.importer = options.importer;
    this.exporter = options.exporter;
    this.remote = options.remote;
    this.share = options.share;
    this.#except = options.except ?? [];
  }

  /** The subject of a request in the exporting account. */
  remoteSubject(local: ByteString): ByteString {
    return this.remote === this.subject ? local : this.remote;
  }

  override receive(message: Message, sender: Sender, passage: Passage | undefined): number {
    for (const own of this.#except) if (matches(own, message.route)) return 0;
    return crossRequest(this, message, sender, passage);
  }
}

/** Wires an import up: from now on requests in the importing account reach the exporting one. */
export function importService(options: ServiceImportOptions): ServiceImport {
  const imported = new ServiceImport(options);
  options.importer.add(imported);
  return imported;
}
