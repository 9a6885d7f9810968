import { type ByteString, isLiteral, tokensOf, toText } from '../subjects/index.ts';
import { checkCycles, type Passage } from './import-cycles.ts';
import { localSubjectOf, refused } from './import-subjects.ts';
import { Offers } from './offers.ts';
import type { AccountOptions, ExportOptions, ImportOptions, Position } from './options.ts';
import { type Findings, formatPosition, Refusal } from './problems.ts';

type Kind = ImportOptions['kind'];

/** Names of accounts that a message lists before it says how many more there are. */
const NAMES_SHOWN = 8;

/** What the checks of doors share: every account with what it offers. */
interface House {
  readonly accounts: ReadonlyMap<ByteString, AccountOptions>;
  readonly offers: ReadonlyMap<ByteString, Offers>;
  readonly findings: Findings;
}

/**
 * Checks everything that exports and imports of several accounts say together. A door that does not open is refused
 * at the import, and the text says where the other end is.
 */
export function checkDoors(accounts: readonly AccountOptions[], findings: Findings): void {
  const house: House = {
    accounts: new Map(accounts.map((account) => [account.name, account])),
    offers: new Map(accounts.map((account) => [account.name, new Offers(account.exports)])),
    findings,
  };
  const passages: Passage[] = [];
  for (const account of accounts) {
    findings.attempt(() => checkCounts(account));
    for (const offer of account.exports) findings.attempt(() => checkExport(account, offer, house));
    checkImports(account, house, passages);
  }
  checkCycles(passages, findings);
}

/** The limits of an account on its doors. */
function checkCounts({ name, imports, exports, limits }: AccountOptions): void {
  const over = (what: string, count: number, key: string, limit: number) => {
    if (limit < 0 || count <= limit) return;
    throw new Refusal(limits.at, `account "${toText(name)}" has ${count} ${what}, and ${key} is ${limit}`);
  };
  over('exports', exports.length, 'max_exports', limits.maxExports);
  over('imports', imports.length, 'max_imports', limits.maxImports);
}

function checkExport(account: AccountOptions, offer: ExportOptions, { accounts }: House): void {
  for (const name of offer.accounts ?? []) {
    if (accounts.has(name)) continue;
    const text = `"${toText(name)}" account not defined for ${offer.kind} export`;
    throw new Refusal(
      offer.at,
      `${text} (of "${toText(offer.subject)}" by account "${toText(account.name)}")`,
    );
  }
  if (account.limits.wildcardExports || isLiteral(offer.subject)) return;
  const text = `Error adding ${offer.kind} export "${toText(offer.subject)}": wildcards are not allowed here`;
  throw new Refusal(offer.at, `${text} (wildcard_exports ${placed('in the limits', account.limits.at)})`);
}

function checkImports(account: AccountOptions, house: House, passages: Passage[]): void {
  const seen = new Map<string, ImportOptions>();
  for (const import_ of account.imports) {
    house.findings.attempt(() => {
      checkOffered(account, import_, house);
      const local = localSubjectOf(import_);
      checkOnce(import_, local, seen);
      passages.push({ importer: account.name, import: import_, local });
    });
  }
}

function checkOffered(account: AccountOptions, import_: ImportOptions, { offers }: House): void {
  const { kind, subject, account: name } = import_;
  const theirs = offers.get(name);
  if (theirs === undefined) {
    const text = `"${toText(name)}" account not defined for ${kind} import`;
    throw new Refusal(import_.at, `${text} (of "${toText(subject)}" into account "${toText(account.name)}")`);
  }
  const candidates = theirs.of(kind, subject);
  if (candidates.some((offer) => admits(offer, account.name, subject))) return;
  throw refused(
    import_,
    `${kind} import not authorized (${whyNot(name, kind, candidates, theirs.count(kind))})`,
  );
}

/** Both the list of accounts and the account token have to agree, where they are given. */
function admits(offer: ExportOptions, importer: ByteString, subject: ByteString): boolean {
  if (offer.accounts !== undefined && !offer.accounts.includes(importer)) return false;
  const position = offer.accountTokenPosition;
  return position === undefined || tokensOf(subject)[position - 1] === importer;
}

/** The other end of a door that stays shut. */
function whyNot(
  exporter: ByteString,
  kind: Kind,
  candidates: readonly ExportOptions[],
  count: number,
): string {
  const offer = candidates[0];
  if (offer === undefined) {
    const nearest = count === 0 ? '' : `; ${countOf(count, `${kind} export`)} of other subjects`;
    return `account "${toText(exporter)}" exports no ${kind} that covers it${nearest}`;
  }
  const place = placed('exported', offer.at);
  if (offer.accounts !== undefined) return `${place} for ${accountList(offer.accounts)}`;
  return `${place} with the importing account's name as token ${offer.accountTokenPosition}`;
}

function accountList(names: readonly ByteString[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(toText).join(', ');
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `${names.length === 1 ? 'account' : 'accounts'} ${shown}${more}`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function placed(what: string, at: Position | undefined): string {
  const place = formatPosition(at).replace(/: $/, '');
  return place === '' ? what : `${what} at ${place}`;
}

/** The same service under the same subject, or the same stream under whatever one, is imported once (measured). */
function checkOnce(import_: ImportOptions, local: ByteString, seen: Map<string, ImportOptions>): void {
  const { kind, account, subject } = import_;
  const key = `${kind} ${account} ${kind === 'service' ? local : subject}`;
  const before = seen.get(key);
  seen.set(key, import_);
  if (before === undefined) return;
  const first = placed('first', before.at);
  if (kind === 'stream') throw refused(import_, `stream import already exists (${first})`);
  const used = `previously used in import for account "${toText(account)}", subject "${toText(before.subject)}"`;
  throw new Refusal(import_.at, `Duplicate service import subject "${toText(local)}", ${used} (${first})`);
}
