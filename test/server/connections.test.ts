import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type BulkheadServer, type StartOptions, startServer } from '../../src/index.ts';

let server: BulkheadServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options: StartOptions): Promise<BulkheadServer> {
  server = await startServer({ port: null, ...options });
  return server;
}

/** A client that keeps what it receives, and reads only when told to. */
class Client {
  readonly stream: Duplex;
  text = '';
  closed = false;

  constructor(stream: Duplex, reads = true) {
    this.stream = stream;
    stream.on('error', () => {});
    stream.on('close', () => {
      this.closed = true;
    });
    if (reads) this.read();
  }

  read(): void {
    this.stream.on('data', (bytes: Buffer) => {
      this.text += bytes.latin1Slice();
    });
  }

  send(text: string): void {
    this.stream.write(Buffer.from(text, 'latin1'));
  }

  async until(isThere: (text: string) => boolean, ms = 3_000): Promise<void> {
    const deadline = performance.now() + ms;
    while (!isThere(this.text) && performance.now() < deadline) await sleep(1);
    if (!isThere(this.text)) expect.fail(`did not come; received ${this.text.slice(-300)}`);
  }
}

const QUIET = 'CONNECT {"verbose":false,"headers":true}\r\n';
const publishes = (subject: string, size: number, count: number): string =>
  `PUB ${subject} ${size}\r\n${'x'.repeat(size)}\r\n`.repeat(count);

