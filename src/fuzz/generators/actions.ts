import fc, { type Arbitrary } from 'fast-check';
import type { Action, Field } from '../actions.ts';
import { SYSTEM_ACCOUNT } from '../world.ts';
import { type ApiOptions, administration, apiCalls, streamCreation } from './api-calls.ts';
import { featureFields } from './features.ts';
import {
  anyPattern,
  anySubject,
  doorSubject,
  draw,
  type Maker,
  pick,
  pickDoor,
  plainSubject,
  queueName,
  tightPattern,
} from './subjects.ts';

/** An action whose actor and names are known later. `by` is a drawn number, to be taken modulo the connections. */
export type ActionMaker = Maker<Action>;

const MARKED_BODY = '{{mark}}';
const NO_FIELDS: readonly Field[] = [];

/** `Nats-Request-Info` as an attacker writes it: the victim's or the system account's name, in one or several copies. */
const forgedFields: Arbitrary<Maker<readonly Field[]>> = fc
  .array(fc.tuple(draw, fc.constantFrom('acc', 'svc', 'both')), { minLength: 1, maxLength: 3 })
  .map((copies) => (names) => {
    const targets = [...names.accounts, SYSTEM_ACCOUNT];
    return copies.map(([n, form]): Field => {
      const acc = pick(targets, n);
      const info = form === 'acc' ? { acc } : form === 'svc' ? { svc: acc } : { acc, svc: acc, user: 'sys' };
      return ['Nats-Request-Info', JSON.stringify(info)];
    });
  });

const streamFields = fc.constantFrom<readonly Field[]>(
  [['Nats-Msg-Id', 'one']],
  [['Nats-Expected-Last-Sequence', '1']],
  [['Nats-Expected-Stream', 'S0']],
  [['Nats-Rollup', 'sub']],
  [['Nats-Required-Api-Level', '99']],
);

/** Ways to attack that a campaign may be asked to leave out. */
export const WEAPONS = ['forged-identity', 'administration', 'odd-bytes', 'replay', 'live-change'] as const;
export type Weapon = (typeof WEAPONS)[number];

const anyFields = (weapons: Weapons): Arbitrary<Maker<readonly Field[]>> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Maker<readonly Field[]>>(() => NO_FIELDS) },
    { weight: weapons('forged-identity', 2), arbitrary: forgedFields },
    { weight: 1, arbitrary: streamFields.map((fields) => () => fields) },
  );

/** The weight of a weapon: as given, or 0 when it is left out. */
type Weapons = (weapon: Weapon, weight: number) => number;

function weaponsWithout(leaveOut: readonly Weapon[]): Weapons {
  return (weapon, weight) => (leaveOut.includes(weapon) ? 0 : weight);
}
const ALL_WEAPONS = weaponsWithout([]);
const PEACEFUL = weaponsWithout(WEAPONS);

const subscribes: Arbitrary<ActionMaker> = fc
  .tuple(draw, anyPattern, fc.option(queueName, { nil: undefined, freq: 2 }))
  .map(([by, subject, queue]) => (names) => ({
    kind: 'sub',
    by,
    subject: subject(names),
    ...(queue === undefined ? {} : { queue }),
  }));

const unsubscribes = (counted: boolean): Arbitrary<ActionMaker> =>
  fc
    .tuple(draw, fc.nat(2), fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }))
    .map(([by, nth, max]) => () => ({
      kind: 'unsub',
      by,
      nth,
      ...(max === undefined || !counted ? {} : { max }),
    }));

const publishes = (weapons: Weapons): Arbitrary<ActionMaker> =>
  fc
    .tuple(draw, anySubject, fc.option(anySubject, { nil: undefined, freq: 3 }), anyFields(weapons))
    .map(([by, subject, reply, headers]) => (names) => ({
      kind: 'pub',
      by,
      subject: subject(names),
      ...(reply === undefined ? {} : { reply: reply(names) }),
      headers: headers(names),
      body: MARKED_BODY,
    }));

/** A message to a stream, with headers that make it do something; as a request, for its acknowledgement. */
const toStreams: Arbitrary<ActionMaker> = fc
  .tuple(draw, fc.constantFrom('s0', 's0.a', 's0.b', 's1.a', 's2'), featureFields)
  .map(([by, subject, headers]) => () => ({ kind: 'request', by, subject, headers, body: MARKED_BODY }));

const requests = (weapons: Weapons): Arbitrary<ActionMaker> =>
  fc
    .tuple(
      draw,
      fc.oneof(
        { weight: 3, arbitrary: plainSubject.map((text) => () => text) },
        { weight: 2, arbitrary: doorSubject },
        { weight: 2, arbitrary: anySubject },
      ),
      anyFields(weapons),
    )
    .map(([by, subject, headers]) => (names) => ({
      kind: 'request',
      by,
      subject: subject(names),
      headers: headers(names),
      body: MARKED_BODY,
    }));

