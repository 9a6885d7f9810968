import { describe, expect, it } from 'vitest';
import { counters, MS, messagesOf, partsOf, SECOND, statusesOf, World } from './consumer-support.ts';

const seqs = (seen: Parameters<typeof partsOf>[0][]): number[] => seen.map((one) => partsOf(one).seq);

describe('Consumer.next delivers', () => {
  it('with the stored subject, the payload and the acknowledgement subject', () => {
    const world = new World();
    world.publish('s.a', 's.b');
    const [first, second] = world.fetch(world.pullConsumer(), 2);
    expect(first).toEqual({
      route: '_INBOX.1',
      subject: 's.a',
      reply: '$JS.ACK.S.c.1.1.1.1700000000000000000.1',
      header: '',
      payload: 'body of s.a',
    });
    expect(second?.reply).toBe('$JS.ACK.S.c.1.2.2.1700000000000000000.0');
  });

  it('one message to each waiting request in turn', () => {
    const world = new World();
    const consumer = world.pullConsumer();
    const sinks = [3, 3, 1].map((batch) => world.pull(consumer, { batch, expires: SECOND }));
    world.publish('s.1', 's.2', 's.3', 's.4', 's.5', 's.6');
    expect(sinks.map((sink) => seqs(messagesOf(sink)))).toEqual([[1, 4, 6], [2, 5], [3]]);
    expect(consumer.info().num_waiting).toBe(1);
  });

  it('only from the run queue', () => {
    const world = new World();
    world.publish('s.a');
    const consumer = world.pullConsumer();
    const sink = world.pull(consumer, { batch: 1, expires: SECOND });
    expect(sink.seen).toHaveLength(1);
    const late = world.pull(consumer, { batch: 1, expires: SECOND });
    world.env.publish('s.a', 'x');
    expect(late.seen).toHaveLength(0);
    world.env.drain();
    expect(late.seen).toHaveLength(1);
  });

  it('no more than its budget at once, and everything in the end', () => {
    const world = new World();
    for (let i = 0; i < 10; i++) world.publish('s.a');
    const consumer = world.pullConsumer({ ack_policy: 'none' });
    const sink = world.pull(consumer, { batch: 10, expires: SECOND });
    expect(messagesOf(sink)).toHaveLength(10);
  });

  it('nothing beyond max_ack_pending, but redeliveries', () => {
    const world = new World();
    world.publish('s.a', 's.b', 's.c');
    const consumer = world.pullConsumer({ max_ack_pending: 2 });
    const sink = world.pull(consumer, { batch: 4, expires: 10 * SECOND });
    expect(seqs(messagesOf(sink))).toEqual([1, 2]);
    const [first, second] = sink.seen;
    if (first === undefined || second === undefined) throw new Error('missing');
    world.ack(consumer, first, '-NAK');
    expect(seqs(messagesOf(sink))).toEqual([1, 2, 1]);
    world.ack(consumer, second);
    expect(seqs(messagesOf(sink))).toEqual([1, 2, 1, 3]);
  });

  it('only sizes with headers_only', () => {
    const world = new World();
    world.env.publish('s.a', 'payload', { header: 'NATS/1.0\r\nA: b\r\n\r\n' });
    world.publish('s.b');
    const [first, second] = world.fetch(world.pullConsumer({ headers_only: true }), 2);
    expect(first).toMatchObject({ header: 'NATS/1.0\r\nA: b\r\nNats-Msg-Size: 7\r\n\r\n', payload: '' });
    expect(second).toMatchObject({ header: 'NATS/1.0\r\nNats-Msg-Size: 11\r\n\r\n', payload: '' });
  });

  it('to nobody who stopped listening', () => {
    const world = new World();
    const consumer = world.pullConsumer();
    const gone = world.pull(consumer, { batch: 2, expires: SECOND });
    const here = world.pull(consumer, { batch: 2, expires: SECOND });
    gone.gone = true;
    expect(consumer.info().num_waiting).toBe(1);
    world.publish('s.a', 's.b');
    expect(gone.seen).toHaveLength(0);
    expect(seqs(messagesOf(here))).toEqual([1, 2]);
  });
});

