import type { PermissionEntry } from '../config/index.ts';
import { type ByteString, matches } from '../subjects/index.ts';
import type { Trace } from './decision.ts';
import type { ResponseGrants } from './grants.ts';
import type { Principal } from './principal.ts';
import { allow, allowOnce, refuse, type Verdict } from './verdict.ts';

/** Reply prefixes by which the server routes; a client that could name one would speak for somebody else. */
const RESERVED_REPLIES = ['_R_.', '_GR_.', '$JS.ACK.'] as const;
const GATEWAY_REPLIES = '_GR_.';
const UNDERSCORE = 0x5f;
const DOLLAR = 0x24;

/** Decides whether a principal may publish to a subject. `grants` are what allow_responses gave the connection. */
export function decidePublish(
  principal: Principal,
  subject: ByteString,
  grants: ResponseGrants | undefined,
  nowMs: number,
  _trace?: Trace,
): Verdict {
  if (subject.startsWith(GATEWAY_REPLIES)) return refuse('publish-reserved-subject');
  const verdict = byPermissions(principal, subject);
  if (verdict.allowed || grants === undefined) return verdict;
  return grants.use(subject, nowMs) ? allowOnce('publish-response') : verdict;
}

/** With allow_responses and no publish block, nothing but responses may be published (measured on 2.14.5). */
function byPermissions(principal: Principal, subject: ByteString): Verdict {
  const { permissions } = principal;
  const publish = permissions?.publish;
  if (publish === undefined) {
    return permissions?.responses === undefined
      ? allow('publish-unrestricted')
      : refuse('publish-not-allowed');
  }
  if (anyMatches(publish.deny, subject)) return refuse('publish-denied');
  if (publish.allow === undefined || publish.allow.length === 0 || anyMatches(publish.allow, subject)) {
    return allow('publish-allowed');
  }
  return refuse('publish-not-allowed');
}

function anyMatches(entries: readonly PermissionEntry[] | undefined, subject: ByteString): boolean {
  return entries?.some((entry) => matches(entry.subject, subject)) ?? false;
}

/** Decides whether a client may name this reply subject. Called for every request: the first byte settles most. */
export function decideReply(reply: ByteString): Verdict {
  const first = reply.charCodeAt(0);
  if (first !== UNDERSCORE && first !== DOLLAR) return allow('publish-allowed');
  for (const prefix of RESERVED_REPLIES)
    if (reply.startsWith(prefix)) return refuse('publish-reserved-reply');
  return allow('publish-allowed');
}
