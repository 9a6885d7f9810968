import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstreamManager,
  type MsgRequest,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { createInbox, headers, type NatsConnection, nanos } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BulkheadServer } from '../../src/index.ts';
import { all, client, serve, take, times } from './support.ts';

let server: BulkheadServer;
let nc: NatsConnection;
let manager: JetStreamManager;
let js: JetStreamClient;

beforeEach(async () => {
  server = await serve();
  nc = await client(server);
  manager = await jetstreamManager(nc);
  js = manager.jetstream();
});

/** A stream `S` on `s.>`, holding `count` messages on s.0, s.1, s.2, s.0 … with their number as text. */
async function stream(count = 0, config: Partial<StreamConfig> = {}): Promise<void> {
  await manager.streams.add({ name: 'S', subjects: ['s.>'], ...config });
  for (let i = 0; i < count; i++) await js.publish(`s.${i % 3}`, String(i));
}

const texts = (messages: readonly JsMsg[]) => messages.map((message) => message.string());
const numbers = (from: number, to: number) => times(to - from, (i) => String(from + i));

async function apiError(promise: Promise<unknown>): Promise<[number, number]> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof JetStreamApiError))
    throw new Error('expected an error of the API', { cause: error });
  return [error.status, error.code];
}

describe('streams', () => {
  it('are made with the defaults of the real server', async () => {
    const { config, state, created } = await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    expect(config).toMatchObject({
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_consumers: -1,
      max_msgs: -1,
      max_bytes: -1,
      max_age: 0,
      max_msgs_per_subject: -1,
      max_msg_size: -1,
      num_replicas: 1,
      duplicate_window: nanos(120_000),
    });
    expect(state).toMatchObject({ messages: 0, bytes: 0, first_seq: 0, last_seq: 0, consumer_count: 0 });
    expect(Date.parse(created)).toBeGreaterThan(0);
  });

  it('are made again with the same configuration, and not with another', async () => {
    await stream();
    await stream();
    expect(await apiError(stream(0, { max_msgs: 5 }))).toEqual([400, 10058]);
    expect(await apiError(manager.streams.add({ name: 'T', subjects: ['s.1'] }))).toEqual([400, 10065]);
  });

  it('are updated within what may change', async () => {
    await stream(5);
    const { config, state } = await manager.streams.update('S', { subjects: ['s.>', 't'], max_msgs: 3 });
    expect(config).toMatchObject({ subjects: ['s.>', 't'], max_msgs: 3 });
    expect(state).toMatchObject({ messages: 3, first_seq: 3 });
    expect((await js.publish('t')).seq).toBe(6);
    expect(await apiError(manager.streams.update('S', { storage: StorageType.Memory } as object))).toEqual([
      500, 10052,
    ]);
    expect(await apiError(manager.streams.update('T', {}))).toEqual([404, 10059]);
  });

  it('are listed, also over several pages and by subject', async () => {
    const names = times(300, (i) => `S${String(i).padStart(3, '0')}`);
    await Promise.all(names.map((name) => manager.streams.add({ name, subjects: [`${name}.*`] })));
    expect((await all(manager.streams.names())).sort()).toEqual(names);
    expect((await all(manager.streams.list())).map((info) => info.config.name).sort()).toEqual(names);
    expect(await all(manager.streams.names('S007.*'))).toEqual(['S007']);
    expect(await manager.streams.find('S008.x')).toBe('S008');
    expect((await manager.getAccountInfo()).streams).toBe(300);
  });

  it('report their subjects and what was deleted', async () => {
    await stream(6);
    await manager.streams.deleteMessage('S', 3);
    const { state } = await manager.streams.info('S', { subjects_filter: '>', deleted_details: true });
    expect(state).toMatchObject({
      messages: 5,
      num_subjects: 3,
      num_deleted: 1,
      deleted: [3],
      subjects: { 's.0': 2, 's.1': 2, 's.2': 1 },
    });
  });

  it.each([
    ['everything', undefined, 9, 0],
    ['a subject', { filter: 's.1' }, 3, 6],
    ['up to a sequence', { seq: 5 }, 4, 5],
    ['all but the newest', { keep: 2 }, 7, 2],
    ['all but the newest of a subject', { filter: 's.2', keep: 1 }, 2, 7],
  ])('are purged of %s', async (_what, options, purged, left) => {
    await stream(9);
    expect(await manager.streams.purge('S', options)).toMatchObject({ success: true, purged });
    expect((await manager.streams.info('S')).state).toMatchObject({ messages: left, last_seq: 9 });
  });

  it('give and delete single messages', async () => {
    await stream(4);
    const message = await manager.streams.getMessage('S', { seq: 2 });
    expect(message).toMatchObject({ subject: 's.1', seq: 2 });
    expect(message?.string()).toBe('1');
    expect((await manager.streams.getMessage('S', { last_by_subj: 's.0' }))?.seq).toBe(4);
    expect((await manager.streams.getMessage('S', { next_by_subj: 's.>', seq: 3 } as MsgRequest))?.seq).toBe(
      3,
    );
    expect(await manager.streams.deleteMessage('S', 2, true)).toBe(true);
    expect(await manager.streams.getMessage('S', { seq: 2 })).toBeNull();
    expect(await apiError(manager.streams.deleteMessage('S', 2))).toEqual([400, 10043]);
  });

  it('go away with what they hold', async () => {
    await stream(3);
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit });
    expect(await manager.streams.delete('S')).toBe(true);
    expect(await apiError(manager.streams.info('S'))).toEqual([404, 10059]);
    expect(await apiError(manager.consumers.info('S', 'c'))).toEqual([404, 10059]);
    await expect(js.publish('s.1', '', { timeout: 1_000 })).rejects.toThrow();
  });

  it.each<[string, Partial<StreamConfig>, string[]]>([
    ['by number', { max_msgs: 2 }, ['3', '4']],
    ['by size', { max_bytes: 100 }, []],
    ['by subject', { max_msgs_per_subject: 1 }, ['2', '3', '4']],
    ['nothing', {}, numbers(0, 5)],
  ])('keep what their limits allow: %s', async (_by, config, kept) => {
    await stream(5, config);
    const { state } = await manager.streams.info('S');
    if (config.max_bytes !== undefined) expect(state.bytes).toBeLessThanOrEqual(config.max_bytes);
    else expect(state.messages).toBe(kept.length);
    const consumer = await js.consumers.get('S');
    const messages = await take(await consumer.consume(), state.messages);
    if (kept.length > 0) expect(texts(messages)).toEqual(kept);
  });

  it('refuse new messages where they discard new', async () => {
    await stream(2, { max_msgs: 2, discard: DiscardPolicy.New });
    expect(await apiError(js.publish('s.1'))).toEqual([503, 10077]);
    expect((await manager.streams.info('S')).state.messages).toBe(2);
  });

  it('forget by age, on the clock of the server', async () => {
    await stream(2, { max_age: nanos(10_000) });
    await server.clock.advance('6s');
    await js.publish('s.1', 'later');
    await server.clock.advance('5s');
    expect((await manager.streams.info('S')).state).toMatchObject({ messages: 1, first_seq: 3 });
  });

  it('are emptied, not closed to clients, by a reset of the server', async () => {
    await stream(2);
    server.reset();
    expect(await all(manager.streams.names())).toEqual([]);
    await stream(1);
    expect((await manager.streams.info('S')).state).toMatchObject({ messages: 1, last_seq: 1 });
  });
});

