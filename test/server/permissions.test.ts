import { afterEach, describe, expect, test } from 'vitest';
import { type BulkheadServer, type ControlId, startServer } from '../../src/index.ts';
import { RawClient } from '../embedding/raw-client.ts';

const CONFIG = `
no_auth_user: guest
accounts {
  A { users: [
    { user: owner, password: p }
    { user: guest, password: p, allowed_connection_types: [WEBSOCKET] }
    { user: limited, password: p, permissions: { subscribe: { allow: "s.>", deny: ["s.secret"] } } }
    { user: overlap, password: p, permissions: { subscribe: { deny: ["*.secret", "admin.>", "> restricted"] } } }
    { user: answers, password: p, permissions: { publish: { allow: ["ok"], deny: ["den"] }
      allow_responses: { max: 2, expires: "1s" } } }
  ] }
  B { users: [ { user: other, password: p } ] }
}`;

let server: BulkheadServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(controlsOff: readonly ControlId[] = []): Promise<BulkheadServer> {
  const lab = controlsOff.length === 0 ? {} : { lab: { controlsOff } };
  server = await startServer({ config: CONFIG, port: null, clock: 'manual', seed: 1, ...lab });
  return server;
}

/** A connection that says what it is told to; every answer is what came since the last one. */
function connection(running: BulkheadServer): (...lines: string[]) => Promise<string> {
  const raw = new RawClient(running.socket());
  return async (...lines) => {
    raw.send(...lines, 'PING');
    await raw.until(/PONG\r\n|-ERR 'Authorization Violation'\r\n/);
    const { received } = raw;
    raw.received = '';
    return received.replace(/INFO .*\r\n/g, '').replaceAll('PONG\r\n', '');
  };
}

const login = (user: string, more = ''): string =>
  `CONNECT {"verbose":false,"user":"${user}","pass":"p"${more}}`;

async function client(running: BulkheadServer, user: string) {
  const say = connection(running);
  await say(login(user));
  return say;
}

describe('a queue group of members with different rights', () => {
  test('gives a message to a member that may have it, never to one that may not (measured on 2.14.5)', async () => {
    const running = await start();
    const [one, two, free] = [
      await client(running, 'limited'),
      await client(running, 'limited'),
      await client(running, 'owner'),
    ];
    await one('SUB s.> q 1');
    await two('SUB s.* q 1');
    await free('SUB s.> q 1');
    const owner = await client(running, 'owner');
    await owner(...Array.from({ length: 20 }, () => ['PUB s.secret 0', '']).flat());
    expect(await one()).toBe('');
    expect(await two()).toBe('');
    expect((await free()).split('MSG s.secret').length - 1).toBe(20);
  });

  test('of which none may have it gives it to nobody', async () => {
    const running = await start();
    const one = await client(running, 'limited');
    await one('SUB s.> q 1');
    const owner = await client(running, 'owner');
    await owner('PUB s.secret 0', '', 'PUB s.open 0', '');
    expect(await one()).toBe('MSG s.open 1 0\r\n\r\n');
  });
});

test('a message that is filtered out does not count for UNSUB', async () => {
  const running = await start();
  const one = await client(running, 'limited');
  await one('SUB s.> 1', 'UNSUB 1 1');
  const owner = await client(running, 'owner');
  await owner('PUB s.secret 0', '', 'PUB s.a 0', '', 'PUB s.b 0', '');
  expect(await one()).toBe('MSG s.a 1 0\r\n\r\n');
});

describe('allow_responses', () => {
  const violation = (subject: string): string =>
    `-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`;

  test('lets answers out as often and as long as granted, over a deny too', async () => {
    const running = await start();
    const [owner, answers] = [await client(running, 'owner'), await client(running, 'answers')];
    await answers('SUB req 1');
    expect(await answers('PUB den 0', '')).toBe(violation('den'));
    await owner('PUB req den 0', '', 'PUB req late 0', '');
    await answers();
    expect(await answers('PUB den 0', '', 'PUB den 0', '')).toBe('');
    expect(await answers('PUB den 0', '', 'PUB elsewhere 0', '')).toBe(
      violation('den') + violation('elsewhere'),
    );
    await running.clock.advance('999ms');
    expect(await answers('PUB late 0', '')).toBe('');
    await running.clock.advance('1ms');
    expect(await answers('PUB late 0', '')).toBe(violation('late'));
  });
});

describe('a control that is off shows what the check kept out, on the wire', () => {
  /** What the attacker says, who publishes what, and what the attacker must not see. */
  const CASES: readonly [ControlId, string[], string, string][] = [
    ['deliver-deny-overlap', [login('overlap'), 'SUB foo.* 1'], 'foo.secret', 'MSG foo.secret'],
    ['deliver-deny-queue-wildcard', [login('limited'), 'SUB s.* workers 1'], 's.secret', 'MSG s.secret'],
    [
      'subscribe-plain-deny-first',
      [login('overlap'), 'SUB admin.secret workers 1'],
      'admin.secret',
      'MSG admin.secret',
    ],
    ['connect-guest-restrictions', ['SUB plain 1'], 'plain', 'MSG plain'],
    ['connect-account-from-client', [login('other', ',"account":"A"'), 'SUB plain 1'], 'plain', 'MSG plain'],
  ];

  test.each(CASES)('%s', async (control, attack, published, leak) => {
    for (const off of [false, true]) {
      const running = await start(off ? [control] : []);
      const attacker = connection(running);
      const first = await attacker(...attack);
      const owner = await client(running, 'owner');
      await owner(`PUB ${published} 0`, '');
      const seen = first.includes('Authorization Violation') ? first : first + (await attacker());
      expect(seen.includes(leak), `${control} ${off ? 'off' : 'on'}: ${seen}`).toBe(off);
      if (control === 'connect-account-from-client')
        expect(Object.hasOwn(running.ruleCounters(), 'connect-control-off')).toBe(off);
      await running.stop();
    }
  });
});
