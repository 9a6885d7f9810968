import fc from 'fast-check';
import type { Fields } from './command.ts';
import { twists } from './pick.ts';

/** One step of a sequence about streams that take from each other. Plain data, to be printed, shrunk and played again. */
export type Step =
  | { readonly do: 'ask'; readonly account: Account; readonly subject: string; readonly body?: unknown }
  | {
      readonly do: 'publish';
      readonly account: Account;
      readonly subject: string;
      readonly payload: string;
      readonly headers?: Fields;
    }
  /** Backs a stream up, with its consumers. */
  | { readonly do: 'backup'; readonly stream: string }
  /** Restores what was backed up last under this name. */
  | { readonly do: 'restore'; readonly stream: string };

/** A has the origins and opens its API to B, which takes from them under a prefix. */
export type Account = 'A' | 'B';

/** The streams of each account; a sequence ends with removing them, the last first. */
export const STREAMS: Readonly<Record<Account, readonly string[]>> = {
  A: ['O', 'P', 'M', 'S', 'T'],
  B: ['X', 'Y'],
};

export const SOURCING_CONFIG = `
  jetstream { domain: D }
  accounts {
    A {
      jetstream: enabled, users: [{ user: A, password: A }]
      exports: [
        { service: "$JS.API.CONSUMER.>", response_type: stream, accounts: [B] }
        { stream: "deliver.b.>", accounts: [B] }
        { service: "$JS.FC.>", accounts: [B] }
      ]
    }
    B {
      jetstream: enabled, users: [{ user: B, password: B }]
      imports: [
        { service: { account: A, subject: "$JS.API.CONSUMER.>" }, to: "JS.A.API.CONSUMER.>" }
        { stream: { account: A, subject: "deliver.b.>" } }
        { service: { account: A, subject: "$JS.FC.>" } }
      ]
    }
  }`;

const SECOND = 1e9;
const EXTERNAL = { api: 'JS.A.API', deliver: 'deliver.b' };

type Json = Record<string, unknown>;

/** What any stream may do besides. */
const FIELDS = {
  max_msgs: [1, 3],
  max_msgs_per_subject: [1, 2],
  max_bytes: [200],
  discard: ['new'],
  max_msg_size: [200],
  duplicate_window: [60 * SECOND],
  first_seq: [1, 5],
  allow_direct: [true],
  mirror_direct: [true],
  deny_delete: [true],
  deny_purge: [true],
  allow_rollup_hdrs: [true, true],
  allow_msg_ttl: [true, true],
  subject_transform: [
    { src: 'o.*', dest: 'o.x.{{wildcard(1)}}' },
    { src: '>', dest: 'n.>' },
  ],
  republish: [{ src: '>', dest: 'again.>' }],
  allow_msg_counter: [true],
  allow_atomic: [true],
  storage: ['file'],
};

/** How an origin keeps its messages. */
const ORIGINS = {
  retention: ['interest', 'workqueue'],
  ...FIELDS,
  sealed: [true],
  allow_msg_schedules: [true],
};

const transforms = [
  [{ src: 'o.a', dest: 'q.a' }],
  [
    { src: 'o.a', dest: 'q.a' },
    { src: 'o.b', dest: '' },
  ],
  [{ src: 'o.*', dest: 'q.{{wildcard(1)}}' }],
];

const source = (names: readonly string[], outside: readonly unknown[]): fc.Arbitrary<Json> =>
  fc
    .record({
      name: fc.constantFrom(...names),
      more: fc.oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        {
          weight: 2,
          arbitrary: twists(
            {
              filter_subject: ['o.a', 'o.*', 'p.>', 'zz'],
              subject_transforms: transforms,
              opt_start_seq: [1, 2, 3, 100],
              opt_start_time: ['2000-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
            },
            2,
          ),
        },
      ),
      external: fc.constantFrom(...outside),
    })
    .map(({ name, more, external }) => ({
      name,
      ...more,
      ...(external === undefined ? {} : { external }),
    }));

const takes = (names: readonly string[], outside: readonly unknown[], own: string): fc.Arbitrary<Json> =>
  fc.oneof(
    source(names, outside).map((mirror) => ({ mirror })),
    fc.array(source(names, outside), { minLength: 1, maxLength: 2 }).map((sources) => ({ sources })),
    fc
      .array(source(names, outside), { minLength: 1, maxLength: 2 })
      .map((sources) => ({ sources, subjects: [own] })),
    fc.constant({ subjects: [own] }),
  );

const LOCAL = [undefined];

