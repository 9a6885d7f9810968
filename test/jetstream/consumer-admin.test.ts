import { describe, expect, it } from 'vitest';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import { JsError } from '../../src/jetstream/errors.ts';
import { SECOND, World } from './consumer-support.ts';

const EXPLICIT = { ack_policy: 'explicit' } as const;

/** `<code>/<error code> <text>` of what a function throws, or `ok`. */
function outcome(act: () => void): string {
  try {
    act();
    return 'ok';
  } catch (error) {
    if (!(error instanceof JsError)) throw error;
    return `${error.code}/${error.errCode} ${error.description}`;
  }
}

describe('createConsumer fills in', () => {
  // The whole configuration as replies show it, measured on 2.14.5 (without what replies add to the metadata).
  const rows: [string, ConsumerConfigInput, object][] = [
    [
      'an ephemeral without acknowledgements',
      {},
      {
        deliver_policy: 'all',
        ack_policy: 'none',
        max_deliver: -1,
        replay_policy: 'instant',
        max_waiting: 512,
        inactive_threshold: 5 * SECOND,
        num_replicas: 0,
        metadata: { '_nats.req.level': '0' },
      },
    ],
    [
      'a durable push consumer',
      { durable_name: 'D', ...EXPLICIT, deliver_subject: 'del.x' },
      {
        durable_name: 'D',
        name: 'D',
        deliver_policy: 'all',
        ack_policy: 'explicit',
        ack_wait: 30 * SECOND,
        max_deliver: -1,
        replay_policy: 'instant',
        max_ack_pending: 1000,
        deliver_subject: 'del.x',
        num_replicas: 0,
        metadata: { '_nats.req.level': '0' },
      },
    ],
    [
      'backoff, filters and a start',
      {
        durable_name: 'bo',
        ack_policy: 'all',
        backoff: [SECOND, 2 * SECOND],
        max_deliver: 5,
        opt_start_seq: 3,
        deliver_policy: 'by_start_sequence',
        filter_subjects: ['s.a', 's.b'],
        inactive_threshold: 5 * SECOND,
        max_batch: 3,
      },
      {
        durable_name: 'bo',
        name: 'bo',
        deliver_policy: 'by_start_sequence',
        opt_start_seq: 3,
        ack_policy: 'all',
        ack_wait: SECOND,
        max_deliver: 5,
        backoff: [SECOND, 2 * SECOND],
        filter_subjects: ['s.a', 's.b'],
        replay_policy: 'instant',
        max_waiting: 512,
        max_ack_pending: 1000,
        max_batch: 3,
        inactive_threshold: 5 * SECOND,
        num_replicas: 0,
        metadata: { '_nats.req.level': '0' },
      },
    ],
  ];
  it.each(rows)('%s', (_name, input, config) => {
    const world = new World();
    const consumer = world.consumer(input);
    expect(JSON.stringify(consumer.config)).toBe(JSON.stringify(config));
    expect(world.env.assetEvents.at(-1)).toBe(`+S/${consumer.name}`);
  });

  it('a name of eight letters and digits', () => {
    const world = new World();
    expect(world.consumer({}).name).toMatch(/^[0-9A-Za-z]{8}$/);
    expect(world.consumer({}).name).not.toBe(world.consumer({}).name);
  });

  it('the limits that the stream sets for its consumers', () => {
    const world = new World({ consumer_limits: { inactive_threshold: 3 * SECOND, max_ack_pending: 10 } });
    expect(world.pullConsumer().config).toMatchObject({
      inactive_threshold: 3 * SECOND,
      max_ack_pending: 10,
    });
  });
});

