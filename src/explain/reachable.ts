import { BARE_ACCOUNT, GLOBAL_ACCOUNT, type ServerOptions } from '../config/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** The accounts that something done in one account can reach: over its service imports, and over others' stream imports. */
export function reachableFrom(options: ServerOptions, home: ByteString): ReadonlySet<ByteString> {
  const next = new Map<ByteString, ByteString[]>();
  const add = (from: ByteString, to: ByteString): void => {
    const known = next.get(from);
    if (known === undefined) next.set(from, [to]);
    else known.push(to);
  };
  for (const { name, imports } of options.accounts) {
    for (const { kind, account } of imports) {
      if (kind === 'service') add(name, account);
      else add(account, name);
    }
  }
  const reached = new Set([home, GLOBAL_ACCOUNT]);
  if (options.systemAccount !== undefined) reached.add(options.systemAccount);
  for (const account of reached) for (const other of next.get(account) ?? []) reached.add(other);
  return reached;
}

/**
 * The same options for a rehearsal in one account: what it cannot reach keeps its names and users and loses its doors,
 * so that ten thousand accounts are no work.
 */
export function withoutTheRest(options: ServerOptions, reached: ReadonlySet<ByteString>): ServerOptions {
  return {
    ...options,
    accounts: options.accounts.map((account) => {
      if (reached.has(account.name)) {
        return { ...account, imports: account.imports.filter((each) => reached.has(each.account)) };
      }
      return { ...BARE_ACCOUNT, name: account.name, users: account.users, limits: account.limits };
    }),
  };
}
