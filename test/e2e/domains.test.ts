import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import { describe, expect, it } from 'vitest';
import type { BulkheadServer } from '../../src/index.ts';
import { client, serve, take, times } from './support.ts';

/** One account owns the assets and offers its API; the other reaches it under a prefix of its own. */
const OFFERED = `
  listen: 127.0.0.1:-1
  jetstream { domain: hub }
  accounts {
    OWNER {
      jetstream: enabled
      users: [{user: owner, password: x}]
      exports: [
        {service: "$JS.API.>", response_type: stream}
        {service: "$JS.ACK.>"}
        {service: "$KV.>"}
        {stream: "deliver.>"}
      ]
    }
    GUEST {
      jetstream: enabled
      users: [{user: guest, password: x}]
      imports: [
        {service: {account: OWNER, subject: "$JS.API.>"}, to: "JS.owner.API.>"}
        {service: {account: OWNER, subject: "$JS.ACK.>"}}
        {service: {account: OWNER, subject: "$KV.>"}, to: "JS.owner.API.$KV.>"}
      ]
    }
  }`;

const as = (server: BulkheadServer, user: string) => client(server, { user, pass: 'x' });

describe('a domain', () => {
  it('is reached by its name and without, and what is published tells it', async () => {
    const server = await serve({ config: 'listen: 127.0.0.1:-1, jetstream { domain: hub }' });
    const nc = await client(server);
    const manager = await jetstreamManager(nc, { domain: 'hub' });
    await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    expect(await jetstream(nc, { domain: 'hub' }).publish('s.1', 'one')).toMatchObject({
      seq: 1,
      domain: 'hub',
    });
    await manager.consumers.add('S', { durable_name: 'c', ack_policy: 'explicit' });
    for (const js of [jetstream(nc, { domain: 'hub' }), jetstream(nc)]) {
      const message = await (await js.consumers.get('S', 'c')).next({ expires: 1_000 });
      expect(message?.string()).toBe('one');
      message?.nak();
    }
    expect((await manager.getAccountInfo()).domain).toBe('hub');
    await expect(jetstreamManager(nc, { domain: 'elsewhere' })).rejects.toThrow();
  });

  it('holds buckets and stores', async () => {
    const server = await serve({ config: 'listen: 127.0.0.1:-1, jetstream { domain: hub }' });
    const nc = await client(server);
    const js = jetstream(nc, { domain: 'hub' });
    const kv = await new Kvm(js).create('bucket');
    await kv.put('k', 'v');
    expect((await (await new Kvm(nc).open('bucket')).get('k'))?.string()).toBe('v');
    const store = await new Objm(js).create('files');
    const bytes = Uint8Array.from(times(300_000, (n) => n & 0xff));
    await store.putBlob({ name: 'o' }, bytes);
    expect(Buffer.compare((await store.getBlob('o')) ?? Buffer.alloc(0), bytes)).toBe(0);
  });
});

describe("another account's JetStream under a prefix", () => {
  it('gives streams, consumers and messages, and none of the own', async () => {
    const server = await serve({ config: OFFERED });
    const [owner, guest] = [await as(server, 'owner'), await as(server, 'guest')];
    const options = { apiPrefix: 'JS.owner.API' };
    const far = await jetstreamManager(guest, options);
    await (await jetstreamManager(owner)).streams.add({ name: 'S', subjects: ['s.>'] });
    for (const n of times(6, String)) await jetstream(owner).publish('s.x', n);
    expect((await far.streams.info('S')).state.messages).toBe(6);
    await far.consumers.add('S', { durable_name: 'c', ack_policy: 'explicit' });
    const consumer = await jetstream(guest, options).consumers.get('S', 'c');
    const messages = await take(await consumer.fetch({ max_messages: 6, expires: 2_000 }), 6);
    expect(messages.map((message) => message.string())).toEqual(times(6, String));
    for (const message of messages) expect(await message.ackAck()).toBe(true);
    expect((await far.consumers.info('S', 'c')).num_ack_pending).toBe(0);
    const names = async (of: Awaited<ReturnType<typeof jetstreamManager>>) => of.streams.names().next();
    expect(await names(far)).toEqual(['S']);
    expect(await names(await jetstreamManager(guest))).toEqual([]);
  });
});
