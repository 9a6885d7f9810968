import fc, { type Arbitrary } from 'fast-check';
import { consumerFeatures, pushFeatures, streamFeatures } from './features.ts';
import { consumerName, draw, type Maker, pick, plainPattern, plainSubject, streamName } from './subjects.ts';

/** A request to the JetStream API: the subject behind `$JS.API.` and the body. */
export interface ApiCall {
  readonly subject: string;
  readonly body: string;
}

export interface ApiOptions {
  /** Whether the same requests get the same bytes: the server's chance has a seed, and its clock stands still. */
  readonly exact: boolean;
}

const API = '$JS.API.';
const MARK = '{{mark}}';

function call(endpoint: string, body: unknown = ''): ApiCall {
  return { subject: `${API}${endpoint}`, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** The subjects of stream S0 are `s0` and `s0.>`, and so on: streams of one account do not overlap unless updated so. */
function streamConfig(name: string, extra: object): object {
  const word = name.toLowerCase();
  const subjects = [word, `${word}.>`];
  return {
    name,
    description: MARK,
    subjects,
    storage: 'memory',
    max_bytes: 100_000,
    num_replicas: 1,
    ...extra,
  };
}

const streamExtras: Arbitrary<object> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.constantFrom<object>(
    { allow_direct: true },
    { max_msgs: 2 },
    { max_msgs_per_subject: 1, allow_rollup_hdrs: true },
    { retention: 'workqueue' },
    { retention: 'interest' },
    { storage: 'file' },
    { discard: 'new', max_msgs: 1 },
    { no_ack: true },
    { deny_purge: true },
    { subjects: [], mirror: { name: 'S0' } },
    { sources: [{ name: 'S1' }] },
    { sources: [{ name: 'S0', external: { api: 'JS.X.API', deliver: 'd' } }] },
  ),
  plainPattern.map((subject) => ({ subjects: [`a.${subject}`] })),
  { weight: 4, arbitrary: fc.constantFrom(...streamFeatures) },
);

/**
 * Streams over every subject of a length: they also store answers of the server, whose times make each run another one
 * unless the clock stands still. Never so long that advisories fit: those hold client ids, which accounts share.
 */
const greedyExtras: Arbitrary<object> = fc
  .constantFrom('*', '*.*', '*.*.*')
  .map((subject) => ({ subjects: [subject] }));

/** Creates a stream that the account's other actions will use. */
export const streamCreation: Arbitrary<ApiCall> = fc
  .tuple(streamName, streamExtras)
  .map(([name, extra]) => call(`STREAM.CREATE.${name}`, streamConfig(name, extra)));

/** Backups and restores begin; their chunks go to subjects of the account, or to ones that other accounts use. */
const transferCalls: Arbitrary<ApiCall> = fc.oneof(
  fc
    .tuple(streamName, fc.constantFrom('snap', 'a.b', '$JS.API.STREAM.PURGE.S0'))
    .map(([name, deliver]) =>
      call(`STREAM.SNAPSHOT.${name}`, { deliver_subject: deliver, chunk_size: 1024 }),
    ),
  streamName.map((name) =>
    call(`STREAM.RESTORE.${name}`, { config: streamConfig(name, {}), state: { messages: 1, bytes: 100 } }),
  ),
);

const streamCalls: Arbitrary<ApiCall> = fc.oneof(
  { weight: 3, arbitrary: streamCreation },
  fc
    .tuple(streamName, streamExtras)
    .map(([name, extra]) => call(`STREAM.UPDATE.${name}`, streamConfig(name, extra))),
  fc.constantFrom(
    call('INFO'),
    call('STREAM.NAMES'),
    call('STREAM.LIST'),
    call('STREAM.LIST', { offset: 1 }),
  ),
  streamName.map((name) => call(`STREAM.INFO.${name}`, { subjects_filter: '>' })),
  streamName.map((name) => call(`STREAM.DELETE.${name}`)),
  fc
    .tuple(streamName, fc.constantFrom<unknown>('', { filter: 's0.a' }, { keep: 1 }, { seq: 2 }))
    .map(([name, body]) => call(`STREAM.PURGE.${name}`, body)),
  transferCalls,
);

const messageCalls: Arbitrary<ApiCall> = fc.oneof(
  fc.tuple(streamName, fc.nat(3)).map(([name, seq]) => call(`STREAM.MSG.GET.${name}`, { seq })),
  fc
    .tuple(streamName, plainSubject)
    .map(([name, subject]) => call(`STREAM.MSG.GET.${name}`, { last_by_subj: subject })),
  fc
    .tuple(streamName, fc.nat(3))
    .map(([name, seq]) => call(`STREAM.MSG.DELETE.${name}`, { seq, no_erase: true })),
  fc.tuple(streamName, fc.nat(3)).map(([name, seq]) => call(`DIRECT.GET.${name}`, { seq })),
  fc.tuple(streamName, plainSubject).map(([name, subject]) => call(`DIRECT.GET.${name}.${subject}`)),
  fc
    .tuple(streamName, fc.constantFrom({ batch: 3, next_by_subj: '>' }, { multi_last: ['>'] }))
    .map(([name, body]) => call(`DIRECT.GET.${name}`, body)),
);

const NEVER_SECONDS = 3600;
const NS = 1_000_000_000;

function consumerConfig(name: string, extra: object): object {
  const common = { durable_name: name, ack_policy: 'explicit', ack_wait: NEVER_SECONDS * NS };
  return { ...common, description: MARK, ...extra };
}

const consumerExtras = fc.constantFrom<object>(
  ...consumerFeatures,
  {},
  { ack_policy: 'none' },
  { filter_subject: 's0.a' },
  { deliver_policy: 'last' },
  { max_ack_pending: 1 },
  { ack_wait: NS },
  { headers_only: true },
);

const consumerCalls: Arbitrary<ApiCall> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(streamName, consumerName, consumerExtras).map(([stream, name, extra]) =>
      call(`CONSUMER.DURABLE.CREATE.${stream}.${name}`, {
        stream_name: stream,
        config: consumerConfig(name, extra),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(streamName, consumerName, fc.constantFrom<object>({}, ...pushFeatures))
      .map(([stream, name, extra]) =>
        call(`CONSUMER.DURABLE.CREATE.${stream}.${name}`, {
          stream_name: stream,
          config: consumerConfig(name, { deliver_subject: `dlv.${name}`, ...extra }),
        }),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        streamName,
        consumerName,
        fc.constantFrom<object>(
          { batch: 2, no_wait: true },
          { batch: 1, expires: 60 * NS },
          { batch: 1, expires: 60 * NS, group: 'g' },
        ),
      )
      .map(([stream, name, body]) => call(`CONSUMER.MSG.NEXT.${stream}.${name}`, body)),
  },
  streamName.map((name) => call(`CONSUMER.NAMES.${name}`)),
  streamName.map((name) => call(`CONSUMER.LIST.${name}`)),
  fc.tuple(streamName, consumerName).map(([stream, name]) => call(`CONSUMER.INFO.${stream}.${name}`)),
  fc.tuple(streamName, consumerName).map(([stream, name]) => call(`CONSUMER.DELETE.${stream}.${name}`)),
  fc.tuple(streamName, consumerName).map(([stream, name]) => call(`CONSUMER.RESET.${stream}.${name}`)),
  fc
    .tuple(streamName, consumerName)
    .map(([stream, name]) =>
      call(`CONSUMER.PAUSE.${stream}.${name}`, { pause_until: '2026-01-01T00:00:02Z' }),
    ),
  fc
    .tuple(streamName, consumerName)
    .map(([stream, name]) => call(`CONSUMER.UNPIN.${stream}.${name}`, { group: 'g' })),
);

const greedyStream: Arbitrary<ApiCall> = fc
  .tuple(streamName, greedyExtras)
  .map(([name, extra]) => call(`STREAM.CREATE.${name}`, streamConfig(name, extra)));

/** A consumer whose name the server invents. */
const inventedConsumer: Arbitrary<ApiCall> = streamName.map((stream) =>
  call(`CONSUMER.CREATE.${stream}`, {
    stream_name: stream,
    config: { ack_policy: 'explicit', description: MARK },
  }),
);

/** Endpoints that only make sense in a cluster, old ones, and ones that never were. */
const oddCalls: Arbitrary<ApiCall> = fc.oneof(
  streamName.map((name) => call(`STREAM.LEADER.STEPDOWN.${name}`)),
  streamName.map((name) => call(`STREAM.PEER.REMOVE.${name}`, { peer: 'n2' })),
  fc
    .tuple(streamName, consumerName)
    .map(([stream, name]) => call(`CONSUMER.LEADER.STEPDOWN.${stream}.${name}`)),
  fc.constantFrom(
    call('STREAM.TEMPLATE.NAMES'),
    call('META.RESCUE'),
    call('SERVER.EVACUATE'),
    call('NOTHING.AT.ALL'),
  ),
  fc.constantFrom(
    call('STREAM.CREATE.S0', '{"name":"S0"'),
    call('STREAM.INFO.S0', '[]'),
    call('STREAM.INFO.S0.S1'),
  ),
);

/** Administration of the whole server, or of an account that the subject names. */
export const administration: Arbitrary<Maker<ApiCall>> = fc.oneof(
  {
    weight: 3,
    arbitrary: draw.map(
      (n): Maker<ApiCall> =>
        (names) =>
          call(`ACCOUNT.PURGE.${pick(names.accounts, n)}`),
    ),
  },
  fc.tuple(draw, streamName).map(
    ([n, stream]): Maker<ApiCall> =>
      (names) =>
        call(`ACCOUNT.STREAM.MOVE.${pick(names.accounts, n)}.${stream}`, { server: 'n1' }),
  ),
  fc.tuple(draw, streamName).map(
    ([n, stream]): Maker<ApiCall> =>
      (names) =>
        call(`ACCOUNT.STREAM.CANCEL_MOVE.${pick(names.accounts, n)}.${stream}`),
  ),
  fc
    .constantFrom(
      call('SERVER.REMOVE', { peer: 'n2' }),
      call('META.LEADER.STEPDOWN'),
      call('META.LEADER.STEPDOWN', {}),
    )
    .map(
      (made): Maker<ApiCall> =>
        () =>
          made,
    ),
);

function fixed(arbitrary: Arbitrary<ApiCall>): Arbitrary<Maker<ApiCall>> {
  return arbitrary.map((made) => () => made);
}

/** Every kind of API request but administration. */
export function apiCalls(options: ApiOptions): Arbitrary<Maker<ApiCall>> {
  return fc.oneof(
    { weight: 6, arbitrary: fixed(streamCalls) },
    { weight: 3, arbitrary: fixed(messageCalls) },
    { weight: 5, arbitrary: fixed(consumerCalls) },
    { weight: 1, arbitrary: fixed(oddCalls) },
    { weight: options.exact ? 1 : 0, arbitrary: fixed(inventedConsumer) },
    { weight: options.exact ? 1 : 0, arbitrary: fixed(greedyStream) },
  );
}
