import { Account, type AccountHouse } from '../accounts/index.ts';
import type { Random } from '../base/index.ts';
import { GLOBAL_ACCOUNT, type ServerOptions, UNLIMITED_ACCOUNT } from '../config/index.ts';
import { type AccountId, accountBytes, accountId } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { domainMappings } from './domain-mappings.ts';

/** What a change of the configuration did to the accounts. */
export interface AccountChange {
  /** Accounts that are not there any more; they are left as they were. */
  readonly gone: readonly Account[];
  /** Goes back, where the change as a whole turns out to be impossible. */
  undo(): void;
}

/** All accounts of the server, by name and by identity. */
export class Directory {
  #byName: ReadonlyMap<ByteString, Account>;
  readonly system: Account | undefined;
  readonly #house: AccountHouse;
  readonly #random: Random;

  /**
   * Makes the accounts of a configuration.
   * @throws {TransformError} for a subject mapping that cannot be used.
   */
  constructor(options: ServerOptions, house: AccountHouse, random: Random) {
    this.#house = house;
    this.#random = random;
    this.#byName = this.#accountsOf(options, new Map());
    this.#equip(options);
    const { systemAccount } = options;
    this.system = systemAccount === undefined ? undefined : this.#byName.get(systemAccount);
  }

  /**
   * Goes over to another configuration with the same system account: an account that stays is the same object, with
   * other limits and mappings.
   * @throws {TransformError} for a subject mapping that cannot be used; then nothing has changed.
   */
  adopt(before: ServerOptions, after: ServerOptions): AccountChange {
    const known = this.#byName;
    const undo = (): void => {
      this.#byName = known;
      this.#equip(before);
    };
    this.#byName = this.#accountsOf(after, known);
    try {
      this.#equip(after);
    } catch (error) {
      undo();
      throw error;
    }
    return { gone: [...known].flatMap(([name, account]) => (this.#byName.has(name) ? [] : [account])), undo };
  }

  /** The global account, the declared ones and the system account; those that are known are taken over. */
  #accountsOf(
    options: ServerOptions,
    known: ReadonlyMap<ByteString, Account>,
  ): ReadonlyMap<ByteString, Account> {
    const { accounts, systemAccount } = options;
    const names = [GLOBAL_ACCOUNT, ...accounts.map(({ name }) => name), systemAccount ?? GLOBAL_ACCOUNT];
    return new Map(names.map((name) => [name, known.get(name) ?? this.#newAccount(name)]));
  }

  #newAccount(name: ByteString): Account {
    const random = this.#random.fork(`account ${name}`);
    return new Account(accountId(name), UNLIMITED_ACCOUNT, this.#house, random);
  }

  /** Gives every account its limits and subject mappings. */
  #equip(options: ServerOptions): void {
    const declared = new Map(options.accounts.map((account) => [account.name, account]));
    for (const [name, account] of this.#byName) {
      const own = declared.get(name);
      account.limits = own?.limits ?? UNLIMITED_ACCOUNT;
      const mappings = own?.mappings ?? (name === GLOBAL_ACCOUNT ? options.mappings : []);
      account.setMappings([...mappings, ...domainMappings(options.jetstream?.domain ?? '')]);
    }
  }

  named(name: ByteString): Account | undefined {
    return this.#byName.get(name);
  }

  of(id: AccountId): Account {
    const account = this.#byName.get(accountBytes(id));
    if (account === undefined) throw new Error('an identity without account');
    return account;
  }

  /** Every account but the system account. */
  tenants(): Account[] {
    return [...this.#byName.values()].filter((account) => account !== this.system);
  }
}
