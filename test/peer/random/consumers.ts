import fc from 'fast-check';
import type { Command } from './command.ts';
import { twists } from './pick.ts';
import { streamName } from './streams.ts';

const SECOND = 1e9;
export const consumerName = fc.constantFrom('c1', 'c2');

/** Values of the fields of a consumer configuration. Waits are long: what time does is compared elsewhere. */
const FIELDS = {
  description: ['words'],
  deliver_policy: [
    'all',
    'last',
    'new',
    'by_start_sequence',
    'by_start_time',
    'last_per_subject',
    'undefined',
  ],
  opt_start_seq: [1, 3, 100],
  opt_start_time: ['2000-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
  ack_policy: ['none', 'all', 'explicit', 'explicit', 'flow_control'],
  ack_wait: [60 * SECOND, -1],
  max_deliver: [1, 2, -1, -2],
  backoff: [[60 * SECOND], [60 * SECOND, 120 * SECOND]],
  filter_subject: ['a.x', 'a.*', 'b.>', 'zz'],
  filter_subjects: [['a.x', 'a.y'], ['a.x', 'b.x'], ['a.*', 'a.x'], ['a.x']],
  replay_policy: ['instant', 'original'],
  rate_limit_bps: [1_000_000],
  sample_freq: ['100', '50%', 'x'],
  max_waiting: [1, 2, 100, -1],
  max_ack_pending: [1, 2, 3, -1, -2],
  flow_control: [true],
  headers_only: [true],
  max_batch: [1, 3, -1],
  max_expires: [SECOND],
  max_bytes: [100],
  deliver_subject: ['d.1', 'd.2', 'a.x'],
  deliver_group: ['q'],
  idle_heartbeat: [30 * SECOND, -1],
  inactive_threshold: [60 * SECOND, -1],
  num_replicas: [1, 3],
  mem_storage: [true],
  direct: [true],
  metadata: [{ k: 'v' }],
  priority_groups: [['g'], ['g', 'h'], ['']],
  priority_policy: ['none', 'overflow', 'pinned_client', 'prioritized'],
  priority_timeout: [60 * SECOND, -1],
  pause_until: ['2099-01-01T00:00:00Z', '2000-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  sourcing: [true],
};

const config = fc.record({
  base: fc.constantFrom<Record<string, unknown>>(
    { ack_policy: 'explicit', ack_wait: 60 * SECOND },
    { ack_policy: 'explicit', ack_wait: 60 * SECOND },
    { ack_policy: 'none' },
    { ack_policy: 'explicit', ack_wait: 60 * SECOND, deliver_subject: 'd.1' },
    { ack_policy: 'none', deliver_subject: 'd.2' },
    { ack_policy: 'explicit', ack_wait: 60 * SECOND, priority_groups: ['g'], priority_policy: 'overflow' },
    {
      ack_policy: 'explicit',
      ack_wait: 60 * SECOND,
      priority_groups: ['g'],
      priority_policy: 'pinned_client',
    },
    { ack_policy: 'explicit', ack_wait: 60 * SECOND, priority_groups: ['g'], priority_policy: 'prioritized' },
    {},
  ),
  more: twists(FIELDS, 3),
});

export const createConsumer: fc.Arbitrary<Command> = fc
  .record({
    stream: streamName,
    name: consumerName,
    way: fc.constantFrom('durable', 'durable', 'durable', 'ephemeral', 'filtered', 'legacy'),
    config,
    action: fc.constantFrom(undefined, undefined, undefined, 'create', 'update'),
    pedantic: fc.constantFrom(undefined, undefined, undefined, undefined, true),
  })
  .map(({ stream, name, way, config: { base, more }, action, pedantic }) => {
    const names = way === 'ephemeral' ? { name } : { durable_name: name };
    const wanted: Record<string, unknown> = { ...base, ...more, ...names };
    const filter =
      way === 'filtered' && wanted['filter_subject'] !== undefined ? `.${wanted['filter_subject']}` : '';
    const verb = way === 'legacy' ? 'CONSUMER.DURABLE.CREATE' : 'CONSUMER.CREATE';
    const body = { stream_name: stream, config: wanted, action, pedantic };
    return { do: 'ask', subject: `$JS.API.${verb}.${stream}.${name}${filter}`, body };
  });

/** Requests about one consumer, or all of a stream. */
export const askConsumer: fc.Arbitrary<Command> = fc
  .record({ stream: streamName, name: consumerName, what: fc.constantFrom('INFO', 'INFO', 'INFO', 'DELETE') })
  .map(({ stream, name, what }) => ({ do: 'ask', subject: `$JS.API.CONSUMER.${what}.${stream}.${name}` }));

export const listConsumers: fc.Arbitrary<Command> = fc
  .record({
    stream: streamName,
    what: fc.constantFrom('NAMES', 'LIST'),
    offset: fc.constantFrom(undefined, 0, 1, 5),
  })
  .map(({ stream, what, offset }) => ({
    do: 'ask',
    subject: `$JS.API.CONSUMER.${what}.${stream}`,
    body: { offset },
  }));

export const pauseConsumer: fc.Arbitrary<Command> = fc
  .record({
    stream: streamName,
    name: consumerName,
    pause_until: fc.constantFrom('2099-01-01T00:00:00Z', '2000-01-01T00:00:00Z', undefined),
  })
  .map(({ stream, name, pause_until }) => ({
    do: 'ask',
    subject: `$JS.API.CONSUMER.PAUSE.${stream}.${name}`,
    body: { pause_until },
  }));

export const resetConsumer: fc.Arbitrary<Command> = fc
  .record({ stream: streamName, name: consumerName, seq: fc.constantFrom(undefined, 0, 1, 2, 3, 100) })
  .map(({ stream, name, seq }) => ({
    do: 'ask',
    subject: `$JS.API.CONSUMER.RESET.${stream}.${name}`,
    body: seq === undefined ? undefined : { seq },
  }));

export const unpinConsumer: fc.Arbitrary<Command> = fc
  .record({ stream: streamName, name: consumerName, group: fc.constantFrom('g', 'h', '') })
  .map(({ stream, name, group }) => ({
    do: 'ask',
    subject: `$JS.API.CONSUMER.UNPIN.${stream}.${name}`,
    body: { group },
  }));

export const pull: fc.Arbitrary<Command> = fc
  .record({
    stream: streamName,
    consumer: consumerName,
    batch: fc.constantFrom(1, 1, 2, 5, 0),
    group: fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      {
        weight: 2,
        arbitrary: twists(
          {
            group: ['g', 'g', 'g', 'h'],
            min_pending: [1, 3],
            min_ack_pending: [1, 2],
            priority: [0, 1, 9, 10],
            id: ['x'],
          },
          3,
        ),
      },
    ),
    ends: fc.constantFrom<Record<string, unknown>>(
      { no_wait: true },
      { no_wait: true },
      { no_wait: true },
      { expires: 60e6 },
      { expires: 60e6, no_wait: true },
      { expires: 60e6, max_bytes: 100 },
      { no_wait: true, max_bytes: 60 },
      {},
    ),
  })
  .map(({ stream, consumer, batch, ends, group }) => ({
    do: 'pull',
    stream,
    consumer,
    body: { batch, ...ends, ...group },
  }));

export const acknowledge: fc.Arbitrary<Command> = fc
  .record({
    which: fc.constantFrom(0, 0, 0, 1, 2, 3),
    kind: fc.constantFrom(
      '',
      '+ACK',
      '+ACK',
      '-NAK',
      '-NAK {"delay":60000000000}',
      '+WPI',
      '+TERM',
      '+TERM why',
      '+NXT',
      '+NXT {"batch":2,"no_wait":true}',
      'what',
    ),
    confirmed: fc.boolean(),
  })
  .map((some) => ({ do: 'ack', ...some }));
