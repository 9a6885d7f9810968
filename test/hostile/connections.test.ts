import { describe, expect, test } from 'vitest';
import { HashVerifier } from '../../src/auth/secrets.ts';
import { limits } from '../../src/base/index.ts';
import { ManualClock } from '../../src/server/effects.ts';
import { HeapScheduler } from '../../src/server/scheduler.ts';
import { enter, serve, TWO_TENANTS, timed } from './support.ts';

describe('a client that does not read', () => {
  test.each([
    ['PING', 'PING\r\n'],
    ['refused publishes', 'PUB secret 0\r\n\r\n'],
    ['verbose answers', 'UNSUB 1\r\n'],
  ])('is closed over what it is answered as it is over messages: %s', async (_what, line) => {
    const server = serve(`max_pending: 200000, max_payload: 1000
      authorization: { users: [ { user: a, password: a, permissions: { publish: { deny: secret } } } ] }`);
    const socket = server.socket();
    socket.on('error', () => {});
    socket.write('CONNECT {"user":"a","pass":"a","verbose":true}\r\n');
    for (let sent = 0; server.connectionCount > 0 && sent < 400; sent++) {
      socket.write(line.repeat(1_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.connectionCount).toBe(0);
  });
});

describe('logins', () => {
  test('that nobody waits for any more are not hashed', async () => {
    const verifier = new HashVerifier();
    const hash = '$2b$11$5ro5Hj.pYOk/ID5UXjGm.udkbodII0o8wGeYqMRFt6dYk0p9XdNQi';
    const gone = Array.from({ length: 1_000 }, () => verifier.verify('x', hash, () => false));
    const waiting = verifier.verify('x', hash, () => true);
    expect(await timed(() => Promise.all([...gone, waiting]))).toBeLessThan(3_000);
  });
});

describe('timers', () => {
  test('that are cancelled do not pile up until they are due', () => {
    const scheduler = new HeapScheduler(new ManualClock(0));
    const kept = scheduler.at(1e12, () => {});
    for (let i = 0; i < 100_000; i++) scheduler.at(1e9 - i, () => {}).cancel();
    expect(scheduler.size).toBeLessThan(5_000);
    kept.cancel();
    kept.cancel();
  });

  test('one that fails keeps no other from running', () => {
    const errors: unknown[] = [];
    const ran: string[] = [];
    const clock = new ManualClock(0);
    const scheduler = new HeapScheduler(clock, undefined, undefined, (error) => errors.push(error));
    scheduler.at(1, () => {
      throw new Error('no');
    });
    scheduler.at(1, () => ran.push('second'));
    clock.skip(1);
    scheduler.runDue();
    expect({ errors: errors.length, ran }).toEqual({ errors: 1, ran: ['second'] });
  });
});

describe('subscriptions', () => {
  test('a subject with thousands of queue groups is matched without comparing each with each', async () => {
    const client = enter(serve('max_control_line: 4096'));
    for (let i = 0; i < 30_000; i++) client.send(`SUB foo q${i} ${i}`);
    client.send('PING');
    await client.until(/PONG/);
    client.received = '';
    const took = await timed(async () => {
      client.send('SUB *.x a', 'PUB foo 0', '', 'UNSUB a', 'PUB foo 0', '', 'PING');
      await client.until(/PONG/);
    });
    expect(took).toBeLessThan(1_500);
  });

  test('many receivers on many subjects do not fill the memory with remembered matches', async () => {
    const server = serve('debug: false');
    const client = enter(server);
    for (let i = 0; i < 20_000; i++) client.send(`SUB > q ${i}`);
    for (let i = 0; i < 200; i++) client.send(`PUB s.${i} 0`, '', `PUB s.${i} 0`, '');
    client.send('PING');
    await client.until(/PONG/);
    const { cached } = server.accounts.named('$G' as never)?.interestStats ?? { cached: 0 };
    expect(cached * 20_000).toBeLessThanOrEqual(1_000_000);
  });

  test('a subject deeper than a control line of the usual length is refused', async () => {
    const client = enter(serve('max_control_line: 1mb'));
    client.send(`SUB ${'*.'.repeat(100_000)}x 1`, `PUB ${'y.'.repeat(100_000)}x 0`, '', 'PING');
    await client.until(/too many tokens'\r\nPONG/);
  });
});

describe('ways back', () => {
  test('requests that are never answered keep bytes within a bound', async () => {
    const server = serve(TWO_TENANTS);
    const a = enter(server, 'a');
    const long = 'r'.repeat(3_900);
    for (let i = 0; i < 6_000; i++) a.send(`PUB $JS.API.NOTHING ${long}${i} 0`, '');
    a.send('PING');
    await a.until(/PONG/);
    const [system, tenant] = [server.accounts.named('$SYS' as never), server.accounts.named('A' as never)];
    if (system === undefined || tenant === undefined) throw new Error('no such account');
    const { size } = system.repliesTo(tenant);
    expect(size).toBeGreaterThan(100);
    expect(size * long.length).toBeLessThanOrEqual(limits.REPLY_BYTES_PER_IMPORTER);
  });
});