describe('publish', () => {
  it('acknowledges with stream and sequence, and knows duplicates', async () => {
    await stream();
    expect(await js.publish('s.1', 'a', { msgID: 'x' })).toMatchObject({
      stream: 'S',
      seq: 1,
      duplicate: false,
    });
    expect(await js.publish('s.1', 'a', { msgID: 'x' })).toMatchObject({
      stream: 'S',
      seq: 1,
      duplicate: true,
    });
    await server.clock.advance('3m');
    expect(await js.publish('s.1', 'a', { msgID: 'x' })).toMatchObject({ seq: 2, duplicate: false });
  });

  it.each([
    [{ streamName: 'S' }, undefined],
    [{ streamName: 'T' }, [400, 10060]],
    [{ lastSequence: 3 }, undefined],
    [{ lastSequence: 2 }, [400, 10071]],
    [{ lastSubjectSequence: 2 }, undefined],
    [{ lastSubjectSequence: 1 }, [400, 10071]],
    [{ lastMsgID: 'last' }, undefined],
    [{ lastMsgID: 'other' }, [400, 10070]],
  ])('with the expectation %j: %j', async (expect_, error) => {
    await stream(2);
    await js.publish('s.0', '', { msgID: 'last' });
    const published = js.publish('s.1', '', { expect: expect_ });
    if (error === undefined) expect((await published).seq).toBe(4);
    else expect(await apiError(published)).toEqual(error);
  });

  it('keeps headers and bytes', async () => {
    await stream();
    const head = headers();
    head.append('K', 'v1');
    head.append('K', 'v2');
    const bytes = Uint8Array.from(times(256, (byte) => byte));
    await js.publish('s.1', bytes, { headers: head });
    const message = await (await js.consumers.get('S')).next();
    expect(message?.headers?.values('K')).toEqual(['v1', 'v2']);
    expect(message?.data && Uint8Array.from(message.data)).toEqual(bytes);
    const stored = await manager.streams.getMessage('S', { seq: 1 });
    expect(stored?.header.values('K')).toEqual(['v1', 'v2']);
    expect(stored?.data).toEqual(bytes);
  });
});