/** What streams are made of, by name. */
const shapes: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  O: twists(ORIGINS, 2).map((more) => ({ subjects: ['o.>'], ...more })),
  P: twists(ORIGINS, 2).map((more) => ({ subjects: ['p.>'], ...more })),
  M: takes(['O', 'O', 'P'], LOCAL, 'm.>'),
  S: takes(['O', 'P', 'M'], LOCAL, 's.>'),
  T: takes(['M', 'S', 'O'], LOCAL, 't.>'),
  X: takes(['O', 'O', 'P', 'S'], [EXTERNAL], 'x.>'),
  Y: takes(['X'], [undefined], 'y.>'),
};

const named = fc.constantFrom(...Object.keys(shapes));
const ofA = fc.constantFrom(...STREAMS.A);

export function accountOf(name: string): Account {
  return STREAMS.A.includes(name) ? 'A' : 'B';
}

const configured = named.chain((name) =>
  fc.record({ shape: shapes[name] ?? fc.constant({}), more: twists(FIELDS, 2) }).map(({ shape, more }) => ({
    name,
    storage: 'memory',
    ...more,
    ...shape,
  })),
);

const ask = (verb: string, name: string, body?: unknown): Step => ({
  do: 'ask',
  account: accountOf(name),
  subject: `$JS.API.STREAM.${verb}.${name}`,
  ...(body === undefined ? {} : { body }),
});

const create = configured.map(({ sealed: _, ...body }: Json) => ask('CREATE', String(body['name']), body));
const update = configured.map((body) => ask('UPDATE', body.name, body));
const remove = named.map((name) => ask('DELETE', name));
const purge = fc
  .record({ name: named, body: twists({ keep: [1], seq: [2, 4], filter: ['o.a', '>'] }, 1) })
  .map(({ name, body }) => ask('PURGE', name, body));
const removeMessage = fc
  .record({ name: named, seq: fc.constantFrom(1, 2, 3, 4) })
  .map(({ name, seq }) => ask('MSG.DELETE', name, { seq }));

const HEADERS = {
  k: ['v'],
  'Nats-Msg-Id': ['m1', 'm2'],
  'Nats-Rollup': ['sub', 'all'],
  'Nats-TTL': ['1h', '100s', 'never'],
  'Nats-Incr': ['+1', '-2'],
  'Nats-Expected-Stream': ['O'],
  'Nats-Expected-Last-Sequence': ['0', '1'],
  'Nats-Schedule': ['@at 2099-01-01T00:00:00Z'],
  'Nats-Schedule-Target': ['o.b'],
  'Nats-Stream-Source': ['O 1 > > o.a', 'P 7 > > p.a', 'O 2', 'x'],
  'Nats-Batch-Id': ['b'],
  'Nats-Batch-Sequence': ['1'],
  'Nats-Batch-Commit': ['1'],
};

const publish: fc.Arbitrary<Step> = fc
  .record({
    subject: fc.constantFrom('o.a', 'o.a', 'o.a', 'o.b', 'p.a', 'p.a', 's.a', 't.a', 'm.a'),
    payload: fc.constantFrom('', 'one', 'two', 'a longer payload'),
    headers: fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      { weight: 2, arbitrary: twists(HEADERS, 2) },
    ),
  })
  .map(({ headers, ...rest }) => ({
    do: 'publish' as const,
    account: 'A' as const,
    ...rest,
    ...(Object.keys(headers).length === 0 ? {} : { headers: headers as Fields }),
  }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: publish },
  { weight: 6, arbitrary: create },
  { weight: 3, arbitrary: update },
  { weight: 1, arbitrary: remove },
  { weight: 2, arbitrary: purge },
  { weight: 2, arbitrary: removeMessage },
  { weight: 1, arbitrary: ofA.map((stream): Step => ({ do: 'backup', stream })) },
  { weight: 1, arbitrary: ofA.map((stream): Step => ({ do: 'restore', stream })) },
);

/** Sequences that begin with an origin and somebody who takes from it. */
export const sourcingSequences: fc.Arbitrary<Step[]> = fc
  .tuple(
    shapes['O']?.map((shape) => ask('CREATE', 'O', { name: 'O', storage: 'memory', ...shape })) ?? create,
    create,
    fc.array(step, { minLength: 3, maxLength: 14, size: 'max' }),
  )
  .map(([first, second, rest]) => [first, second, ...rest]);

/** A sequence as lines that read like the wire. */
export function printedSteps(steps: readonly Step[]): string {
  return steps.map((one, at) => `${String(at).padStart(3)} ${line(one)}`).join('\n');
}

function line(one: Step): string {
  switch (one.do) {
    case 'ask':
      return `${one.account} ${one.subject} ${one.body === undefined ? '' : JSON.stringify(one.body)}`;
    case 'publish':
      return `${one.account} PUB ${one.subject} ${one.payload} ${JSON.stringify(one.headers ?? {})}`;
    case 'backup':
    case 'restore':
      return `A ${one.do} ${one.stream}`;
  }
}
