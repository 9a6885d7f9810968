import { accountText } from '../guard/index.ts';
import { toText } from '../subjects/index.ts';
import type { Connection } from './connection.ts';
import type { ConnectedClient } from './server-events.ts';

export function clientOf(connection: Connection): ConnectedClient {
  const { id, entry, connectOptions } = connection;
  const { name } = connectOptions;
  if (entry === undefined) return { id, name };
  const { account, user } = entry.principal;
  return { id, name, account: accountText(account), user: toText(user) };
}
