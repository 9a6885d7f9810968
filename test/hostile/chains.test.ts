import { describe, expect, test } from 'vitest';
import type { RawClient } from '../embedding/raw-client.ts';
import { enter, serve, TWO_TENANTS, timed } from './support.ts';

const SLOW_MS = 2_500;
const MESSAGES = 1_000;
const MIRRORS = 10;
const SOURCES = 50;
const MOST_REQUESTS = 2_000;

/** Two accounts that open their API to each other, and one that has nothing to do with them. */
const NEIGHBOURS = `jetstream: enabled
  accounts: {
    A: {
      jetstream: true, users: [ { user: a, password: a } ]
      exports: [ { service: "$JS.API.CONSUMER.>", response_type: stream, accounts: [B] }, { stream: "deliver.b.>", accounts: [B] }, { service: "$JS.FC.>", accounts: [B] } ]
      imports: [ { service: { account: B, subject: "$JS.API.CONSUMER.>" }, to: "JS.B.API.CONSUMER.>" }, { stream: { account: B, subject: "deliver.a.>" } } ]
    }
    B: {
      jetstream: true, users: [ { user: b, password: b } ]
      exports: [ { service: "$JS.API.CONSUMER.>", response_type: stream, accounts: [A] }, { stream: "deliver.a.>", accounts: [A] } ]
      imports: [ { service: { account: A, subject: "$JS.API.CONSUMER.>" }, to: "JS.A.API.CONSUMER.>" }, { stream: { account: A, subject: "deliver.b.>" } }, { service: { account: A, subject: "$JS.FC.>" } } ]
    }
    C: { jetstream: true, users: [ { user: c, password: c } ] }
  }`;

function create(client: RawClient, name: string, more: object): Promise<string> {
  return client.ask(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify({ name, storage: 'memory', ...more }));
}

async function lastSeq(client: RawClient, name: string): Promise<number> {
  return JSON.parse(await client.ask(`$JS.API.STREAM.INFO.${name}`)).state.last_seq;
}

/** Publishes without waiting for anybody. */
function publishMany(client: RawClient, subject: string, count: number): void {
  client.send(...Array.from({ length: count }, () => [`PUB ${subject} 1`, 'x']).flat());
}

/** Asks until a stream has so many messages. @returns how many requests of the other account were answered meanwhile. */
async function arrival(client: RawClient, name: string, count: number, other: RawClient): Promise<number> {
  for (let answered = 1; answered < MOST_REQUESTS; answered++) {
    await other.ask('$JS.API.INFO');
    if ((await lastSeq(client, name)) >= count) return answered;
  }
  throw new Error(`${name} has ${await lastSeq(client, name)} messages of ${count}`);
}

describe('streams that take from each other leave the other account its turn', () => {
  test('as mirrors of mirrors', async () => {
    const server = serve(TWO_TENANTS);
    const [a, b] = [enter(server, 'a'), enter(server, 'b')];
    await create(a, 'M0', { subjects: ['m'] });
    for (let i = 1; i <= MIRRORS; i++) await create(a, `M${i}`, { mirror: { name: `M${i - 1}` } });
    let answered = 0;
    const took = await timed(async () => {
      publishMany(a, 'm', 3 * MESSAGES);
      answered = await arrival(a, `M${MIRRORS}`, 3 * MESSAGES, b);
    });
    expect(took).toBeLessThan(SLOW_MS);
    expect(answered).toBeGreaterThan(1);
  });

  test('as one that takes from many', async () => {
    const server = serve(TWO_TENANTS);
    const [a, b] = [enter(server, 'a'), enter(server, 'b')];
    const each = MESSAGES / SOURCES;
    for (let i = 0; i < SOURCES; i++) await create(a, `O${i}`, { subjects: [`o.${i}`] });
    for (let i = 0; i < SOURCES; i++) publishMany(a, `o.${i}`, each);
    const sources = Array.from({ length: SOURCES }, (_, i) => ({ name: `O${i}` }));
    const took = await timed(async () => {
      await create(a, 'S', { sources });
      for (let i = 0; i < SOURCES; i++) publishMany(a, `o.${i}`, each);
      await arrival(a, 'S', 2 * MESSAGES, b);
    });
    expect(took).toBeLessThan(SLOW_MS);
  });

  test('in a circle over two accounts, which nobody can see', async () => {
    const server = serve(NEIGHBOURS);
    const [a, b, c] = [enter(server, 'a'), enter(server, 'b'), enter(server, 'c')];
    const from = (name: string, api: string, deliver: string): object => ({
      max_msgs: 10,
      sources: [{ name, external: { api, deliver } }],
    });
    await create(b, 'B', { max_msgs: 10, subjects: ['b'] });
    await create(a, 'A', { subjects: ['a'], ...from('B', 'JS.B.API', 'deliver.a') });
    const circle = { name: 'B', storage: 'memory', subjects: ['b'], ...from('A', 'JS.A.API', 'deliver.b') };
    await b.ask('$JS.API.STREAM.UPDATE.B', JSON.stringify(circle));
    await a.ask('a', 'round and round');
    await arrival(a, 'A', 20, c);
    const took = await timed(async () => {
      await create(c, 'C', { subjects: ['c'] });
      for (let i = 0; i < 10; i++) await c.ask('c', 'through');
    });
    expect(took).toBeLessThan(SLOW_MS);
    expect(await lastSeq(c, 'C')).toBe(10);
    expect(JSON.parse(await a.ask('$JS.API.STREAM.INFO.A')).state.messages).toBeLessThanOrEqual(10);
  });
});
