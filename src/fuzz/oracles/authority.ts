import type { Finding } from '../finding.ts';
import type { AuditRecord } from '../target.ts';
import { SYSTEM_ACCOUNT } from '../world.ts';

const ANYBODY = 'anybody';

/**
 * Who may use an administrative endpoint, told once more and on its own: the fuzzer must be able to disagree with the
 * server's table. The first pattern that fits decides; what fits none acts on the caller's own account.
 */
const RESTRICTED: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/^\$JS\.API\.ACCOUNT\.PURGE\./, () => SYSTEM_ACCOUNT],
  [/^\$JS\.API\.SERVER\.REMOVE$/, () => SYSTEM_ACCOUNT],
  [/^\$JS\.API\.META\.LEADER\.STEPDOWN$/, () => SYSTEM_ACCOUNT],
  [/^\$JS\.API\.ACCOUNT\.STREAM\.(?:CANCEL_)?MOVE\.([^.]+)\./, (match) => match[1] ?? SYSTEM_ACCOUNT],
];

function entitled(subject: string): string {
  for (const [pattern, account] of RESTRICTED) {
    const match = pattern.exec(subject);
    if (match !== null) return account(match);
  }
  return ANYBODY;
}

/** A caller out of scope gets no grant, and no handler runs for it. */
export function judgeAuthority(audit: readonly AuditRecord[] | undefined): Finding | undefined {
  const wrong = (audit ?? []).filter(isOutOfScope);
  if (wrong.length === 0) return undefined;
  const details = wrong.map(
    ({ user, account, subject, rule, handlerRan }) =>
      `${user}@${account} was granted ${subject} by rule ${rule}${handlerRan ? ', and the handler ran' : ''}`,
  );
  return { oracle: 'authority', summary: 'a caller out of scope was let in', details };
}

function isOutOfScope(record: AuditRecord): boolean {
  if (!record.granted && !record.handlerRan) return false;
  if (!record.granted) return true;
  const owner = entitled(record.subject);
  return owner !== ANYBODY && record.account !== SYSTEM_ACCOUNT && record.account !== owner;
}