describe('createConsumer refuses', () => {
  const policy = (text: string): string => `400/10094 consumer delivery policy is deliver ${text}`;
  // Measured on 2.14.5.
  const rows: [ConsumerConfigInput, string][] = [
    [{ deliver_subject: 'a.*' }, '400/10079 consumer deliver subject has wildcards'],
    [{ deliver_subject: 'a..b' }, '400/10112 invalid push consumer deliver subject'],
    [{ deliver_subject: 'a', max_waiting: 5 }, '400/10080 consumer in push mode can not set max waiting'],
    [{ deliver_subject: 's.a' }, '400/10081 consumer deliver subject forms a cycle'],
    [{ deliver_subject: 'a', idle_heartbeat: 5 }, '400/10083 consumer idle heartbeat needs to be >= 100ms'],
    [
      { deliver_subject: 'a', flow_control: true },
      '400/10108 consumer with flow control also needs heartbeats',
    ],
    [{ rate_limit_bps: 4 }, '400/10086 consumer in pull mode can not have rate limit set'],
    [{ idle_heartbeat: SECOND }, '400/10088 consumer idle heartbeat requires a push based consumer'],
    [{ flow_control: true }, '400/10089 consumer flow control requires a push based consumer'],
    [{ direct: true }, '400/10090 consumer direct requires a push based consumer'],
    [{ max_expires: 5 }, '400/10115 consumer max request expires needs to be >= 1ms'],
    [
      { deliver_policy: 'by_start_sequence' },
      policy('by start sequence, but optional start sequence is not set'),
    ],
    [{ deliver_policy: 'by_start_time' }, policy('by start time, but optional start time is not set')],
    [{ opt_start_seq: 3 }, policy('all, but optional start sequence is also set')],
    [{ deliver_policy: 'new', opt_start_seq: 3 }, policy('new, but optional start sequence is also set')],
    [
      { deliver_policy: 'last', opt_start_time: '2020-01-01T00:00:00Z' },
      policy('last, but optional start time is also set'),
    ],
    [
      { deliver_policy: 'last_per_subject' },
      policy('last per subject, but optional filter subject is not set'),
    ],
    [
      { sample_freq: 'x' },
      '400/10095 failed to parse consumer sampling configuration: strconv.Atoi: parsing "x": invalid syntax',
    ],
    [{ sample_freq: '-1' }, '400/10095 failed to parse consumer sampling configuration: <nil>'],
    [{ filter_subjects: [''] }, '400/10139 consumer filter in FilterSubjects cannot be empty'],
    [
      { filter_subject: 's.a', filter_subjects: ['s.b'] },
      '400/10136 consumer cannot have both FilterSubject and FilterSubjects specified',
    ],
    [{ filter_subjects: ['s.a', 's.*'] }, '400/10138 consumer subject filters cannot overlap'],
    [{ filter_subject: 's..a' }, '500/10052 invalid subject'],
    [
      { description: 'x'.repeat(4097) },
      '400/10107 consumer description is too long, maximum allowed is 4096',
    ],
    [
      { backoff: [1, 2, 3], max_deliver: 2 },
      '400/10116 max deliver is required to be > length of backoff values',
    ],
    [{ backoff: [-1] }, '400/10184 consumer backoff needs to be positive'],
    [{ ack_wait: -1 }, '400/10183 consumer ack wait needs to be positive'],
    [{ num_replicas: 3 }, '500/10074 replicas > 1 not supported in non-clustered mode'],
    [{ num_replicas: -1 }, '400/10133 replicas count cannot be negative'],
    [{ metadata: { a: 'x'.repeat(200_000) } }, '400/10135 consumer metadata exceeds maximum size of 128KB'],
    [{ priority_groups: ['a'] }, '400/10196 consumer can not have priority groups when policy is none'],
    [
      { priority_policy: 'overflow' },
      '400/10159 Setting PriorityPolicy requires at least one PriorityGroup to be set',
    ],
    [{ priority_timeout: SECOND }, '400/10197 PinnedTTL cannot be set when PriorityPolicy is none'],
    [
      { priority_policy: 'overflow', priority_groups: [''] },
      '400/10161 Group name cannot be an empty string',
    ],
    [{ ack_policy: 'flow_control' }, '400/10218 flow control ack policy requires a push based consumer'],
    [
      { ack_policy: 'flow_control', deliver_subject: 'a', ack_wait: 1 },
      '400/10221 flow control ack policy requires unset ack wait',
    ],
    [{ name: 'a/b' }, '400/10127 Consumer name can not contain path separators'],
    [{ name: 'a.b' }, "500/10052 consumer name can not contain '.', '*', '>', '\\', '/'"],
    [{ durable_name: 'a.b' }, "400/10103 durable name can not contain '.', '*', '>'"],
    [{ name: 'x'.repeat(256) }, '400/10102 consumer name is too long, maximum allowed is 255'],
    [
      { name: 'x', durable_name: 'y' },
      '400/10132 Consumer Durable and Name have to be equal if both are provided',
    ],
  ];
  it.each(rows)('%j', (input, expected) => {
    const world = new World();
    expect(outcome(() => world.consumer({ ...EXPLICIT, ...input }))).toBe(expected);
    expect(world.stream.consumers.size).toBe(0);
  });

  it('by the action, the stream, and the limits', () => {
    const world = new World({
      max_consumers: 1,
      consumer_limits: { max_ack_pending: 10, inactive_threshold: SECOND },
    });
    const create = (config: ConsumerConfigInput, action: '' | 'create' | 'update' = ''): string =>
      outcome(() => world.consumer({ name: 'c', ...EXPLICIT, ...config }, action));
    expect(create({}, 'update')).toBe('400/10149 consumer does not exist');
    expect(create({ max_ack_pending: 50 })).toBe(
      '400/10121 consumer max ack pending exceeds system limit of 10',
    );
    expect(create({ inactive_threshold: 5 * SECOND })).toBe(
      '400/10153 consumer inactive threshold exceeds system limit of 1s',
    );
    expect(create({}, 'create')).toBe('ok');
    expect(create({}, 'create')).toBe('ok');
    expect(create({ description: 'x' }, 'create')).toBe('400/10148 consumer already exists');
    expect(create({ name: 'other' })).toBe('400/10026 maximum consumers limit reached');
  });

  it('what a work queue cannot have', () => {
    const world = new World({ retention: 'workqueue' });
    const create = (name: string, config: ConsumerConfigInput): string =>
      outcome(() => world.consumer({ name, ...EXPLICIT, ...config }));
    const notUnique = '400/10100 filtered consumer not unique on workqueue stream';
    expect(create('a', { ack_policy: 'none' })).toMatch('400/10084');
    expect(create('a', { ack_policy: 'all' })).toBe('400/10098 workqueue stream requires explicit ack');
    expect(create('a', { ack_policy: 'none', deliver_subject: 'x' })).toMatch('400/10098');
    expect(create('a', { deliver_policy: 'new' })).toMatch('400/10101 consumer must be deliver all');
    expect(create('a', { filter_subject: 's.a' })).toBe('ok');
    expect(create('b', { filter_subject: 's.a' })).toBe(notUnique);
    expect(create('b', { filter_subject: 's.*' })).toBe(notUnique);
    expect(create('b', {})).toMatch('400/10099 multiple non-filtered');
    expect(create('b', { filter_subject: 's.b' })).toBe('ok');
  });
});