const answers = (bodies: readonly string[]): Arbitrary<ActionMaker> =>
  fc
    .tuple(
      draw,
      fc.constantFrom(...bodies),
      fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    )
    .map(([by, body, asks]) => () => ({
      kind: 'answer',
      by,
      // An answer that asks in turn has to be found again, by its mark.
      ...(asks ? { asks, body: MARKED_BODY } : { body }),
    }));

const ACKNOWLEDGEMENTS = ['+ACK', '-NAK', '+TERM', '+WPI', '+NXT'] as const;
/** An empty body ends the answers to a request. */
const REPLIES = [MARKED_BODY, MARKED_BODY, ''] as const;

/** Somebody on the side of a door where messages arrive listens there, outside of queues or in one. */
const listensAtDoor: Arbitrary<ActionMaker> = fc
  .tuple(draw, draw, fc.boolean(), fc.option(queueName, { nil: undefined, freq: 3 }), tightPattern)
  .map(([n, who, wide, queue, plain]) => (names) => {
    const door = pickDoor(names, n);
    const group = queue === undefined ? {} : { queue };
    if (door === undefined) return { kind: 'sub', by: who, subject: plain, ...group };
    const [side, at] =
      door.kind === 'stream' ? (['local', 'importers'] as const) : (['remote', 'exporters'] as const);
    return {
      kind: 'sub',
      by: oneOf(door[at], who),
      subject: wide ? door[`${side}Pattern`] : door[side],
      ...group,
    };
  });

/** Somebody on the other side says something, or asks. */
const speaksAtDoor = (weapons: Weapons): Arbitrary<ActionMaker> =>
  fc.tuple(draw, draw, plainSubject, anyFields(weapons)).map(([n, who, plain, fields]) => (names) => {
    const door = pickDoor(names, n);
    const message = { headers: fields(names), body: MARKED_BODY };
    if (door?.kind === 'stream')
      return { kind: 'pub', by: oneOf(door.exporters, who), subject: door.remote, ...message };
    const by = door === undefined ? who : oneOf(door.importers, who);
    return { kind: 'request', by, subject: door?.local ?? plain, ...message };
  });

/** Who stands where requests arrive answers, or answers once more. */
const answersAtDoor: Arbitrary<ActionMaker> = fc
  .tuple(draw, draw, fc.constantFrom(...REPLIES))
  .map(([n, who, body]) => (names) => ({
    kind: 'answer',
    by: oneOf(pickDoor(names, n)?.exporters ?? [who], who),
    body,
  }));

/** A user with permissions subscribes to what these may hide a part of. */
const guestListens: Arbitrary<ActionMaker> = fc
  .tuple(draw, tightPattern, fc.option(queueName, { nil: undefined, freq: 2 }))
  .map(([who, subject, queue]) => (names) => ({
    kind: 'sub',
    by: oneOf(names.guestsAt, who),
    subject,
    ...(queue === undefined ? {} : { queue }),
  }));

/** A message on one of the few subjects that such patterns speak of. */
const shortMessage: Arbitrary<ActionMaker> = fc
  .tuple(draw, fc.constantFrom('a', 'a.b', 'a.a', 'b.b', 'b.a', 'a.a.b'))
  .map(([by, subject]) => () => ({ kind: 'pub', by, subject, headers: NO_FIELDS, body: MARKED_BODY }));

function oneOf(connections: readonly number[], drawn: number): number {
  return connections[drawn % connections.length] ?? drawn;
}

const atDoors = (weapons: Weapons): Arbitrary<ActionMaker> =>
  fc.oneof(
    { weight: 4, arbitrary: listensAtDoor },
    { weight: 5, arbitrary: speaksAtDoor(weapons) },
    { weight: 4, arbitrary: answersAtDoor },
  );

/** Reply subjects used again, by their owner or by somebody else, or nearly guessed. */
const replays: Arbitrary<ActionMaker> = fc
  .tuple(draw, draw, fc.nat(3), fc.boolean(), fc.constantFrom(...REPLIES, '+ACK'))
  .map(([by, of, nth, guess, body]) => () => ({
    kind: 'replay',
    by,
    of,
    nth,
    body,
    ...(guess ? { guess } : {}),
  }));

/** Another configuration of the same world, with or without somebody who publishes meanwhile. */
const reloads = (racing: boolean): Arbitrary<ActionMaker> =>
  fc
    .tuple(
      fc.array(fc.noBias(fc.nat(23)), { maxLength: 3 }),
      fc.array(draw, { maxLength: 2 }),
      draw,
      fc.option(fc.array(doorSubject, { minLength: 1, maxLength: 4 }), { nil: undefined }),
    )
    .map(([shut, muted, by, subjects]) => (names) => ({
      kind: 'reload',
      shut,
      muted: names.guests.length === 0 ? [] : [...new Set(muted.map((n) => pick(names.guests, n)))],
      ...(racing && subjects !== undefined
        ? { race: { by, subjects: subjects.map((make) => make(names)) } }
        : {}),
    }));

