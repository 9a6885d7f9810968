import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BulkheadServer, ConfigError, type StartOptions, startServer } from '../../src/index.ts';
import { RawClient } from './raw-client.ts';

const started: BulkheadServer[] = [];

async function start(options: StartOptions = {}): Promise<BulkheadServer> {
  const server = await startServer(options);
  started.push(server);
  return server;
}

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

const LOGIN = 'CONNECT {"verbose":false}';

async function greeting(server: BulkheadServer): Promise<Record<string, unknown>> {
  const client = server.port === 0 ? new RawClient(server.socket()) : RawClient.to(server.port);
  const [, info] = await client.until(/^INFO (.*)\r\n/);
  client.socket.destroy();
  return JSON.parse(info ?? '') as Record<string, unknown>;
}

describe('startServer', () => {
  it('listens on a free loopback port, with JetStream, when nothing is said', async () => {
    const server = await start();
    expect(server.port).toBeGreaterThan(0);
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
    expect(server.urls).toEqual([server.url]);
    expect(await greeting(server)).toMatchObject({ host: '127.0.0.1', port: server.port, jetstream: true });
  });

  it.each<[string, StartOptions, boolean]>([
    ['jetstream: false', { jetstream: false }, false],
    ['jetstream: true', { jetstream: true }, true],
    ['a configuration without it', { config: 'max_payload: 1000' }, false],
    [
      'a configuration without it, and jetstream: true',
      { config: 'max_payload: 1000', jetstream: true },
      true,
    ],
    ['a configuration with it, and jetstream: false', { config: { jetstream: {} }, jetstream: false }, false],
    ['a configuration with it', { config: { jetstream: { domain: 'd' } } }, true],
  ])('JetStream is as asked: %s', async (_what, options, on) => {
    expect((await greeting(await start({ ...options, port: null }))).jetstream ?? false).toBe(on);
  });

  it.each<[string, StartOptions]>([
    ['text', { config: 'accounts { A { users: [{user: u, password: p}] } }' }],
    ['an object', { config: { accounts: { A: { users: [{ user: 'u', password: 'p' }] } } } }],
    ['users', { users: [{ user: 'u', password: 'p' }] }],
    ['users beside accounts', { config: 'accounts { A {} }', users: [{ user: 'u', password: 'p' }] }],
    ['non-ASCII users', { users: [{ user: 'ü', password: 'größe' }] }],
  ])('lets in those of the configuration: %s', async (what, options) => {
    const server = await start(options);
    const [user, pass] = what.startsWith('non') ? ['ü', 'größe'] : ['u', 'p'];
    const known = RawClient.to(server.port);
    known.send(`CONNECT ${JSON.stringify({ user, pass })}`, 'PING');
    await known.until(/PONG/);
    for (const login of [{ user, pass: 'x' }, { user: 'x', pass }, {}]) {
      const stranger = RawClient.to(server.port);
      stranger.send(`CONNECT ${JSON.stringify(login)}`, 'PING');
      await stranger.until(/-ERR 'Authorization Violation'/);
    }
  });

  it('refuses a configuration with what is wrong, and where', async () => {
    const refused = startServer({ config: 'port: 1\n  max_payload: many\n' });
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    await expect(refused).rejects.toMatchObject({
      problems: [{ line: 2, column: 3, message: expect.any(String) }],
    });
    await expect(startServer({ configFile: '/no/such/file.conf' })).rejects.toThrow(/no such file/);
  });

  it('says with the code of the system that a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(startServer({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => taken.close(resolve));
    expect((await start({ port })).port).toBe(port);
  });

  it('does not listen where port is null; its sockets speak the protocol', async () => {
    const server = await start({ port: null });
    expect([server.port, server.url, server.urls]).toEqual([0, '', []]);
    const [one, two] = [new RawClient(server.socket()), new RawClient(server.socket())];
    one.send(LOGIN, 'SUB x 1', 'PING');
    await one.until(/PONG/);
    two.send(LOGIN, 'PUB x 2', 'hi');
    await one.until(/MSG x 1 2\r\nhi\r\n/);
  });

  it('gives the same bytes for the same seed', async () => {
    const [one, two, three] = [
      await greeting(await start({ seed: 7, port: null, clock: 'manual' })),
      await greeting(await start({ seed: 7, port: null, clock: 'manual' })),
      await greeting(await start({ seed: 8, port: null, clock: 'manual' })),
    ];
    expect(one).toEqual(two);
    expect(one['server_id']).not.toBe(three['server_id']);
  });

  it('makes servers that know nothing of each other', async () => {
    const [one, two] = [await start(), await start()];
    const [a, b] = [RawClient.to(one.port), RawClient.to(two.port)];
    for (const client of [a, b]) client.send(LOGIN, 'SUB x 1', 'PING');
    await Promise.all([a.until(/PONG/), b.until(/PONG/)]);
    a.send('PUB x 0', '', 'PING');
    await a.until(/MSG x 1 0[\s\S]*PONG/);
    b.send('PING');
    await b.until(/PONG[\s\S]*PONG/);
    expect(b.received).not.toContain('MSG');
  });
});

