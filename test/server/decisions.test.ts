import { afterEach, describe, expect, test } from 'vitest';
import {
  type BulkheadServer,
  type LogLevel,
  RULES,
  type ServerDecision,
  type StartOptions,
  startServer,
} from '../../src/index.ts';
import { RawClient } from '../embedding/raw-client.ts';

const CONFIG = `
accounts {
  A { users: [ { user: a, password: pa, permissions: {
    publish: { deny: ["secret.>"] }
    subscribe: { deny: ["x.hidden"] }
  } }, { user: all, password: pall } ] }
  B { users: [ { user: b, password: pb } ] }
  '$SYS' { users: [ { user: sys, password: psys } ] }
}`;

let server: BulkheadServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options: StartOptions = {}): Promise<BulkheadServer> {
  server = await startServer({ config: CONFIG, port: null, clock: 'manual', ...options });
  return server;
}

/** A client that has logged in. */
async function client(user: string) {
  if (server === undefined) throw new Error('no server');
  const raw = new RawClient(server.socket());
  raw.send(`CONNECT {"verbose":false,"user":"${user}","pass":"p${user}"}`, 'PING');
  await raw.until(/PONG\r\n/);
  raw.received = '';
  return {
    /** Sends lines. @returns what came since the last time, up to the answer to all of them. */
    async say(...lines: string[]): Promise<string> {
      raw.send(...lines, 'PING');
      await raw.until(/PONG\r\n/);
      const { received } = raw;
      raw.received = '';
      return received;
    },
  };
}

const short = ({ action, subject, verdict, rule }: ServerDecision): string =>
  `${action} ${subject} ${verdict} ${rule}`;

