import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BulkheadServer, type MessageEvent, type StartOptions, startServer } from '../../src/index.ts';
import { RawClient } from './raw-client.ts';

const started: BulkheadServer[] = [];
const TWO_ACCOUNTS = `
  jetstream: enabled
  accounts { A { jetstream: enabled, users: [{user: a}] }, B { jetstream: enabled, users: [{user: b}] } }
`;

async function start(options: StartOptions = {}): Promise<BulkheadServer> {
  const server = await startServer(options);
  started.push(server);
  return server;
}

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function enter(server: BulkheadServer, user?: string): Promise<RawClient> {
  const client = server.port === 0 ? new RawClient(server.socket()) : RawClient.to(server.port);
  client.send(
    `CONNECT ${JSON.stringify({ verbose: false, protocol: 1, headers: true, ...(user && { user }) })}`,
    'PING',
  );
  await client.until(/PONG\r\n/);
  return client;
}

/** Waits until everything sent so far was handled. */
async function flushed(client: RawClient): Promise<void> {
  const pongs = client.received.split('PONG').length;
  client.send('PING');
  await client.until(new RegExp(`(PONG[\\s\\S]*){${pongs}}`));
}

const create = (client: RawClient) =>
  client.ask('$JS.API.STREAM.CREATE.S', '{"name":"S","subjects":["s"],"storage":"file"}');
const streams = async (client: RawClient): Promise<number> =>
  (JSON.parse(await client.ask('$JS.API.INFO')) as { streams: number }).streams;

describe('reset', () => {
  it('of one account empties it and counts anew in it, and leaves the others alone', async () => {
    const server = await start({ config: TWO_ACCOUNTS, port: null });
    const [a, b] = [await enter(server, 'a'), await enter(server, 'b')];
    for (const client of [a, b]) {
      await create(client);
      await client.ask('s', 'x');
    }
    server.reset({ account: 'A' });
    const statistics = (name: string) =>
      server
        .monitor<{ account_statz: { acc: string; received: { msgs: number } }[] }>('/accstatz?unused=1')
        .account_statz.find(({ acc }) => acc === name)?.received.msgs;
    expect(statistics('A')).toBe(0);
    expect(statistics('B')).toBe(2);
    expect(server.auditRecords().map(({ account }) => account)).toEqual(['B']);
    expect([await streams(a), await streams(b)]).toEqual([0, 1]);
    expect(server.monitor('/varz')['in_msgs']).toBe(6);
  });

  it('of everything counts everything anew', async () => {
    const server = await start({ config: TWO_ACCOUNTS, port: null });
    const [a, gone] = [await enter(server, 'a'), await enter(server, 'b')];
    await create(a);
    gone.socket.destroy();
    await expect.poll(() => server.monitor('/connz?state=closed')['num_connections']).toBe(1);
    server.reset();
    expect(server.monitor('/varz')).toMatchObject({
      in_msgs: 0,
      out_msgs: 0,
      connections: 1,
      total_connections: 1,
    });
    expect(server.monitor('/connz?state=closed')['num_connections']).toBe(0);
    expect([server.auditRecords(), server.ruleCounters()]).toEqual([[], {}]);
    expect(await streams(a)).toBe(0);
  });

  it('of an account that is not there is refused', async () => {
    const server = await start({ port: null });
    expect(() => server.reset({ account: 'nobody' })).toThrow(RangeError);
  });
});

describe('restart', () => {
  it.each([
    [undefined, 1],
    [{ keepState: true }, 1],
    [{ keepState: false }, 0],
  ])('%j: the same port, new connections, streams as asked', async (how, kept) => {
    const server = await start();
    const { port, url } = server;
    const [before, inside] = [await enter(server), new RawClient(server.socket())];
    await create(before);
    await server.restart(how);
    await expect(before.until(/never/)).rejects.toThrow(/ended/);
    await expect(inside.until(/never/)).rejects.toThrow(/ended/);
    expect([server.port, server.url]).toEqual([port, url]);
    expect(await streams(await enter(server))).toBe(kept);
  });

  it('works where nothing listens, and not behind the end', async () => {
    const server = await start({ port: null });
    await server.restart();
    await enter(server);
    await server.stop();
    await expect(server.restart()).rejects.toThrow(/stopped/);
  });
});

describe('pause', () => {
  it('keeps messages back, in order, and nothing else', async () => {
    const server = await start({ port: null });
    const [listener, talker] = [await enter(server), await enter(server)];
    listener.send('SUB x 1', 'SUB y 2');
    await flushed(listener);
    server.pause();
    talker.send('PUB x 1', '1', 'PUB y r 1', '2');
    await flushed(talker);
    await flushed(listener);
    expect(listener.received).not.toContain('MSG');
    server.resume();
    await listener.until(/MSG x 1 1\r\n1\r\nMSG y 2 r 1\r\n2\r\n/);
    talker.send('PUB x 1', '3');
    await listener.until(/MSG x 1 1\r\n3\r\n/);
  });

  it('keeps answers of the API back too; a pause that began twice ends once', async () => {
    const server = await start({ port: null });
    const client = await enter(server);
    server.pause();
    server.pause();
    client.send('SUB r 1', 'PUB $JS.API.INFO r 0', '');
    await flushed(client);
    expect(client.received).not.toContain('account_info_response');
    server.resume();
    await client.until(/MSG r 1 \d+\r\n.*account_info_response/);
  });

  it('closes a client for which too much waits', async () => {
    const server = await start({ port: null, config: 'max_payload: 1000\nmax_pending: 4000' });
    const [listener, talker] = [await enter(server), await enter(server)];
    listener.send('SUB x 1');
    await flushed(listener);
    server.pause();
    for (let i = 0; i < 5; i++) talker.send('PUB x 1000', 'x'.repeat(1000));
    await expect(listener.until(/never/)).rejects.toThrow(/ended/);
    server.resume();
    await flushed(talker);
  });
});

