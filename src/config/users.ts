import { decodePublicNkey } from '../base/index.ts';
import { toBytes } from '../subjects/index.ts';
import { USER_KEYS } from './keys/sections.ts';
import { CONNECTION_KINDS, type PermissionsOptions, type UserOptions } from './options.ts';
import { readPermissions } from './permissions.ts';
import { type Findings, Refusal } from './problems.ts';
import { shownValue, stringOf } from './read.ts';
import { readSection } from './section.ts';
import type { ConfigEntry, ConfigMap, ConfigValue } from './values.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

const CONNECTION_TYPES: ReadonlySet<string> = new Set(CONNECTION_KINDS);

/** Reads a `users` list. */
export function readUsers(entry: ConfigEntry, findings: Findings): UserOptions[] {
  if (entry.value.kind !== 'array') {
    throw new Refusal(entry.at, `Expected users field to be an array, got ${shownValue(entry.value)}`);
  }
  const users: UserOptions[] = [];
  for (const item of entry.value.items) {
    findings.attempt(() => {
      if (item.kind !== 'map') {
        throw new Refusal(item.at, `Expected user entry to be a map/struct, got ${shownValue(item)}`);
      }
      users.push(readUser(item, findings));
    });
  }
  return users;
}

function readUser(map: ConfigMap, findings: Findings): UserOptions {
  const draft: Draft<UserOptions> = { at: map.at };
  const before = findings.problems.length;
  const handlers = {
    user: (entry: ConfigEntry) => {
      draft.user = toBytes(stringOf(entry.value));
    },
    password: (entry: ConfigEntry) => {
      draft.password = stringOf(entry.value);
    },
    nkey: (entry: ConfigEntry) => {
      draft.nkey = stringOf(entry.value);
    },
    permissions: (entry: ConfigEntry) => {
      draft.permissions = readPermissions(entry, findings);
    },
    allowed_connection_types: (entry: ConfigEntry) => {
      draft.connectionTypes = readConnectionTypes(entry);
      draft.connectionTypesAt = entry.at;
    },
  };
  readSection(map, USER_KEYS, handlers, findings);
  // A user whose fields were refused may lack a name for that reason.
  if (findings.problems.length === before) checkIdentity(draft, map);
  return draft;
}

/** A user has a name or a key, never both. */
function checkIdentity(user: Draft<UserOptions>, map: ConfigMap): void {
  if (user.nkey === '') delete user.nkey;
  if (user.nkey === undefined) {
    if (user.user === undefined || user.user === '') throw new Refusal(map.at, 'User entry requires a user');
    return;
  }
  if (decodePublicNkey('user', user.nkey) === undefined)
    throw new Refusal(map.at, 'Not a valid public nkey for a user');
  if (user.user !== undefined || user.password !== undefined) {
    throw new Refusal(map.at, 'Nkey users do not take usernames or passwords');
  }
}

function readConnectionTypes(entry: ConfigEntry): string[] {
  const items: readonly ConfigValue[] = entry.value.kind === 'array' ? entry.value.items : [entry.value];
  const names = items.map((item) => stringOf(item).toUpperCase());
  const unknown = names.filter((name) => !CONNECTION_TYPES.has(name));
  if (unknown.length > 0) {
    throw new Refusal(entry.at, `invalid connection types [${unknown.map((name) => `"${name}"`).join(' ')}]`);
  }
  return names;
}

/** Users of a block, with the block's default permissions for those that have none of their own. */
export function withDefaultPermissions(
  users: readonly UserOptions[],
  fallback: PermissionsOptions | undefined,
): readonly UserOptions[] {
  if (fallback === undefined) return users;
  return users.map((user) => (user.permissions === undefined ? { ...user, permissions: fallback } : user));
}
