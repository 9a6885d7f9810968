import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { startFastIngest } from '@nats-io/jetstream/internal';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import { all, client, serve, take, times } from './support.ts';

let nc: NatsConnection;

beforeEach(async () => {
  nc = await client(await serve());
});

const subjectsOf = async () => {
  const { direct } = await jetstreamManager(nc);
  const stored = await all(await direct.getBatch('S', { seq: 1, batch: 1_000 }));
  return stored.map((message) => message.subject);
};

describe('an atomic batch', () => {
  beforeEach(async () => {
    const manager = await jetstreamManager(nc);
    await manager.streams.add({ name: 'S', subjects: ['s.>'], allow_atomic: true, allow_direct: true });
  });

  it('is stored at its end, all of it at once', async () => {
    const js = jetstream(nc);
    const batch = await js.startBatch('s.0', 'first');
    for (const n of times(50, (i) => i + 1)) batch.add(`s.${n}`, 'more');
    await batch.add('s.51', 'and', { ack: true });
    await js.publish('s.meanwhile');
    expect(await batch.commit('s.52', 'last')).toMatchObject({
      stream: 'S',
      seq: 54,
      count: 53,
      batch: batch.id,
    });
    expect(await subjectsOf()).toEqual(['s.meanwhile', ...times(53, (n) => `s.${n}`)]);
  });

  it('is not stored at all when its expectation is not met', async () => {
    const js = jetstream(nc);
    await js.publish('s.0');
    const batch = await js.startBatch('s.1', '', { expect: { lastSequence: 7 } });
    batch.add('s.2');
    await expect(batch.commit('s.3')).rejects.toThrow();
    expect(await subjectsOf()).toEqual(['s.0']);
  });
});

describe('fast ingest', () => {
  it.each([
    ['ends with a last message', true],
    ['ends without one', false],
  ])('%s', async (_, hasLast) => {
    const manager = await jetstreamManager(nc);
    await manager.streams.add({ name: 'S', subjects: ['s.>'], allow_batched: true, allow_direct: true });
    const batch = await startFastIngest(nc, 's.0', 'x', { allowGaps: false });
    const last = 200;
    for (const n of times(last - 1, (i) => i + 1)) await batch.add(`s.${n}`, 'x');
    expect(await batch.ping()).toMatchObject({ batchSeq: last });
    const done = hasLast ? await batch.last(`s.${last}`, 'x') : await batch.end();
    expect(done).toMatchObject({ stream: 'S', seq: last + (hasLast ? 1 : 0), batch: batch.batch });
    expect(await subjectsOf()).toEqual(times(last + (hasLast ? 1 : 0), (n) => `s.${n}`));
  });
});

describe('a counter', () => {
  it('adds up what many clients publish, and says its value', async () => {
    const manager = await jetstreamManager(nc);
    await manager.streams.add({ name: 'S', subjects: ['s.>'], allow_msg_counter: true, allow_direct: true });
    const add = async (by: string): Promise<string | undefined> => {
      const increment = headers();
      increment.set('Nats-Incr', by);
      const ack: object = await jetstream(nc).publish('s.hits', '', { headers: increment });
      return 'val' in ack ? String(ack.val) : undefined;
    };
    const values = await Promise.all(times(20, (n) => add(n % 4 === 3 ? '-1' : '+2')));
    expect(values).toHaveLength(20);
    expect(values.at(-1)).toBe('25');
    const now = await manager.direct.getMessage('S', { last_by_subj: 's.hits' });
    expect(now?.json<{ val: string }>().val).toBe('25');
    await expect(jetstream(nc).publish('s.hits', '')).rejects.toThrow(/counter increment/);
  });
});

it('messages of several subjects come in one answer', async () => {
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: 'S', subjects: ['s.>'], allow_direct: true });
  const js = jetstream(nc);
  for (const n of times(30, (i) => i)) await js.publish(`s.${n % 5}`, String(n));
  const latest = await take(
    await manager.direct.getLastMessagesFor('S', { multi_last: ['s.1', 's.3'], up_to_seq: 20 }),
    2,
  );
  expect(latest.map((message) => message.string())).toEqual(['16', '18']);
  const few = await all(await manager.direct.getBatch('S', { seq: 3, next_by_subj: 's.2', batch: 3 }));
  expect(few.map((message) => message.string())).toEqual(['2', '7', '12']);
});
