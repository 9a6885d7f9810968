import fc from 'fast-check';
import type { Command } from './command.ts';
import { twists } from './pick.ts';
import { streamName } from './streams.ts';

export const subject = fc.constantFrom('a.x', 'a.x', 'a.y', 'a.z', 'a.x.y', 'b.x', 'b.y', 'bb', 'c.x', 'c.y');
const sequence = fc.constantFrom(0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 1000);

/** Headers of publishes, by name; the effects of the ones a stream has switched off are compared as well. */
const HEADERS = {
  k: ['v'],
  'Nats-Msg-Id': ['m1', 'm2'],
  'Nats-Expected-Stream': ['A', 'B'],
  'Nats-Expected-Last-Sequence': ['0', '1', '2', '3', 'x'],
  'Nats-Expected-Last-Subject-Sequence': ['0', '1', '2', '3'],
  'Nats-Expected-Last-Subject-Sequence-Subject': ['a.x', 'a.*'],
  'Nats-Expected-Last-Msg-Id': ['m1', 'm2'],
  'Nats-Rollup': ['sub', 'all', 'wrong'],
  'Nats-TTL': ['1h', '100s', 'never', 'wrong', '0', '-1'],
  'Nats-Required-Api-Level': ['1', '9'],
  'Nats-Incr': ['+1', '-2', 'x'],
  'Nats-Schedule': ['@at 2099-01-01T00:00:00Z', '@every 1h', 'x'],
  'Nats-Schedule-Target': ['a.y', 'a.*'],
  'Nats-Schedule-TTL': ['1h', 'x'],
};

export const publish: fc.Arbitrary<Command> = fc
  .record({
    subject,
    payload: fc.constantFrom('', 'one', 'two', 'a longer payload'),
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      { weight: 2, arbitrary: twists(HEADERS, 2) },
    ),
  })
  .map(({ headers, ...rest }) => ({
    do: 'publish',
    ...rest,
    ...(Object.keys(headers).length === 0 ? {} : { headers: headers as Record<string, string> }),
  }));

/** Messages of atomic batches, mostly in order. */
export const publishInBatch: fc.Arbitrary<Command> = fc
  .record({
    subject: fc.constantFrom('a.x', 'a.y', 'b.x'),
    id: fc.constantFrom('b1', 'b1', 'b1', 'b2'),
    sequence: fc.constantFrom('1', '1', '2', '2', '3', '0', 'x'),
    commit: fc.constantFrom(undefined, undefined, '1', '1', 'eob', '0'),
    more: twists(HEADERS, 1),
  })
  .map(({ subject, id, sequence, commit, more }) => ({
    do: 'publish',
    subject,
    payload: `${id} ${sequence}`,
    headers: {
      'Nats-Batch-Id': id,
      'Nats-Batch-Sequence': sequence,
      ...(commit === undefined ? {} : { 'Nats-Batch-Commit': commit }),
      ...(more as Record<string, string>),
    },
  }));

export const deleteMessage: fc.Arbitrary<Command> = fc
  .record({ name: streamName, seq: sequence, no_erase: fc.constantFrom(undefined, true, false) })
  .map(({ name, ...body }) => ({ do: 'ask', subject: `$JS.API.STREAM.MSG.DELETE.${name}`, body }));

const QUERY = {
  seq: [1, 2, 3, 5, 10, 1000],
  last_by_subj: ['a.x', 'a.*', 'b.>', 'zz'],
  next_by_subj: ['a.x', 'a.*', '>', 'zz'],
  start_time: ['2000-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
  no_hdr: [true],
};

export const getMessage: fc.Arbitrary<Command> = fc
  .record({ name: streamName, body: twists(QUERY, 2) })
  .map(({ name, body }) => ({ do: 'ask', subject: `$JS.API.STREAM.MSG.GET.${name}`, body }));

const BATCH = {
  ...QUERY,
  batch: [1, 2, 10],
  max_bytes: [1, 20, 1000],
  multi_last: [['a.x'], ['a.*', 'b.>'], ['>'], ['zz'], ['a.>', 'a.x']],
  up_to_seq: [1, 3, 1000],
  up_to_time: ['2000-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
};

export const directGet: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ name: streamName, body: twists(BATCH, 4) })
      .map(({ name, body }): Command => ({ do: 'direct', subject: `$JS.API.DIRECT.GET.${name}`, body })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        name: streamName,
        subject,
        body: fc.constantFrom(undefined, undefined, '{}', '{"seq":1}', '{', '{"no_hdr":true}'),
      })
      .map(
        ({ name, subject, body }): Command => ({
          do: 'direct',
          subject: `$JS.API.DIRECT.GET.${name}.${subject}`,
          body,
        }),
      ),
  },
);