describe('Consumer.next answers', () => {
  const bounded = { max_batch: 5, max_expires: 5 * SECOND, max_bytes: 2000, max_waiting: 2 };
  // Measured on 2.14.5.
  const refusals: [string, object, string][] = [
    ['too many messages', { batch: 6 }, '409 Exceeded MaxRequestBatch of 5'],
    ['too long', { batch: 1, expires: 6 * SECOND }, '409 Exceeded MaxRequestExpires of 5s'],
    ['too many bytes', { batch: 1, max_bytes: 3000 }, '409 Exceeded MaxRequestMaxBytes of 2000'],
    [
      'heartbeat without expiry',
      { batch: 1, idle_heartbeat: SECOND },
      '400 Bad Request - heartbeat value too large',
    ],
    [
      'heartbeat over half of expiry',
      { batch: 1, idle_heartbeat: 300 * MS, expires: 500 * MS },
      '400 Bad Request - heartbeat value too large',
    ],
    ['nothing there', { batch: 1, no_wait: true }, '404 No Messages'],
    [
      'already over',
      { batch: 1, expires: -5 },
      '408 Request Timeout; Nats-Pending-Messages: 1; Nats-Pending-Bytes: 0',
    ],
  ];
  it.each(refusals)('%s', (_name, request, status) => {
    const world = new World();
    const consumer = world.pullConsumer(bounded);
    expect(statusesOf(world.pull(consumer, request).seen)).toEqual([status]);
    expect(consumer.info().num_waiting).toBe(0);
  });

  it('408 when the time is over, with what remained', () => {
    const world = new World();
    world.publish('s.a');
    const consumer = world.pullConsumer();
    const sink = world.pull(consumer, { batch: 4, expires: 300 * MS, max_bytes: 1000 });
    world.env.advance(299);
    expect(statusesOf(sink.seen)).toEqual([]);
    world.env.advance(1);
    // 3 + 39 + 11 bytes of subject, reply and payload went.
    expect(statusesOf(sink.seen)).toEqual([
      '408 Request Timeout; Nats-Pending-Messages: 3; Nats-Pending-Bytes: 947',
    ]);
  });

  it('404 behind part of a batch that does not wait, also with expiry', () => {
    const world = new World();
    world.publish('s.a', 's.b');
    const consumer = world.pullConsumer();
    const sink = world.pull(consumer, { batch: 5, no_wait: true, expires: SECOND });
    expect(seqs(messagesOf(sink))).toEqual([1, 2]);
    expect(statusesOf(sink.seen)).toEqual(['404 No Messages']);
  });

  it('408 to no_wait with expiry and no message, after waiting', () => {
    const world = new World();
    const sink = world.pull(world.pullConsumer(), { batch: 1, no_wait: true, expires: 200 * MS });
    expect(sink.seen).toEqual([]);
    world.env.advance(200);
    expect(statusesOf(sink.seen)).toEqual([
      '408 Request Timeout; Nats-Pending-Messages: 1; Nats-Pending-Bytes: 0',
    ]);
  });

  it('409 when too many wait', () => {
    const world = new World();
    const consumer = world.pullConsumer(bounded);
    const [first] = [1, 2].map(() => world.pull(consumer, { batch: 1, expires: 3 * SECOND }));
    const request = { batch: 1, expires: 3 * SECOND };
    expect(statusesOf(world.pull(consumer, request).seen)).toEqual(['409 Exceeded MaxWaiting']);
    expect(statusesOf(world.pull(consumer, { no_wait: true }).seen)).toEqual(['404 No Messages']);
    if (first !== undefined) first.gone = true;
    expect(statusesOf(world.pull(consumer, request).seen)).toEqual([]);
  });

  it('409 when the next message does not fit, and keeps it for the next request', () => {
    const world = new World();
    world.publish('s.a', 's.b');
    const consumer = world.pullConsumer();
    const small = world.pull(consumer, { batch: 3, max_bytes: 100, expires: SECOND });
    expect(seqs(messagesOf(small))).toEqual([1]);
    expect(statusesOf(small.seen)).toEqual([
      '409 Message Size Exceeds MaxBytes; Nats-Pending-Messages: 2; Nats-Pending-Bytes: 47',
    ]);
    expect(seqs(world.fetch(consumer, 1))).toEqual([2]);
  });

  it('heartbeats while nothing comes', () => {
    const world = new World();
    world.publish('s.x');
    const consumer = world.pullConsumer({ filter_subject: 's.a' });
    const sink = world.pull(consumer, { batch: 5, expires: 900 * MS, idle_heartbeat: 200 * MS });
    world.env.advance(450);
    const beat = '100 Idle Heartbeat; Nats-Last-Consumer: 0; Nats-Last-Stream: 1';
    expect(statusesOf(sink.seen)).toEqual([beat, beat]);
    world.publish('s.a');
    world.env.advance(199);
    expect(sink.seen).toHaveLength(3);
    world.env.advance(1);
    expect(statusesOf(sink.seen)[2]).toBe('100 Idle Heartbeat; Nats-Last-Consumer: 1; Nats-Last-Stream: 2');
    world.env.advance(1000);
    expect(statusesOf(sink.seen).at(-1)).toMatch(/^408 Request Timeout; Nats-Pending-Messages: 4/);
  });

  it('409 when the consumer is deleted, and to a push consumer', () => {
    const world = new World();
    const consumer = world.pullConsumer();
    const sink = world.pull(consumer, { batch: 1, expires: SECOND });
    world.stream.deleteConsumer(consumer.name);
    expect(sink.seen).toEqual([]);
    world.env.drain();
    expect(statusesOf(sink.seen)).toEqual(['409 Consumer Deleted']);
    const push = world.consumer({ name: 'p', deliver_subject: 'd' });
    expect(statusesOf(world.pull(push, { batch: 1 }).seen)).toEqual(['409 Consumer is push based']);
  });
});