describe('consumers', () => {
  it('are made, described, listed and deleted', async () => {
    await stream(3);
    const info = await manager.consumers.add('S', {
      durable_name: 'c',
      ack_policy: AckPolicy.Explicit,
      filter_subject: 's.1',
      description: 'one of three',
    });
    expect(info).toMatchObject({
      stream_name: 'S',
      name: 'c',
      num_pending: 1,
      num_ack_pending: 0,
      num_waiting: 0,
    });
    expect(info.config).toMatchObject({
      durable_name: 'c',
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(30_000),
      max_deliver: -1,
      filter_subject: 's.1',
      replay_policy: ReplayPolicy.Instant,
      max_ack_pending: 1000,
      max_waiting: 512,
    });
    await manager.consumers.add('S', { durable_name: 'd', ack_policy: AckPolicy.None });
    expect((await all(manager.consumers.list('S'))).map((consumer) => consumer.name).sort()).toEqual([
      'c',
      'd',
    ]);
    expect((await manager.consumers.update('S', 'c', { max_ack_pending: 7 })).config.max_ack_pending).toBe(7);
    expect(await manager.consumers.delete('S', 'c')).toBe(true);
    expect(await apiError(manager.consumers.info('S', 'c'))).toEqual([404, 10014]);
    expect((await manager.streams.info('S')).state.consumer_count).toBe(1);
  });

  it.each([
    ['all', { deliver_policy: DeliverPolicy.All }, ['0', '1', '2', '3', '4', '5']],
    ['last', { deliver_policy: DeliverPolicy.Last }, ['5']],
    ['new', { deliver_policy: DeliverPolicy.New }, []],
    ['from a sequence', { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 4 }, ['3', '4', '5']],
    [
      'last per subject',
      { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: 's.>' },
      ['3', '4', '5'],
    ],
    ['one subject', { filter_subject: 's.2' }, ['2', '5']],
    ['several subjects', { filter_subjects: ['s.0', 's.2'] }, ['0', '2', '3', '5']],
  ])('deliver %s', async (_what, config, expected) => {
    await stream(6);
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit, ...config });
    const consumer = await js.consumers.get('S', 'c');
    const messages = await all(
      await consumer.fetch({ max_messages: 10, expires: 1_000 }).then(noWaitIterator),
    );
    expect(texts(messages)).toEqual(expected);
  });

  it('deliver from a time', async () => {
    await stream(2);
    await server.clock.advance('10s');
    const start = new Date(server.clock.now() - 5_000).toISOString();
    await js.publish('s.1', 'late');
    await manager.consumers.add('S', {
      durable_name: 'c',
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: start,
    });
    expect((await (await js.consumers.get('S', 'c')).next())?.string()).toBe('late');
  });

  it('give headers only when asked so', async () => {
    await stream(1);
    await manager.consumers.add('S', {
      durable_name: 'c',
      ack_policy: AckPolicy.Explicit,
      headers_only: true,
    });
    const message = await (await js.consumers.get('S', 'c')).next();
    expect([message?.data.length, message?.headers?.get('Nats-Msg-Size')]).toEqual([0, '1']);
  });
});

/** A fetch that has what there is does not wait for its expiry: the clock is moved past it. */
async function noWaitIterator<T>(messages: T): Promise<T> {
  setTimeout(() => void server.clock.advance('2s'), 30);
  return messages;
}

