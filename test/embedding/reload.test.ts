import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type BulkheadServer, ConfigError, type StartOptions, startServer } from '../../src/index.ts';
import { RawClient } from './raw-client.ts';

const started: BulkheadServer[] = [];

async function start(options: StartOptions): Promise<BulkheadServer> {
  const server = await startServer({ port: null, ...options });
  started.push(server);
  return server;
}

afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));

const user = (name: string): string => `{user: ${name}, password: p}`;
const config = (...names: string[]): string => `accounts { A { users: [${names.map(user).join(',')}] } }`;

async function enter(server: BulkheadServer, name: string): Promise<RawClient> {
  const client = server.port === 0 ? new RawClient(server.socket()) : RawClient.to(server.port);
  client.send(`CONNECT {"user":"${name}","pass":"p","verbose":false,"name":"called ${name}"}`, 'PING');
  await client.until(/PONG\r\n/);
  return client;
}

describe('reload', () => {
  it.each([
    ['text', config('b')],
    ['an object', { accounts: { A: { users: [{ user: 'b', password: 'p' }] } } }],
  ])('takes %s', async (_what, after) => {
    const server = await start({ config: config('a') });
    const a = await enter(server, 'a');
    const report = await server.reload(after);
    expect(report).toMatchObject({ connectionsClosed: 1, subscriptionsLost: 0 });
    await expect(a.until(/never/)).rejects.toThrow(/ended/);
    await enter(server, 'b');
    await expect(enter(server, 'a')).rejects.toThrow(/Authorization Violation/);
  });

  it('refuses what is wrong, says where, and changes nothing', async () => {
    const server = await start({ config: config('a') });
    const a = await enter(server, 'a');
    for (const wrong of ['accounts {', `${config('b')}\nno_such: key`, 'accounts { A { imports: [4] } }']) {
      const refused = server.reload(wrong);
      await expect(refused).rejects.toBeInstanceOf(ConfigError);
    }
    await expect(server.reload(`${config('b')}\nserver_name: other`)).rejects.toThrow(
      'config reload not supported for ServerName',
    );
    a.send('SUB x 1', 'PUB x 1', 'x');
    await a.until(/MSG x 1 1\r\nx/);
    await enter(server, 'a');
  });

  it('listens where it listened, unless it is told to listen elsewhere', async () => {
    const server = await startServer({ config: config('a') });
    started.push(server);
    await server.reload(config('b'));
    await server.reload(`port: ${server.port}\n${config('b')}`);
    await enter(server, 'b');
    await expect(server.reload(`port: 1\n${config('a')}`)).rejects.toBeInstanceOf(ConfigError);
    await enter(server, 'b');
  });

  it('keeps the users that the start added, and JetStream as the start said', async () => {
    const users = [{ user: 'own', password: 'p' }];
    const server = await start({ users, jetstream: true, config: 'max_payload: 1000' });
    const own = await enter(server, 'own');
    await server.reload('max_payload: 2000');
    expect(await own.ask('$JS.API.INFO')).toContain('account_info_response');
  });

  it('reads its file again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'reload-'));
    const configFile = join(dir, 'server.conf');
    try {
      writeFileSync(configFile, `port: -1\n${config('a')}`);
      const server = await start({ configFile });
      writeFileSync(configFile, `port: -1\n${config('b')}`);
      await server.reload();
      await enter(server, 'b');
      writeFileSync(configFile, 'nonsense: 1');
      await expect(server.reload()).rejects.toBeInstanceOf(ConfigError);
      await enter(server, 'b');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('waits for the message in hand when a listener of decisions asks for it', async () => {
    const server = await start({ config: config('a', 'b') });
    const a = await enter(server, 'a');
    const reloads: Promise<unknown>[] = [];
    server.on('decision', ({ action }) => {
      if (action === 'publish' && reloads.length === 0) reloads.push(server.reload(config('b')));
    });
    a.send('SUB x 1', 'PUB x 1', 'x');
    await a.until(/MSG x 1 1\r\nx/);
    await Promise.all(reloads);
    await expect(a.until(/never/)).rejects.toThrow(/ended/);
  });

  it('is refused by a server that has stopped', async () => {
    const server = await start({ config: config('a') });
    await server.stop();
    await expect(server.reload(config('b'))).rejects.toThrow('the server has stopped');
  });
});

describe('disconnect', () => {
  it('closes whom it is told to close', async () => {
    const server = await start({ config: config('a', 'b') });
    const [a, b] = [await enter(server, 'a'), await enter(server, 'b')];
    const seen: unknown[] = [];
    const pick = server.disconnect((client) => {
      seen.push(client);
      return client.user === 'a';
    });
    expect(pick).toBe(1);
    expect(seen).toEqual([
      { id: 1, name: 'called a', account: 'A', user: 'a' },
      { id: 2, name: 'called b', account: 'A', user: 'b' },
    ]);
    await expect(a.until(/never/)).rejects.toThrow(/ended/);
    expect(server.disconnect()).toBe(1);
    await expect(b.until(/never/)).rejects.toThrow(/ended/);
  });
});
