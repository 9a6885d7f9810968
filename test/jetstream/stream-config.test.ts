import { describe, expect, it } from 'vitest';
import { JsError } from '../../src/jetstream/errors.ts';
import { checkOneReplica, normalizeStreamConfig } from '../../src/jetstream/stream/stream-config.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';

type Row = readonly [name: string, input: StreamConfigInput & { pedantic?: boolean }, text: string];

const SECOND = 1e9;
const PEDANTIC = 'pedantic mode: ';

/** What 2.14.5 refuses, with its texts, in the order in which it asks (measured pair by pair). */
const RULES: readonly Row[] = [
  [
    'description',
    { description: 'x'.repeat(4097) },
    'stream description is too long, maximum allowed is 4096',
  ],
  [
    'metadata',
    { metadata: { x: 'y'.repeat(131_072) } },
    'stream metadata exceeds maximum size of 131072 bytes',
  ],
  ['pedantic messages', { max_msgs: -5, pedantic: true }, `${PEDANTIC}max_msgs must be set to -1`],
  [
    'pedantic per subject',
    { max_msgs_per_subject: -5, pedantic: true },
    `${PEDANTIC}max_msgs_per_subject must be set to -1`,
  ],
  ['pedantic bytes', { max_bytes: -5, pedantic: true }, `${PEDANTIC}max_bytes must be set to -1`],
  ['pedantic size', { max_msg_size: -5, pedantic: true }, `${PEDANTIC}max_msg_size must be set to -1`],
  ['pedantic consumers', { max_consumers: -5, pedantic: true }, `${PEDANTIC}max_consumers must be set to -1`],
  ['age', { max_age: -1 }, 'max age can not be negative'],
  ['window', { duplicate_window: -1 }, 'duplicates window can not be negative'],
  [
    'pedantic window',
    { max_age: SECOND, pedantic: true },
    `${PEDANTIC}duplicate window cannot be bigger than max age`,
  ],
  ['roll-up', { deny_purge: true, allow_rollup_hdrs: true }, 'roll-ups require the purge permission'],
  ['counter, discard', { allow_msg_counter: true, discard: 'new' }, 'counter stream cannot use discard new'],
  [
    'counter, TTL',
    { allow_msg_counter: true, allow_msg_ttl: true },
    'counter stream cannot use message TTLs',
  ],
  [
    'counter, schedules',
    { allow_msg_counter: true, allow_msg_schedules: true },
    'counter stream cannot use message schedules',
  ],
  [
    'counter, retention',
    { allow_msg_counter: true, retention: 'interest' },
    'counter stream can only use limits retention',
  ],
  [
    'per subject',
    { discard_new_per_subject: true },
    'discard new per subject requires discard new policy to be set',
  ],
  [
    'per subject, discard',
    { discard_new_per_subject: true, discard: 'new' },
    'discard new per subject requires max msgs per subject > 0',
  ],
  ['marker', { subject_delete_marker_ttl: -1 }, 'subject delete marker TTL must not be negative'],
  [
    'schedules, discard',
    { allow_msg_schedules: true, discard: 'new' },
    'message scheduling cannot use discard new',
  ],
  [
    'pedantic schedules',
    { allow_msg_schedules: true, pedantic: true },
    'message scheduling cannot be set if roll-ups are disabled',
  ],
  [
    'async memory',
    { persist_mode: 'async', storage: 'memory' },
    'async persist mode is only supported on file storage',
  ],
  [
    'async replicas',
    { persist_mode: 'async', num_replicas: 3 },
    'async persist mode is not supported on replicated streams',
  ],
  [
    'async atomic',
    { persist_mode: 'async', allow_atomic: true },
    'async persist mode is not supported with atomic batch publish',
  ],
  ['subject', { subjects: ['a..b'] }, 'invalid subject'],
  ['placement', { placement: { preferred: 'x' } }, 'preferred server not permitted in placement'],
  ['replicas', { num_replicas: 3 }, 'replicas > 1 not supported in non-clustered mode'],
];

function outcome({ pedantic = false, ...input }: Row[1]): string {
  try {
    normalizeStreamConfig({ name: 'S', ...input }, pedantic);
    checkOneReplica(input);
    return 'ok';
  } catch (error) {
    if (error instanceof JsError) return error.description;
    throw error;
  }
}

/** Both at once, where they do not contradict each other. */
function together(a: Row[1], b: Row[1]): Row[1] | undefined {
  const clash = Object.entries(a).some(([key, value]) => {
    const other = (b as Record<string, unknown>)[key];
    return other !== undefined && JSON.stringify(other) !== JSON.stringify(value);
  });
  return clash ? undefined : { ...a, ...b };
}

describe('normalizeStreamConfig', () => {
  it.each(RULES)('refuses %s', (_name, input, text) => {
    expect(outcome(input)).toBe(text);
  });

  it.each(RULES)('tells of %s before everything that comes later', (name, input, text) => {
    const later = RULES.slice(RULES.findIndex((row) => row[0] === name) + 1);
    for (const [other, its] of later) {
      const both = together(input, its);
      // Together they may break a third rule, which is told first.
      if (both !== undefined) expect([text, ...thirds(name, other)]).toContain(outcome(both));
    }
  });

  it.each<[Row[1], Partial<StreamConfigInput>]>([
    [
      { subject_delete_marker_ttl: SECOND, deny_purge: true },
      { allow_msg_ttl: true, allow_rollup_hdrs: true, deny_purge: false },
    ],
    [
      { allow_msg_schedules: true, deny_purge: true },
      { allow_rollup_hdrs: true, deny_purge: false, allow_msg_ttl: false },
    ],
    [
      { max_msgs: -7, max_bytes: 0, max_consumers: -2 },
      { max_msgs: -1, max_bytes: -1, max_consumers: -1 },
    ],
    [{ max_age: SECOND }, { duplicate_window: SECOND }],
    [{ allow_batched: true }, { metadata: { '_nats.req.level': '4' } }],
    [{ allow_atomic: true, allow_msg_ttl: true }, { metadata: { '_nats.req.level': '2' } }],
    [{ subject_delete_marker_ttl: SECOND }, { metadata: { '_nats.req.level': '1' } }],
    [
      { metadata: { b: '1', '_nats.level': '9', '_nats.x': 'y' } },
      { metadata: { '_nats.req.level': '0', '_nats.x': 'y', b: '1' } },
    ],
  ])('adjusts %j', (input, shown) => {
    expect(normalizeStreamConfig({ name: 'S', ...input }, false)).toMatchObject(shown);
  });
});

/** Rules that two inputs break only together, by the words they begin with. */
function thirds(a: string, b: string): string[] {
  const words = new Set([a, b].flatMap((name) => name.split(/,? /)));
  return RULES.filter(([name]) =>
    name.split(/,? /).every((word) => words.has(word) || word === 'pedantic'),
  ).map(([, , text]) => text);
}