describe('output does not depend on how input was cut', () => {
  const verb = fc.constantFrom(
    'PING\r\n',
    'CONNECT {"verbose":false}\r\n',
    'CONNECT {"verbose":true,"pedantic":true,"headers":true,"no_responders":true}\r\n',
    'CONNECT {"user":"h","pass":"x"}\r\n',
    'SUB a 1\r\n',
    'SUB a.* 2\r\n',
    'SUB > 3\r\n',
    'SUB a q 4\r\n',
    'SUB r 5\r\n',
    'SUB a..b 6\r\n',
    'UNSUB 1\r\n',
    'UNSUB 2 1\r\n',
    'PUB a 2\r\nhi\r\n',
    'PUB a.b r 0\r\n\r\n',
    'PUB none r 1\r\nx\r\n',
    'PUB a.* 1\r\nx\r\n',
    'PUB a _R_.x 1\r\nx\r\n',
    'HPUB a r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n',
    'pub a 3\nabc\r\n',
    '+OK\r\n',
  );
  const mistake = fc.constantFrom(
    'X',
    '\r\n',
    'SUB a\r\n',
    'PUB a x\r\n',
    'PUB a 2\r\nhix',
    'PUB a 99999\r\n',
    "-ERR 'x'\r\n",
    'CONNECT {x\r\n',
    'HPUB a 9 2\r\n',
    'PU',
    'SUB a\rb 1\r\n',
  );
  const script = fc
    .array(fc.oneof({ weight: 15, arbitrary: verb }, { weight: 1, arbitrary: mistake }), { maxLength: 14 })
    .map((lines) => lines.join(''));

  async function answer(config: string, parts: readonly string[]): Promise<string> {
    const running = await startServer({ port: null, config, seed: 1, clock: 'manual' });
    const client = new Client(running.socket());
    for (const part of parts) {
      if (client.stream.destroyed) break;
      client.send(part);
      await nextTurn();
    }
    for (let turn = 0; turn < 8; turn++) await nextTurn();
    const { text } = client;
    await running.stop();
    return text;
  }

  test.each([
    ['an open server', 'max_payload: 1000'],
    [
      'a server with users and a guest',
      'accounts { A { users: [{user: h, password: x}, {user: g, password: g, permissions: {publish: {deny: a}, subscribe: {deny: "a.b"}}}] } }\nno_auth_user: g',
    ],
    ['a server that wants a login', 'authorization { user: h, password: x }'],
  ])('of %s', async (_name, config) => {
    await fc.assert(
      fc.asyncProperty(script, fc.array(fc.nat(600), { maxLength: 12 }), async (text, cuts) => {
        const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
        const parts = [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
        expect(await answer(config, parts)).toBe(await answer(config, [text]));
      }),
      { numRuns: 60 },
    );
  });
});

describe('bytes behind a CONNECT that takes time', () => {
  const hash = '$2b$04$bX1hKjoAMXKvRFJOPDBlUezLCj3kUbX.rb4lFhHZGjvZHqONX9bV2';
  test('wait for the verdict, and are not answered when it refuses', async () => {
    const { socket } = await start({
      config: `authorization { users: [{user: u, password: "${hash}"}, {user: p, password: plain}] }`,
    });
    const refused = new Client(socket());
    refused.send('CONNECT {"user":"u","pass":"no"}\r\nPING\r\nSUB a 1\r\n');
    await refused.until((text) => text.includes('Authorization Violation'));
    expect(refused.text).not.toContain('PONG');
    const let_in = new Client(socket());
    let_in.send('CONNECT {"user":"p","pass":"plain","verbose":false}\r\nSUB a 1\r\nPUB a 1\r\nx\r\n');
    let_in.send('PING\r\n');
    await let_in.until((text) => text.includes('MSG a 1 1\r\nx\r\nPONG\r\n'));
  });
});

describe('a receiver that does not read', () => {
  test('is closed above max_pending, and the producer goes on', async () => {
    const { socket } = await start({ config: 'max_payload: 5000\nmax_pending: 200000' });
    const slow = new Client(socket(), false);
    slow.send(`${QUIET}SUB x 1\r\n`);
    await nextTurn();
    const producer = new Client(socket());
    producer.send(QUIET + publishes('x', 1_000, 400));
    producer.send('PING\r\n');
    await producer.until((text) => text.endsWith('PONG\r\n'));
    expect(slow.closed).toBe(true);
    expect(producer.closed).toBe(false);
  });

  test('is closed once, however many of its subscriptions match, and harms nobody', async () => {
    const users =
      '[{user: s, password: s, permissions: {subscribe: {deny: "x.no"}}}, {user: p, password: p}]';
    const { socket } = await start({
      config: `max_payload: 5000\nmax_pending: 100000\nauthorization { users: ${users} }`,
    });
    const slow = new Client(socket(), false);
    const many = Array.from({ length: 200 }, (_, i) => `SUB x.* ${i}\r\n`).join('');
    slow.send(`CONNECT {"verbose":false,"user":"s","pass":"s"}\r\n${many}`);
    await nextTurn();
    const producer = new Client(socket());
    const other = new Client(socket());
    other.send('CONNECT {"verbose":false,"user":"p","pass":"p"}\r\nSUB x.* 1\r\n');
    await nextTurn();
    producer.send(
      `CONNECT {"verbose":false,"user":"p","pass":"p"}\r\n${publishes('x.a', 4_000, 20)}PING\r\n`,
    );
    await producer.until((text) => text.endsWith('PONG\r\n'));
    await other.until((text) => (text.match(/MSG x\.a/g) ?? []).length === 20);
    expect({ slow: slow.closed, producer: producer.closed, other: other.closed }).toEqual({
      slow: true,
      producer: false,
      other: false,
    });
  });

  test('stops neither a fast producer for good, nor anybody else', async () => {
    const { socket } = await start({ config: 'max_payload: 5000\nmax_pending: 1000000' });
    const slow = new Client(socket(), false);
    slow.send(`${QUIET}SUB x 1\r\n`);
    await nextTurn();
    const producer = new Client(socket());
    producer.send(QUIET + publishes('x', 1_000, 900));
    await nextTurn();
    producer.send('PING\r\n');
    const bystander = new Client(socket());
    bystander.send(`${QUIET}PING\r\n`);
    await bystander.until((text) => text.endsWith('PONG\r\n'));
    await producer.until((text) => text.endsWith('PONG\r\n'));
    slow.read();
    await slow.until((text) => (text.match(/MSG x 1/g) ?? []).length === 900);
    expect(slow.closed).toBe(false);
  });
});

describe('allow_responses on the service clock', () => {
  test('expire when the clock is moved, not before', async () => {
    const users =
      '[{user: s, password: p, permissions: {subscribe: svc, publish: log, allow_responses: {max: 9, expires: "1m"}}}, {user: u, password: p}]';
    const { socket, clock } = await start({ clock: 'manual', config: `authorization { users: ${users} }` });
    const service = new Client(socket());
    service.send('CONNECT {"user":"s","pass":"p"}\r\nSUB svc 1\r\n');
    await nextTurn();
    const asker = new Client(socket());
    asker.send('CONNECT {"user":"u","pass":"p","verbose":false}\r\nSUB in.* 1\r\nPUB svc in.1 1\r\nq\r\n');
    await service.until((text) => text.includes('MSG svc'));
    await clock.advance('59s');
    service.send('PUB in.1 1\r\na\r\n');
    await asker.until((text) => text.includes('MSG in.1 1 1\r\na'));
    await clock.advance('1s');
    service.send('PUB in.1 1\r\nb\r\n');
    await service.until((text) => text.includes('Permissions Violation for Publish to "in.1"'));
  });
});

describe('an in-process connection', () => {
  test('ends when the client ends, and frees its place', async () => {
    const { socket } = await start({ config: 'max_connections: 1' });
    for (let i = 0; i < 5; i++) {
      const client = new Client(socket());
      client.send(`${QUIET}PING\r\n`);
      await client.until((text) => text.endsWith('PONG\r\n'));
      client.stream.end();
      for (let turn = 0; turn < 4; turn++) await nextTurn();
    }
  });

  test('that is destroyed frees its place', async () => {
    const { socket } = await start({ config: 'max_connections: 1' });
    for (let i = 0; i < 5; i++) {
      const client = new Client(socket());
      client.send(`${QUIET}PING\r\n`);
      await client.until((text) => text.endsWith('PONG\r\n'));
      client.stream.destroy();
      for (let turn = 0; turn < 4; turn++) await nextTurn();
    }
  });
});
