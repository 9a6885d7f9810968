import fc from 'fast-check';
import type { Command } from './command.ts';
import { twists } from './pick.ts';
import { STREAM_NAMES } from './player.ts';

const SECOND = 1e9;

export const streamName = fc.constantFrom(...STREAM_NAMES);

/** Subjects of the streams by name: disjoint, so that most can stand beside each other. */
const SUBJECTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  A: [['a.>'], ['a.*'], ['a.x', 'a.y'], ['a.*.*', 'a.*']],
  B: [['b.>'], ['b.*', 'bb'], ['b.x']],
  C: [['c.>'], ['c.x', 'c.y'], ['a.z']],
};

/** Values of the fields of a stream configuration; the last of most is one that is refused. */
const FIELDS = {
  description: ['words'],
  retention: ['limits', 'interest', 'workqueue', 'none'],
  max_consumers: [1, 2, -1, -2],
  max_msgs: [1, 3, 5, -1],
  max_bytes: [100, 300, -1],
  max_age: [3600 * SECOND, 1],
  max_msgs_per_subject: [1, 2],
  max_msg_size: [10, 100],
  discard: ['old', 'new'],
  num_replicas: [0, 1, 2],
  no_ack: [true],
  duplicate_window: [60 * SECOND, 1],
  compression: ['s2', 'none'],
  first_seq: [1, 10],
  allow_direct: [true],
  mirror_direct: [true],
  discard_new_per_subject: [true],
  sealed: [true],
  deny_delete: [true],
  deny_purge: [true],
  allow_rollup_hdrs: [true],
  consumer_limits: [{ max_ack_pending: 3 }, { inactive_threshold: 60 * SECOND }],
  allow_msg_ttl: [true],
  subject_delete_marker_ttl: [3600 * SECOND, 1],
  subject_transform: [
    { src: 'a.>', dest: 'a.x.>' },
    { src: 'a.*', dest: 't.{{wildcard(1)}}' },
    { src: '*.x', dest: 'x.{{wildcard(1)}}' },
    { src: 'a.*', dest: 't' },
  ],
  republish: [
    { src: 'a.>', dest: 'x.>' },
    { src: '>', dest: 'x.all.>', headers_only: true },
    { dest: 'x.one' },
  ],
  allow_msg_counter: [true],
  allow_atomic: [true],
  allow_batched: [true],
  allow_msg_schedules: [true],
  persist_mode: ['async', 'default'],
  metadata: [{ k: 'v' }, { '_nats.req.level': '0' }],
  placement: [{ cluster: 'x' }, { tags: ['t'] }],
};

const config = (name: string): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .record({
      subjects: fc.constantFrom(...(SUBJECTS[name] ?? [])),
      storage: fc.constantFrom('memory', 'memory', 'memory', 'file'),
      more: twists(FIELDS, 4),
      pedantic: fc.constantFrom(...Array<undefined>(9).fill(undefined), true),
    })
    .map(({ subjects, storage, more, pedantic }) => ({ name, subjects, storage, ...more, pedantic }));

const configured = streamName.chain(config);

/** Commands about streams as a whole. */
export const createStream: fc.Arbitrary<Command> = configured.map((body) => ({
  do: 'ask',
  subject: `$JS.API.STREAM.CREATE.${body['name']}`,
  body,
}));

/** Updates, without replicas: those of more than one are refused here and taken there (docs/differences.md). */
export const updateStream: fc.Arbitrary<Command> = configured.map(({ num_replicas: _, ...body }) => ({
  do: 'ask',
  subject: `$JS.API.STREAM.UPDATE.${body['name']}`,
  body,
}));

export const streamInfo: fc.Arbitrary<Command> = fc
  .record({
    name: streamName,
    body: twists(
      {
        offset: [0, 1, 100],
        deleted_details: [true],
        subjects_filter: ['>', 'a.*', 'a.x', '*', 'b.>'],
      },
      2,
    ),
  })
  .map(({ name, body }) => ({ do: 'ask', subject: `$JS.API.STREAM.INFO.${name}`, body }));

export const purge: fc.Arbitrary<Command> = fc
  .record({
    name: streamName,
    body: twists({ seq: [1, 3, 5, 100], keep: [1, 2], filter: ['a.x', 'a.*', 'b.>', '>', 'a..x'] }, 3),
  })
  .map(({ name, body }) => ({ do: 'ask', subject: `$JS.API.STREAM.PURGE.${name}`, body }));

export const listStreams: fc.Arbitrary<Command> = fc
  .record({
    what: fc.constantFrom('NAMES', 'LIST'),
    body: twists({ offset: [0, 1, 5, -1], subject: ['a.x', 'b.>', '>', '*.x', 'zz'] }, 2),
  })
  .map(({ what, body }) => ({ do: 'ask', subject: `$JS.API.STREAM.${what}`, body }));

export const deleteStream: fc.Arbitrary<Command> = streamName.map((name) => ({
  do: 'ask',
  subject: `$JS.API.STREAM.DELETE.${name}`,
}));

export const accountInfo: fc.Arbitrary<Command> = fc.constant({ do: 'ask', subject: '$JS.API.INFO' });
