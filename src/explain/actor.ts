import {
  CONNECTION_KINDS,
  type ConnectionKind,
  GLOBAL_ACCOUNT,
  type ServerOptions,
} from '../config/index.ts';
import type { Finding, RehearsalServer } from '../server/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes, toText } from '../subjects/index.ts';
import { placeOf } from './edits.ts';
import type { Question } from './explanation.ts';
import { listed, QuestionError } from './question.ts';

/** Who acts in a rehearsal. */
export interface Actor {
  readonly finding: Finding;
  readonly account: ByteString;
  readonly user: ByteString;
  /** The kind of connection it acts over, except to connect. */
  readonly kind: ConnectionKind;
}

/**
 * The account in which a question is asked.
 * @throws {QuestionError} that lists the known users or accounts when it is about nobody.
 */
export function homeOf(options: ServerOptions, { user, account }: Question): ByteString {
  const named = account === undefined ? undefined : accountNamed(options, account);
  if (user !== undefined) {
    const place = placeOf(options, toBytes(user));
    if (place === undefined) {
      throw new QuestionError(`unknown user ${JSON.stringify(user)}; known are ${knownUsers(options)}`);
    }
    return named ?? place.account;
  }
  if (named !== undefined) return named;
  const { noAuthUser } = options;
  return (noAuthUser === undefined ? undefined : placeOf(options, noAuthUser)?.account) ?? GLOBAL_ACCOUNT;
}

/**
 * Whom a question is about, as the server knows it.
 * @throws {QuestionError} for a question about nobody.
 */
export function actorOf(server: RehearsalServer, question: Question): Actor {
  const { user } = question;
  const account = question.account === undefined ? undefined : toBytes(question.account);
  if (user !== undefined) {
    const identity = server.authenticator.identityOf(toBytes(user));
    if (identity === undefined) return actorFrom({ found: 'wrong' });
    return actorFrom({
      found: 'credentials',
      identity: { ...identity, account: account ?? identity.account },
    });
  }
  if (account !== undefined)
    return actorFrom({ found: 'credentials', identity: { account, user: EMPTY_BYTES } });
  const guest = server.authenticator.guest();
  if (guest.identity !== undefined || question.action === 'connect') return actorFrom(guest);
  const known = knownUsers(server.options);
  throw new QuestionError(
    `nobody comes in without credentials here: name a user (known are ${known}) or an account`,
  );
}

/** An actor of a finding: over the first kind of connection that it may use. */
export function actorFrom(finding: Finding): Actor {
  const types = finding.identity?.connectionTypes;
  const kind = CONNECTION_KINDS.find((each) => types === undefined || types.includes(each)) ?? 'STANDARD';
  const { account, user } = finding.identity ?? { account: GLOBAL_ACCOUNT, user: EMPTY_BYTES };
  return { finding, account, user, kind };
}

/** A user of the configuration and the account it is in. */
export interface KnownUser {
  readonly account: ByteString;
  readonly user: ByteString;
}

/** All users of a configuration, those of the global account first. */
export function usersOf(options: ServerOptions): KnownUser[] {
  const nameOf = (user: ServerOptions['users'][number]): ByteString => user.user ?? toBytes(user.nkey ?? '');
  return [
    ...options.users.map((user) => ({ account: GLOBAL_ACCOUNT, user: nameOf(user) })),
    ...options.accounts.flatMap((account) =>
      account.users.map((user) => ({ account: account.name, user: nameOf(user) })),
    ),
  ];
}

function knownUsers(options: ServerOptions): string {
  return listed(usersOf(options).map(({ user }) => toText(user))) || 'none';
}

function accountNamed({ accounts, systemAccount }: ServerOptions, text: string): ByteString {
  const names = new Set([GLOBAL_ACCOUNT, ...accounts.map((account) => account.name)]);
  if (systemAccount !== undefined) names.add(systemAccount);
  const name = toBytes(text);
  if (names.has(name)) return name;
  const known = listed([...names].map((each) => toText(each)));
  throw new QuestionError(`unknown account ${JSON.stringify(text)}; known are ${known}`);
}
