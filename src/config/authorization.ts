import { toBytes } from '../subjects/index.ts';
import { timeoutMs } from './durations.ts';
import { AUTHORIZATION_KEYS } from './keys/sections.ts';
import type { PermissionsOptions, Position, UserOptions } from './options.ts';
import { readPermissions } from './permissions.ts';
import { type Findings, Refusal } from './problems.ts';
import { mapOf, stringOf } from './read.ts';
import { readSection } from './section.ts';
import { readUsers, withDefaultPermissions } from './users.ts';
import type { ConfigEntry } from './values.ts';

/** What an `authorization` block says. */
export interface Authorization {
  /** The users, with the default permissions filled in; the one user of `user` and `password` is among them. */
  readonly users: readonly UserOptions[];
  /** Whether that is the one user of `user` and `password`, which nothing may stand beside. */
  readonly single: boolean;
  readonly token?: string;
  readonly timeoutMs?: number;
  readonly defaultPermissions?: PermissionsOptions;
  readonly at: Position;
}

interface Draft {
  user?: string;
  password?: string;
  token?: string;
  timeoutMs?: number;
  users?: readonly UserOptions[];
  defaultPermissions?: PermissionsOptions;
}

/** Reads the `authorization` block. */
export function readAuthorization(entry: ConfigEntry, findings: Findings): Authorization {
  const draft: Draft = {};
  const before = findings.problems.length;
  const handlers = {
    user: (inner: ConfigEntry) => {
      draft.user = stringOf(inner.value);
    },
    password: (inner: ConfigEntry) => {
      draft.password = stringOf(inner.value);
    },
    token: (inner: ConfigEntry) => {
      draft.token = stringOf(inner.value);
    },
    timeout: (inner: ConfigEntry) => {
      draft.timeoutMs = timeoutMs(inner, "error parsing authorization config, 'timeout'");
    },
    users: (inner: ConfigEntry) => {
      draft.users = readUsers(inner, findings);
    },
    default_permissions: (inner: ConfigEntry) => {
      draft.defaultPermissions = readPermissions(inner, findings);
    },
  };
  readSection(mapOf(entry.value), AUTHORIZATION_KEYS, handlers, findings);
  if (findings.problems.length === before) checkForms(draft, entry.at);
  warnOfOpenDoor(draft, entry, findings);
  return finished(draft, entry.at);
}

/** One user, one token, or a list: not two of them. */
function checkForms(draft: Draft, at: Position): void {
  const single = isSingle(draft);
  if (single && !draft.user) throw new Refusal(at, 'authorization has a password but no user');
  if (single && draft.token) throw new Refusal(at, 'Cannot have a user/pass and token');
  if (draft.users === undefined) return;
  if (single) throw new Refusal(at, 'Can not have a single user/pass and a users array');
  if (draft.token) throw new Refusal(at, 'Can not have a token and a users array');
}

function isSingle(draft: Draft): boolean {
  return (draft.user ?? '') !== '' || (draft.password ?? '') !== '';
}

/** An empty token (often an empty environment variable) asks nobody for anything. */
function warnOfOpenDoor(draft: Draft, entry: ConfigEntry, findings: Findings): void {
  if (draft.token !== '') return;
  findings.warn(entry.at, 'token', 'the token is empty, which is the same as none: it keeps nobody out');
}

function finished(draft: Draft, at: Position): Authorization {
  const { user = '', password, token, users, defaultPermissions } = draft;
  const single = isSingle(draft);
  const one: UserOptions = { user: toBytes(user), ...(password === undefined ? {} : { password }), at };
  return {
    users: withDefaultPermissions(single ? [one] : (users ?? []), defaultPermissions),
    single,
    at,
    ...(token ? { token } : {}),
    ...(draft.timeoutMs === undefined ? {} : { timeoutMs: draft.timeoutMs }),
    ...(defaultPermissions === undefined ? {} : { defaultPermissions }),
  };
}
