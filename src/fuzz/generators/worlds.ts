import fc, { type Arbitrary } from 'fast-check';
import type { World, WorldAccount, WorldSide, WorldUser } from '../world.ts';
import { plainPattern } from './subjects.ts';

/** Names that a careless comparison would confuse. */
const ACCOUNT_NAMES = ['TEST', 'TEST2', 'test', 'T-2'] as const;
const LETTERS = ['a', 'b', 'c', 'd'] as const;

const permissionSubject = fc.oneof(
  { weight: 4, arbitrary: plainPattern },
  { weight: 2, arbitrary: fc.constantFrom('_INBOX.>', '$JS.API.>', '>') },
  { weight: 1, arbitrary: fc.constantFrom('$JS.API.ACCOUNT.>', '$JS.ACK.>', '$JS.API.STREAM.*.S0', '*') },
);
const permissionList = fc.array(permissionSubject, { minLength: 1, maxLength: 3 });

const side: Arbitrary<WorldSide | undefined> = fc.option(
  fc.record({ allow: permissionList, deny: permissionList }, { requiredKeys: [] }),
  { nil: undefined, freq: 2 },
);

interface Restrictions {
  readonly publish: WorldSide | undefined;
  readonly subscribe: WorldSide | undefined;
}

const restrictions: Arbitrary<Restrictions> = fc.record({ publish: side, subscribe: side });

interface AccountDraft {
  readonly jetstream: boolean;
  readonly guests: readonly Restrictions[];
}

const accountDraft: Arbitrary<AccountDraft> = fc.record({
  jetstream: fc.oneof(
    { weight: 5, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  guests: fc.array(restrictions, { maxLength: 2 }),
});

/** Two to four tenants, each with an owner who may do everything and up to two users with permissions. */
export const worlds: Arbitrary<World> = fc
  .array(accountDraft, { minLength: 2, maxLength: ACCOUNT_NAMES.length })
  .map((drafts) => ({ accounts: drafts.map(finish) }));

function finish(draft: AccountDraft, index: number): WorldAccount {
  const letter = LETTERS[index] ?? 'z';
  const guests = draft.guests.map((each, n) => guest(`${letter}${n + 1}`, each));
  return {
    name: ACCOUNT_NAMES[index] ?? `ACC${index}`,
    jetstream: draft.jetstream,
    users: [{ name: letter }, ...guests],
  };
}

function guest(name: string, { publish, subscribe }: Restrictions): WorldUser {
  return {
    name,
    ...(publish === undefined ? {} : { publish: emptyMeansAll(publish) }),
    ...(subscribe === undefined ? {} : { subscribe: emptyMeansAll(subscribe) }),
  };
}

/** Drops a side that says nothing, so that the printed configuration holds no empty block. */
function emptyMeansAll(side: WorldSide): WorldSide {
  return side.allow === undefined && side.deny === undefined ? { allow: ['>'] } : side;
}
