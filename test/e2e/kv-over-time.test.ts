import { jetstreamManager } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm, KvWatchInclude } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BulkheadServer } from '../../src/index.ts';
import { client, serve, take } from './support.ts';

let server: BulkheadServer;
let nc: NatsConnection;

beforeEach(async () => {
  server = await serve();
  nc = await client(server);
});

/** What the library's buckets can do beyond their type. */
interface Cleaner {
  purgeDeletes(olderMillis?: number): Promise<unknown>;
}

const shown = (entry: KvEntry) => [entry.key, entry.operation, entry.string()];

describe('a key with a time to live of its own', () => {
  let kv: KV;
  beforeEach(async () => {
    kv = await new Kvm(nc).create('bucket', { history: 3, markerTTL: 2_000 });
  });

  it('is there until then, and can be created again', async () => {
    await kv.create('k', 'short', '10s');
    await kv.put('other', 'stays');
    await server.clock.advance('9s');
    await expect(kv.create('k', 'too early')).rejects.toThrow(/wrong last sequence/);
    await server.clock.advance('2s');
    expect((await kv.get('k'))?.string()).not.toBe('short');
    expect(await kv.create('k', 'again')).toBeGreaterThan(1);
  });

  it('tells those who watch of its end, and the mark goes as well', async () => {
    const seen = take(await kv.watch({ key: 'k' }), 2);
    await nc.flush();
    await kv.create('k', 'short', '10s');
    await server.clock.advance('11s');
    expect((await seen).map(shown)).toEqual([
      ['k', 'PUT', 'short'],
      ['k', 'PURGE', ''],
    ]);
    expect((await kv.get('k'))?.operation).toBe('PURGE');
    await server.clock.advance('3s');
    expect(await kv.get('k')).toBeNull();
  });

  it('leaves a mark that ends when it is purged with a time', async () => {
    await kv.put('k', 'one');
    await kv.purge('k', { ttl: '5s' });
    expect((await kv.get('k'))?.operation).toBe('PURGE');
    await server.clock.advance('6s');
    expect(await kv.get('k')).toBeNull();
  });
});

describe('what was deleted', () => {
  it('is cleaned up, recent marks only when asked for', async () => {
    const kv = await new Kvm(nc).create('bucket', { history: 3 });
    for (const key of ['a', 'b', 'c']) await kv.put(key, key);
    await kv.delete('a');
    await kv.purge('b');
    await (kv as KV & Cleaner).purgeDeletes();
    const { state } = await (await jetstreamManager(nc)).streams.info('KV_bucket', { subjects_filter: '>' });
    expect(Object.keys(state.subjects ?? {}).sort()).toEqual([
      '$KV.bucket.a',
      '$KV.bucket.b',
      '$KV.bucket.c',
    ]);
    await (kv as KV & Cleaner).purgeDeletes(-1_000);
    expect((await kv.status()).values).toBe(1);
  });
});

describe('watching', () => {
  it('starts from a revision, or with the whole history, or without values', async () => {
    const kv = await new Kvm(nc).create('bucket', { history: 5 });
    for (const value of ['1', '2', '3']) await kv.put('k', value);
    await kv.put('l', '4');
    const from = await take(await kv.watch({ resumeFromRevision: 3 }), 2);
    expect(from.map(shown)).toEqual([
      ['k', 'PUT', '3'],
      ['l', 'PUT', '4'],
    ]);
    const past = await take(await kv.watch({ key: 'k', include: KvWatchInclude.AllHistory }), 3);
    expect(past.map((entry) => entry.string())).toEqual(['1', '2', '3']);
    const bare = await take(await kv.watch({ headers_only: true }), 2);
    expect(bare.map((entry) => [entry.key, entry.length, entry.string()])).toEqual([
      ['k', 1, ''],
      ['l', 1, ''],
    ]);
    const two = await take(await kv.watch({ key: ['l', 'k'] }), 2);
    expect(two.map((entry) => entry.key)).toEqual(['k', 'l']);
  });
});

describe('a copy of a bucket', () => {
  it('holds what its origin holds, under the same keys', async () => {
    const kvm = new Kvm(nc);
    const origin = await kvm.create('origin', { history: 3 });
    for (const value of ['one', 'two']) await origin.put('k', value);
    const mirror = await kvm.create('copy', { history: 3, mirror: { name: 'origin' } });
    const { direct } = await jetstreamManager(nc);
    const query = { last_by_subj: '$KV.origin.k' };
    await until(async () => (await direct.getMessage('KV_copy', query))?.string() === 'two');
    expect((await mirror.status()).values).toBe(2);
  });

  it('gathers several buckets', async () => {
    const kvm = new Kvm(nc);
    const [a, b] = [await kvm.create('a'), await kvm.create('b')];
    await a.put('k', 'from a');
    await b.put('l', 'from b');
    const both = await kvm.create('both', { sources: [{ name: 'a' }, { name: 'b' }] });
    await until(async () => (await both.get('k'))?.string() === 'from a');
    await until(async () => (await both.get('l'))?.string() === 'from b');
  });
});

/** Waits until something has happened that a copy does in its own time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (await isSo()) return;
    if (turn % 20 === 19) await server.clock.advance('1s');
  }
  throw new Error('it never happened');
}
