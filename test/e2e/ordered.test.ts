import { type JetStreamClient, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BulkheadServer } from '../../src/index.ts';
import { client, serve, take, times } from './support.ts';

let server: BulkheadServer;
let nc: NatsConnection;
let manager: JetStreamManager;
let js: JetStreamClient;

beforeEach(async () => {
  server = await serve();
  nc = await client(server);
  manager = await jetstreamManager(nc);
  js = manager.jetstream();
  await manager.streams.add({ name: 'S', subjects: ['s'] });
});

const fill = async (from: number, to: number) => {
  for (let i = from; i < to; i++) await js.publish('s', String(i));
};
const numbers = (count: number) => times(count, String);

async function consumerNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const info of manager.consumers.list('S')) names.push(info.name);
  return names;
}

/** An ordered consumer has no state on the server that it could not do without. */
describe('an ordered consumer', () => {
  it('goes on where it was when it is deleted under its reader', async () => {
    await fill(0, 10);
    const ordered = await js.consumers.get('S');
    const messages = await ordered.consume({ expires: 2_000, idle_heartbeat: 500 });
    const seen: string[] = [];
    for await (const message of messages) {
      seen.push(message.string());
      if (seen.length === 10) {
        for (const name of await consumerNames()) await manager.consumers.delete('S', name);
        await fill(10, 20);
      }
      if (seen.length === 20) break;
    }
    expect(seen).toEqual(numbers(20));
  });

  it('fetches again and again without a gap', async () => {
    await fill(0, 30);
    const ordered = await js.consumers.get('S');
    const seen: string[] = [];
    for (let round = 0; round < 3; round++) {
      const batch = await ordered.fetch({ max_messages: 10, expires: 1_000 });
      seen.push(...(await take(batch, 10)).map((message) => message.string()));
    }
    expect(seen).toEqual(numbers(30));
  });

  it('skips what was purged, and ends with its stream', async () => {
    await fill(0, 10);
    await manager.streams.purge('S', { seq: 6 });
    const ordered = await js.consumers.get('S');
    const first = await ordered.next({ expires: 1_000 });
    expect(first?.seq).toBe(6);
    await manager.streams.delete('S');
    await expect(ordered.next({ expires: 1_000 })).rejects.toThrow(/no responders/);
  });
});
