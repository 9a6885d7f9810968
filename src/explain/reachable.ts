import { BARE_ACCOUNT, GLOBAL_ACCOUNT, type ServerOptions } from '../config/index.ts';
import { type ByteString, overlaps } from '../subjects/index.ts';
import { localPattern } from './labels.ts';

/** What may be asked for in one account. */
interface Place {
  readonly account: ByteString;
  readonly subject: ByteString;
}

const ANYTHING = '>' as ByteString;

/**
 * The accounts that something done in one account can reach: over service imports, and those of other accounts' stream
 * imports that draw from this one. A request goes on only where the next import may be asked under the subject it has by
 * then, and what came over a stream goes nowhere else.
 */
export function reachableFrom(options: ServerOptions, home: ByteString): ReadonlySet<ByteString> {
  const imports = new Map(options.accounts.map((account) => [account.name, account.imports]));
  const reached = new Set([home, GLOBAL_ACCOUNT]);
  const places: Place[] = [{ account: home, subject: ANYTHING }];
  if (options.systemAccount !== undefined) {
    reached.add(options.systemAccount);
    places.push({ account: options.systemAccount, subject: ANYTHING });
  }
  const known = new Set(places.map(nameOf));
  for (const { account, subject } of places) {
    for (const door of imports.get(account) ?? []) {
      if (door.kind !== 'service' || !overlaps(localPattern(door), subject)) continue;
      const next = { account: door.account, subject: door.subject };
      if (known.has(nameOf(next))) continue;
      known.add(nameOf(next));
      reached.add(next.account);
      places.push(next);
    }
  }
  for (const { name, imports: doors } of options.accounts)
    if (doors.some(({ kind, account }) => kind === 'stream' && account === home)) reached.add(name);
  return reached;
}

function nameOf({ account, subject }: Place): string {
  return `${account} ${subject}`;
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
