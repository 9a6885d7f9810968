import { formatDuration } from '../base/index.ts';
import { toText } from '../subjects/index.ts';
import { checkDoors } from './doors-check.ts';
import { isHashed } from './hashed.ts';
import { checkMappings } from './mapping-check.ts';
import type { UserOptions } from './options.ts';
import type { Reading } from './server.ts';
import { checkWebsocket } from './websocket-check.ts';

const LARGE_PAYLOAD = 8 * 1024 * 1024;
const NS_PER_MS = 1e6;

/** Checks what several keys say together; the real server makes most of these checks at its start. */
export function checkTogether(reading: Reading): void {
  if (checkAuthorizationForms(reading)) checkDuplicates(reading);
  checkNoAuthUser(reading);
  checkSystemAccount(reading);
  checkWebsocket(reading.draft, reading.findings);
  checkBounds(reading);
  checkLameDuck(reading);
  checkMappings(reading.draft.mappings, reading.findings);
  for (const account of reading.draft.accounts) checkMappings(account.mappings, reading.findings);
  checkDoors(reading.draft.accounts, reading.findings);
  warnOfPlainPasswords(reading);
  closeForeignLogins(reading);
}

/** Keys that hand the decision who may log in to something this server does not have yet. */
const FOREIGN_LOGIN_KEYS = ['operator', 'trusted_keys', 'auth_callout'];

/** A door whose lock is not understood stays shut: such a configuration must not become an open server. */
function closeForeignLogins({ draft, findings }: Reading): void {
  if (FOREIGN_LOGIN_KEYS.some((key) => findings.warnedKeys.has(key))) draft.foreignLogin = true;
}

function allUsers({ draft }: Reading): readonly UserOptions[] {
  return [...draft.users, ...draft.accounts.flatMap((account) => account.users)];
}

/** One user or one token has no place beside accounts with users (measured on 2.14.5). */
function checkAuthorizationForms({ authorization, draft, findings }: Reading): boolean {
  if (authorization === undefined || !draft.accounts.some((account) => account.users.length > 0)) return true;
  const { single, token, at } = authorization;
  if (single) findings.problem(at, 'Can not have a single user/pass and accounts');
  if (token !== undefined) findings.problem(at, 'Can not have a token and accounts');
  return !single && token === undefined;
}

function checkDuplicates(reading: Reading): void {
  const names = new Set<string>();
  const keys = new Set<string>();
  for (const { user, nkey, at } of allUsers(reading)) {
    if (user !== undefined) {
      if (names.has(user)) reading.findings.problem(at, `Duplicate user "${toText(user)}" detected`);
      names.add(user);
    }
    if (nkey !== undefined) {
      if (keys.has(nkey)) reading.findings.problem(at, `Duplicate nkey "${nkey}" detected`);
      keys.add(nkey);
    }
  }
}

function checkNoAuthUser(reading: Reading): void {
  const { draft, authorization, findings, positions } = reading;
  if (draft.noAuthUser === undefined) return;
  if (draft.noAuthUser === '') {
    delete draft.noAuthUser;
    delete draft.noAuthUserAt;
    return;
  }
  const at = positions.get('no_auth_user');
  const name = toText(draft.noAuthUser);
  const users = authorization?.single === true ? [] : allUsers(reading);
  if (users.length === 0) {
    findings.problem(at, `no_auth_user: "${name}" present, but users/nkeys are not defined`);
  } else if (!users.some((user) => user.user === draft.noAuthUser || user.nkey === name)) {
    const where = 'not present as user or nkey in authorization block or account configuration';
    findings.problem(at, `no_auth_user: "${name}" ${where}`);
  }
}

function checkSystemAccount({ draft, findings, positions }: Reading): void {
  const system = draft.systemAccount;
  if (system === undefined) return;
  const declared = draft.accounts.find((account) => account.name === system);
  if (declared === undefined) {
    const at = positions.get('system_account') ?? positions.get('system');
    if (system !== '$SYS') findings.problem(at, 'error resolving system account: account missing');
    return;
  }
  if (declared.jetstream === undefined || draft.jetstream === undefined) return;
  findings.problem(declared.at, 'Not allowed to enable JetStream on the system account');
}

function checkBounds({ draft, findings, positions }: Reading): void {
  const { maxPayload, maxPending } = draft;
  const at = positions.get('max_payload');
  if (maxPayload > maxPending) {
    const text = `max_payload (${maxPayload}) cannot be higher than max_pending (${maxPending})`;
    findings.problem(at ?? positions.get('max_pending'), text);
  } else if (maxPayload > LARGE_PAYLOAD) {
    const text = 'Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance';
    findings.warn(at, 'max_payload', text);
  }
}

function checkLameDuck({ draft, findings, positions }: Reading): void {
  const { lameDuckDurationMs: duration, lameDuckGracePeriodMs: grace } = draft;
  if (grace < duration) return;
  const [short, long] = [grace, duration].map((ms) => formatDuration(ms * NS_PER_MS));
  findings.problem(
    positions.get('lame_duck_grace_period') ?? positions.get('lame_duck_duration'),
    `lame duck grace period (${short}) should be strictly lower than lame duck duration (${long})`,
  );
}

function warnOfPlainPasswords(reading: Reading): void {
  const secrets = [...allUsers(reading).map((user) => user.password), reading.draft.token];
  if (!secrets.some((secret) => secret !== undefined && secret !== '' && !isHashed(secret))) return;
  reading.findings.warn(undefined, 'password', 'Plaintext passwords detected, use nkeys or bcrypt');
}
