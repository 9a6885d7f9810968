import { decodePublicNkey } from '../base/index.ts';
import { toBytes } from '../subjects/index.ts';
import { BARE_ACCOUNT, GLOBAL_ACCOUNT, UNLIMITED_ACCOUNT } from './defaults.ts';
import { readExports } from './exports.ts';
import { readImports } from './imports.ts';
import { readAccountJetStream } from './jetstream.ts';
import { ACCOUNT_KEYS, ACCOUNT_LIMITS_KEYS } from './keys/sections.ts';
import { readMappings } from './mappings.ts';
import type { AccountLimitsOptions, AccountOptions, Position } from './options.ts';
import { readPermissions } from './permissions.ts';
import { type Findings, Refusal } from './problems.ts';
import { booleanOf, integerOf, shownValue, stringOf } from './read.ts';
import { readSection } from './section.ts';
import { readUsers, withDefaultPermissions } from './users.ts';
import type { ConfigEntry } from './values.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Reads `accounts`: a map of accounts, or a list of names. */
export function readAccounts(entry: ConfigEntry, findings: Findings): AccountOptions[] {
  const { value } = entry;
  const accounts: AccountOptions[] = [];
  if (value.kind === 'map') {
    for (const inner of value.entries.values()) {
      if (!inner.used || inner.value.kind === 'map')
        findings.attempt(() => accounts.push(readAccount(inner, findings)));
    }
    return accounts;
  }
  if (value.kind !== 'array') throw new Refusal(entry.at, 'Expected accounts to be a map or a list of names');
  const names = new Set<string>();
  for (const item of value.items) {
    findings.attempt(() => {
      const name = stringOf(item);
      checkName(name, item.at);
      if (names.has(name)) throw new Refusal(item.at, `Duplicate Account Entry: ${name}`);
      names.add(name);
      accounts.push({ ...BARE_ACCOUNT, name: toBytes(name), at: item.at });
    });
  }
  return accounts;
}

function checkName(name: string, at: Position): void {
  if (name === GLOBAL_ACCOUNT) throw new Refusal(at, `"${GLOBAL_ACCOUNT}" is a Reserved Account`);
  if (name === '') throw new Refusal(at, 'an account needs a name');
}

function readAccount(entry: ConfigEntry, findings: Findings): AccountOptions {
  checkName(entry.key, entry.at);
  if (entry.value.kind !== 'map') throw new Refusal(entry.at, 'Expected map entries for accounts');
  const draft: Draft<AccountOptions> = {
    ...BARE_ACCOUNT,
    name: toBytes(entry.key),
    at: entry.at,
  };
  const handlers = {
    nkey: checkAccountNkey,
    users: (users: ConfigEntry) => {
      draft.users = readUsers(users, findings);
    },
    jetstream: (jetstream: ConfigEntry) => {
      const limits = readAccountJetStream(jetstream, findings);
      if (limits !== undefined) draft.jetstream = limits;
      draft.jetstreamAt = jetstream.at;
    },
    default_permissions: (permissions: ConfigEntry) => {
      draft.defaultPermissions = readPermissions(permissions, findings);
    },
    limits: (limits: ConfigEntry) => {
      draft.limits = readLimits(limits, findings);
    },
    exports: (exports: ConfigEntry) => {
      draft.exports = readExports(exports, findings);
    },
    imports: (imports: ConfigEntry) => {
      draft.imports = readImports(imports, findings);
    },
    mappings: (mappings: ConfigEntry) => {
      draft.mappings = [...draft.mappings, ...readMappings(mappings, findings)];
    },
  };
  readSection(entry.value, ACCOUNT_KEYS, handlers, findings);
  draft.users = withDefaultPermissions(draft.users, draft.defaultPermissions);
  return draft;
}

function checkAccountNkey(entry: ConfigEntry): void {
  const text = stringOf(entry.value);
  if (decodePublicNkey('account', text) !== undefined) return;
  throw new Refusal(entry.at, `Not a valid public nkey for an account: ${JSON.stringify(text)}`);
}

function readLimits(entry: ConfigEntry, findings: Findings): AccountLimitsOptions {
  if (entry.value.kind !== 'map') {
    throw new Refusal(entry.at, `Expected account limits to be a map/struct, got ${shownValue(entry.value)}`);
  }
  const draft: Draft<AccountLimitsOptions> = { ...UNLIMITED_ACCOUNT, at: entry.at };
  type Limit = Exclude<keyof AccountLimitsOptions, 'wildcardExports' | 'at'>;
  const limit = (name: Limit) => (inner: ConfigEntry) => {
    const value = integerOf(inner.value);
    draft[name] = value < 0 ? -1 : value;
  };
  const handlers = {
    max_connections: limit('maxConnections'),
    max_subscriptions: limit('maxSubscriptions'),
    max_payload: limit('maxPayload'),
    max_leafnodes: limit('maxLeafnodes'),
    max_imports: limit('maxImports'),
    max_exports: limit('maxExports'),
    wildcard_exports: (inner: ConfigEntry) => {
      draft.wildcardExports = booleanOf(inner.value);
    },
  };
  const unknown = (key: string) => `Unknown field ${JSON.stringify(key)} parsing account limits`;
  readSection(entry.value, ACCOUNT_LIMITS_KEYS, handlers, findings, unknown);
  return draft;
}