describe('lameDuck', () => {
  it('tells clients, takes nobody new, closes them one by one, and stops', async () => {
    const server = await start();
    const clients = [await enter(server), await enter(server), await enter(server)];
    const ended = server.lameDuck({ grace: 50, duration: 200 });
    for (const client of clients) await client.until(/INFO \{[^\n]*"ldm":true/);
    await expect(RawClient.to(server.port).until(/INFO/)).rejects.toThrow(/ended/);
    await expect(new RawClient(server.socket()).until(/INFO/)).rejects.toThrow(/ended/);
    await flushed(clients[0] as RawClient);
    await ended;
    for (const client of clients) await expect(client.until(/never/)).rejects.toThrow(/ended/);
    await server.lameDuck();
    await expect(server.restart()).rejects.toThrow();
  });

  it('tells the system account', async () => {
    const config = 'accounts { SYS { users: [{user: sys}] } }\nsystem_account: SYS';
    const server = await start({ config, port: null });
    const sys = await enter(server, 'sys');
    sys.send('SUB $SYS.SERVER.*.LAMEDUCK 1');
    await flushed(sys);
    const ended = server.lameDuck({ grace: '20ms', duration: '40ms' });
    await sys.until(/MSG \$SYS\.SERVER\.N[A-Z0-9]{55}\.LAMEDUCK 1 /);
    await ended;
  });

  it('is over at once where nobody is; a stop ends it early', async () => {
    await (await start()).lameDuck();
    const server = await start();
    await enter(server);
    const ended = server.lameDuck();
    await server.stop();
    await ended;
  });

  it('does not accept nonsense', async () => {
    const server = await start({ port: null });
    await expect(server.lameDuck({ grace: 'soon' })).rejects.toThrow(RangeError);
    await enter(server);
  });
});

describe('monitor', () => {
  it('says what monitoring says, without a port', async () => {
    const server = await start({ port: null });
    const client = await enter(server);
    client.send('SUB x.> 1');
    await flushed(client);
    const { connections } = server.monitor<{ connections: unknown[] }>('/connz?subs=1');
    expect(connections).toMatchObject([{ cid: 1, subscriptions_list: ['x.>'] }]);
    expect(server.monitor('/healthz')).toEqual({ status: 'ok' });
  });

  it.each(['/nothing', 'connz', '', '/connz?sort=nonsense', '/', 'https://127.0.0.1/connz'])(
    'refuses %j',
    async (path) => {
      const server = await start({ port: null });
      expect(() => server.monitor(path)).toThrow(RangeError);
    },
  );
});

describe('on', () => {
  it('tells of clients, messages and API requests while somebody listens', async () => {
    const server = await start({ config: TWO_ACCOUNTS, port: null });
    const told: unknown[] = [];
    const connect = (event: unknown): void => void told.push(event);
    server
      .on('connect', connect)
      .on('connect', connect)
      .on('disconnect', ({ client, reason }) => void told.push({ client, reason }))
      .on('api', ({ subject, rule, handlerRan }) => void told.push({ subject, rule, handlerRan }));
    const a = await enter(server, 'a');
    expect(told.splice(0)).toEqual([{ client: { id: 1, name: '', account: 'A', user: 'a' } }]);
    await streams(a);
    expect(told.splice(0)).toMatchObject([{ subject: '$JS.API.INFO', handlerRan: true }]);
    server.off('connect', connect);
    const b = await enter(server, 'b');
    b.socket.destroy();
    await expect.poll(() => told).toMatchObject([{ client: { account: 'B' }, reason: 'Client Closed' }]);
  });

  it('tells of messages in both directions, with their bytes', async () => {
    const server = await start({ port: null });
    const [listener, talker] = [await enter(server), await enter(server)];
    listener.send('SUB *.größe 1');
    await flushed(listener);
    const told: unknown[] = [];
    const tell = ({ direction, client, subject, reply, header, payload }: MessageEvent): void =>
      void told.push([direction, client.id, subject, reply, header.toString(), payload.toString()]);
    server.on('message', tell);
    const header = 'NATS/1.0\r\nA: b\r\n\r\n';
    talker.send(`HPUB die.größe antwort ${header.length} ${header.length + 2}`, `${header}hi`);
    await flushed(talker);
    await flushed(listener);
    expect(told).toEqual([
      ['published', 2, 'die.größe', 'antwort', header, 'hi'],
      ['delivered', 1, 'die.größe', 'antwort', header, 'hi'],
    ]);
    server.off('message', tell);
    talker.send('PUB x.größe 0', '');
    await flushed(talker);
    expect(told).toHaveLength(2);
  });

  it('goes on when a listener throws, and knows its events', async () => {
    const lines: string[] = [];
    const log = { isOn: () => false, write: (_: string, text: string) => void lines.push(text) };
    const server = await start({ port: null, log });
    server.on('connect', () => {
      throw new Error('a listener of mine');
    });
    await enter(server);
    expect(lines.join('\n')).toContain('a listener of mine');
    for (const name of ['nonsense', 'toString', '__proto__'])
      expect(() => server.on(name as 'connect', () => undefined)).toThrow(TypeError);
  });
});
