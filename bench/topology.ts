/**
 * A configuration of many accounts, each with users and doors: `npx tsx bench/topology.ts ACCOUNTS USERS DOORS > FILE`.
 * Half of the doors of an account are exports, half imports of the exports of the accounts after it, in a ring. No
 * service is handed on, because both servers refuse a ring of services.
 */
import { pathToFileURL } from 'node:url';

/** How many of everything. */
export interface Size {
  readonly accounts: number;
  readonly usersEach: number;
  readonly doorsEach: number;
}

/** A configured door, as both servers read it. */
type Door = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** One account as a tree of the configuration's keys. */
export interface AccountTree {
  readonly users: readonly Readonly<Record<string, unknown>>[];
  readonly exports: readonly Door[];
  readonly imports: readonly Door[];
}

/** The first users of an account may do everything, the others have permissions like these. */
const PERMISSIONS = { publish: ['to0.>', 'own.>'], subscribe: { deny: ['from1.secret.>'] } };

/** The account of this number. @param password of all its users. */
export function accountTree(at: number, size: Size, password: string): AccountTree {
  const exports: Door[] = [];
  const imports: Door[] = [];
  for (let i = 0; i < size.doorsEach >> 1; i++) {
    const account = `A${(at + 1 + i) % size.accounts}`;
    if (i % 2 === 0) {
      exports.push({ service: `svc${i}.*.get` });
      imports.push({ service: { account, subject: `svc${i}.*.get` }, to: `to${i}.*` });
    } else {
      exports.push({ stream: `out${i}.>` });
      imports.push({ stream: { account, subject: `out${i}.a.>` }, prefix: `from${i}` });
    }
  }
  return { users: usersOf(at, size.usersEach, password), exports, imports };
}

function usersOf(at: number, count: number, password: string): Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, i) => ({
    user: `u${at}-${i}`,
    password,
    ...(i % 3 === 0 ? {} : { permissions: PERMISSIONS }),
  }));
}

/** All accounts as text that both servers read, an account a line. */
export function topologyText(size: Size, password: string): string {
  const lines: string[] = [];
  for (let at = 0; at < size.accounts; at++)
    lines.push(`  A${at}: ${JSON.stringify(accountTree(at, size, password))}`);
  return `accounts {\n${lines.join('\n')}\n}\n`;
}

const [, script, ...numbers] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  const [accounts = 10_000, usersEach = 10, doorsEach = 20] = numbers.map(Number);
  process.stdout.write(topologyText({ accounts, usersEach, doorsEach }, 'secret'));
}
