import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import { StateError } from '../../src/jetstream/state/index.ts';
import { streamParts } from '../../src/jetstream/state/stream-parts.ts';
import { Account, loadInto, saved } from './fixtures-support.ts';
import { header, TestSink } from './support.ts';

/** A stream with most of what a stream can have. */
function rich(): Account {
  const account = new Account();
  account.jetstream.createStream({
    name: 'S',
    subjects: ['s.>', 't.*'],
    storage: 'file',
    max_msgs_per_subject: 100,
    max_age: 3600e9,
    allow_msg_ttl: true,
    allow_msg_schedules: true,
    republish: { src: 's.a', dest: 'other.a' },
    subject_transform: { src: 's.b', dest: 's.c' },
    metadata: { owner: 'x' },
    consumer_limits: { max_ack_pending: 500 },
  });
  const { stream } = account;
  createConsumer(
    stream,
    { durable_name: 'c', ack_policy: 'explicit', backoff: [1e9, 2e9], max_deliver: 3, ack_wait: 1e9 },
    '',
    false,
  );
  const priority = { priority_policy: 'pinned_client' as const, priority_groups: ['g'] };
  createConsumer(
    stream,
    { durable_name: 'p', ack_policy: 'all', filter_subjects: ['s.a', 't.*'], ...priority },
    '',
    false,
  );
  createConsumer(
    stream,
    {
      durable_name: 'd',
      deliver_subject: 'to',
      ack_policy: 'explicit',
      sample_freq: '50%',
      metadata: { a: 'b' },
    },
    '',
    false,
  );
  for (const [i, line] of [
    ['Nats-TTL', '1h'],
    ['Nats-Msg-Id', 'one'],
    ['X', 'y'],
  ].entries()) {
    account.env.publish(`s.${i}`, 'x', { header: header(line as [string, string]) });
  }
  const block = header(['Nats-Schedule', '@every 1m'], ['Nats-Schedule-Target', 's.tgt']);
  account.env.publish('t.a', 'x', { header: block });
  account.env.drain();
  stream.consumers.get('c' as never)?.next({ batch: 2, no_wait: true }, new TestSink('r'));
  account.env.drain();
  return account;
}

/** Where the JSON texts stand in a state: from, to; the length is in the four bytes before. */
function texts(bytes: Buffer): [number, number][] {
  const found: [number, number][] = [];
  for (let at = bytes.indexOf('{"'); at !== -1; at = bytes.indexOf('{"', at + 1)) {
    const length = bytes.readUInt32LE(at - 4);
    if (at + length > bytes.length || bytes[at + length - 1] !== 0x7d) continue;
    found.push([at, at + length]);
    at += length;
  }
  return found;
}

const STRANGE = [
  'null',
  '0',
  '-1',
  '1.5',
  '1e300',
  '9007199254740993',
  '""',
  '"x y"',
  '"\\u0000"',
  '[]',
  '{}',
  '[null]',
  '[[["a"]]]',
  'true',
  '{"__proto__":1}',
  '["s.>","s.>"]',
  '"9999-99-99T00:00:00Z"',
];

/** JSON with one of its values, whichever, exchanged for another; a field named by `undefined` goes. */
function mutated(json: string, at: number, by: string | undefined): string {
  let left = at;
  const walk = (value: unknown): unknown => {
    if (left-- === 0) return by === undefined ? undefined : { swap: true };
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, walk(field)]));
  };
  return (JSON.stringify(walk(JSON.parse(json))) ?? '0').replace('{"swap":true}', () => by ?? '');
}

/** Puts a text in the place of one, with the lengths that stand before it and before its part. */
function exchanged(bytes: Buffer, [from, to]: [number, number], text: string): Buffer {
  const change = Buffer.byteLength(text) - (to - from);
  const all = Buffer.concat([bytes.subarray(0, from), Buffer.from(text), bytes.subarray(to)]);
  all.writeUInt32LE(to - from + change, from - 4);
  // Parts follow each other from the list's head on: kind, length, content.
  for (let at = 4; at + 5 <= from; ) {
    const length = bytes.readUInt32LE(at + 1);
    if (at + 5 + length >= to) {
      all.writeUInt32LE(length + change, at + 1);
      break;
    }
    at += 5 + length;
  }
  return all;
}

describe('a state with configurations that somebody made up', () => {
  const bytes = saved(rich().jetstream);
  const places = texts(bytes);

  it('has them where this test looks for them', () => {
    expect(places.length).toBe(4);
    loadInto(
      new Account().jetstream,
      exchanged(bytes, places[0] ?? [0, 0], bytes.toString('utf8', ...(places[0] ?? [0, 0]))),
    );
  });

  it('is loaded and works, or is refused as damaged and changes nothing', () => {
    let refused = 0;
    let runs = 0;
    fc.assert(
      fc.property(
        fc.nat(places.length - 1),
        fc.nat(60),
        fc.option(fc.constantFrom(...STRANGE), { nil: undefined }),
        (which, at, by) => {
          const place = places[which] ?? [0, 0];
          const state = exchanged(bytes, place, mutated(bytes.toString('utf8', ...place), at, by));
          const account = new Account();
          const before = account.jetstream.createStream({ name: 'B', subjects: ['b'] }).stream;
          const used = account.env.memory.used;
          runs++;
          try {
            loadInto(account.jetstream, state);
          } catch (error) {
            refused++;
            expect(error).toBeInstanceOf(StateError);
            expect([...account.jetstream.streams.values()]).toEqual([before]);
            expect(account.env.memory.used).toBe(used);
            return;
          }
          account.env.publish('s.9', 'x');
          account.env.advance(120_000);
          account.env.drain();
          for (const stream of account.jetstream.streams.values()) {
            for (const consumer of stream.consumers.values()) {
              consumer.next({ batch: 5, no_wait: true, group: 'g' }, new TestSink('r'));
              account.env.drain();
              expect(JSON.stringify(consumer.info())).not.toMatch(/NaN|:null/);
            }
          }
          expect(saved(account.jetstream).length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 120 },
    );
    expect(refused).toBeGreaterThan(runs / 4);
  });
});

describe('the parts of a stream', () => {
  it('stay small however many messages are due some time', () => {
    const account = new Account();
    const { stream } = account.jetstream.createStream({ name: 'S', subjects: ['s.>'], allow_msg_ttl: true });
    for (let i = 0; i < 10_000; i++)
      account.env.publish(`s.${i}`, 'x', { header: header(['Nats-TTL', `${i + 10}s`]) });
    account.env.drain();
    expect(Math.max(...[...streamParts(stream)].map(({ bytes }) => bytes.length))).toBeLessThan(70_000);
    const copy = account.copy();
    expect(copy.stream.expiries.size).toBe(10_000);
    copy.env.advance(5_009_500);
    copy.env.drain();
    expect(copy.stream.store.messages).toBe(5000);
  });
});