describe('Consumer delivers from', () => {
  // Start positions measured on 2.14.5: subjects a b c d a b c d a b.
  const rows: [string, object, number[], number][] = [
    ['all', {}, [1, 2, 3], 0],
    ['all, filtered', { filter_subject: 's.b' }, [2, 6, 10], 0],
    ['all, several filters', { filter_subjects: ['s.a', 's.c'] }, [1, 3, 5], 0],
    ['all, wildcard', { filter_subject: 's.*' }, [1, 2, 3], 0],
    ['last', { deliver_policy: 'last' }, [10], 9],
    ['last, filtered', { deliver_policy: 'last', filter_subject: 's.d' }, [8], 7],
    ['last, nothing matches', { deliver_policy: 'last', filter_subject: 's.z' }, [], 0],
    ['new', { deliver_policy: 'new' }, [], 10],
    ['a sequence', { deliver_policy: 'by_start_sequence', opt_start_seq: 4 }, [4, 5, 6], 3],
    ['a sequence to come', { deliver_policy: 'by_start_sequence', opt_start_seq: 400 }, [], 399],
    ['a time to come', { deliver_policy: 'by_start_time', opt_start_time: '2099-01-01T00:00:00Z' }, [], 10],
    [
      'a time past',
      { deliver_policy: 'by_start_time', opt_start_time: '2000-01-01T00:00:00Z' },
      [1, 2, 3],
      0,
    ],
    ['the last per subject', { deliver_policy: 'last_per_subject', filter_subject: 's.*' }, [7, 8, 9], 6],
  ];
  it.each(rows)('%s', (_name, config, expected, start) => {
    const world = new World();
    world.publish(...'abcdabcdab'.split('').map((letter) => `s.${letter}`));
    const consumer = world.pullConsumer(config);
    expect(counters(consumer)).toMatchObject({ delivered: [0, start], floor: [0, start] });
    expect(seqs(world.fetch(consumer, 3))).toEqual(expected);
  });

  it('a time between two messages', () => {
    const world = new World();
    world.publish('s.a');
    world.env.advance(1000);
    world.publish('s.b');
    const at = new Date(world.env.clock.ms - 500).toISOString();
    const consumer = world.pullConsumer({ deliver_policy: 'by_start_time', opt_start_time: at });
    expect(seqs(world.fetch(consumer, 3))).toEqual([2]);
  });

  it('the last per subject, then on: overwritten and removed ones are counted out', () => {
    const world = new World({ max_msgs_per_subject: 1 });
    world.publish('s.a', 's.b', 's.c');
    const consumer = world.pullConsumer({ deliver_policy: 'last_per_subject', filter_subject: 's.>' });
    expect(consumer.info().num_pending).toBe(3);
    world.publish('s.b');
    expect(consumer.info().num_pending).toBe(3);
    world.remove(3);
    expect(consumer.info().num_pending).toBe(2);
    expect(seqs(world.fetch(consumer, 10))).toEqual([1, 4]);
    expect(counters(consumer)).toMatchObject({ delivered: [2, 4], pending: 0 });
  });
});
