import { describe, expect, it } from 'vitest';
import { JsError } from '../../src/jetstream/errors.ts';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { type JetStreamLimits, UNLIMITED } from '../../src/jetstream/limits.ts';
import { finish } from '../../src/jetstream/sliced.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { allSubjects, header, TestEnv } from './support.ts';

function house(limits: Partial<JetStreamLimits> = {}): { env: TestEnv; js: JetStream } {
  const env = new TestEnv();
  return { env, js: new JetStream(env, { ...UNLIMITED, ...limits }) };
}

function withStream(input: StreamConfigInput = {}): { env: TestEnv; js: JetStream; stream: Stream } {
  const { env, js } = house();
  const { stream } = js.createStream({ name: 'P', subjects: ['p.>'], storage: 'memory', ...input });
  return { env, js, stream };
}

/** What an action fails with, as `code/err_code text`, or `ok`. */
function outcome(action: () => unknown): string {
  try {
    action();
    return 'ok';
  } catch (error) {
    if (!(error instanceof JsError)) throw error;
    return `${error.code}/${error.errCode} ${error.description}`;
  }
}

/** What a publish is answered with: the sequence, `dup n`, or `err_code text`. */
function publish(env: TestEnv, subject: string, headers: Record<string, string> = {}, payload = 'x'): string {
  const block = Object.keys(headers).length === 0 ? '' : header(...Object.entries(headers));
  const answer = env.request(subject, payload, block) as {
    seq: number;
    duplicate?: boolean;
    error?: { err_code: number; description: string };
  };
  if (answer.error !== undefined) return `${answer.error.err_code} ${answer.error.description}`;
  return answer.duplicate === true ? `dup ${answer.seq}` : String(answer.seq);
}

const INVALID = '500/10052';

