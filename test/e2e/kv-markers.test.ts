import { type KvEntry, Kvm } from '@nats-io/kv';
import { describe, expect, it } from 'vitest';
import { client, serve, take } from './support.ts';

const shown = (entry: KvEntry) => [entry.key, entry.operation, entry.revision];

describe('a bucket with delete markers', () => {
  it('tells its watchers of keys that ended', async () => {
    const server = await serve({ clock: 'manual' });
    const nc = await client(server);
    const kv = await new Kvm(nc).create('bucket', { history: 1, markerTTL: 5_000 });
    expect((await kv.status()).markerTTL).toBe(5_000);
    const watch = await kv.watch();
    await kv.create('k', 'one', '1s');
    await kv.put('stays', 'x');
    expect((await take(watch, 2)).map(shown)).toEqual([
      ['k', 'PUT', 1],
      ['stays', 'PUT', 2],
    ]);
    await server.clock.advance('1s');
    const ended = await kv.get('k');
    expect([ended?.operation, ended?.string(), ended?.revision]).toEqual(['PURGE', '', 3]);
    expect(await kv.create('k', 'again')).toBe(4);
    await kv.purge('k', { ttl: '1s' });
    await server.clock.advance('1s');
    expect(await kv.get('k')).toBeNull();
    expect((await kv.get('stays'))?.string()).toBe('x');
  });
});
