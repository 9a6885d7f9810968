import fc, { type Arbitrary } from 'fast-check';
import type { Field } from '../actions.ts';

const NS = 1_000_000_000;

/**
 * What a stream may be asked to do by itself: send, copy, expire, count. Each is a way on which a message could leave its
 * account that no client takes. Destinations are subjects that other accounts listen on under the same names.
 */
export const streamFeatures: readonly object[] = [
  { allow_atomic: true },
  { allow_batched: true },
  { allow_msg_counter: true },
  { allow_msg_ttl: true, subject_delete_marker_ttl: NS, allow_rollup_hdrs: true },
  { allow_msg_schedules: true, allow_msg_ttl: true, allow_rollup_hdrs: true },
  { republish: { src: '>', dest: 'a.>' } },
  { republish: { src: '>', dest: '$JS.API.>', headers_only: true } },
  { subject_transform: { src: 's0.*', dest: 'b.{{wildcard(1)}}' } },
  { max_age: NS },
  { mirror_direct: true, allow_direct: true, subjects: [], mirror: { name: 'S0' } },
  { subjects: [], mirror: { name: 'S0', external: { api: 'JS.X.API', deliver: 'dlv' } } },
  { sources: [{ name: 'S0', subject_transforms: [{ src: 's0.>', dest: 's1.>' }] }] },
  { sources: [{ name: 'S0', external: { api: 'a', deliver: 'b' } }] },
];

/** What a consumer may be asked to do by itself. */
export const consumerFeatures: readonly object[] = [
  { deliver_policy: 'last_per_subject', filter_subject: '>' },
  { replay_policy: 'original' },
  { backoff: [NS, 2 * NS], max_deliver: 3 },
  { max_deliver: 1, ack_wait: NS },
  { sample_freq: '100' },
  { inactive_threshold: NS },
  { pause_until: '2026-01-01T00:10:00Z' },
  { priority_groups: ['g'], priority_policy: 'pinned_client', priority_timeout: NS },
  { priority_groups: ['g'], priority_policy: 'overflow' },
];

/** The same for one that delivers to a subject. */
export const pushFeatures: readonly object[] = [
  { flow_control: true, idle_heartbeat: NS },
  { deliver_group: 'q' },
  { deliver_subject: 'a.b' },
  { deliver_subject: '$JS.API.STREAM.PURGE.S0' },
  { deliver_subject: 's2.a' },
];

/** Header lines that set these things off. The few ids and subjects are the same in all accounts: they have to meet. */
export const featureFields: Arbitrary<readonly Field[]> = fc.oneof(
  fc.constantFrom<readonly Field[]>(
    [['Nats-TTL', '1s']],
    [['Nats-Incr', '2']],
    [['Nats-Expected-Last-Subject-Sequence', '1']],
    [['Nats-Rollup', 'all']],
    [
      ['Nats-Schedule', '@every 1s'],
      ['Nats-Schedule-Target', 's0.b'],
    ],
    [
      ['Nats-Schedule', '@at 2026-01-01T00:00:01Z'],
      ['Nats-Schedule-Target', 'a.b'],
    ],
  ),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.boolean())
    .map(([sequence, isLast]): readonly Field[] => [
      ['Nats-Batch-Id', 'batch'],
      ['Nats-Batch-Sequence', String(sequence)],
      ...(isLast ? ([['Nats-Batch-Commit', '1']] as const) : []),
    ]),
);
