import { type BuiltinDoors, type BuiltinImport, builtinExports, builtinImports } from '../accounts/index.ts';
import { ENDPOINTS, servedInside } from '../api/index.ts';
import {
  type AccountOptions,
  type ExportOptions,
  GLOBAL_ACCOUNT,
  globalJetStream,
  type ImportOptions,
  type MappingOptions,
  type Position,
  type ServerOptions,
} from '../config/index.ts';
import {
  type AccountId,
  accountId,
  type ExportFacts,
  Guard,
  type ImportFacts,
  type Principal,
  type RuleId,
  type Verdict,
} from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, isSubsetOf, toText } from '../subjects/index.ts';
import { type Range, rangeOf } from './mapping.ts';
import { PatternIndex } from './pattern-index.ts';
import { globalPeople, type People, PeopleFinder, peopleOf } from './people.ts';
import { type Renaming, renamingOf } from './renaming.ts';

/** What an account offers. */
export interface Offer {
  readonly exporter: Realm;
  readonly kind: 'stream' | 'service';
  readonly facts: ExportFacts;
  readonly subject: ByteString;
  /** Absent: the system account offers it by itself. */
  readonly options?: ExportOptions;
  /** The accounts that import through it; found with the doors. */
  readonly importers: Set<ByteString>;
}

/** An import together with the export it goes through. */
export interface Door extends Renaming {
  readonly kind: 'stream' | 'service';
  readonly importer: Realm;
  readonly exporter: Realm;
  readonly offer: Offer;
  /** Subjects within {@link local} that do not get through. */
  readonly except: readonly ByteString[];
  /** Absent: every account has this door by itself. */
  readonly options?: ImportOptions;
}

/** An import that leads nowhere. */
export interface DeadImport {
  readonly importer: Realm;
  readonly options: ImportOptions;
  readonly rule: RuleId;
}

/** One account, with everything that leads out of it and into it. */
export interface Realm {
  readonly name: ByteString;
  readonly text: string;
  readonly id: AccountId;
  readonly kind: 'tenant' | 'global' | 'system';
  readonly hasJetStream: boolean;
  /** Absent for accounts that no one declared. */
  readonly options?: AccountOptions;
  readonly at?: Position;
  readonly mappings: readonly MappingOptions[];
  /** What clients' messages can become by the account's mappings. */
  readonly range: Range;
  readonly people: readonly People[];
  readonly offers: Offer[];
  /** By the subject in this account. */
  readonly services: PatternIndex<Door>;
  /** Those of {@link services} that the configuration has. */
  readonly configuredServices: Door[];
  readonly streams: Door[];
  /** Stream doors that lead out of this account. */
  readonly readBy: Door[];
}

/** A configuration, ready to be asked where things lead. */
export class World {
  readonly options: ServerOptions;
  readonly guard: Guard;
  readonly realms: readonly Realm[];
  readonly deadImports: DeadImport[] = [];
  readonly doors: Door[] = [];
  readonly #byName = new Map<ByteString, Realm>();
  readonly #offers = new Map<Realm, OfferIndex>();
  readonly #builtin: BuiltinDoors;

  constructor(options: ServerOptions) {
    this.options = options;
    const system = options.systemAccount;
    this.guard = new Guard({ system: system === undefined ? undefined : accountId(system) });
    this.#builtin = options.jetstream === undefined ? {} : { jetstream: { except: servedInside(ENDPOINTS) } };
    const realms = realmsOf(options, this.#builtin);
    this.realms = realms;
    for (const realm of realms) this.#byName.set(realm.name, realm);
    for (const realm of realms) this.#offers.set(realm, new OfferIndex(realm));
    for (const realm of realms) this.#openDoors(realm);
  }

  named(name: ByteString): Realm | undefined {
    return this.#byName.get(name);
  }

  get system(): Realm | undefined {
    const { systemAccount } = this.options;
    return systemAccount === undefined ? undefined : this.named(systemAccount);
  }

  #openDoors(importer: Realm): void {
    for (const options of importer.options?.imports ?? []) this.#open(importer, options);
    const { system } = this;
    if (system === undefined || importer === system) return;
    for (const options of builtinImports(this.#builtin, importer.name, system.name)) {
      // A configured import of the same subject stands in the place of the built-in one.

      if (importer.services.under(options.to ?? options.subject).every(isBuiltin))
        this.#open(importer, options);
    }
  }

  #open(importer: Realm, options: ImportOptions | BuiltinImport): void {
    const exporter = this.#byName.get(options.account);
    const asked: ImportFacts = { kind: options.kind, remote: options.subject };
    const offers = (exporter && this.#offers.get(exporter)?.find(options.kind, options.subject)) ?? [];
    const asks = (offer: Offer | undefined): Verdict =>
      this.guard.crossing(importer.id, asked, offer?.facts, anonymous(importer));
    const offer = offers.find((candidate) => asks(candidate).allowed);
    if (exporter === undefined || offer === undefined) {
      this.deadImports.push({ importer, options, rule: asks(offers[0]).rule });
      return;
    }
    const door: Door = {
      kind: options.kind,
      importer,
      exporter,
      offer,
      except: ('except' in options ? options.except : undefined) ?? [],
      ...(isBuiltinOptions(options) ? {} : { options }),
      ...renamingOf(options),
    };
    if (door.options !== undefined) {
      offer.importers.add(importer.name);
      if (door.kind === 'service') importer.configuredServices.push(door);
    }
    this.doors.push(door);
    if (door.kind === 'service') importer.services.add(door.local, door);
    else {
      importer.streams.push(door);
      exporter.readBy.push(door);
    }
  }
}

function isBuiltinOptions(options: ImportOptions | BuiltinImport): options is BuiltinImport {
  return 'builtin' in options;
}

function isBuiltin(door: Door): boolean {
  return door.options === undefined;
}

/** The account itself, where a decision does not depend on the user. */
export function anonymous(realm: Realm): Principal {
  return { account: realm.id, user: EMPTY_BYTES };
}

/** The exports of one account, to be found by subject. */
class OfferIndex {
  readonly #exact = new Map<string, Offer[]>();
  readonly #index = new PatternIndex<Offer>();