describe('createConsumer on a name in use', () => {
  const no = (text: string): string => `500/10012 ${text} can not be updated`;
  const rows: [ConsumerConfigInput, string][] = [
    [{ description: 'y' }, 'ok'],
    [{ ack_policy: 'all' }, no('ack policy')],
    [{ deliver_policy: 'new' }, no('deliver policy')],
    [{ replay_policy: 'original' }, no('replay policy')],
    [{ max_waiting: 5 }, no('max waiting')],
    [{ mem_storage: true }, no('storage type')],
    [{ deliver_subject: 'foo' }, '500/10012 can not update pull consumer to push based'],
    [{ ack_wait: SECOND }, 'ok'],
    [{ max_deliver: 4 }, 'ok'],
    [{ filter_subject: 's.a' }, 'ok'],
    [{ filter_subjects: ['s.a', 's.b'] }, 'ok'],
    [{ max_ack_pending: 5 }, 'ok'],
    [{ headers_only: true }, 'ok'],
    [{ max_batch: 4, max_bytes: 100 }, 'ok'],
    [{ inactive_threshold: 4 * SECOND }, 'ok'],
    [{ sample_freq: '10' }, 'ok'],
    [{ backoff: [SECOND, 2 * SECOND] }, 'ok'],
    [{ metadata: { a: '1' } }, 'ok'],
  ];
  it.each(rows)('with %j', (change, expected) => {
    const world = new World();
    const base: ConsumerConfigInput = { durable_name: 'd', ...EXPLICIT };
    const consumer = world.consumer(base);
    const before = consumer.config;
    expect(outcome(() => world.consumer({ ...base, ...change }))).toBe(expected);
    expect(world.stream.consumers.get(consumer.name)).toBe(consumer);
    if (expected !== 'ok') expect(consumer.config).toBe(before);
    else expect(consumer.config).toMatchObject(change);
  });

  it('counts what is to come again when the filter changes (measured on 2.14.5)', () => {
    const world = new World();
    world.publish(...'abcdabcdabcd'.split('').map((letter) => `s.${letter}`));
    const consumer = world.pullConsumer({ filter_subject: 's.a' });
    world.fetch(consumer, 1);
    expect(consumer.info().num_pending).toBe(2);
    world.pullConsumer({ filter_subject: 's.b' });
    expect(consumer.info().num_pending).toBe(3);
    world.pullConsumer({ filter_subjects: ['s.a', 's.b'] });
    expect(consumer.info().num_pending).toBe(5);
  });
});