describe('pulling', () => {
  it('one by one, until there is none', async () => {
    await stream(2);
    const consumer = await js.consumers.get('S');
    expect((await consumer.next())?.seq).toBe(1);
    expect((await consumer.next())?.seq).toBe(2);
    const waiting = consumer.next({ expires: 5_000 });
    await nc.flush();
    await server.clock.advance('6s');
    expect(await waiting).toBeNull();
  });

  it('waits for what comes', async () => {
    await stream();
    const consumer = await js.consumers.get('S');
    const waiting = consumer.next({ expires: 10_000 });
    await nc.flush();
    await js.publish('s.1', 'new');
    expect((await waiting)?.string()).toBe('new');
  });

  it('a durable, from several clients, each message once', async () => {
    await stream(200);
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit });
    const workers = times(4, async () => {
      const mine = await client(server);
      const consumer = await (await jetstreamManager(mine)).jetstream().consumers.get('S', 'c');
      const messages = await take(await consumer.fetch({ max_messages: 50, expires: 5_000 }), 50);
      for (const message of messages) message.ack();
      await mine.flush();
      return texts(messages);
    });
    const got = (await Promise.all(workers)).flat();
    expect(got.map(Number).sort((x, y) => x - y)).toEqual(times(200, (i) => i));
    expect(await manager.consumers.info('S', 'c')).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
  });

  it('endlessly, in small batches', async () => {
    await stream();
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit });
    const messages = await (await js.consumers.get('S', 'c')).consume({ max_messages: 7 });
    const taken = (async () => {
      const got: string[] = [];
      for await (const message of messages) {
        message.ack();
        got.push(message.string());
        if (got.length === 500) break;
      }
      return got;
    })();
    await Promise.all(times(500, (i) => js.publish('s.1', String(i))));
    expect(await taken).toEqual(numbers(0, 500));
  });

  it('by size', async () => {
    await stream(20);
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit });
    const messages = await (await js.consumers.get('S', 'c')).consume({ max_bytes: 1_024 });
    expect(texts(await take(messages, 20))).toEqual(numbers(0, 20));
  });

  it('in order, without acknowledging', async () => {
    await stream(50);
    const ordered = await js.consumers.get('S', { filter_subjects: ['s.0', 's.2'], opt_start_seq: 10 });
    const expected = numbers(9, 50).filter((text) => Number(text) % 3 !== 1);
    const messages = await take(await ordered.consume({ max_messages: 5 }), expected.length);
    expect(texts(messages)).toEqual(expected);
  });
});

describe('acknowledging', () => {
  async function first(config = {}): Promise<JsMsg> {
    await stream(3);
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit, ...config });
    return next();
  }

  async function next(): Promise<JsMsg> {
    const message = await (await js.consumers.get('S', 'c')).next({ expires: 2_000 });
    if (message === null) throw new Error('no message');
    return message;
  }

  const info = () => manager.consumers.info('S', 'c');

  it('ack: done', async () => {
    expect(await (await first()).ackAck()).toBe(true);
    expect(await info()).toMatchObject({ num_ack_pending: 0, ack_floor: { stream_seq: 1, consumer_seq: 1 } });
  });

  it('nothing: again after the wait', async () => {
    expect((await first({ ack_wait: nanos(5_000) })).info).toMatchObject({
      redelivered: false,
      deliveryCount: 1,
    });
    await server.clock.advance('6s');
    expect((await next()).info).toMatchObject({ redelivered: true, deliveryCount: 2, streamSequence: 1 });
  });

  it('nak: again at once', async () => {
    (await first()).nak();
    expect((await next()).info).toMatchObject({ deliveryCount: 2, streamSequence: 1 });
  });

  it('nak with a delay: again later', async () => {
    (await first({ ack_wait: nanos(600_000) })).nak(60_000);
    expect((await next()).seq).toBe(2);
    await server.clock.advance('61s');
    expect((await next()).info).toMatchObject({ deliveryCount: 2, streamSequence: 1 });
  });

  it('working: not yet', async () => {
    const message = await first({ ack_wait: nanos(10_000) });
    await server.clock.advance('8s');
    message.working();
    await nc.flush();
    await server.clock.advance('8s');
    expect((await next()).seq).toBe(2);
  });

  it('term: never again', async () => {
    const message = await first({ ack_wait: nanos(1_000) });
    message.term('broken');
    await nc.flush();
    await server.clock.advance('2s');
    expect((await next()).seq).toBe(2);
  });

  it('never: as often as allowed', async () => {
    await first({ ack_wait: nanos(1_000), max_deliver: 2 });
    await server.clock.advance('2s');
    expect((await next()).info).toMatchObject({ deliveryCount: 2, streamSequence: 1 });
    await server.clock.advance('2s');
    expect((await next()).seq).toBe(2);
  });

  it('all: everything before too', async () => {
    await first({ ack_policy: AckPolicy.All });
    await next();
    await (await next()).ackAck();
    expect(await info()).toMatchObject({ num_ack_pending: 0, ack_floor: { stream_seq: 3 } });
  });

  it('takes the message off a work queue', async () => {
    await stream(2, { retention: RetentionPolicy.Workqueue });
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit });
    await (await next()).ackAck();
    expect((await manager.streams.info('S')).state).toMatchObject({ messages: 1, first_seq: 2 });
    expect(
      await apiError(manager.consumers.add('S', { durable_name: 'd', ack_policy: AckPolicy.Explicit })),
    ).toEqual([400, 10099]);
  });
});

