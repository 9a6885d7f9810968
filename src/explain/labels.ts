import { ENDPOINTS, type Endpoint } from '../api/index.ts';
import {
  type AccountOptions,
  type ExportOptions,
  GLOBAL_ACCOUNT,
  type ImportOptions,
  type MappingOptions,
  type ServerOptions,
} from '../config/index.ts';
import {
  type ByteString,
  ImportTransform,
  isSubsetOf,
  matches,
  overlaps,
  TransformError,
} from '../subjects/index.ts';
import { SERVICES, type Service } from '../system/index.ts';

/**
 * Where the configuration says what a rehearsal showed: the import and export a message came through, the mapping that
 * renamed it, the row that serves it. Nothing is decided by it; these are names for what happened.
 */
export class Labels {
  readonly #options: ServerOptions;
  readonly #byName: ReadonlyMap<ByteString, AccountOptions>;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#byName = new Map(options.accounts.map((account) => [account.name, account]));
  }

  /** The service import by which a subject of one account became one of another. */
  serviceImport(
    importer: ByteString,
    exporter: ByteString,
    local: ByteString,
    remote: ByteString,
  ): ImportOptions | undefined {
    return this.#byName
      .get(importer)
      ?.imports.find(
        (each) =>
          each.kind === 'service' &&
          each.account === exporter &&
          matches(localPattern(each), local) &&
          matches(each.subject, remote),
      );
  }

  /** The stream imports of an account that bring in something of what a pattern matches. */
  streamImports(importer: ByteString, pattern: ByteString): ImportOptions[] {
    const imports = this.#byName.get(importer)?.imports ?? [];
    return imports.filter((each) => each.kind === 'stream' && overlaps(localPattern(each), pattern));
  }

  /** The export that an import rests on. */
  exportFor(wanted: ImportOptions): ExportOptions | undefined {
    const offers = (this.#byName.get(wanted.account)?.exports ?? []).filter(
      ({ kind }) => kind === wanted.kind,
    );
    return (
      offers.find(({ subject }) => subject === wanted.subject) ??
      offers.find(({ subject }) => isSubsetOf(wanted.subject, subject))
    );
  }

  /** The mapping that applies to what is published on a subject. */
  mapping(account: ByteString, subject: ByteString): MappingOptions | undefined {
    const own = account === GLOBAL_ACCOUNT ? this.#options.mappings : this.#byName.get(account)?.mappings;
    return own?.find(({ source }) => matches(source, subject));
  }
}

/** The subjects of an import in the importing account, as a pattern. */
export function localPattern({ subject, prefix, to }: ImportOptions): ByteString {
  if (prefix !== undefined) return `${prefix}.${subject}` as ByteString;
  if (to === undefined) return subject;
  try {
    return ImportTransform.parse(subject, to).local;
  } catch (thrown) {
    if (thrown instanceof TransformError) return to;
    throw thrown;
  }
}

/** The row of the JetStream API that serves a subject, if any. */
export function endpointFor(subject: ByteString): Endpoint | undefined {
  return ENDPOINTS.find((row) => matches(wildcarded(row.subject), subject));
}

/** The row of the system services that serves a subject, if any. */
export function systemServiceFor(subject: ByteString): Service | undefined {
  return SERVICES.find((row) => matches(wildcarded(row.subject), subject));
}

/** A row's subject with wildcards for its named tokens. */
export function wildcarded(subject: string): ByteString {
  return subject.replace(/<\w+…>/g, '>').replace(/<\w+>/g, '*') as ByteString;
}
