import { accountText } from '../guard/index.ts';
import { toText } from '../subjects/index.ts';
import type { Connection } from './connection.ts';

/** A connection, as the owner of a server sees it. */
export interface ConnectedClient {
  /** The number that INFO tells it as `client_id`. */
  readonly id: number;
  /** The name it gave itself; empty when it gave none. */
  readonly name: string;
  /** Absent until it is logged in. */
  readonly account?: string;
  /** User name or public nkey; empty for somebody who needed none. Absent until it is logged in. */
  readonly user?: string;
}

export function clientOf(connection: Connection): ConnectedClient {
  const { id, entry, connectOptions } = connection;
  const { name } = connectOptions;
  if (entry === undefined) return { id, name };
  const { account, user } = entry.principal;
  return { id, name, account: accountText(account), user: toText(user) };
}
