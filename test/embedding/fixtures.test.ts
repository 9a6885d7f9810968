import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { type BulkheadServer, type StartOptions, StateError, startServer } from '../../src/index.ts';
import { RawClient } from './raw-client.ts';

const started: BulkheadServer[] = [];
const TWO_ACCOUNTS = `
  jetstream: enabled
  accounts { A { jetstream: enabled, users: [{user: a}] }, B { jetstream: enabled, users: [{user: b}] } }
`;

async function start(options: StartOptions = {}): Promise<BulkheadServer> {
  const server = await startServer({ port: null, ...options });
  started.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function enter(server: BulkheadServer, user?: string): Promise<RawClient> {
  const client = new RawClient(server.socket());
  client.send(
    `CONNECT ${JSON.stringify({ verbose: false, protocol: 1, headers: true, ...(user && { user }) })}`,
    'PING',
  );
  await client.until(/PONG\r\n/);
  return client;
}

type Json = Record<string, unknown>;

async function ask(client: RawClient, subject: string, body: unknown = ''): Promise<Json> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return JSON.parse(await client.ask(subject, text)) as Json;
}

async function messages(client: RawClient, stream = 'S'): Promise<unknown> {
  const { state } = (await ask(client, `$JS.API.STREAM.INFO.${stream}`)) as { state?: { messages: number } };
  return state?.messages;
}