describe('a running server', () => {
  it('is told off by nobody: log lines go where they are asked to', async () => {
    const lines: string[] = [];
    const log = {
      isOn: (level: string) => level !== 'trace',
      write: (_level: string, text: string) => void lines.push(text),
    };
    const server = await start({ users: [{ user: 'u', password: 'secret' }], log });
    const client = RawClient.to(server.port);
    client.send('CONNECT {"user":"u","pass":"guess"}');
    await client.until(/Authorization Violation/);
    expect(lines.some((line) => line.startsWith('Refused: '))).toBe(true);
    expect(lines.join('\n')).not.toMatch(/secret|guess/);
  });

  it('loses its streams in a reset and keeps its connections', async () => {
    const server = await start();
    const client = RawClient.to(server.port);
    client.send(LOGIN);
    const create = () => client.ask('$JS.API.STREAM.CREATE.S', '{"name":"S","subjects":["s"]}');
    expect(await create()).toContain('"name":"S"');
    expect(JSON.parse(await client.ask('s', 'x'))).toMatchObject({ stream: 'S', seq: 1 });
    server.reset();
    expect(JSON.parse(await client.ask('$JS.API.INFO'))).toMatchObject({ streams: 0, storage: 0 });
    await create();
    expect(JSON.parse(await client.ask('s', 'x'))).toMatchObject({ stream: 'S', seq: 1 });
  });

  it('stops once, however often it is told to, and frees its port', async () => {
    const server = await startServer();
    const client = RawClient.to(server.port);
    await client.until(/INFO/);
    const closed = new Promise((resolve) => client.socket.once('close', resolve));
    const first = server.stop();
    await server.stop();
    const again = await start({ port: server.port });
    await first;
    await closed;
    expect(again.port).toBe(server.port);
    await server.stop();
    await server[Symbol.asyncDispose]();
    expect(await greeting(again)).toMatchObject({ port: server.port });
  });

  it('stops although a client does not read what it is owed', async () => {
    const server = await start({ config: 'listen: 127.0.0.1:-1, max_pending: 64MB' });
    const [deaf, talker] = [RawClient.to(server.port), RawClient.to(server.port)];
    deaf.send(LOGIN, 'SUB x 1', 'PING');
    await deaf.until(/PONG/);
    deaf.socket.pause();
    talker.send(
      LOGIN,
      ...Array.from({ length: 20 }, () => ['PUB x 1000000', 'x'.repeat(1_000_000)]).flat(),
      'PING',
    );
    await talker.until(/PONG/);
    await server.stop();
    deaf.socket.destroy();
  });

  it('that has stopped takes no more in-process connections', async () => {
    const server = await start({ port: null });
    const before = new RawClient(server.socket());
    await before.until(/INFO/);
    const closed = new Promise((resolve) => before.socket.once('close', resolve));
    await server.stop();
    await closed;
    const after = new RawClient(server.socket());
    await expect(after.until(/INFO/)).rejects.toThrow(/ended/);
  });
});

describe('the clock', () => {
  const STREAM = '{"name":"S","subjects":["s"],"max_age":10000000000}';
  const held = async (client: RawClient): Promise<number> => {
    const info = JSON.parse(await client.ask('$JS.API.STREAM.INFO.S')) as { state: { messages: number } };
    return info.state.messages;
  };

  it.each(['real', 'manual'] as const)(
    '%s: moves when told, and what falls due has happened',
    async (clock) => {
      const server = await start({ clock });
      const client = RawClient.to(server.port);
      client.send(LOGIN);
      await client.ask('$JS.API.STREAM.CREATE.S', STREAM);
      await client.ask('s', 'x');
      const before = server.clock.now();
      await server.clock.advance('9s');
      expect(await held(client)).toBe(1);
      await server.clock.advance(1_500);
      expect(await held(client)).toBe(0);
      const passed = server.clock.now() - before;
      if (clock === 'manual') expect(passed).toBe(10_500);
      else expect(passed).toBeGreaterThanOrEqual(10_500);
    },
  );

  it('real: goes on by itself; manual: does not', async () => {
    const [real, manual] = [await start({ port: null }), await start({ port: null, clock: 'manual' })];
    const before = [real.clock.now(), manual.clock.now()];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(real.clock.now()).toBeGreaterThan(before[0] ?? 0);
    expect(manual.clock.now()).toBe(before[1]);
  });

  it('writes what falls due to the sockets before it says so', async () => {
    const server = await start({ clock: 'manual', port: null });
    const client = new RawClient(server.socket());
    client.send(LOGIN, 'SUB push 1');
    await client.ask('$JS.API.STREAM.CREATE.S', STREAM);
    await client.ask('s', 'x');
    const consumer = {
      stream_name: 'S',
      config: { durable_name: 'c', deliver_subject: 'push', ack_policy: 'explicit', ack_wait: 5e9 },
    };
    await client.ask('$JS.API.CONSUMER.CREATE.S.c', JSON.stringify(consumer));
    await client.until(/MSG s 1 \$JS\.ACK\.S\.c\.1\./);
    await server.clock.advance('6s');
    await client.until(/MSG s 1 \$JS\.ACK\.S\.c\.2\./);
  });

  it('can be moved by a year, in steps that do not drop in-process clients', async () => {
    const server = await start({ clock: 'manual', port: null });
    const client = new RawClient(server.socket());
    client.send(LOGIN);
    await client.ask('$JS.API.STREAM.CREATE.S', STREAM);
    await server.clock.advance(365 * 24 * 3_600_000);
    expect(await held(client)).toBe(0);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 'soon', '-3s'])(
    'does not move by %s',
    async (duration) => {
      const server = await start({ port: null });
      await expect((async () => server.clock.advance(duration))()).rejects.toThrow(/cannot advance/);
    },
  );

  it("works under a test runner's fake timers", async () => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'setInterval', 'Date', 'performance'],
    });
    const server = await start();
    const client = RawClient.to(server.port);
    client.send(LOGIN);
    await client.ask('$JS.API.STREAM.CREATE.S', STREAM);
    await client.ask('s', 'x');
    vi.advanceTimersByTime(3_600_000);
    expect(await held(client)).toBe(1);
    await server.clock.advance('11s');
    expect(await held(client)).toBe(0);
    await server.stop();
  });
});
