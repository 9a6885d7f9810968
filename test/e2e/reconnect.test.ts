import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type BulkheadServer, startServer } from '../../src/index.ts';
import { client, serve, take, times } from './support.ts';

const STUBBORN = { reconnectTimeWait: 10, maxReconnectAttempts: 500 };
const WITH_SYSTEM = `
  listen: 127.0.0.1:-1
  jetstream: enabled
  accounts {
    $SYS { users: [{user: sys, password: x}] }
    A { jetstream: enabled, users: [{user: a, password: x}] }
  }`;

/** Resolves when the client has been told something about its connection. */
async function told(nc: NatsConnection, type: string): Promise<string> {
  for await (const status of nc.status()) if (status.type === type) return status.type;
  throw new Error('the connection ended');
}

/** The server again, on its port and with what it held. */
async function restarted(server: BulkheadServer): Promise<BulkheadServer> {
  const state = await server.save();
  await server.stop();
  const again = await startServer({ port: server.port, state });
  onTestFinished(() => again.stop());
  return again;
}

async function kick(server: BulkheadServer, verb: 'KICK' | 'LDM', nc: NatsConnection): Promise<void> {
  const system = await client(server, { user: 'sys', pass: 'x' });
  const { server_id: id = '', client_id: cid } = nc.info ?? {};
  const answer = await system.request(`$SYS.REQ.SERVER.${id}.${verb}`, JSON.stringify({ cid }));
  expect(answer.json()).not.toHaveProperty('error');
}

describe('over a restart with the state kept', () => {
  it('an ordered consumer goes on without a gap', async () => {
    const server = await serve();
    const nc = await client(server, STUBBORN);
    const [js, manager] = [jetstream(nc), await jetstreamManager(nc)];
    await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    for (const n of times(10, String)) await js.publish('s.x', n);
    const messages = await (await js.consumers.get('S')).consume({ idle_heartbeat: 500, expires: 2_000 });
    const seen: string[] = [];
    const done = (async () => {
      for await (const message of messages) {
        seen.push(message.string());
        if (seen.length === 20) break;
      }
    })();
    await expect.poll(() => seen.length).toBe(10);
    const back = told(nc, 'reconnect');
    const again = await restarted(server);
    await back;
    for (const n of times(10, (n) => String(n + 10))) await js.publish('s.x', n);
    // The reader finds out by missing heartbeats that its consumer stopped talking to it.
    await again.clock.advance('1s');
    await done;
    expect(seen).toEqual(times(20, String));
    await nc.close();
  });

  it('a durable consumer, a bucket and their clients do', async () => {
    const server = await serve();
    const nc = await client(server, STUBBORN);
    const kv: KV = await new Kvm(nc).create('bucket');
    await kv.put('k', 'one');
    const manager = await jetstreamManager(nc);
    await manager.consumers.add('KV_bucket', { durable_name: 'c', ack_policy: 'explicit' });
    const consumer = await jetstream(nc).consumers.get('KV_bucket', 'c');
    await (await consumer.next({ expires: 1_000 }))?.ackAck();
    const back = told(nc, 'reconnect');
    await restarted(server);
    await back;
    expect((await kv.get('k'))?.string()).toBe('one');
    expect(await kv.put('k', 'two')).toBe(2);
    expect((await consumer.next({ expires: 1_000 }))?.string()).toBe('two');
    await nc.close();
  });
});

describe('a client that is', () => {
  it('kicked comes back, and its subscriptions with it', async () => {
    const server = await serve({ config: WITH_SYSTEM });
    const nc = await client(server, { user: 'a', pass: 'x', ...STUBBORN });
    const subscription = nc.subscribe('news');
    await nc.flush();
    const back = told(nc, 'reconnect');
    await kick(server, 'KICK', nc);
    await back;
    nc.publish('news', 'again');
    expect((await take(subscription, 1)).map((message) => message.string())).toEqual(['again']);
  });

  it('told of a lame duck hears so, and is served meanwhile', async () => {
    const server = await serve({ config: WITH_SYSTEM });
    const nc = await client(server, { user: 'a', pass: 'x', ...STUBBORN });
    const heard = told(nc, 'ldm');
    await kick(server, 'LDM', nc);
    expect(await heard).toBe('ldm');
    const manager = await jetstreamManager(nc);
    await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    expect((await jetstream(nc).publish('s.x')).seq).toBe(1);
  });
});
