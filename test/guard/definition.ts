import fc from 'fast-check';
import { expect } from 'vitest';
import {
  accountId,
  type ConnectFacts,
  type ControlId,
  type Guard,
  ResponseGrants,
} from '../../src/guard/index.ts';
import { EMPTY_BYTES, toBytes } from '../../src/subjects/index.ts';
import { principalOf, side } from './support.ts';

/**
 * What the guard promises, told a second time and simply: on sets of subjects that are written out, and on every
 * combination of what a login may be. A guard that does otherwise makes the property throw.
 */

/** Subjects over {a, b} have one token more than the patterns, so that `a.b.>` and `a.b.*` differ. */
const LETTERS = ['a', 'b'] as const;
const UNIVERSE = [1, 2, 3, 4].flatMap((length) => words(LETTERS, length));

function words(letters: readonly string[], length: number): string[] {
  if (length === 0) return [''];
  return words(letters, length - 1).flatMap((head) =>
    letters.map((letter) => (head === '' ? letter : `${head}.${letter}`)),
  );
}

/** Token by token, `*` for any one, `>` for one or more. */
function has(pattern: readonly string[], subject: readonly string[]): boolean {
  const [first, ...others] = pattern;
  const [token, ...rest] = subject;
  if (first === undefined || token === undefined) return first === token;
  if (first === '>' && others.length === 0) return true;
  return (first === '*' || first === token) && has(others, rest);
}

const matching = (pattern: string, subject: string): boolean => has(pattern.split('.'), subject.split('.'));
const setOf = (pattern: string): string[] => UNIVERSE.filter((subject) => matching(pattern, subject));

interface Entry {
  readonly subject: string;
  readonly queue: string | undefined;
}

const token = fc.constantFrom('a', 'b', '*');
const pattern = fc
  .tuple(fc.array(token, { maxLength: 2 }), fc.constantFrom('a', 'b', '*', '>'))
  .map(([head, last]) => [...head, last].join('.'));
const queue = fc.constantFrom('', 'q', 'r');
const plain = pattern.map((subject): Entry => ({ subject, queue: undefined }));
const queued = fc
  .tuple(pattern, fc.constantFrom(undefined, undefined, 'q', '*'))
  .map(([subject, group]): Entry => ({ subject, queue: group }));
const lists = (entry: fc.Arbitrary<Entry>) =>
  fc.record({ allow: fc.array(entry, { maxLength: 4 }), deny: fc.array(entry, { maxLength: 4 }) });

const text = ({ subject, queue: group }: Entry): string =>
  group === undefined ? subject : `${subject} ${group}`;
const sideOf = ({ allow, deny }: { allow: Entry[]; deny: Entry[] }) =>
  side(
    allow.map((entry) => text(entry)),
    deny.map((entry) => text(entry)),
  );
const speaksOf = (entry: Entry, group: string): boolean =>
  entry.queue === undefined || (group !== '' && (entry.queue === '*' || entry.queue === group));

const b = toBytes;
const RUNS = { numRuns: 400 };

/** Publishing is allowed where an allow entry has the subject and no deny entry does. */
export function publishingIsAsDefined(guard: Guard): void {
  fc.assert(
    fc.property(lists(plain), (rights) => {
      const principal = principalOf({ publish: sideOf(rights) });
      for (const subject of UNIVERSE) {
        const denied = rights.deny.some((entry) => matching(entry.subject, subject));
        const allowed =
          rights.allow.length === 0 || rights.allow.some((entry) => matching(entry.subject, subject));
        const verdict = guard.publish(principal, b(subject), undefined, 0);
        const rule = denied ? 'publish-denied' : allowed ? 'publish-allowed' : 'publish-not-allowed';
        expect(verdict.rule, subject).toBe(rule);
      }
    }),
    RUNS,
  );
}

/** With allow_responses, so is what was asked for, as often as granted, whatever the lists say. */
export function answeringIsAsDefined(guard: Guard): void {
  fc.assert(
    fc.property(
      lists(plain),
      fc.constantFrom(...UNIVERSE.slice(0, 14)),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.constantFrom(...UNIVERSE.slice(0, 14)), { maxLength: 12 }),
      (rights, reply, max, published) => {
        const responses = { max, expiresMs: -1 };
        const principal = principalOf({ publish: sideOf(rights), responses });
        const grants = new ResponseGrants(responses);
        grants.grant(b(reply), 0);
        let due = max;
        for (const subject of published) {
          const byLists = guard.publish(principal, b(subject), undefined, 0).allowed;
          const byGrant = !byLists && subject === reply && due > 0;
          if (byGrant) due--;
          expect(guard.publish(principal, b(subject), grants, 0).allowed).toBe(byLists || byGrant);
        }
      },
    ),
    RUNS,
  );
}