  constructor({ offers }: Realm) {
    for (const offer of offers) {
      const key = `${offer.kind} ${offer.subject}`;
      this.#exact.set(key, [...(this.#exact.get(key) ?? []), offer]);
      this.#index.add(offer.subject, offer);
    }
  }

  /** The exports that an import may go through: that of the very same subject alone, or all that contain it. */
  find(kind: Offer['kind'], subject: ByteString): readonly Offer[] {
    return (
      this.#exact.get(`${kind} ${subject}`) ??
      this.#index
        .overlapping(subject)
        .filter((offer) => offer.kind === kind && isSubsetOf(subject, offer.subject))
    );
  }
}

function realmsOf(options: ServerOptions, builtin: BuiltinDoors): Realm[] {
  const finder = new PeopleFinder();
  const { accounts, systemAccount, jetstream } = options;
  const realms: Realm[] = [];
  const add = (name: ByteString, account: AccountOptions | undefined): void => {
    const kind = name === systemAccount ? 'system' : name === GLOBAL_ACCOUNT ? 'global' : 'tenant';
    const id = accountId(name);
    const mappings = kind === 'global' ? options.mappings : (account?.mappings ?? []);
    const persons =
      kind === 'global' ? globalPeople(options) : account === undefined ? [] : peopleOf(account);
    const limits = kind === 'global' ? globalJetStream(options) : account?.jetstream;
    const realm: Realm = {
      name,
      text: toText(name),
      id,
      kind,
      hasJetStream: jetstream !== undefined && limits !== undefined,
      ...(account === undefined ? {} : { options: account }),
      ...(account?.at === undefined ? {} : { at: account.at }),
      mappings,
      range: rangeOf(mappings),
      people: finder.groups(id, persons),
      offers: [],
      services: new PatternIndex(),
      configuredServices: [],
      streams: [],
      readBy: [],
    };
    for (const offer of account?.exports ?? []) realm.offers.push(offered(realm, offer));
    if (kind === 'system') addBuiltin(realm, builtin);
    realms.push(realm);
  };
  add(GLOBAL_ACCOUNT, undefined);
  for (const account of accounts) add(account.name, account);
  const declared = accounts.some((account) => account.name === systemAccount);
  if (systemAccount !== undefined && !declared) add(systemAccount, undefined);
  return realms;
}

/** What the system account offers by itself, unless it says otherwise of the same subject. */
function addBuiltin(system: Realm, builtin: BuiltinDoors): void {
  const taken = new Set(system.offers.flatMap(({ kind, subject }) => (kind === 'service' ? [subject] : [])));
  for (const options of builtinExports(builtin)) {
    if (taken.has(options.subject)) continue;
    const { options: _, ...offer } = offered(system, options);
    system.offers.push(offer);
  }
}

function offered(exporter: Realm, options: ExportOptions): Offer {
  const { kind, subject, accounts, accountTokenPosition, at } = options;
  const facts: ExportFacts = {
    kind,
    subject,
    ...(accounts === undefined ? {} : { accounts: accounts.map(accountId) }),
    ...(accountTokenPosition === undefined ? {} : { accountTokenPosition }),
    ...(at === undefined ? {} : { at }),
  };
  return { exporter, kind, subject, facts, options, importers: new Set() };
}