describe('JetStream.createStream', () => {
  it('shows the defaults of 2.14.5 in its order', () => {
    const { js } = house();
    const { stream } = js.createStream({ name: 'B' });
    expect(JSON.stringify(stream.config)).toBe(
      '{"name":"B","subjects":["B"],"retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_age":0,' +
        '"max_msgs_per_subject":-1,"max_msg_size":-1,"discard":"old","storage":"file","num_replicas":1,' +
        '"duplicate_window":120000000000,"compression":"none","allow_direct":false,"mirror_direct":false,' +
        '"sealed":false,"deny_delete":false,"deny_purge":false,"allow_rollup_hdrs":false,"consumer_limits":{},' +
        '"allow_msg_ttl":false,"metadata":{"_nats.req.level":"0"}}',
    );
    expect(JSON.stringify(stream.state())).toBe(
      '{"messages":0,"bytes":0,"first_seq":0,"first_ts":"0001-01-01T00:00:00Z","last_seq":0,' +
        '"last_ts":"0001-01-01T00:00:00Z","consumer_count":0}',
    );
  });

  // Every text is what 2.14.5 answered to the same configuration.
  it.each<[StreamConfigInput, string]>([
    [{ name: '' }, `${INVALID} stream name is required and can not contain '.', '*', '>', '\\', '/'`],
    [{ name: 'a*' }, `${INVALID} stream name is required and can not contain '.', '*', '>', '\\', '/'`],
    [{ name: 'a/b' }, '400/10128 Stream name can not contain path separators'],
    [{ name: 'x'.repeat(256) }, `${INVALID} stream name is too long, maximum allowed is 255`],
    [{ description: 'x'.repeat(4097) }, `${INVALID} stream description is too long, maximum allowed is 4096`],
    [
      { metadata: { a: 'x'.repeat(131_072) } },
      `${INVALID} stream metadata exceeds maximum size of 131072 bytes`,
    ],
    [{ num_replicas: 3 }, '500/10074 replicas > 1 not supported in non-clustered mode'],
    [{ num_replicas: 6 }, `${INVALID} maximum replicas is 5`],
    [{ num_replicas: -1 }, '400/10133 replicas count cannot be negative'],
    [{ max_msgs: 0, max_bytes: -5, max_msg_size: 0 }, 'ok'],
    [{ max_age: 99e6 }, `${INVALID} max age needs to be >= 100ms`],
    [{ max_age: -1 }, `${INVALID} max age can not be negative`],
    [{ max_age: 100e6 }, 'ok'],
    [{ duplicate_window: -1 }, `${INVALID} duplicates window can not be negative`],
    [{ duplicate_window: 99_999_999 }, `${INVALID} duplicates window needs to be >= 100ms`],
    [{ duplicate_window: 2e9, max_age: 1e9 }, `${INVALID} duplicates window can not be larger then max age`],
    [{ subjects: ['a..b'] }, `${INVALID} invalid subject`],
    [{ subjects: [''] }, `${INVALID} invalid subject`],
    [{ subjects: ['a b'] }, `${INVALID} invalid subject`],
    [{ subjects: ['>'] }, `${INVALID} capturing all subjects requires no-ack to be true`],
    [{ subjects: ['>'], no_ack: true }, 'ok'],
    [{ subjects: ['x', 'x'] }, `${INVALID} subject "x" overlaps with "x"`],
    [{ subjects: ['x.*', 'x.1'] }, `${INVALID} subject "x.*" overlaps with "x.1"`],
    [
      { subjects: ['$JS.>'] },
      `${INVALID} subjects that overlap with jetstream api require no-ack to be true`,
    ],
    [
      { subjects: ['*.API.x'] },
      `${INVALID} subjects that overlap with jetstream api require no-ack to be true`,
    ],
    [
      { subjects: ['$JS.ACK.>'] },
      `${INVALID} subjects that overlap with jetstream api require no-ack to be true`,
    ],
    [{ subjects: ['$JS.API.>'], no_ack: true }, 'ok'],
    [{ subjects: ['$JS.EVENT.ADVISORY.x'] }, 'ok'],
    [{ subjects: ['$SYS.>'] }, `${INVALID} subjects that overlap with system api require no-ack to be true`],
    [{ subjects: ['$SYS.ACCOUNT.>'] }, 'ok'],
    [{ subjects: ['$KV.x.>'] }, 'ok'],
    [{ sealed: true }, `${INVALID} stream configuration for create can not be sealed`],
    [{ allow_rollup_hdrs: true, deny_purge: true }, `${INVALID} roll-ups require the purge permission`],
    [
      { discard_new_per_subject: true },
      `${INVALID} discard new per subject requires discard new policy to be set`,
    ],
    [
      { discard_new_per_subject: true, discard: 'new' },
      `${INVALID} discard new per subject requires max msgs per subject > 0`,
    ],
    [{ discard_new_per_subject: true, discard: 'new', max_msgs_per_subject: 1 }, 'ok'],
    [
      { persist_mode: 'async', storage: 'memory' },
      `${INVALID} async persist mode is only supported on file storage`,
    ],
    [{ placement: { preferred: 'a' } }, `${INVALID} preferred server not permitted in placement`],
    [{ mirror_direct: true }, `${INVALID} stream has no mirror but does have mirror direct`],
    [{ mirror: { name: 'Y' } }, '400/10034 stream mirrors can not contain subjects'],
    [{ allow_msg_ttl: true }, 'ok'],
    // Of two faults the same one is named.
    [{ subjects: ['a..b'], max_age: 5 }, `${INVALID} max age needs to be >= 100ms`],
    [
      { discard_new_per_subject: true, subjects: ['a..b'] },
      `${INVALID} discard new per subject requires discard new policy to be set`,
    ],
    [{ placement: { preferred: 'x' }, subjects: ['a..b'] }, `${INVALID} invalid subject`],
    [{ num_replicas: 3, subjects: ['a..b'] }, `${INVALID} invalid subject`],
    [{ num_replicas: 6, max_age: 5 }, `${INVALID} maximum replicas is 5`],
  ])('answers %j with %s', (input, expected) => {
    const { js } = house();
    expect(outcome(() => js.createStream({ name: 'X', subjects: ['x'], ...input }))).toBe(expected);
    expect(js.streams.size).toBe(expected === 'ok' ? 1 : 0);
  });

  it('refuses in pedantic mode what it would adjust', () => {
    const { js } = house();
    const input = { name: 'X', max_age: 1e9 };
    expect(outcome(() => js.createStream(input, true))).toBe(
      '400/10157 pedantic mode: duplicate window cannot be bigger than max age',
    );
    expect(js.createStream(input).stream.config.duplicate_window).toBe(1e9);
  });

  it('is idempotent on the same configuration and refuses another one', () => {
    const { env, js } = house();
    expect(js.createStream({ name: 'X' }).created).toBe(true);
    expect(js.createStream({ name: 'X', metadata: { '_nats.ver': 'zz' } }).created).toBe(false);
    expect(outcome(() => js.createStream({ name: 'X', description: 'd' }))).toBe(
      '400/10058 stream name already in use with a different configuration',
    );
    expect(env.advisories.map((one) => [one.subject, one.body])).toEqual([
      ['$JS.EVENT.ADVISORY.STREAM.CREATED.X', { stream: 'X', action: 'create' }],
    ]);
    expect(env.assetEvents).toEqual(['+X']);
  });

  it('refuses subjects of another stream', () => {
    const { js } = house();
    js.createStream({ name: 'A', subjects: ['s.>'] });
    expect(outcome(() => js.createStream({ name: 'B', subjects: ['s.*'] }))).toBe(
      '400/10065 subjects overlap with an existing stream',
    );
    js.createStream({ name: 'B', subjects: ['t'] });
    expect(outcome(() => js.updateStream(toBytes('B'), { subjects: ['s.x'] }))).toBe(
      '400/10065 subjects overlap with an existing stream',
    );
  });

  it('keeps the limits of the account', () => {
    const { js } = house({ maxMemory: 100_000, maxStorage: 200_000, maxStreams: 3 });
    expect(outcome(() => js.createStream({ name: 'A', max_bytes: 150_000 }))).toBe('ok');
    expect(outcome(() => js.createStream({ name: 'B', max_bytes: 100_000 }))).toBe(
      '500/10047 insufficient storage resources available',
    );
    expect(outcome(() => js.createStream({ name: 'B', max_bytes: 50_000, storage: 'memory' }))).toBe('ok');
    expect(outcome(() => js.createStream({ name: 'C', max_bytes: 60_000, storage: 'memory' }))).toBe(
      '500/10028 insufficient memory resources available',
    );
    expect(outcome(() => js.createStream({ name: 'C' }))).toBe('ok');
    expect(outcome(() => js.createStream({ name: 'D' }))).toBe('400/10027 maximum number of streams reached');
    expect(outcome(() => js.updateStream(toBytes('A'), { max_bytes: 250_000 }))).toBe(
      '500/10047 insufficient storage resources available',
    );
    expect(outcome(() => js.updateStream(toBytes('A'), { max_bytes: 190_000 }))).toBe('ok');
    expect(js.usage()).toMatchObject({ reservedMemory: 50_000, reservedStorage: 190_000, streams: 3 });
  });

  it('keeps the limits of the account on the size of a stream', () => {
    const { js } = house({ maxBytesRequired: true, memoryMaxStreamBytes: 5000, storageMaxStreamBytes: 6000 });
    const of = (input: StreamConfigInput): string => outcome(() => js.createStream({ name: 'A', ...input }));
    expect(of({})).toBe('400/10113 account requires a stream config to have max bytes set');
    expect(of({ max_bytes: 5500, storage: 'memory' })).toBe(
      '400/10122 stream max bytes exceeds account limit max stream bytes',
    );
    expect(of({ max_bytes: 5500 })).toBe('ok');
  });

  it('permits no stream of a storage kind whose limit is zero', () => {
    const { js } = house({ maxMemory: 0 });
    expect(outcome(() => js.createStream({ name: 'A', storage: 'memory' }))).toBe(
      '500/10028 insufficient memory resources available',
    );
  });
});