async function fill(client: RawClient, config: Json = {}): Promise<void> {
  await ask(client, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s'], ...config });
  await ask(client, 's', 'one');
  await ask(client, 's', 'two');
}

const CONSUMER = { stream_name: 'S', config: { durable_name: 'C', ack_policy: 'explicit' } };

describe('save and load', () => {
  it('carry every account over to another server', async () => {
    const first = await start({ config: TWO_ACCOUNTS });
    await fill(await enter(first, 'a'));
    await fill(await enter(first, 'b'), { max_msgs: 1 });
    const second = await start({ config: TWO_ACCOUNTS, state: first.save() });
    expect([await messages(await enter(second, 'a')), await messages(await enter(second, 'b'))]).toEqual([
      2, 1,
    ]);
    expect(await ask(await enter(second, 'a'), 's', 'three')).toEqual({ stream: 'S', seq: 3 });
  });

  it('take what is there back to what was saved, whatever happened since', async () => {
    const server = await start();
    const client = await enter(server);
    await fill(client);
    const state = server.save();
    await ask(client, '$JS.API.STREAM.DELETE.S');
    await ask(client, '$JS.API.STREAM.CREATE.T', { name: 'T' });
    await server.load(state);
    expect(await messages(client)).toBe(2);
    expect(await ask(client, '$JS.API.STREAM.INFO.T')).toMatchObject({ error: { err_code: 10059 } });
    expect(await ask(client, '$JS.API.INFO')).toMatchObject({ streams: 1, storage: 68 });
  });

  it('give the same bytes for the same state', async () => {
    const server = await start({ clock: 'manual' });
    await fill(await enter(server));
    const state = server.save();
    await server.load(state);
    expect(Buffer.from(server.save()).equals(state)).toBe(true);
  });

  it('survive a worker thread', async () => {
    const server = await start();
    await fill(await enter(server));
    const echo = `const { parentPort } = require('node:worker_threads');
      parentPort.once('message', (state) => parentPort.postMessage(state));`;
    const worker = new Worker(echo, { eval: true });
    const state = server.save();
    const back = await new Promise<Uint8Array>((resolve) => {
      worker.once('message', resolve);
      worker.postMessage(state, [state.buffer as ArrayBuffer]);
    });
    await worker.terminate();
    expect(state).toHaveLength(0);
    expect(await messages(await enter(await start({ state: back })))).toBe(2);
  });
});

describe('connections under load', () => {
  it('keep their subscriptions: a push consumer of the state delivers to who is there', async () => {
    const first = await start();
    const publisher = await enter(first);
    await fill(publisher);
    const config = { durable_name: 'P', deliver_subject: 'to.me', ack_policy: 'none' };
    await ask(publisher, '$JS.API.CONSUMER.CREATE.S.P', { stream_name: 'S', config });
    const second = await start();
    const client = await enter(second);
    client.send('SUB to.me 9', 'PING');
    await client.until(/PONG\r\n[\s\S]*PONG\r\n/);
    await second.load(first.save());
    await client.until(/one\r\n[\s\S]*two\r\n/);
  });

  it('wait on at a consumer that the state has too', async () => {
    const server = await start();
    const client = await enter(server);
    await ask(client, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s'] });
    await ask(client, '$JS.API.CONSUMER.CREATE.S.C', CONSUMER);
    const state = server.save();
    client.send('SUB next.> 9');
    client.send('PUB $JS.API.CONSUMER.MSG.NEXT.S.C next.one 26', '{"expires":60000000000   }');
    await server.load(state);
    expect(await ask(client, '$JS.API.CONSUMER.INFO.S.C')).toMatchObject({ num_waiting: 1 });
    await ask(client, 's', 'late');
    await client.until(/late\r\n/);
  });

  it('learn it when the consumer they wait at is not in the state', async () => {
    const server = await start();
    const client = await enter(server);
    await ask(client, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s'] });
    const state = server.save();
    await ask(client, '$JS.API.CONSUMER.CREATE.S.C', CONSUMER);
    client.send(
      'SUB next.> 9',
      'PUB $JS.API.CONSUMER.MSG.NEXT.S.C next.one 26',
      '{"expires":60000000000   }',
    );
    await ask(client, '$JS.API.CONSUMER.INFO.S.C');
    await server.load(state);
    await client.until(/409 Consumer Deleted/);
  });
});

describe('time in a state', () => {
  const AGE = { max_age: 60e9, duplicate_window: 60e9 };

  it('goes on where it stood, under a manual clock', async () => {
    const first = await start({ clock: 'manual' });
    await fill(await enter(first), AGE);
    await first.clock.advance('50s');
    const state = first.save();
    await first.clock.advance('1h');
    const second = await start({ clock: 'manual', state });
    expect(second.clock.now()).toBe(first.clock.now() - 3_600_000);
    const client = await enter(second);
    expect(await messages(client)).toBe(2);
    await second.clock.advance('9s');
    expect(await messages(client)).toBe(2);
    await second.clock.advance('2s');
    expect(await messages(client)).toBe(0);
    // Back again, with the clock.
    await second.load(state);
    expect(await messages(client)).toBe(2);
    await second.clock.advance('11s');
    expect(await messages(client)).toBe(0);
  });

  it('moves to the present under a real one, so that a fixture is not empty tomorrow', async () => {
    const first = await start({ clock: 'manual' });
    await fill(await enter(first), AGE);
    const second = await start({ state: first.save() });
    const client = await enter(second);
    expect(await messages(client)).toBe(2);
    const { state } = (await ask(client, '$JS.API.STREAM.INFO.S')) as { state: { first_ts: string } };
    expect(Math.abs(Date.parse(state.first_ts) - second.clock.now())).toBeLessThan(60_000);
    await second.clock.advance('61s');
    expect(await messages(client)).toBe(0);
  });

  it('stays when it is told to', async () => {
    const first = await start({ clock: 'manual' });
    await fill(await enter(first), AGE);
    const second = await start({ state: first.save(), stateTime: 'keep' });
    const client = await enter(second);
    await second.clock.advance(0);
    expect(await messages(client)).toBe(0);
  });

  it('moves pauses and the waits for acknowledgements too', async () => {
    const first = await start({ clock: 'manual' });
    const client = await enter(first);
    await fill(client);
    const until = new Date(first.clock.now() + 3_600_000).toISOString();
    await ask(client, '$JS.API.CONSUMER.CREATE.S.C', {
      ...CONSUMER,
      config: { ...CONSUMER.config, ack_wait: 30e9 },
    });
    client.send('SUB next.> 9', 'PUB $JS.API.CONSUMER.MSG.NEXT.S.C next.one 0', '');
    await client.until(/one\r\n/);
    await ask(client, '$JS.API.CONSUMER.PAUSE.S.C', { pause_until: until });
    await first.clock.advance('10s');
    const second = await start({ clock: 'manual' });
    await second.clock.advance('1000h');
    await second.load(first.save(), { time: 'shift' });
    const after = await enter(second);
    expect(await ask(after, '$JS.API.CONSUMER.INFO.S.C')).toMatchObject({
      paused: true,
      pause_remaining: 3_590e9,
      num_ack_pending: 1,
      config: { pause_until: new Date(second.clock.now() + 3_590_000).toISOString().replace('.000Z', 'Z') },
    });
  });
});

describe('bytes that are no state', () => {
  async function refused(server: BulkheadServer, state: Uint8Array): Promise<string> {
    const error: unknown = await server.load(state).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StateError);
    return (error as Error).message;
  }

  it('are refused, whatever is wrong with them, and change nothing', async () => {
    const server = await start();
    const client = await enter(server);
    await fill(client);
    const state = Buffer.from(server.save());
    await ask(client, 's', 'three');
    const changed = (at: number): Buffer => {
      const copy = Buffer.from(state);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    };
    for (let at = 0; at < state.length; at += 7) {
      if (at >= 8 && at < 12) continue;
      await refused(server, changed(at));
    }
    for (const cut of [0, 1, 19, 60, state.length - 1]) await refused(server, state.subarray(0, cut));
    expect(await refused(server, Buffer.concat([state, Buffer.alloc(1)]))).toMatch(
      /damaged: \d+ bytes instead of/,
    );
    expect(await refused(server, Buffer.alloc(100, 'x'))).toBe(
      'this is no saved state: it begins with something else',
    );
    expect(await messages(client)).toBe(3);
  });

  it('of a later format say what to do', async () => {
    const server = await start();
    const state = Buffer.from(server.save());
    state.writeUInt32LE(3, 8);
    expect(await refused(server, state)).toMatch(
      /^the state has format 3 and was saved by nats-bulkhead \S+; this is \S+, which reads format 2: use that version/,
    );
  });

  it('of accounts that are not here, or have no JetStream, are refused; a server does not start with them', async () => {
    const first = await start({ config: TWO_ACCOUNTS });
    await fill(await enter(first, 'b'));
    const other = 'jetstream: enabled, accounts { A { jetstream: enabled, users: [{user: a}] } }';
    await expect(start({ config: other, state: first.save() })).rejects.toThrow(
      'the state has streams of account "B", which the configuration does not have',
    );
    const off = TWO_ACCOUNTS.replace('B { jetstream: enabled,', 'B {');
    await expect(start({ config: off, state: first.save() })).rejects.toThrow(
      'the state has streams of account "B", for which JetStream is not on',
    );
    // The twin: without streams an account is not missed.
    const second = await start({ config: TWO_ACCOUNTS });
    await fill(await enter(second, 'a'));
    expect(await messages(await enter(await start({ config: other, state: second.save() }), 'a'))).toBe(2);
  });
});
