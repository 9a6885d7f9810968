import { entryText, type SubjectPermission } from '../config/index.ts';
import { accountText, type Principal } from '../guard/index.ts';
import { toText } from '../subjects/index.ts';
import type { ReplyBody } from './service.ts';

const NS_PER_MS = 1_000_000;

/** Who somebody is, and what it may do. Names only: no credential is kept that could be shown. */
export function userInfo({ user, account, permissions }: Principal): ReplyBody {
  const name = accountText(account);
  const info = { user: toText(user), account: name, account_name: name };
  if (permissions === undefined) return info;
  const { publish, subscribe, responses } = permissions;
  // A side without rules shows as an empty object (measured on 2.14.5).
  return {
    ...info,
    permissions: {
      publish: lists(publish),
      subscribe: lists(subscribe),
      responses:
        responses === undefined
          ? undefined
          : { max: responses.max, ttl: Math.max(-1, responses.expiresMs * NS_PER_MS) },
    },
  };
}

function lists(side: SubjectPermission | undefined): ReplyBody {
  return { allow: side?.allow?.map(entryText), deny: side?.deny?.map(entryText) };
}