describe("server.on('decision')", () => {
  test('tells who, what, verdict, rule and reasons, of every action while it listens', async () => {
    const running = await start();
    const a = await client('a');
    const told: ServerDecision[] = [];
    const listener = (decision: ServerDecision): void => {
      told.push(decision);
    };
    await a.say('PUB open 0', '');
    running.on('decision', listener).on('decision', listener);
    await a.say('PUB open 0', '', 'PUB open 0', '', 'PUB secret.x 0', '', 'SUB x.* 1', 'PUB x.hidden 0', '');
    expect(told.map(short)).toEqual([
      'publish open allowed publish-allowed',
      'publish open allowed publish-allowed',
      'publish secret.x refused publish-denied',
      'subscribe x.* allowed subscribe-allowed',
      'publish x.hidden allowed publish-allowed',
      'deliver x.hidden refused deliver-denied',
    ]);
    expect(told[2]).toEqual({
      action: 'publish',
      principal: { account: 'A', user: 'a' },
      account: 'A',
      subject: 'secret.x',
      queue: '',
      verdict: 'refused',
      rule: 'publish-denied',
      reasons: [
        {
          text: 'deny "secret.>" matches "secret.x"',
          decided: true,
          at: expect.objectContaining({ line: 4 }),
        },
      ],
    });
    running.off('decision', listener);
    await a.say('PUB secret.x 0', '');
    expect(told).toHaveLength(6);
  });

  test('tells of a login with the name that was claimed, and never of a password', async () => {
    const running = await start();
    const told: ServerDecision[] = [];
    running.on('decision', (decision) => told.push(decision));
    const raw = new RawClient(running.socket());
    raw.send('CONNECT {"user":"mallory","pass":"hunter2"}');
    await raw.until(/Authorization Violation/);
    expect(told.map(short)).toEqual(['connect mallory refused connect-bad-credentials']);
    expect(told[0]?.principal).toBeUndefined();
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  test('goes on when a listener throws, says so in the log, and tells the others', async () => {
    const lines: string[] = [];
    const log = {
      isOn: (level: LogLevel) => level === 'error',
      write: (_: LogLevel, text: string) => lines.push(text),
    };
    const running = await start({ log });
    const told: string[] = [];
    running.on('decision', () => {
      throw new Error('listener trouble');
    });
    running.on('decision', (decision) => told.push(short(decision)));
    const a = await client('a');
    expect(await a.say('SUB t 1', 'PUB t 2', 'hi')).toContain('MSG t 1 2\r\nhi');
    expect(told).toContain('publish t allowed publish-allowed');
    expect(lines.join()).toContain('listener trouble');
  });

  test('what listens makes no difference to what clients see', async () => {
    const script = [
      'SUB x.> 1',
      'SUB secret.a 2',
      'PUB x.1 r 1',
      '1',
      'PUB secret.a 0',
      '',
      'PUB x.hidden 0',
      '',
    ];
    const seen: string[] = [];
    for (const listens of [false, true]) {
      const running = await start({ seed: 1 });
      if (listens) running.on('decision', () => {});
      const a = await client('a');
      seen.push(await a.say(...script, ...script));
      await running.stop();
    }
    expect(seen[0]).toContain('Permissions Violation for Publish to "secret.a"');
    expect(seen[1]).toBe(seen[0]);
  });
});

describe('refusals in the system account', () => {
  const FLOOD = 25;
  const refusedPublish = ['PUB secret.x 0', ''];

  test('are events with rule and promise, which no tenant gets', async () => {
    await start();
    const sys = await client('sys');
    const [a, all, b] = [await client('a'), await client('all'), await client('b')];
    for (const each of [sys, all, b]) await each.say('SUB > 1');
    await a.say(...refusedPublish, 'SUB x.hidden q 1');
    const text = await sys.say();
    const events = [...text.matchAll(/MSG (\S+) 1 \d+\r\n(\{.*\})\r\n/g)].map((match) => ({
      subject: match[1],
      ...(JSON.parse(match[2] ?? '') as Record<string, unknown>),
    }));
    const own = events.filter((event) => 'rule' in event);
    expect(own).toHaveLength(2);
    expect(own[0]).toMatchObject({
      type: 'io.bulkhead.server.advisory.v1.refused',
      action: 'publish',
      account: 'A',
      user: 'a',
      subject: 'secret.x',
      rule: 'publish-denied',
      promise: RULES['publish-denied'].promise,
    });
    expect(own[1]).toMatchObject({ action: 'subscribe', queue: 'q', rule: 'subscribe-denied' });
    expect(text).toContain('MSG $SYS.ACCOUNT.A.REFUSED 1 ');
    for (const tenant of [all, b]) expect(await tenant.say()).toBe('PONG\r\n');
  });

  test('come on the subject of the server where nobody was logged in', async () => {
    const running = await start();
    const sys = await client('sys');
    await sys.say('SUB $SYS.SERVER.*.REFUSED 1');
    const raw = new RawClient(running.socket());
    raw.send('CONNECT {"user":"mallory","pass":"hunter2"}');
    await raw.until(/Authorization Violation/);
    const text = await sys.say();
    expect(text).toContain('"rule":"connect-bad-credentials"');
    expect(text).not.toContain('hunter2');
  });

  test('are bounded per second, and what was left out is counted', async () => {
    const running = await start();
    const sys = await client('sys');
    await sys.say('SUB $SYS.ACCOUNT.*.REFUSED 1');
    const a = await client('a');
    await a.say(...Array.from({ length: FLOOD }, () => refusedPublish).flat());
    expect((await sys.say()).split('MSG ').length - 1).toBe(10);
    await running.clock.advance('1s');
    await a.say(...refusedPublish);
    const next = await sys.say();
    expect(next.split('MSG ').length - 1).toBe(1);
    expect(next).toContain(`"not_listed":${FLOOD - 10}`);
    await a.say(...refusedPublish);
    expect(await sys.say()).not.toContain('not_listed');
  });
});

test('ruleCounters counts refusals and allowed decisions by rule', async () => {
  const running = await start();
  const a = await client('a');
  const free = Array.from({ length: 50 }, () => ['PUB free 0', '']).flat();
  await a.say('PUB secret.x 0', '', 'PUB secret.x 0', '', 'SUB x.hidden 1', ...free);
  expect(running.ruleCounters()).toMatchObject({
    'connect-credentials': { allowed: 1, refused: 0 },
    'publish-denied': { allowed: 0, refused: 2 },
    'subscribe-denied': { allowed: 0, refused: 1 },
  });
  // A verdict that was kept and used again was decided once or twice, not fifty times.
  expect(running.ruleCounters()['publish-allowed']?.allowed).toBeLessThanOrEqual(2);
});
