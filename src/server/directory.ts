import { Account, type AccountHouse } from '../accounts/index.ts';
import type { Random } from '../base/index.ts';
import {
  type AccountLimitsOptions,
  GLOBAL_ACCOUNT,
  type ServerOptions,
  UNLIMITED_ACCOUNT,
} from '../config/index.ts';
import { type AccountId, accountBytes, accountId } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** All accounts of the server, by name and by identity. */
export class Directory {
  readonly #byName = new Map<ByteString, Account>();
  readonly system: Account | undefined;

  /** Makes the accounts of a configuration: the global one, the declared ones, and the system account. */
  constructor(options: ServerOptions, house: AccountHouse, random: Random) {
    const make = (name: ByteString, limits: AccountLimitsOptions): void => {
      this.#byName.set(name, new Account(accountId(name), limits, house, random.fork(`account ${name}`)));
    };
    make(GLOBAL_ACCOUNT, UNLIMITED_ACCOUNT);
    for (const account of options.accounts) make(account.name, account.limits);
    const { systemAccount } = options;
    if (systemAccount !== undefined && !this.#byName.has(systemAccount))
      make(systemAccount, UNLIMITED_ACCOUNT);
    this.system = systemAccount === undefined ? undefined : this.#byName.get(systemAccount);
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
