import type { Account } from '../accounts/index.ts';
import type { Authenticator } from '../auth/index.ts';
import { ConfigError, type ServerOptions, unreloadable } from '../config/index.ts';
import type { Guard } from '../guard/index.ts';
import { ERRORS } from '../protocol/index.ts';
import type { Admission } from './admission.ts';
import type { Connection } from './connection.ts';
import type { Directory } from './directory.ts';
import { changedKeys } from './reload-changes.ts';
import type { ReloadReport } from './reload-report.ts';
import type { RunQueue } from './run-queue.ts';

/** The parts of a server that follow its configuration while it runs. */
export interface LiveServer {
  readonly options: ServerOptions;
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  readonly accounts: Directory;
  readonly runQueue: RunQueue;
  readonly admission: Admission;
  /** Oldest first. */
  readonly connections: ReadonlySet<Connection>;
  /** Opens and closes doors between accounts. @throws when one cannot be; then none has changed. */
  applyDoors(options: ServerOptions): void;
  /** From now on these are in force. */
  adopt(options: ServerOptions, authenticator: Authenticator): void;
  /** Switches JetStream on and off, per account and as a whole. */
  adoptJetStream(options: ServerOptions): void;
  /** A connection could not be judged. */
  internalError(connection: Connection, error: unknown): void;
}

/**
 * Goes over to another configuration, between two messages: nothing is read, delivered or sent in between, so that
 * every message is judged by one configuration as a whole. First comes what can be refused, then what cannot fail.
 * What waits (queued messages, pull requests, ways back) is judged when it takes effect; what belongs to accounts that
 * are gone is dropped.
 * @throws {ConfigError} for what cannot change while the server runs; the old configuration stays in force as a whole.
 */
export function reload(server: LiveServer, after: ServerOptions): ReloadReport {
  const before = server.options;
  refuseFrozen(before, after);
  const gone = adoptAccounts(server, before, after);
  const authenticator = server.authenticator.successor(after);
  server.admission.replaceAuthenticator(authenticator);
  server.adopt(after, authenticator);
  server.guard.policyChanged();
  server.adoptJetStream(after);
  const report = judgeConnections(server, after);
  for (const account of gone) server.runQueue.drop(account);
  return { changes: changedKeys(before, after), ...report };
}

function refuseFrozen(before: ServerOptions, after: ServerOptions): void {
  const frozen = unreloadable(before, after);
  if (frozen.length === 0) return;
  const place = { file: '', line: 0, column: 0 };
  throw new ConfigError(
    frozen.map((what) => ({ ...place, message: `config reload not supported for ${what}` })),
  );
}

/** @returns the accounts that are gone. */
function adoptAccounts(server: LiveServer, before: ServerOptions, after: ServerOptions): readonly Account[] {
  const change = server.accounts.adopt(before, after);
  try {
    server.applyDoors(after);
  } catch (error) {
    change.undo();
    throw error;
  }
  return change.gone;
}

/** One look at each connection, the oldest first: where places became fewer, they keep theirs. */
function judgeConnections(
  server: LiveServer,
  { maxConnections }: ServerOptions,
): Omit<ReloadReport, 'changes'> {
  const places = new Map<Account, number>();
  const all = [...server.connections];
  let subscriptionsLost = 0;
  for (const connection of all) {
    try {
      subscriptionsLost += judge(server, connection, places);
    } catch (error) {
      server.internalError(connection, error);
      connection.close('Internal Error');
    }
  }
  keepPlaces(server, maxConnections);
  return { connectionsClosed: all.filter((connection) => connection.isClosed).length, subscriptionsLost };
}

/** @returns how many subscriptions it lost, while it stays. */
function judge(server: LiveServer, connection: Connection, places: Map<Account, number>): number {
  const { entry } = connection;
  if (entry === undefined) {
    connection.membership.reconsiderArrival();
    return 0;
  }
  const taken = places.get(entry.account) ?? 0;
  const lost = connection.membership.reconsider(server.admission.readmit(connection, entry, taken));
  if (!connection.isClosed) places.set(entry.account, taken + 1);
  return lost;
}

/** The server's own limit: those who came last have to go. */
function keepPlaces({ connections }: LiveServer, maxConnections: number): void {
  const tooMany = connections.size - maxConnections;
  if (tooMany <= 0) return;
  for (const connection of [...connections].slice(-tooMany)) connection.refuse(ERRORS.maximumConnections);
}
