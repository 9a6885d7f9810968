import { type KV, type KvEntry, Kvm, KvWatchInclude } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BulkheadServer } from '../../src/index.ts';
import { all, client, serve, take, times } from './support.ts';

let server: BulkheadServer;
let nc: NatsConnection;
let kv: KV;

beforeEach(async () => {
  server = await serve();
  nc = await client(server);
  kv = await new Kvm(nc).create('bucket', { history: 5 });
});

const shown = (entry: KvEntry | null) =>
  entry && [entry.key, entry.operation, entry.string(), entry.revision];

describe('a key', () => {
  it('is put, got, put again, got in an old revision', async () => {
    expect(await kv.get('k')).toBeNull();
    expect(await kv.put('k', 'one')).toBe(1);
    expect(await kv.put('k', 'two')).toBe(2);
    expect(shown(await kv.get('k'))).toEqual(['k', 'PUT', 'two', 2]);
    expect(shown(await kv.get('k', { revision: 1 }))).toEqual(['k', 'PUT', 'one', 1]);
    expect(await kv.get('other', { revision: 1 })).toBeNull();
  });

  it('is created once, and again after its deletion', async () => {
    expect(await kv.create('k', 'one')).toBe(1);
    await expect(kv.create('k', 'two')).rejects.toThrow(/wrong last sequence/);
    await kv.delete('k');
    expect(await kv.create('k', 'three')).toBe(3);
  });

  it('is updated by who knows its revision', async () => {
    const revision = await kv.put('k', 'one');
    const next = await kv.update('k', 'two', revision);
    await expect(kv.update('k', 'lost', revision)).rejects.toThrow(/wrong last sequence/);
    await kv.put('elsewhere', 'x');
    await kv.update('k', 'three', next);
    expect((await kv.get('k'))?.string()).toBe('three');
  });

  it('has one winner among many who increase it', async () => {
    await kv.put('n', '0');
    const others = await Promise.all(times(4, async () => new Kvm(await client(server)).open('bucket')));
    await Promise.all(others.map((other) => increase(other, 10)));
    expect((await kv.get('n'))?.string()).toBe('40');
  });

  it.each(['delete', 'purge'] as const)('is gone after %s, which its history tells', async (verb) => {
    await kv.put('k', 'one');
    await kv.put('k', 'two');
    await kv[verb]('k');
    const gone = await kv.get('k');
    expect([gone?.operation, gone?.string()]).toEqual([verb === 'purge' ? 'PURGE' : 'DEL', '']);
    const history = await all(await kv.history({ key: 'k' }));
    const operations = history.map((entry) => entry.operation);
    expect(operations).toEqual(verb === 'purge' ? ['PURGE'] : ['PUT', 'PUT', 'DEL']);
    expect(await all(await kv.keys())).toEqual([]);
  });

  it('is deleted by who knows its revision', async () => {
    await kv.put('k', 'one');
    await expect(kv.delete('k', { previousSeq: 7 })).rejects.toThrow(/wrong last sequence/);
    await kv.delete('k', { previousSeq: 1 });
    expect((await kv.get('k'))?.operation).toBe('DEL');
  });

  it('has no more history than the bucket keeps', async () => {
    for (let i = 0; i < 9; i++) await kv.put('k', String(i));
    expect((await all(await kv.history({ key: 'k' }))).map((entry) => entry.string())).toEqual([
      '4',
      '5',
      '6',
      '7',
      '8',
    ]);
  });
});

async function increase(kv: KV, by: number): Promise<void> {
  for (let done = 0; done < by; ) {
    const entry = await kv.get('n');
    const value = String(Number(entry?.string()) + 1);
    done += await kv.update('n', value, entry?.revision ?? 0).then(
      () => 1,
      () => 0,
    );
  }
}

describe('watching', () => {
  it('tells what is there, then what happens', async () => {
    await kv.put('a.1', 'old');
    await kv.put('b.1', 'not watched');
    const seen = take(await kv.watch({ key: 'a.*' }), 4);
    await nc.flush();
    await kv.put('a.2', 'new');
    await kv.put('b.1', 'not watched');
    await kv.delete('a.1');
    await kv.purge('a.2');
    expect((await seen).map((entry) => [entry.key, entry.operation])).toEqual([
      ['a.1', 'PUT'],
      ['a.2', 'PUT'],
      ['a.1', 'DEL'],
      ['a.2', 'PURGE'],
    ]);
  });

  it('leaves out what is old, and deletions, where told to', async () => {
    await kv.put('old', '');
    const seen = take(await kv.watch({ include: KvWatchInclude.UpdatesOnly, ignoreDeletes: true }), 1);
    await nc.flush();
    await kv.delete('k');
    await kv.put('k', 'x');
    expect((await seen).map((entry) => entry.string())).toEqual(['x']);
  });
});

describe('a bucket', () => {
  it('lists its keys, also filtered', async () => {
    for (const key of ['x.1', 'x.2', 'y.1', 'ab/c=d-e_f']) await kv.put(key, '');
    await kv.delete('x.2');
    expect((await all(await kv.keys())).sort()).toEqual(['ab/c=d-e_f', 'x.1', 'y.1']);
    expect(await all(await kv.keys('x.*'))).toEqual(['x.1']);
  });

  it('tells its status', async () => {
    await kv.put('k', 'x');
    expect(await kv.status()).toMatchObject({ bucket: 'bucket', values: 1, history: 5, ttl: 0, replicas: 1 });
  });

  it('is listed with others, and goes away', async () => {
    const kvm = new Kvm(nc);
    await kvm.create('second');
    expect((await all(kvm.list())).map((status) => status.bucket).sort()).toEqual(['bucket', 'second']);
    expect(await kv.destroy()).toBe(true);
    expect((await all(kvm.list())).map((status) => status.bucket)).toEqual(['second']);
  });

  it('forgets old values where it has a time to live', async () => {
    const short = await new Kvm(nc).create('short', { ttl: 10_000 });
    await short.put('k', 'x');
    await server.clock.advance('9s');
    expect((await short.get('k'))?.string()).toBe('x');
    await server.clock.advance('2s');
    expect(await short.get('k')).toBeNull();
  });

  it('is nothing to another account', async () => {
    const both = await serve({
      config:
        'listen: 127.0.0.1:-1, jetstream: {}, accounts { A { jetstream: true, users: [{user: a, password: a}] }, B { jetstream: true, users: [{user: b, password: b}] } }',
    });
    const [a, b] = [
      await client(both, { user: 'a', pass: 'a' }),
      await client(both, { user: 'b', pass: 'b' }),
    ];
    const [mine, yours] = [await new Kvm(a).create('same'), await new Kvm(b).create('same')];
    await mine.put('k', 'mine');
    expect(await yours.get('k')).toBeNull();
    await yours.put('k', 'yours');
    expect((await mine.get('k'))?.string()).toBe('mine');
  });
});
