import { offerFor } from '../model/index.ts';
import type { World, WorldAccount } from './world.ts';

/** What another configuration of the same world lacks. It is told from the whole world, whatever was before. */
export interface Withdrawal {
  /** Doors that are shut: numbers of exports and imports, counted over all accounts, modulo their number. */
  readonly shut: readonly number[];
  /** Users who may do nothing any more. Owners keep their rights, whatever is said here. */
  readonly muted: readonly string[];
}

const NOTHING = { allow: ['nothing'], deny: ['>'] };

/** The world without what is withdrawn, and without the imports that have nothing to take then. */
export function worldWithout(world: World, { shut, muted }: Withdrawal): World {
  const count = world.accounts.reduce((sum, account) => sum + doorsOf(account), 0);
  const gone = new Set(shut.map((n) => (count === 0 ? -1 : n % count)));
  let at = 0;
  const accounts = world.accounts.map((account) => {
    const stays = (): boolean => !gone.has(at++);
    const users = account.users.map((user, n) =>
      n > 0 && muted.includes(user.name) ? { name: user.name, publish: NOTHING, subscribe: NOTHING } : user,
    );
    return {
      ...account,
      users,
      ...(account.exports === undefined ? {} : { exports: account.exports.filter(stays) }),
      ...(account.imports === undefined ? {} : { imports: account.imports.filter(stays) }),
    };
  });
  return { accounts: accounts.map((account) => withoutDeadImports(account, accounts)) };
}

function doorsOf({ exports = [], imports = [] }: WorldAccount): number {
  return exports.length + imports.length;
}

/** An import without export would not even load. */
export function withoutDeadImports(account: WorldAccount, accounts: readonly WorldAccount[]): WorldAccount {
  if (account.imports === undefined) return account;
  const imports = account.imports.filter((taken) => offerFor(accounts, account.name, taken) !== undefined);
  return { ...account, imports };
}
