import { createHash } from 'node:crypto';
import { type ObjectStore, Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import { client, serve, take, times } from './support.ts';

let nc: NatsConnection;
let store: ObjectStore;

beforeEach(async () => {
  nc = await client(await serve());
  store = await new Objm(nc).create('files');
});

const digestOf = (bytes: Uint8Array) => `SHA-256=${createHash('sha256').update(bytes).digest('base64url')}`;

function patterned(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

describe('an object', () => {
  it.each([
    [0, undefined],
    [1, undefined],
    [128 * 1024, undefined],
    [1_000_003, undefined],
    [5_000, 100],
  ])('of %i bytes in chunks of %s comes back with its digest', async (size, max_chunk_size) => {
    const bytes = patterned(size);
    const options = max_chunk_size === undefined ? {} : { options: { max_chunk_size } };
    const info = await store.putBlob({ name: 'o', ...options }, bytes);
    expect(info).toMatchObject({
      name: 'o',
      bucket: 'files',
      size,
      chunks: Math.ceil(size / (max_chunk_size ?? 131_072)),
    });
    if (size > 0) expect(info.digest.replace(/=+$/, '')).toBe(digestOf(bytes));
    const got = await store.getBlob('o');
    expect(got === null ? null : digestOf(got)).toBe(digestOf(bytes));
  });

  it('is replaced, described and deleted', async () => {
    await store.putBlob({ name: 'o', description: 'first' }, patterned(300_000));
    await store.putBlob({ name: 'o', description: 'second' }, patterned(10));
    expect(await store.info('o')).toMatchObject({ description: 'second', size: 10, chunks: 1 });
    expect((await store.status()).size).toBeLessThan(2_000);
    expect(await store.delete('o')).toMatchObject({ success: true });
    expect(await store.getBlob('o')).toBeNull();
    expect(await store.info('o')).toMatchObject({ deleted: true, size: 0 });
    expect(await store.get('never')).toBeNull();
  });

  it('takes another name and other words', async () => {
    await store.putBlob({ name: 'o' }, patterned(10));
    await store.update('o', { name: 'größe/ö.txt', description: 'renamed', metadata: { k: 'v' } });
    expect(await store.info('größe/ö.txt')).toMatchObject({
      description: 'renamed',
      metadata: { k: 'v' },
      size: 10,
    });
    expect(await store.getBlob('größe/ö.txt')).toHaveLength(10);
    expect(await store.getBlob('o')).toBeNull();
  });

  it('is reached through a link', async () => {
    await store.putBlob({ name: 'o' }, patterned(10));
    const info = await store.info('o');
    if (info === null) throw new Error('no info');
    await store.link('shortcut', info);
    expect(await store.getBlob('shortcut')).toHaveLength(10);
  });
});

describe('a store', () => {
  it('lists its objects and tells its status', async () => {
    for (const name of ['x', 'y', 'z']) await store.putBlob({ name }, patterned(10));
    await store.delete('y');
    expect((await store.list()).map((info) => info.name).sort()).toEqual(['x', 'z']);
    expect(await store.status()).toMatchObject({ bucket: 'files', sealed: false, replicas: 1 });
  });

  it('is watched', async () => {
    await store.putBlob({ name: 'old' }, patterned(1));
    const seen = take(await store.watch({ includeHistory: true }), 3);
    await nc.flush();
    await store.putBlob({ name: 'new' }, patterned(1));
    await store.delete('old');
    const deleted = (await seen).map((info) => [info?.name, info?.deleted ?? false]);
    expect(deleted).toEqual([
      ['old', false],
      ['new', false],
      ['old', true],
    ]);
  });

  it('is sealed', async () => {
    await store.putBlob({ name: 'o' }, patterned(10));
    expect((await store.seal()).sealed).toBe(true);
    await expect(store.putBlob({ name: 'p' }, patterned(10))).rejects.toThrow();
    expect(await store.getBlob('o')).toHaveLength(10);
  });

  it('goes away', async () => {
    expect(await store.destroy()).toBe(true);
    await expect(new Objm(nc).open('files')).rejects.toThrow();
  });

  it('holds many objects written at once', async () => {
    const names = times(20, (i) => `o${i}`);
    await Promise.all(names.map((name, i) => store.putBlob({ name }, patterned(1_000 * i))));
    const sizes = await Promise.all(names.map(async (name) => (await store.getBlob(name))?.length));
    expect(sizes).toEqual(times(20, (i) => 1_000 * i));
  });
});
