import { hash } from '@node-rs/bcrypt';
import { describe, expect, test } from 'vitest';
import { startServer } from '../../src/index.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { type Client, DoorWorld, offers, takes } from '../accounts/door-world.ts';
import { RawClient } from '../embedding/raw-client.ts';
import { enter, serve } from './support.ts';

const LATENCY = { latency: { subject: toBytes('lat'), sampling: 100 } } as const;
const DETAILS = ['user', 'name', 'host', 'id', 'start', 'lang', 'ver'];

/** A asks B, and what it asks goes on to C; each of the two imports shares or does not. */
function chain(first: boolean, second: boolean) {
  const world = new DoorWorld({
    A: { imports: [takes.service('B', 'two', { share: first })] },
    B: {
      exports: [offers.service('two', LATENCY)],
      imports: [takes.service('C', 'one', { to: 'two', share: second })],
    },
    C: { exports: [offers.service('one', LATENCY)] },
  });
  return { world, asker: world.client('A', 'inbox'), service: world.client('C', 'one') };
}

function identityIn(client: Client): Record<string, unknown> {
  const [, json = '{}'] = /Nats-Request-Info: (.*)\r\n/.exec(client.got.at(-1)?.header ?? '') ?? [];
  return JSON.parse(json);
}

describe('who asks', () => {
  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('is told at the end of a chain only where each door shares it: %j, %j', (first, second) => {
    const { world, asker, service } = chain(first, second);
    const meter = world.client('C', 'lat');
    asker.publish('two', 'q', 'inbox');
    const identity = identityIn(service);
    service.publish(service.lastReply, 'a');
    world.settle();
    const { requestor } = JSON.parse(meter.got[0]?.payload ?? '{}');
    for (const told of [identity, requestor]) {
      expect(told).toMatchObject({ acc: 'A', svc: 'B' });
      expect(DETAILS.every((key) => key in told)).toBe(first && second);
      if (!first || !second) expect(Object.keys(told)).toEqual(['acc', 'svc']);
    }
  });

  test('is told to no stream of API requests in an account that only passes them on', async () => {
    const server = serve(`jetstream: enabled, accounts: {
      B: { jetstream: enabled, users: [{user: b, password: b}], exports: [{service: "$JS.API.>"}] }
      D: { users: [{user: d, password: d}], imports: [{service: {account: B, subject: "$JS.API.>"}, to: "far.>"}] }
      SYS: { users: [{user: s, password: s}] } }, system_account: SYS`);
    const b = enter(server, 'b');
    b.send('SUB $JS.EVENT.ADVISORY.API 1', 'PING');
    await b.until(/PONG/);
    enter(server, 'd').send('PUB far.STREAM.NAMES answer 0', '');
    const [, client = '{}'] = (await b.until(/"client":(\{.*?\})/)) ?? [];
    expect(JSON.parse(client)).toEqual({ acc: 'D', svc: 'B' });
  });

  test('a metric names clients of its own account only, also where a further one answers', () => {
    const { world, asker, service } = chain(false, false);
    const meter = world.client('B', 'lat');
    asker.publish('two', 'q', 'inbox');
    service.publish(service.lastReply, 'a');
    world.settle();
    expect(JSON.parse(meter.got[0]?.payload ?? '{}').responder).toEqual({ acc: 'C' });
  });

  test.each(['pub.>', 'renamed.>'])('is not what a stream claims that comes in as %s', (to) => {
    const world = new DoorWorld({
      A: { exports: [offers.stream('pub.>')] },
      B: { imports: [takes.stream('A', 'pub.>', { to })] },
    });
    const listener = world.client('B', to);
    const forged = 'NATS/1.0\r\nX: y\r\nnats-request-INFO : {"acc":"SYS"}\r\n\r\n';
    world.client('A').publish('pub.x', 'body', '', forged);
    expect(listener.got).toMatchObject([{ header: 'NATS/1.0\r\nX: y\r\n\r\n', payload: 'body' }]);
  });
});

test('headers that a metric will show count as what a request makes the server keep', () => {
  const world = new DoorWorld({
    A: { exports: [offers.service('svc', { latency: { subject: toBytes('lat'), sampling: 'headers' } })] },
    B: { imports: [takes.service('A', 'svc')] },
  });
  world.client('A', 'svc');
  const asker = world.client('B', 'inbox');
  const header = `NATS/1.0\r\nUber-Trace-Id: 1:2:3:1\r\nUberctx-X: ${'x'.repeat(2 ** 20)}\r\n\r\n`;
  for (let i = 0; i < 40; i++) asker.publish('svc', 'q', 'inbox', header);
  expect(world.of('A').repliesTo(world.of('B')).size).toBeLessThanOrEqual(16);
});

test('a user that is removed while the guard lets it in does not stay in', async () => {
  const password = await hash('secret', 4);
  const users = (...names: string[]) => ({
    accounts: { A: { users: names.map((user) => ({ user, password })) } },
  });
  await using server = await startServer({ config: users('stays', 'goes'), port: null });
  const changed = new Promise<number>((resolve, reject) => {
    server.on('decision', ({ action, verdict }) => {
      if (action !== 'connect' || verdict !== 'allowed') return;
      server.reload(users('stays')).then(({ connectionsClosed }) => resolve(connectionsClosed), reject);
    });
  });
  const goes = new RawClient(server.socket());
  goes.send('CONNECT {"verbose":false,"user":"goes","pass":"secret"}', 'SUB > 1');
  expect(await changed).toBe(1);
});

test.each(['websocket { port: -1, no_tls: true }', 'websocket { listen: "192.0.2.1:-1", no_tls: true }'])(
  'a server with controls off opens no other door either: %s',
  async (websocket) => {
    const lab = { controlsOff: ['connect-account-from-client'] as const };
    await expect(startServer({ config: websocket, lab })).rejects.toThrow(/on loopback only/);
  },
);