/** Bytes that are not the protocol, or nearly. */
const odd: Arbitrary<ActionMaker> = fc
  .tuple(
    draw,
    fc.oneof(
      fc.constantFrom(
        'PUB a 5\r\nhello!\r\n',
        'PUB a -1\r\n\r\n',
        'PUB a 99999999999\r\n',
        'HPUB a 99 12\r\nNATS/1.0\r\n\r\n\r\n',
        'SUB a b c d\r\n',
        'CONNECT {"account":"TEST"}\r\n',
        'CONNECT {"user":"sys","pass":"x"}\r\n',
        'MSG a 1 2\r\nhi\r\n',
        'INFO {}\r\nPING\r\n',
        '\0\0\0\r\n',
        'pub\ta\t0\r\n\r\nPING\r\n',
        'UNSUB\r\n',
      ),
      fc.array(fc.nat(255), { maxLength: 12 }).map((codes) => `${String.fromCharCode(...codes)}\r\n`),
    ),
  )
  .map(([by, bytes]) => () => ({ kind: 'raw', by, bytes }));

const closes: Arbitrary<ActionMaker> = draw.map((by) => () => ({ kind: 'close', by }));

const advances: Arbitrary<ActionMaker> = fc
  .constantFrom(500, 2_000, 60_000, 3_700_000)
  .map((ms) => () => ({ kind: 'advance', ms }));

export interface ActionOptions extends ApiOptions {
  readonly leaveOut: readonly Weapon[];
}

function asRequest(
  arbitrary: Arbitrary<Maker<{ subject: string; body: string }>>,
  weapons: Weapons,
): Arbitrary<ActionMaker> {
  return fc.tuple(draw, arbitrary, anyFields(weapons)).map(([by, call, headers]) => (names) => ({
    kind: 'request',
    by,
    ...call(names),
    headers: headers(names),
  }));
}

/** Everything anybody can do, in the proportions that find most. */
export function anyAction(options: ActionOptions): Arbitrary<ActionMaker> {
  const weapons = weaponsWithout(options.leaveOut);
  return fc.oneof(
    { weight: 8, arbitrary: asRequest(apiCalls(options), weapons) },
    { weight: weapons('administration', 3), arbitrary: asRequest(administration, weapons) },
    { weight: 5, arbitrary: atDoors(weapons) },
    { weight: 4, arbitrary: subscribes },
    { weight: 1, arbitrary: unsubscribes(options.exact) },
    { weight: 5, arbitrary: publishes(weapons) },
    { weight: 4, arbitrary: requests(weapons) },
    { weight: 3, arbitrary: toStreams },
    { weight: 3, arbitrary: answers([...ACKNOWLEDGEMENTS, ...REPLIES]) },
    { weight: weapons('replay', 2), arbitrary: replays },
    { weight: options.exact ? weapons('live-change', 1) : 0, arbitrary: reloads(true) },
    { weight: weapons('odd-bytes', 1), arbitrary: odd },
    { weight: 1, arbitrary: closes },
    { weight: options.exact ? 1 : 0, arbitrary: advances },
  );
}

/** What accounts own before the trouble begins: streams, with or without messages. */
export const settling: Arbitrary<ActionMaker> = fc.oneof(
  {
    weight: 2,
    arbitrary: asRequest(
      streamCreation.map((made) => () => made),
      PEACEFUL,
    ),
  },
  { weight: 1, arbitrary: requests(PEACEFUL) },
);

/** Somebody listens, so that messages and requests meet somebody. */
export const listening: Arbitrary<ActionMaker> = fc.oneof(
  { weight: 2, arbitrary: listensAtDoor },
  { weight: 1, arbitrary: subscribes },
);

/** Administration alone, for the authority fuzzer. */
export const administers: Arbitrary<ActionMaker> = asRequest(administration, ALL_WEAPONS);

/** Subscriptions, messages, requests and answers alone, for the agreement with the model. */
export function coreOnly({ exact, live, leaveOut }: CoreOptions): Arbitrary<ActionMaker> {
  const weapons = weaponsWithout(leaveOut);
  return fc.oneof(
    { weight: 14, arbitrary: atDoors(weapons) },
    { weight: 5, arbitrary: guestListens },
    { weight: 5, arbitrary: shortMessage },
    { weight: 4, arbitrary: subscribes },
    { weight: 1, arbitrary: unsubscribes(false) },
    { weight: 4, arbitrary: publishes(weapons) },
    { weight: 4, arbitrary: requests(weapons) },
    { weight: 4, arbitrary: answers(REPLIES) },
    { weight: weapons('replay', 2), arbitrary: replays },
    { weight: 1, arbitrary: closes },
    { weight: exact ? 1 : 0, arbitrary: advances },
    { weight: live ? 3 : 0, arbitrary: reloads(false) },
  );
}

export interface CoreOptions {
  /** Whether the target's clock can be moved. */
  readonly exact: boolean;
  /** Whether the configuration changes meanwhile. */
  readonly live: boolean;
  readonly leaveOut: readonly Weapon[];
}
