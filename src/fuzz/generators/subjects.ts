import fc, { type Arbitrary } from 'fast-check';

/** What a generator may speak of: the names that exist in the world, so that guesses hit. */
export interface Names {
  readonly accounts: readonly string[];
  readonly users: readonly string[];
  /** Labels of connections: their inboxes are `_INBOX.<label>.<n>`. */
  readonly labels: readonly string[];
  readonly doors: readonly DoorNames[];
  /** Users with permissions. */
  readonly guests: readonly string[];
  /** Their connections, as numbers. */
  readonly guestsAt: readonly number[];
}

/** A door as somebody uses it: who there is on both sides, as numbers of connections, and what they call things. */
export interface DoorNames {
  readonly kind: 'stream' | 'service';
  readonly importers: readonly number[];
  readonly exporters: readonly number[];
  readonly localPattern: string;
  readonly remotePattern: string;
  /** Subjects within the patterns. */
  readonly local: string;
  readonly remote: string;
}

/** A text that becomes definite when the world is known. */
export type Maker<T> = (names: Names) => T;

/** The one of `list` that a drawn number stands for. */
export function pick(list: readonly string[], draw: number): string {
  return list[draw % list.length] ?? '';
}

/** The door that a drawn number stands for; undefined where there is none. */
export function pickDoor({ doors }: Names, draw: number): DoorNames | undefined {
  return doors[draw % Math.max(1, doors.length)];
}

/** A number to be taken modulo something. Without bias: a preference for small numbers would prefer one account. */
export const draw: Arbitrary<number> = fc.noBias(fc.nat(11));

/** Small on purpose: names have to meet. */
export const STREAMS = ['S0', 'S1', 'S2'] as const;
export const CONSUMERS = ['C0', 'C1'] as const;
const WORDS = ['a', 'b', 's0', 's1', 's2'] as const;

export const streamName = fc.constantFrom(...STREAMS);
export const consumerName = fc.constantFrom(...CONSUMERS);
const word = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b') }, fc.constantFrom(...WORDS));

/** A subject that means nothing but itself. */
export const plainSubject: Arbitrary<string> = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .map((tokens) => tokens.join('.'));

/** A pattern over the plain subjects. */
export const plainPattern: Arbitrary<string> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: word }, fc.constant('*')), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([tokens, open]) => (open ? [...tokens.slice(0, 2), '>'] : tokens).join('.'));

/** Patterns over few words, which overlap each other in every way. */
export const tightPattern: Arbitrary<string> = fc.constantFrom(
  'a',
  'a.b',
  'a.*',
  '*.b',
  '*.*',
  'a.>',
  '*.>',
  'b.*',
  'a.*.b',
  '*',
);

const constant =
  (text: string): Maker<string> =>
  () =>
    text;

/** Subjects that carry other people's business somewhere else: inboxes, replies, acknowledgements, administration. */
export const weaponSubject: Arbitrary<Maker<string>> = fc.oneof(
  fc.tuple(draw, fc.nat(3)).map(
    ([label, n]): Maker<string> =>
      (names) =>
        `_INBOX.${pick(names.labels, label)}.${n}`,
  ),
  fc
    .tuple(streamName, consumerName, fc.nat(3))
    .map(([stream, consumer, n]) => constant(`$JS.ACK.${stream}.${consumer}.1.${n}.${n}.0.0`)),
  draw.map(
    (account): Maker<string> =>
      (names) =>
        `$SYS.REQ.ACCOUNT.${pick(names.accounts, account)}.CONNZ`,
  ),
  draw.map(
    (account): Maker<string> =>
      (names) =>
        `$SYS.ACCOUNT.${pick(names.accounts, account)}.CONNECT`,
  ),
  fc
    .constantFrom(
      '_R_.abcdef.ghijkl',
      '_GR_.abcdef.ghijkl',
      '$GNR.x',
      '$JS.FC.S0.C0.x',
      '$JS.SNAPSHOT.RESTORE.S0.x',
      '$JS.SNAPSHOT.ACK.S0.x.1.1',
      '$JS.API.DIRECT.GET.S0.s0.a',
      '$JS.EVENT.ADVISORY.STREAM.CREATED.S0',
      '$SYS.REQ.SERVER.PING',
      '$SYS.REQ.SERVER.PING.CONNZ',
      '$SYS.REQ.USER.INFO',
      '$SYS.REQ.ACCOUNT.PING.STATZ',
      '$SYS.DEBUG.SUBSCRIBERS',
      '$JS.API',
      'dlv.C0',
      'a..b',
      '.a',
      'a.*',
      'a.>',
      '\xc3\xa9.\xff',
    )
    .map(constant),
);

/** Patterns that would show much, if anything came over. */
export const weaponPattern: Arbitrary<Maker<string>> = fc.oneof(
  fc
    .constantFrom(
      '>',
      '*',
      '*.*',
      '_INBOX.>',
      '_R_.>',
      '$JS.>',
      '$JS.API.>',
      '$JS.ACK.>',
      '$JS.EVENT.>',
      '$SYS.>',
      '$SYS.REQ.>',
    )
    .map(constant),
  fc.constantFrom('dlv.C0', 'dlv.C1').map(constant),
  weaponSubject,
);

/** A subject on one side of a door, where there is one. */
export const doorSubject: Arbitrary<Maker<string>> = fc
  .tuple(draw, fc.constantFrom('local', 'remote'), plainSubject)
  .map(
    ([n, side, plain]): Maker<string> =>
      (names) =>
        pickDoor(names, n)?.[side] ?? plain,
  );

export const anySubject: Arbitrary<Maker<string>> = fc.oneof(
  { weight: 3, arbitrary: plainSubject.map(constant) },
  { weight: 2, arbitrary: doorSubject },
  { weight: 1, arbitrary: weaponSubject },
);

export const anyPattern: Arbitrary<Maker<string>> = fc.oneof(
  { weight: 2, arbitrary: tightPattern.map(constant) },
  { weight: 2, arbitrary: doorSubject },
  { weight: 2, arbitrary: plainPattern.map(constant) },
  { weight: 2, arbitrary: weaponPattern },
);

/** Queue names; the same few everywhere, because a group must not reach over the boundary. */
export const queueName: Arbitrary<string> = fc.constantFrom('q', 'workers', '>', '*');
