import { toText } from '../subjects/index.ts';
import type { ServerOptions } from './options.ts';
import type { Findings } from './problems.ts';

/** Checks what `websocket` says against the users of the configuration, in the real server's words. */
export function checkWebsocket(
  { websocket, users, accounts, singleUser }: ServerOptions,
  findings: Findings,
): void {
  if (websocket === undefined) return;
  const { login, noAuthUser, cookies, at } = websocket;
  const known = singleUser ? [] : [...users, ...accounts.flatMap((account) => account.users)];
  if (login !== undefined && known.length > 0) {
    const what = login.user === undefined ? 'token' : 'username';
    findings.problem(at, `websocket authentication ${what} not compatible with presence of users/nkeys`);
  }
  if (cookies.jwt !== undefined) {
    const wanted =
      'trusted operators or trusted keys configuration is required for JWT authentication via cookie';
    findings.problem(at, `${wanted} ${JSON.stringify(cookies.jwt)}`);
  }
  if (noAuthUser === undefined) return;
  const name = toText(noAuthUser);
  if (known.length === 0) {
    findings.problem(at, `no_auth_user: "${name}" present, but users/nkeys are not defined`);
  } else if (!known.some((user) => user.user === noAuthUser || user.nkey === name)) {
    const where = 'not present as user or nkey in authorization block or account configuration';
    findings.problem(at, `no_auth_user: "${name}" ${where}`);
  }
}
