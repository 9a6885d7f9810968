import type { PermissionEntry, SubjectPermission } from '../config/index.ts';
import { type ByteString, EMPTY_BYTES, isSubsetOf, overlaps } from '../subjects/index.ts';
import type { Trace } from './decision.ts';
import { firstMatch } from './entries.ts';
import type { ResponseGrants } from './grants.ts';
import type { Principal } from './principal.ts';
import { decided, entryText, looked, notePassedOver, quoted } from './trace.ts';
import { allow, allowOnce, refuse, type Verdict } from './verdict.ts';

/** Reply prefixes by which the server routes; a client that could name one would speak for somebody else. */
const RESERVED_REPLIES = ['_R_.', '_GR_.', '$JS.ACK.'] as const;
const GATEWAY_REPLIES = '_GR_.';
const UNDERSCORE = 0x5f;
const DOLLAR = 0x24;

/**
 * Decides whether a principal may publish to a subject. `grants` are what allow_responses gave the connection: an
 * answer that is due may be given although a deny names its subject (measured on 2.14.5).
 */
export function decidePublish(
  principal: Principal,
  subject: ByteString,
  grants: ResponseGrants | undefined,
  nowMs: number,
  trace?: Trace,
): Verdict {
  if (subject.startsWith(GATEWAY_REPLIES)) {
    trace?.note(decided(`"${GATEWAY_REPLIES}>" routes replies between servers`));
    return refuse('publish-reserved-subject');
  }
  const rights = publishRights(principal);
  if (rights === undefined) {
    trace?.note(decided('no publish permissions: everything inside the account is allowed'));
    return allow('publish-unrestricted');
  }
  const deny = denying(rights.deny, subject, trace);
  if (deny === undefined && isAllowed(rights, subject, trace)) return allow('publish-allowed');
  if (grants !== undefined) {
    if (grants.use(subject, nowMs)) {
      trace?.note(decided(`allow_responses: an answer to ${quoted(subject)} is due`));
      return allowOnce('publish-response');
    }
    trace?.note(looked(`allow_responses: no answer to ${quoted(subject)} is due`));
  }
  if (deny !== undefined) {
    trace?.note(decided(`deny ${entryText(deny)} matches ${quoted(subject)}`, deny.at));
    return refuse('publish-denied');
  }
  trace?.note(
    rights === RESPONSES_ONLY
      ? decided('allow_responses without publish permissions: only answers may be published')
      : decided(`nothing in the allow list covers ${quoted(subject)}`, rights.allow?.[0]?.at),
  );
  return refuse('publish-not-allowed');
}

/**
 * Decides about all subjects below a literal beginning (`a.b.`) at once, for who publishes to many of them.
 * @returns undefined when they are not all allowed by the same rule: then each is a decision of its own.
 */
export function decidePublishBelow(principal: Principal, beginning: ByteString): Verdict | undefined {
  if (GATEWAY_REPLIES.startsWith(beginning) || beginning.startsWith(GATEWAY_REPLIES)) return undefined;
  const rights = publishRights(principal);
  if (rights === undefined) return allow('publish-unrestricted');
  if (rights === RESPONSES_ONLY) return undefined;
  const all = `${beginning}>` as ByteString;
  const deny = rights.deny ?? [];
  if (deny.some((entry) => entry.queue === undefined && overlaps(entry.subject, all))) return undefined;
  const permit = rights.allow ?? [];
  if (permit.length === 0) return allow('publish-allowed');
  const covers = permit.some((entry) => entry.queue === undefined && isSubsetOf(all, entry.subject));
  return covers ? allow('publish-allowed') : undefined;
}

/** With allow_responses and no publish block, nothing but responses may be published (measured on 2.14.5). */
const RESPONSES_ONLY: SubjectPermission = {};

/** Absent: everything is allowed. */
function publishRights({ permissions }: Principal): SubjectPermission | undefined {
  if (permissions?.publish !== undefined) return permissions.publish;
  return permissions?.responses === undefined ? undefined : RESPONSES_ONLY;
}

function denying(
  entries: readonly PermissionEntry[] | undefined,
  subject: ByteString,
  trace: Trace | undefined,
): PermissionEntry | undefined {
  if (entries === undefined) return undefined;
  const found = firstMatch(entries, subject, EMPTY_BYTES, true);
  if (trace !== undefined) notePassedOver(trace, 'deny', entries, found, quoted(subject));
  return found;
}

/** An allow list that is absent or empty allows all (measured on 2.14.5). */
function isAllowed(rights: SubjectPermission, subject: ByteString, trace: Trace | undefined): boolean {
  if (rights === RESPONSES_ONLY) return false;
  const entries = rights.allow;
  if (entries === undefined || entries.length === 0) {
    trace?.note(decided('no allow list: what is not denied is allowed'));
    return true;
  }
  const found = firstMatch(entries, subject, EMPTY_BYTES, true);
  if (trace !== undefined) notePassedOver(trace, 'allow', entries, found, quoted(subject));
  if (found !== undefined) {
    trace?.note(decided(`allow ${entryText(found)} covers ${quoted(subject)}`, found.at));
  }
  return found !== undefined;
}

/**
 * Decides about all reply subjects below a literal beginning (`a.`) at once.
 * @returns undefined when each is a decision of its own.
 */
export function decideReplyBelow(beginning: ByteString): Verdict | undefined {
  const meets = RESERVED_REPLIES.some((one) => one.startsWith(beginning) || beginning.startsWith(one));
  return meets ? undefined : allow('publish-reply');
}

/** Decides whether a client may name this reply subject. Called for every request: the first byte settles most. */
export function decideReply(reply: ByteString, trace?: Trace): Verdict {
  const first = reply.charCodeAt(0);
  if (first === UNDERSCORE || first === DOLLAR) {
    for (const prefix of RESERVED_REPLIES) {
      if (reply.startsWith(prefix)) {
        trace?.note(decided(`replies under "${prefix}>" are the server's own`));
        return refuse('publish-reserved-reply');
      }
    }
  }
  trace?.note(decided(`${quoted(reply)} is no reply subject of the server's own`));
  return allow('publish-reply');
}