describe('pushing', () => {
  it('delivers to a subject, to one of a group', async () => {
    await stream(30);
    const deliver_subject = createInbox();
    const consumer = {
      durable_name: 'p',
      deliver_subject,
      deliver_group: 'g',
      ack_policy: AckPolicy.Explicit,
    };
    const subscriptions = times(2, () => nc.subscribe(deliver_subject, { queue: 'g' }));
    await manager.consumers.add('S', consumer);
    const received = Promise.all(subscriptions.map(all));
    await nc.flush();
    for (const subscription of subscriptions) await subscription.drain();
    const got = (await received).flat();
    expect(got.map((message) => Number(message.string())).sort((x, y) => x - y)).toEqual(times(30, (i) => i));
    expect(got[0]?.reply).toMatch(/^\$JS\.ACK\.S\.p\.1\.\d+\.\d+\.\d+\.\d+$/);
  });

  it('feeds the client library, acknowledged and in order', async () => {
    await stream(40);
    await manager.consumers.add('S', {
      durable_name: 'p',
      deliver_subject: createInbox(),
      ack_policy: AckPolicy.Explicit,
      idle_heartbeat: nanos(5_000),
      flow_control: true,
    });
    const consumer = await js.consumers.getPushConsumer('S', 'p');
    const messages = await consumer.consume();
    const got: string[] = [];
    for await (const message of messages) {
      message.ack();
      got.push(message.string());
      if (got.length === 40) break;
    }
    expect(got).toEqual(numbers(0, 40));
    await nc.flush();
    expect(await manager.consumers.info('S', 'p')).toMatchObject({ num_ack_pending: 0 });
  });

  it('an ordered push consumer starts from the beginning', async () => {
    await stream(25);
    const messages = await (await js.consumers.getPushConsumer('S')).consume();
    expect(texts(await take(messages, 25))).toEqual(numbers(0, 25));
  });
});

describe('direct access', () => {
  beforeEach(() => stream(9, { allow_direct: true }));

  it.each([
    [{ seq: 4 }, 4],
    [{ last_by_subj: 's.1' }, 8],
    [{ next_by_subj: 's.2', seq: 4 }, 6],
    [{ next_by_subj: 's.2' }, 3],
    [{ seq: 99 }, undefined],
    [{ last_by_subj: 's.nothing' }, undefined],
  ])('gets %j: %j', async (query, seq) => {
    const message = await manager.direct.getMessage('S', query as { seq: number });
    expect(message?.seq).toBe(seq);
    if (seq === undefined) return;
    expect(message?.string()).toBe(String(seq - 1));
    expect(message?.subject).toBe(`s.${(seq - 1) % 3}`);
  });

  it('gets batches', async () => {
    const batch = await manager.direct.getBatch('S', { seq: 2, batch: 4, next_by_subj: '>' });
    expect((await all(batch)).map((message) => message.seq)).toEqual([2, 3, 4, 5]);
    const last = await manager.direct.getLastMessagesFor('S', { multi_last: ['s.0', 's.2'] });
    expect((await all(last)).map((message) => message.seq)).toEqual([7, 9]);
  });
});

it('a pull that waits hears that the server stops', async () => {
  await stream();
  await manager.consumers.add('S', { durable_name: 'c', ack_policy: AckPolicy.Explicit });
  const inbox = nc.subscribe('inbox');
  nc.publish('$JS.API.CONSUMER.MSG.NEXT.S.c', '{"batch":3,"expires":60000000000}', { reply: 'inbox' });
  await nc.flush();
  const stopped = server.stop();
  const [message] = await take(inbox, 1);
  expect([message?.headers?.code, message?.headers?.description]).toEqual([409, 'Server Shutdown']);
  expect(message?.headers?.get('Nats-Pending-Messages')).toBe('3');
  await stopped;
});