describe('JetStream.updateStream', () => {
  const CANNOT = `${INVALID} stream configuration update can not`;

  it.each<[StreamConfigInput, StreamConfigInput, string]>([
    [{}, { storage: 'file' }, `${CANNOT} change storage type`],
    [{}, { retention: 'workqueue' }, `${CANNOT} change retention policy to/from workqueue`],
    [{}, { retention: 'interest' }, 'ok'],
    [{}, { max_consumers: 5 }, 'ok'],
    [{}, { mirror: { name: 'Y' }, subjects: [] }, '400/10055 stream mirror configuration can not be updated'],
    [{ deny_delete: true }, { deny_delete: false }, `${CANNOT} cancel deny message deletes`],
    [{ deny_purge: true }, { deny_purge: false }, `${CANNOT} cancel deny purge`],
    [{}, { max_age: 50 }, `${INVALID} max age needs to be >= 100ms`],
    [{}, { subjects: ['p.>', 'p.x'] }, `${INVALID} subject "p.>" overlaps with "p.x"`],
  ])('from %j to %j: %s', (before, after, expected) => {
    const { js } = withStream(before);
    const update = { subjects: ['p.>'], storage: 'memory' as const, ...after };
    expect(outcome(() => js.updateStream(toBytes('P'), update))).toBe(expected);
  });

  it('seals for good', () => {
    const { env, js, stream } = withStream({ max_age: 1e9 });
    publish(env, 'p.a');
    js.updateStream(stream.name, { subjects: ['p.>'], storage: 'memory', sealed: true, max_age: 1e9 });
    expect(stream.config).toMatchObject({
      sealed: true,
      deny_delete: true,
      deny_purge: true,
      max_age: 0,
      discard: 'new',
    });
    expect(publish(env, 'p.a')).toBe('10109 invalid operation on sealed stream');
    expect(outcome(() => stream.deleteMessage(1, false))).toBe(
      '400/10109 invalid operation on sealed stream',
    );
    expect(outcome(() => stream.purge())).toBe('400/10109 invalid operation on sealed stream');
    const unseal = { storage: 'memory' as const, deny_delete: true, deny_purge: true };
    expect(outcome(() => js.updateStream(stream.name, unseal))).toBe(`${CANNOT} unseal a sealed stream`);
    env.advance(10_000);
    expect(stream.store.messages).toBe(1);
  });

  it('follows its subjects and trims to narrower limits', () => {
    const { env, js, stream } = withStream();
    for (let i = 0; i < 6; i++) publish(env, `p.${i % 2}`);
    js.updateStream(stream.name, { subjects: ['q'], storage: 'memory', max_msgs_per_subject: 2 });
    expect(stream.state({ deletedDetails: true })).toMatchObject({ messages: 4, first_seq: 3 });
    js.updateStream(stream.name, { subjects: ['q'], storage: 'memory', max_msgs: 1 });
    expect(stream.state()).toMatchObject({ messages: 1, first_seq: 6 });
    expect(publish(env, 'q')).toBe('7');
    expect(() => publish(env, 'p.1')).toThrow('nobody answered');
    expect(env.advisories.at(-1)?.body).toEqual({ stream: 'P', action: 'modify' });
  });
});

