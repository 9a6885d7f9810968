import type { PermissionsOptions, SubjectPermission } from '../../src/config/index.ts';
import { accountId, type Principal } from '../../src/guard/index.ts';
import { toBytes } from '../../src/subjects/index.ts';

/** `"subject"` or `"subject queue"`, as a configuration writes them. */
export function side(allow?: readonly string[], deny?: readonly string[]): SubjectPermission {
  const entries = (texts: readonly string[]) =>
    texts.map((text) => {
      const [subject = '', queue] = text.split(' ');
      return { subject: toBytes(subject), ...(queue === undefined ? {} : { queue: toBytes(queue) }) };
    });
  return { ...(allow && { allow: entries(allow) }), ...(deny && { deny: entries(deny) }) };
}

export function principalOf(permissions?: PermissionsOptions, account = 'A', user = 'u'): Principal {
  return { account: accountId(toBytes(account)), user: toBytes(user), ...(permissions && { permissions }) };
}
