import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { BULKHEAD, ensureBuilt } from '../built.ts';
import { RawClient } from '../embedding/raw-client.ts';
import { bulkhead, fileWith, Program } from './program.ts';

const START = ['-c', 'examples/start.conf', '-p', '-1'] as const;
/** Generous: the machine may be busy. By hand it is a tenth of this, ms. */
const QUICKLY_MS = 2_000;

beforeAll(ensureBuilt, 120_000);

const login = (program: Program, user: string, pass = user) =>
  connect({ servers: `127.0.0.1:${program.port}`, user, pass, reconnect: false });

describe('a served configuration', () => {
  it('is announced as by nats-server, without a credential', async () => {
    const program = await Program.serving(...START);
    expect(program.log).toMatch(
      /^\[\d+\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \[INF\] Starting nats-server\n/,
    );
    expect(program.log).toMatch(/Listening for client connections on 127\.0\.0\.1:\d+/);
    expect(program.log).toContain('sys ($SYS), a (TEST), b (TEST2)');
    expect(program.stdout).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends quickly and well after %s, clients or not',
    async (signal) => {
      const program = await Program.serving(...START);
      const nc = await login(program, 'a');
      await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s'], max_age: 60_000_000_000 });
      const closed = nc.closed();
      const before = performance.now();
      expect(await program.end(signal)).toBe(0);
      expect(performance.now() - before).toBeLessThan(QUICKLY_MS);
      expect(program.log).toMatch(/Server Exiting\.\.\n$/);
      await closed;
    },
  );

  it('starts again on the port of one that was killed', async () => {
    const first = await Program.serving(...START);
    const nc = await login(first, 'a');
    const { port } = first;
    await first.end('SIGKILL');
    const second = await Program.serving('-c', 'examples/start.conf', '-p', String(port));
    expect(second.port).toBe(port);
    await nc.close();
  });

  it('logs in a file where it is told to', async () => {
    const file = fileWith('', 'server.log');
    const program = Program.start(process.execPath, [BULKHEAD, ...START, '-l', file]);
    const text = () => readFileSync(file, 'utf8');
    await expect.poll(text, { timeout: 10_000 }).toContain('Server is ready');
    expect(program.log).toBe('');
  });
});

describe('the log', () => {
  it('has one line for a refusal: who, what, which rule, and its sentence', async () => {
    const program = await Program.serving(...START);
    const b = await login(program, 'b');
    b.publish('$JS.API.ACCOUNT.PURGE.TEST', '');
    await b.flush();
    await program.logged(/Refused/);
    const lines = program.log.split('\n').filter((line) => line.includes('Refused'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('[WRN]');
    expect(lines[0]).toContain('user "b" of account "TEST2"');
    expect(lines[0]).toContain('"$JS.API.ACCOUNT.PURGE.TEST"');
    expect(lines[0]).toMatch(/by rule scope-system-only: [A-Z].*\.$/);
    await b.close();
  });

  it('is not flooded by refusals', async () => {
    const program = await Program.serving(...START);
    const b = await login(program, 'b');
    for (let i = 0; i < 2_000; i++) b.publish('$JS.API.ACCOUNT.PURGE.TEST', '');
    await b.flush();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    b.publish('$JS.API.ACCOUNT.PURGE.TEST', '');
    await b.flush();
    await program.logged(/Refused: \d+ more, not listed/);
    const lines = program.log.split('\n').filter((line) => line.includes('Refused'));
    expect(lines.length).toBeLessThan(60);
    await b.close();
  });

  it.each([[[]], [['-DV']], [['-DVV']]])('never has a credential in it (%j)', async (flags) => {
    const config = fileWith(`
      authorization { users: [ { user: u, password: "configured-secret" } ] }
    `);
    const program = await Program.serving('-c', config, '-a', '127.0.0.1', '-p', '-1', ...flags);
    const attempts = [
      '{"user":"u","pass":"configured-secret"}',
      '{"user":"u","pass":"guessed-secret"}',
      '{"pass":"escaped-\\"secret","user":"u"}',
      '{ "PASS" : "shouted-secret", "auth_token": "token-secret", "jwt":"jwt-secret", "sig":"sig-secret","nkey":"nkey" }',
      '{"user":"u","pass":"unfinished-secret',
      '{"user":"u","\\u0070ass":"hidden-secret"}',
      '{"user":"u","pass":["listed-secret"]}',
    ];
    await Promise.all(
      attempts.map(async (json) => {
        const client = RawClient.to(program.port);
        client.send(`CONNECT ${json}`, 'PING');
        await client.until(/PONG|-ERR/).catch(() => undefined);
        client.socket.destroy();
      }),
    );
    await program.end('SIGTERM');
    if (flags.length > 0) expect(program.log).toMatch(/\[TRC\].*CONNECT/);
    expect(program.log).not.toContain('secret');
  });
});

describe('drop-in', () => {
  it('is a folder with a nats-server, which is the server itself', async () => {
    const folder = bulkhead('drop-in').stdout.trim();
    const program = await Program.of('nats-server', ['-p', '-1', '-a', '127.0.0.1', '-js'], {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
    });
    expect(program.log).toContain(`[${program.process.pid}] `);
    const nc = await connect({ servers: `127.0.0.1:${program.port}`, reconnect: false });
    expect((await (await jetstreamManager(nc)).getAccountInfo()).streams).toBe(0);
    await nc.close();
    expect(await program.end('SIGTERM')).toBe(0);
  });
});
