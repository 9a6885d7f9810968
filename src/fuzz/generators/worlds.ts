import fc, { type Arbitrary } from 'fast-check';
import type { Redirect, Rights, Side } from '../../model/index.ts';
import type { World, WorldAccount, WorldLimits, WorldUser } from '../world.ts';
import { type DoorDraft, doorDrafts, fittingMappings, mappings, withDoor } from './doors.ts';
import { plainPattern, queueName, tightPattern } from './subjects.ts';

/** Names that a careless comparison would confuse. */
const ACCOUNT_NAMES = ['TEST', 'TEST2', 'test', 'T-2', 'TEST-2'] as const;
const LETTERS = ['a', 'b', 'c', 'd', 'e'] as const;
const MAX_DOORS = 6;

/** What kind of world is wanted. */
export interface WorldOptions {
  /** Whether the server's chance has a seed: then mappings may draw. */
  readonly exact: boolean;
  /** Whether doors may lead to JetStream, and accounts have limits: things that the model does not know. */
  readonly jetstream: boolean;
}

const permissionSubject = fc.oneof(
  { weight: 2, arbitrary: plainPattern },
  { weight: 4, arbitrary: tightPattern },
  { weight: 2, arbitrary: fc.constantFrom('_INBOX.>', '$JS.API.>', '>') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('$JS.API.ACCOUNT.>', '$JS.ACK.>', '$JS.API.STREAM.*.S0', '*', '_R_.>', 'q.>'),
  },
);
const permissionList = fc.array(permissionSubject, { minLength: 1, maxLength: 3 });
/** Entries for subscriptions may name a queue. */
const queuedList = fc.array(
  fc
    .tuple(permissionSubject, fc.option(queueName, { nil: undefined, freq: 2 }))
    .map(([subject, queue]) => (queue === undefined ? subject : `${subject} ${queue}`)),
  { minLength: 1, maxLength: 3 },
);

function side(list: Arbitrary<string[]>): Arbitrary<Side | undefined> {
  return fc.option(fc.record({ allow: list, deny: list }, { requiredKeys: [] }), { nil: undefined, freq: 2 });
}

interface Restrictions {
  readonly publish: Side | undefined;
  readonly subscribe: Side | undefined;
  readonly responses: Rights['responses'];
}

/**
 * Against other servers answers are not counted: nats-server 2.14.5 takes a second copy of a request for an answer
 * (measured), so that two overlapping subscriptions and `max: 1` leave none.
 */
const responses = (exact: boolean): Arbitrary<Rights['responses']> =>
  fc.option(
    fc.record({
      max: exact ? fc.constantFrom(1, 1, 2, -1) : fc.constant(-1),
      expiresMs: exact ? fc.constantFrom(60_000, 1_500) : fc.constant(60_000),
    }),
    { nil: undefined, freq: 2 },
  );

const restrictions = (exact: boolean): Arbitrary<Restrictions> =>
  fc.record({
    publish: side(permissionList),
    subscribe: side(queuedList),
    responses: responses(exact),
  });

interface AccountDraft {
  readonly jetstream: boolean;
  readonly guests: readonly Restrictions[];
  readonly mappings: readonly Redirect[];
  readonly limits: WorldLimits | undefined;
}

function accountDraft({ exact, jetstream }: WorldOptions): Arbitrary<AccountDraft> {
  return fc.record({
    jetstream: fc.oneof(
      { weight: 5, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    guests: fc.array(restrictions(exact), { maxLength: 2 }),
    mappings: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(mappings(exact), { minLength: 1, maxLength: 2 }) },
    ),
    limits: jetstream
      ? fc.option(fc.constantFrom({ max_subscriptions: 4 }, { max_payload: 1000 }), {
          nil: undefined,
          freq: 1,
        })
      : fc.constant(undefined),
  });
}

/**
 * Two to five tenants, each with an owner who may do everything and up to two users with permissions, and doors between
 * them. In most worlds some accounts have no path between them.
 */
export function worlds(options: WorldOptions): Arbitrary<World> {
  const accounts = fc.array(accountDraft(options), { minLength: 2, maxLength: ACCOUNT_NAMES.length });
  const doors = fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.array(doorDrafts(options.jetstream), { minLength: 1, maxLength: MAX_DOORS }) },
  );
  const apart = options.jetstream ? fc.constantFrom(true, true, false) : fc.constant(false);
  return fc.tuple(accounts, doors, apart).map(([drafts, doorsWanted, isApart]) => ({
    accounts: wired(drafts.map(finish), doorsWanted, isApart),
  }));
}

function wired(
  accounts: readonly WorldAccount[],
  doors: readonly DoorDraft[],
  apart: boolean,
): readonly WorldAccount[] {
  return doors.reduce((wider, door) => withDoor(wider, door, apart), accounts);
}

function finish(draft: AccountDraft, index: number): WorldAccount {
  const letter = LETTERS[index] ?? 'z';
  const guests = draft.guests.map((each, n) => guest(`${letter}${n + 1}`, each));
  const redirects = fittingMappings(draft.mappings);
  return {
    name: ACCOUNT_NAMES[index] ?? `ACC${index}`,
    jetstream: draft.jetstream,
    users: [{ name: letter }, ...guests],
    ...(redirects.length === 0 ? {} : { mappings: redirects }),
    ...(draft.limits === undefined ? {} : { limits: draft.limits }),
  };
}

function guest(name: string, rights: Restrictions): WorldUser {
  const { publish, subscribe, responses: answers } = rights;
  return {
    name,
    ...(publish === undefined ? {} : { publish: emptyMeansAll(publish) }),
    ...(subscribe === undefined ? {} : { subscribe: emptyMeansAll(subscribe) }),
    ...(answers === undefined ? {} : { responses: answers }),
  };
}

/** Drops a side that says nothing, so that the printed configuration holds no empty block. */
function emptyMeansAll(one: Side): Side {
  return one.allow === undefined && one.deny === undefined ? { allow: ['>'] } : one;
}
