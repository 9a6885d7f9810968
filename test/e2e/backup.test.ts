import { describe, expect, it } from 'vitest';
import { ask, backup, begin, restore } from './backup-client.ts';
import { client, serve, take } from './support.ts';

const TWO_ACCOUNTS = `
  jetstream: enabled
  accounts {
    A { jetstream: enabled, users: [{user: a}] }
    B { jetstream { max_file: 1MB }, users: [{user: b}] }
  }
`;
const NEXT = '$JS.API.CONSUMER.MSG.NEXT.S.C';
/** The answer comes under the subject of the stored message, where the client's shared inbox does not look for it. */
const ALONE = { noMux: true, timeout: 5_000 };
type Info = { config: unknown; state: { messages: number }; created: string };

describe('a backup', () => {
  it('of a stream with consumers brings it back after it was deleted, and into another server', async () => {
    const server = await serve();
    const nc = await client(server);
    await ask(nc, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s.>'] });
    for (let n = 0; n < 300; n++) nc.publish(`s.${n % 7}`, `body ${n} `.repeat(100));
    await ask(nc, '$JS.API.CONSUMER.CREATE.S.C', {
      stream_name: 'S',
      config: { durable_name: 'C', ack_policy: 'explicit', filter_subject: 's.3' },
    });
    const first = await nc.request(NEXT, '', ALONE);
    expect(first.subject).toBe('s.3');
    const info = await ask<Info>(nc, '$JS.API.STREAM.INFO.S');
    const { ts: _, ...consumer } = await ask(nc, '$JS.API.CONSUMER.INFO.S.C');
    const saved = await backup(nc, 'S', { chunk_size: 10_000, window_size: 30_000 });
    expect(saved.state).toEqual(info.state);

    await ask(nc, '$JS.API.STREAM.DELETE.S');
    const other = await client(await serve());
    for (const to of [nc, other]) {
      const restored = await restore(to, 'S', saved);
      expect(restored).toMatchObject({ state: info.state });
      const { created, config } = await ask<Info>(to, '$JS.API.STREAM.INFO.S');
      expect({ created, config }).toEqual({ created: info.created, config: info.config });
      const { ts: _later, ...same } = await ask(to, '$JS.API.CONSUMER.INFO.S.C');
      expect(same).toEqual(consumer);
      expect((await to.request(NEXT, '', ALONE)).string()).toBe('body 10 '.repeat(100));
      expect(await ask(to, 's.new', 'x')).toMatchObject({ stream: 'S', seq: 301 });
    }
  });

  it('waits for who subscribes after the answer, beside a wildcard, and goes to the wildcard in the end', async () => {
    const server = await serve({ clock: 'manual' });
    const nc = await client(server);
    await ask(nc, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s.>'] });
    const wide = take(nc.subscribe('chunks.>'), 4);
    await ask(nc, '$JS.API.STREAM.SNAPSHOT.S', { deliver_subject: 'chunks.late' });
    const late = take(nc.subscribe('chunks.late'), 2);
    expect((await late).map((chunk) => chunk.data.length > 0)).toEqual([true, false]);
    await ask(nc, '$JS.API.STREAM.SNAPSHOT.S', { deliver_subject: 'chunks.never' });
    await server.clock.advance('1999ms');
    await nc.flush();
    await server.clock.advance('1ms');
    expect((await wide).map((chunk) => chunk.subject)).toEqual([
      'chunks.late',
      'chunks.late',
      'chunks.never',
      'chunks.never',
    ]);
    await ask(nc, '$JS.API.STREAM.SNAPSHOT.S', { deliver_subject: 'nobody' });
    await server.clock.advance('2s');
    const missed = take(nc.subscribe('nobody'), 1);
    await ask(nc, '$JS.API.STREAM.DELETE.S');
    nc.publish('nobody', 'nothing came');
    expect((await missed).map((message) => message.string())).toEqual(['nothing came']);
  });

  it("of one account takes no other account's chunks and acknowledgements, and leaves it its limits", async () => {
    const server = await serve({ config: TWO_ACCOUNTS });
    const [a, b] = [await client(server, { user: 'a' }), await client(server, { user: 'b' })];
    await ask(a, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s'] });
    for (let n = 0; n < 30; n++) await ask(a, 's', 'x'.repeat(50_000));
    const saved = await backup(a, 'S');
    // The account B may not have as much.
    expect((await restore(b, 'S', saved)).error).toMatchObject({ err_code: 10002 });
    expect(await ask(b, '$JS.API.INFO')).toMatchObject({ streams: 0, storage: 0 });
    // Nobody in B reaches A's restore, whatever is known of it.
    await ask(a, '$JS.API.STREAM.DELETE.S');
    const { deliver_subject: to } = await begin(a, 'S', saved);
    await expect(b.request(to, saved.bytes.subarray(0, 1000))).rejects.toThrow('no responders');
    for (let at = 0; at < saved.bytes.length; at += 500_000) {
      expect((await a.request(to, saved.bytes.subarray(at, at + 500_000))).data).toHaveLength(0);
    }
    expect(await (await a.request(to)).json()).toMatchObject({ state: { messages: 30 } });
  });

  it('stops for who lost the right to it, and so does a restore', async () => {
    const rights = (more: string): string => `
      jetstream: enabled
      authorization { users: [
        {user: a, permissions: {publish: ["$JS.API.STREAM.CREATE.*", "$JS.SNAPSHOT.>", "s"${more}], subscribe: ">"}}
      ] }`;
    const granted = rights(
      ', "$JS.API.STREAM.SNAPSHOT.*", "$JS.API.STREAM.RESTORE.*", "$JS.API.STREAM.DELETE.*"',
    );
    const server = await serve({ config: granted });
    const nc = await client(server, { user: 'a' });
    await ask(nc, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s'] });
    for (let n = 0; n < 20; n++) await ask(nc, 's', 'x'.repeat(10_000));
    const saved = await backup(nc, 'S');
    const chunks: number[] = [];
    const subscription = nc.subscribe('to.me', { callback: (_, { data }) => void chunks.push(data.length) });
    const asked = { deliver_subject: 'to.me', chunk_size: 1024, window_size: 1024 };
    await ask(nc, '$JS.API.STREAM.SNAPSHOT.S', asked);
    await nc.flush();
    expect(chunks).toEqual([1024]);
    await server.reload(rights(''));
    await server.clock.advance('6s');
    await nc.flush();
    // Not even the end is told.
    expect(chunks).toEqual([1024]);
    subscription.unsubscribe();
    expect(saved.bytes.length).toBeGreaterThan(200_000);
  });
});
