import type { AccountOptions, ExportOptions, ImportOptions } from '../config/index.ts';
import { accountBytes } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { type BuiltinDoors, builtinExports, builtinImports } from './builtin-doors.ts';
import {
  type AnyExport,
  type AnyImport,
  commitExports,
  commitImports,
  type DoorChange,
  exportKey,
  importKey,
  makeExport,
  makeImport,
  newDoors,
  type OwnDoors,
  type WantedImport,
} from './door-change.ts';

/** The accounts that doors stand between. */
export interface DoorAccounts {
  readonly system: Account | undefined;
  named(name: ByteString): Account | undefined;
  /** Every account but the system account. */
  tenants(): readonly Account[];
}

/**
 * The doors between the accounts of a server as its configuration wants them. Applying another configuration opens what
 * is new and closes what is gone, at once; a door that stays, with its interest and the ways back it opened, is not
 * touched.
 */
export class Doors {
  readonly #accounts: DoorAccounts;
  readonly #byAccount = new Map<Account, OwnDoors>();
  #builtin: BuiltinDoors = {};

  constructor(accounts: DoorAccounts) {
    this.#accounts = accounts;
  }

  /**
   * Opens and closes doors until they are those of these accounts, and of no others.
   * @param builtin what the doors that nobody configures depend on.
   * @throws {TransformError} for an import whose `to` cannot be used; then nothing has changed.
   */
  apply(options: readonly AccountOptions[], builtin: BuiltinDoors = {}): void {
    this.#builtin = builtin;
    const byName = new Map(options.map((account) => [account.name, account]));
    const { system } = this.#accounts;
    const present = new Set(this.#accounts.tenants());
    if (system !== undefined) present.add(system);
    const changes = [...present].map((account) =>
      this.#plan(account, byName.get(accountBytes(account.id)), account === system),
    );
    let changed = this.#closeAbsent(present);
    for (const change of changes) changed = commitExports(change) || changed;
    for (const change of changes) changed = commitImports(change) || changed;
    const [first] = present;
    if (changed) first?.house.guard.policyChanged();
  }

  /** What an account takes now, for those who show it. */
  importsOf(account: Account): readonly AnyImport[] {
    return [...(this.#byAccount.get(account)?.imports.values() ?? [])];
  }

  /** What an account offers now. */
  exportsOf(account: Account): readonly AnyExport[] {
    return [...(this.#byAccount.get(account)?.exports.values() ?? [])];
  }

  /** Makes what is wanted without opening anything; what stands already is taken as it is. */
  #plan(account: Account, options: AccountOptions | undefined, isSystem: boolean): DoorChange {
    const doors = this.#doorsOf(account);
    const configured = options?.exports ?? [];
    const offered = isSystem ? withBuiltin(configured, builtinExports(this.#builtin)) : configured;
    const change: DoorChange = { account, doors, exports: new Map(), imports: new Map() };
    for (const wanted of offered) {
      const key = exportKey(wanted);
      change.exports.set(key, { door: doors.exports.get(key) ?? makeExport(wanted), wanted });
    }
    for (const wanted of this.#wantedImports(account, options, isSystem)) {
      const exporter = this.#accounts.named(wanted.account);
      if (exporter === undefined) continue;
      const key = importKey(wanted);
      const known = doors.imports.get(key);
      const door = known?.exporter === exporter ? known : makeImport(account, exporter, wanted);
      change.imports.set(key, { door, wanted });
    }
    return change;
  }

  /** A configured import of the same local subject takes the place of a built-in one (measured on 2.14.5). */
  #wantedImports(account: Account, options: AccountOptions | undefined, isSystem: boolean): WantedImport[] {
    const configured = options?.imports ?? [];
    const { system } = this.#accounts;
    if (isSystem || system === undefined) return [...configured];
    const taken = new Set(configured.flatMap((door) => (door.kind === 'service' ? [localName(door)] : [])));
    const builtin = builtinImports(this.#builtin, accountBytes(account.id), accountBytes(system.id));
    return [...configured, ...builtin.filter((door) => !taken.has(localName(door)))];
  }

  #doorsOf(account: Account): OwnDoors {
    let doors = this.#byAccount.get(account);
    if (doors === undefined) {
      doors = newDoors();
      this.#byAccount.set(account, doors);
    }
    return doors;
  }

  #closeAbsent(present: ReadonlySet<Account>): boolean {
    let changed = false;
    for (const [account, doors] of this.#byAccount) {
      if (present.has(account)) continue;
      const change: DoorChange = { account, doors, exports: new Map(), imports: new Map() };
      changed = true;
      commitExports(change);
      commitImports(change);
      this.#byAccount.delete(account);
    }
    return changed;
  }
}

function withBuiltin(
  configured: readonly ExportOptions[],
  builtin: readonly ExportOptions[],
): readonly ExportOptions[] {
  const taken = new Set(configured.flatMap((door) => (door.kind === 'service' ? [door.subject] : [])));
  return [...configured, ...builtin.filter((door) => !taken.has(door.subject))];
}

function localName(door: ImportOptions): ByteString {
  return door.to ?? door.subject;
}
