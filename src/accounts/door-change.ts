import type { ExportOptions, ImportOptions } from '../config/index.ts';
import { accountId } from '../guard/index.ts';
import type { Account } from './account.ts';
import type { BuiltinImport } from './builtin-doors.ts';
import { ServiceExport, type ServiceTerms, StreamExport } from './exports.ts';
import { ServiceImport } from './imports.ts';
import { StreamImport } from './stream-imports.ts';

export type AnyExport = ServiceExport | StreamExport;
export type AnyImport = ServiceImport | StreamImport;
export type WantedImport = ImportOptions | BuiltinImport;

/** The doors of one account, by what they are: two with the same key carry the same. */
export interface OwnDoors {
  readonly exports: Map<string, AnyExport>;
  readonly imports: Map<string, AnyImport>;
  /** The terms that each export stands under, as text to compare. */
  readonly terms: Map<string, string>;
}

/** What has to stand in one account: doors that are there already, and new ones that are not open yet. */
export interface DoorChange {
  readonly account: Account;
  readonly doors: OwnDoors;
  readonly exports: Map<string, { readonly door: AnyExport; readonly wanted: ExportOptions }>;
  readonly imports: Map<string, { readonly door: AnyImport; readonly wanted: WantedImport }>;
}

export function newDoors(): OwnDoors {
  return { exports: new Map(), imports: new Map(), terms: new Map() };
}

/** What makes an export the same one: with another response type or threshold, ways back that are open are void. */
export function exportKey(door: ExportOptions): string {
  return JSON.stringify([door.kind, door.subject, door.responseType, door.thresholdMs]);
}

export function importKey(door: WantedImport): string {
  const except = 'except' in door ? door.except : undefined;
  return JSON.stringify([door.kind, door.account, door.subject, door.prefix, door.to, door.share, except]);
}

export function makeExport(wanted: ExportOptions): AnyExport {
  const { subject, responseType, thresholdMs } = wanted;
  return wanted.kind === 'stream'
    ? new StreamExport(subject)
    : new ServiceExport(subject, responseType, thresholdMs);
}

/** @throws {TransformError} */
export function makeImport(importer: Account, exporter: Account, wanted: WantedImport): AnyImport {
  const ends = { importer, exporter };
  return wanted.kind === 'stream' ? StreamImport.of(ends, wanted) : ServiceImport.of(ends, wanted);
}

/** Opens and closes exports. @returns whether anybody gained or lost something. */
export function commitExports({ account, doors, exports }: DoorChange): boolean {
  let changed = false;
  for (const [key, door] of doors.exports) {
    if (exports.get(key)?.door === door) continue;
    account.withdraw(door);
    doors.exports.delete(key);
    doors.terms.delete(key);
    changed = true;
  }
  for (const [key, { door, wanted }] of exports) {
    door.revise(termsOf(wanted));
    const terms = textOf(wanted);
    if (doors.terms.get(key) === terms) continue;
    if (!doors.exports.has(key)) account.export(door);
    doors.exports.set(key, door);
    doors.terms.set(key, terms);
    changed = true;
  }
  return changed;
}

/** Opens and closes imports. @returns whether anybody gained or lost something. */
export function commitImports({ doors, imports }: DoorChange): boolean {
  let changed = false;
  for (const [key, door] of doors.imports) {
    if (imports.get(key)?.door === door) continue;
    door.close();
    doors.imports.delete(key);
    changed = true;
  }
  for (const [key, { door, wanted }] of imports) {
    door.writtenAt('at' in wanted ? wanted.at : undefined);
    if (doors.imports.has(key)) continue;
    door.open();
    doors.imports.set(key, door);
    changed = true;
  }
  return changed;
}

/** The terms as text to compare; those of a public export are empty. */
function textOf({ accounts, accountTokenPosition, latency }: ExportOptions): string {
  if (accounts === undefined && accountTokenPosition === undefined && latency === undefined) return '';
  return JSON.stringify([accounts, accountTokenPosition, latency]);
}

function termsOf(door: ExportOptions): ServiceTerms {
  const { accounts, accountTokenPosition, latency, at } = door;
  return {
    ...(accounts === undefined ? {} : { accounts: accounts.map(accountId) }),
    ...(accountTokenPosition === undefined ? {} : { accountTokenPosition }),
    ...(latency === undefined ? {} : { latency }),
    ...(at === undefined ? {} : { at }),
  };
}