/** Subscribing is allowed where one allow entry has all of it and no deny entry reads it as its own. */
export function subscribingIsAsDefined(guard: Guard): void {
  fc.assert(
    fc.property(lists(queued), pattern, queue, (rights, subscribed, group) => {
      const principal = principalOf({ subscribe: sideOf(rights) });
      const speaking = (entries: Entry[]) => entries.filter((entry) => speaksOf(entry, group));
      const wanted = setOf(subscribed);
      const denied = speaking(rights.deny).some((entry) => matching(entry.subject, subscribed));
      const covered =
        rights.allow.length === 0 ||
        speaking(rights.allow).some((entry) => {
          const set = new Set(setOf(entry.subject));
          return wanted.every((subject) => set.has(subject));
        });
      const verdict = guard.subscribe(principal, b(subscribed), b(group));
      const rule = denied ? 'subscribe-denied' : covered ? 'subscribe-allowed' : 'subscribe-not-allowed';
      expect(verdict.rule).toBe(rule);
      if (!verdict.allowed) return;
      const hidden = wanted.filter((subject) =>
        speaking(rights.deny).some((entry) => matching(entry.subject, subject)),
      );
      expect(verdict.filtered).toBe(hidden.length > 0);
      for (const subject of wanted) {
        const delivered = guard.deliver(principal, b(subject), b(group)).allowed;
        expect(delivered, subject).toBe(!hidden.includes(subject));
      }
    }),
    RUNS,
  );
}

/** Never more reaches a subscriber than the lists allow, over all of its subscriptions together. */
export function nothingMoreArrives(guard: Guard): void {
  fc.assert(
    fc.property(lists(plain), fc.array(pattern, { minLength: 1, maxLength: 4 }), (rights, subscribed) => {
      const principal = principalOf({ subscribe: sideOf(rights) });
      const may = (subject: string): boolean =>
        !rights.deny.some((entry) => matching(entry.subject, subject)) &&
        (rights.allow.length === 0 || rights.allow.some((entry) => matching(entry.subject, subject)));
      for (const one of subscribed) {
        const verdict = guard.subscribe(principal, b(one), EMPTY_BYTES);
        if (!verdict.allowed) continue;
        const reaches = setOf(one).filter(
          (subject) => !verdict.filtered || guard.deliver(principal, b(subject), EMPTY_BYTES).allowed,
        );
        expect(reaches.filter((subject) => !may(subject))).toEqual([]);
      }
    }),
    RUNS,
  );
}

const KINDS = ['STANDARD', 'WEBSOCKET'] as const;
const FOUND = ['open', 'credentials', 'wrong', 'guest', 'none'] as const;
const YES_NO = [false, true] as const;

/** Every combination of the facts of a login that makes a difference. */
function* logins(): Generator<ConnectFacts> {
  for (const found of FOUND)
    for (const namesAccount of YES_NO)
      for (const accountIsGone of YES_NO)
        for (const allowedTypes of [undefined, [], ['STANDARD'], ['WEBSOCKET', 'STANDARD']])
          for (const connectionType of KINDS)
            for (const maxConnections of [-1, 0, 1])
              for (const connections of [0, 1])
                yield {
                  found,
                  namesAccount,
                  accountIsGone,
                  connectionType,
                  ...(allowedTypes === undefined ? {} : { allowedTypes }),
                  connections,
                  maxConnections,
                };
}

/** A login succeeds where nothing at all speaks against it. */
export function connectingIsAsDefined(guard: Guard): void {
  const principal = { account: accountId(b('A')), user: b('u') };
  for (const facts of logins()) {
    const { found, namesAccount, accountIsGone, allowedTypes, connectionType, connections, maxConnections } =
      facts;
    const against = [
      found === 'wrong' || found === 'none',
      namesAccount,
      accountIsGone === true,
      allowedTypes !== undefined && !allowedTypes.includes(connectionType),
      maxConnections !== -1 && connections + 1 > maxConnections,
    ];
    const verdict = guard.connect(facts, principal, EMPTY_BYTES);
    expect(verdict.allowed, JSON.stringify(facts)).toBe(!against.includes(true));
  }
}

/** Each property, and the controls without which it must not hold. */
export const GUARD_PROPERTIES: readonly [(guard: Guard) => void, readonly ControlId[]][] = [
  [publishingIsAsDefined, []],
  [answeringIsAsDefined, []],
  [
    subscribingIsAsDefined,
    ['subscribe-plain-deny-first', 'deliver-deny-overlap', 'deliver-deny-queue-wildcard'],
  ],
  [nothingMoreArrives, ['deliver-deny-overlap']],
  [connectingIsAsDefined, ['connect-guest-restrictions', 'connect-account-from-client']],
];