describe('Stream', () => {
  it('reports its state as 2.14.5 does', () => {
    const { env, stream } = withStream();
    for (let i = 0; i < 4; i++) publish(env, i < 3 ? 'p.a' : 'p.b');
    stream.deleteMessage(4, true);
    expect(stream.state({ deletedDetails: true, subjects: allSubjects(stream) })).toEqual({
      messages: 3,
      bytes: 60,
      first_seq: 1,
      first_ts: '2023-11-14T22:13:20Z',
      last_seq: 4,
      last_ts: '2023-11-14T22:13:20Z',
      num_subjects: 1,
      subjects: { 'p.a': 3 },
      num_deleted: 1,
      deleted: [4],
      consumer_count: 0,
    });
    stream.deleteMessage(1, false);
    expect(stream.state()).toMatchObject({ first_seq: 2, num_deleted: 1 });
  });

  it.each([
    ['memory', 1, '400/10043 sequence 1 not found'],
    ['memory', 7, '400/10043 sequence 7 not found'],
    ['memory', 200, '400/10043 sequence 200 not found'],
    ['file', 1, '500/10057 no message found'],
    ['file', 7, '400/10043 sequence 7 not found'],
    ['file', 200, '500/10057 stream store EOF'],
  ] as const)('refuses to delete what is not there: %s storage, sequence %i', (storage, seq, expected) => {
    const { env, stream } = withStream({ storage, first_seq: 5 });
    for (let i = 0; i < 6; i++) publish(env, 'p.a');
    stream.deleteMessage(7, false);
    expect(outcome(() => stream.deleteMessage(seq, false))).toBe(expected);
  });

  it('refuses deletes and purges where the configuration does', () => {
    const { stream } = withStream({ deny_delete: true, deny_purge: true });
    expect(outcome(() => stream.deleteMessage(1, false))).toBe('500/10057 message delete not permitted');
    expect(outcome(() => stream.purge())).toBe('500/10110 stream purge not permitted');
  });

  it.each([
    [{}, 9, { messages: 0, first_seq: 10, last_seq: 9 }],
    [{ seq: 4 }, 3, { messages: 6, first_seq: 4, last_seq: 9 }],
    [{ keep: 2 }, 7, { messages: 2, first_seq: 8, last_seq: 9 }],
    [{ keep: 50 }, 0, { messages: 9, first_seq: 1, last_seq: 9 }],
    [{ seq: 50 }, 9, { messages: 0, first_seq: 50, last_seq: 49 }],
    [{ filter: 'p.1', seq: 5 }, 1, { messages: 8, first_seq: 1, num_deleted: 1 }],
    [{ filter: 'p.*', keep: 2 }, 7, { messages: 2, first_seq: 8, last_seq: 9 }],
    [{ filter: 'p.1', seq: 90 }, 3, { messages: 6, first_seq: 1, last_seq: 9 }],
    [{ filter: 'zzz' }, 0, { messages: 9 }],
    [{ filter: 'p.1', keep: 0 }, 3, { messages: 6 }],
    [{ filter: '>', keep: 1 }, 8, { messages: 1, first_seq: 9 }],
  ])('purges %j: %i messages', (options, purged, state) => {
    const { env, stream } = withStream();
    for (let i = 0; i < 9; i++) publish(env, `p.${i % 3}`);
    const { filter, ...rest } = options as { filter?: string; seq?: number; keep?: number };
    const work = stream.purge({ ...rest, ...(filter === undefined ? {} : { filter: toBytes(filter) }) });
    expect(finish(work, 2)).toBe(purged);
    expect(stream.state()).toMatchObject(state);
  });

  it('starts at one after a purge of nothing', () => {
    const { stream } = withStream();
    expect(finish(stream.purge())).toBe(0);
    expect(stream.state()).toMatchObject({ first_seq: 1, last_seq: 0 });
  });

  it('finds messages by sequence, last and next on a subject', () => {
    const { env, stream } = withStream();
    for (const subject of ['p.a', 'p.b', 'p.a', 'p.c']) publish(env, subject, {}, subject);
    const seqOf = (query: Parameters<Stream['getMessage']>[0]): number | undefined =>
      stream.getMessage(query)?.seq;
    expect(seqOf({ seq: 2 })).toBe(2);
    expect(seqOf({ seq: 9 })).toBeUndefined();
    expect(seqOf({ lastBySubject: toBytes('p.a') })).toBe(3);
    expect(seqOf({ lastBySubject: toBytes('p.*') })).toBe(4);
    expect(seqOf({ nextBySubject: toBytes('p.a'), seq: 2 })).toBe(3);
    expect(seqOf({ nextBySubject: toBytes('p.b') })).toBe(2);
    expect(stream.getMessage({ seq: 4 })?.payload.toString()).toBe('p.c');
  });

  it('lets messages age out when their time has come', () => {
    const { env, stream } = withStream({ max_age: 1e9 });
    publish(env, 'p.a');
    env.advance(400);
    publish(env, 'p.a');
    env.advance(599);
    expect(stream.store.messages).toBe(2);
    env.advance(1);
    expect(stream.state()).toMatchObject({ messages: 1, first_seq: 2 });
    env.advance(400);
    expect(stream.state()).toMatchObject({ messages: 0, first_seq: 3, last_seq: 2 });
  });

  it('ages a great many messages a slice at a time', () => {
    const { env, stream } = withStream({ max_age: 1e9 });
    for (let i = 0; i < 1000; i++) env.publish('p.a');
    env.advance(1000);
    expect(stream.store.messages).toBe(0);
  });

  it('gives everything back when it is deleted', () => {
    const { env, js, stream } = withStream();
    for (let i = 0; i < 100; i++) publish(env, 'p.a', { 'Nats-Msg-Id': `m${i}` });
    expect(js.usage().memory).toBeGreaterThan(0);
    js.deleteStream(stream.name);
    expect(js.usage()).toMatchObject({ memory: 0, streams: 0 });
    expect(env.memory.used).toBe(0);
    expect(env.assetEvents).toEqual(['+P', '-P']);
    expect(env.advisories.at(-1)?.body).toEqual({ stream: 'P', action: 'delete' });
    expect(outcome(() => js.stream(stream.name))).toBe('404/10059 stream not found');
  });
});
