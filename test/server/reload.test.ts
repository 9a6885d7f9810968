import { hashSync } from '@node-rs/bcrypt';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../src/config/index.ts';
import { LiveWorld } from './reload-world.ts';

const worlds: LiveWorld[] = [];

function world(config: string, setup: ConstructorParameters<typeof LiveWorld>[1] = {}): LiveWorld {
  const made = new LiveWorld(config, setup);
  worlds.push(made);
  return made;
}

afterEach(() => Promise.all(worlds.splice(0).map(({ server }) => server.stop())));

const user = (name: string, more = '', password = 'p'): string =>
  `{user: ${name}, password: "${password}" ${more}}`;
const may = (text: string): string => `, permissions: {${text}}`;
const accounts = (a: readonly string[], b: readonly string[] = [user('z')], more = ''): string =>
  `accounts { A { users: [${a.join(',')}] ${more} }, B { users: [${b.join(',')}] } }`;

const VIOLATION = `-ERR 'Authorization Violation'|<closed>`;
const lost = (what: string, sid: string): string =>
  `-ERR 'Permissions Violation for Subscription to ${what} (sid "${sid}")'|`;

describe('who is in', () => {
  const before = accounts([user('a'), user('keep')]);
  const subs = ['SUB foo 1', 'SUB bar 2', 'SUB bar q 3', 'SUB foo.> 4'];

  /** What `a` is told, and whether it is gone, in the words of 2.14.5. */
  test.each<[string, string, string]>([
    ['nothing changed', before, ''],
    ['the file was written differently', `\n\n${before}`, ''],
    ['its password changed', accounts([user('a', '', 'q'), user('keep')]), VIOLATION],
    ['its user was removed', accounts([user('keep')]), '<closed>'],
    ['its user moved to another account', accounts([user('keep')], [user('z'), user('a')]), '<closed>'],
    ['its account was removed', `accounts { B { users: [${user('keep')}] } }`, '<closed>'],
    ['all users were removed', 'max_payload: 1000', '<closed>'],
    [
      'its kind of connection is not allowed any more',
      accounts([user('a', ', allowed_connection_types: [WEBSOCKET]'), user('keep')]),
      VIOLATION,
    ],
    [
      'it may subscribe to less',
      accounts([user('a', may('subscribe: [foo, "x q"]')), user('keep')]),
      lost('"bar"', '2') + lost('"bar" using queue "q"', '3') + lost('"foo.>"', '4'),
    ],
    [
      'it is denied a queue',
      accounts([user('a', may('subscribe: {deny: "bar q"}')), user('keep')]),
      lost('"bar" using queue "q"', '3'),
    ],
    ['it may publish less', accounts([user('a', may('publish: foo')), user('keep')]), ''],
    [
      'the default permissions of its account are less',
      accounts(
        [user('a'), user('keep', may('publish: foo'))],
        [user('z')],
        ', default_permissions: {subscribe: foo}',
      ),
      lost('"bar"', '2') + lost('"bar" using queue "q"', '3') + lost('"foo.>"', '4'),
    ],
    [
      'its account may have fewer subscriptions',
      accounts([user('a'), user('keep')], [user('z')], ', limits {max_subs: 3}'),
      `-ERR 'maximum subscriptions exceeded'|<closed>`,
    ],
    [
      'its account may have as many',
      accounts([user('a'), user('keep')], [user('z')], ', limits {max_subs: 4}'),
      '',
    ],
  ])('%s', async (_what, after, told) => {
    const live = world(before);
    const a = await live.as('a');
    await a.say(...subs);
    const report = live.reload(after);
    expect(await a.take()).toBe(told);
    expect(report.connectionsClosed).toBe(told.endsWith('<closed>') ? 1 : 0);
    expect(report.subscriptionsLost).toBe(told.match(/Subscription to/g)?.length ?? 0);
    expect(live.server.connectionCount).toBe(told.endsWith('<closed>') ? 0 : 1);
  });

  test.each<[string, string, string, object, string]>([
    [
      'a token is replaced',
      'authorization {token: t}',
      'authorization {token: u}',
      { auth_token: 't' },
      VIOLATION,
    ],
    [
      'a token stays',
      'authorization {token: t}',
      'max_payload: 99\nauthorization {token: t}',
      { auth_token: 't' },
      '',
    ],
    [
      'a token is not needed any more',
      'authorization {token: t}',
      'max_payload: 99',
      { auth_token: 't' },
      '',
    ],
    ['logging in becomes necessary', 'max_payload: 99', 'authorization {token: t}', {}, VIOLATION],
    ['an open server stays open', 'max_payload: 99', 'max_payload: 98', { user: 'x' }, ''],
    [
      'an anonymous guest meets an authorization block',
      `accounts { SYS { users: [${user('s')}] } }\nsystem_account: SYS`,
      `accounts { SYS { users: [${user('s')}] } }\nsystem_account: SYS\nauthorization {users: [${user('u')}]}`,
      {},
      VIOLATION,
    ],
  ])('%s', async (_what, before, after, login, told) => {
    const live = world(before);
    const client = await live.enter({ ...login });
    live.reload(after);
    expect(await client.take()).toBe(told);
  });

  test('of too many connections of an account the oldest stay', async () => {
    const live = world(before);
    const all = [];
    for (let i = 0; i < 4; i++) all.push(await live.as('a'));
    const z = await live.as('z');
    live.reload(accounts([user('a'), user('keep')], [user('z')], ', limits {max_conn: 2}'));
    const full = `-ERR 'maximum account active connections exceeded'|<closed>`;
    expect(await Promise.all([...all, z].map((client) => client.take()))).toEqual(['', '', full, full, '']);
    await expect(live.as('a')).rejects.toThrow('maximum account active connections exceeded');
  });

  test('of too many connections of the server the oldest stay', async () => {
    const live = world('max_connections: 10');
    const all = [await live.enter(), await live.enter(), await live.enter()];
    live.reload('max_connections: 2');
    expect(await Promise.all(all.map((client) => client.take()))).toEqual([
      '',
      '',
      `-ERR 'maximum connections exceeded'|<closed>`,
    ]);
  });

  test('who is on its way in is judged by what holds when it gets there', async () => {
    const live = world('max_payload: 1000');
    const silent = live.client();
    await silent.take();
    live.reload(before);
    expect(await silent.take()).toBe('');
    expect(await silent.say('SUB foo 1')).toBe(VIOLATION);
  });
});

describe('what somebody may do', () => {
  test('publishing less holds from the next message on', async () => {
    const live = world(accounts([user('a')]));
    const a = await live.as('a');
    expect(await a.say('SUB > 1', 'PUB foo 1', 'x')).toBe('MSG foo 1 1|x|');
    expect(await a.say('PUB foo 1', 'x')).toBe('MSG foo 1 1|x|');
    live.reload(accounts([user('a', may('publish: bar'))]));
    expect(await a.say('PUB foo 1', 'x', 'PUB bar 1', 'x')).toBe(
      `-ERR 'Permissions Violation for Publish to "foo"'|MSG bar 1 1|x|`,
    );
    live.reload(accounts([user('a')]));
    expect(await a.say('PUB foo 1', 'x')).toBe('MSG foo 1 1|x|');
  });

  test('a subscription that overlaps a new deny is filtered, and not any more without it', async () => {
    const live = world(accounts([user('a'), user('b')]));
    const [a, b] = [await live.as('a'), await live.as('b')];
    await a.say('SUB foo.> 1', 'SUB foo.> q 2');
    const publish = ['PUB foo.x 1', 'x', 'PUB foo.y 1', 'y', 'PUB foo.z 1', 'z'];
    live.reload(accounts([user('a', may('subscribe: {deny: [foo.x, "foo.y q"]}')), user('b')]));
    await b.say(...publish);
    expect(await a.take()).toBe('MSG foo.y 1 1|y|MSG foo.z 1 1|z|MSG foo.z 2 1|z|');
    live.reload(accounts([user('a'), user('b')]));
    await b.say(...publish);
    expect(await a.take()).toContain('MSG foo.x 1 1|x|MSG foo.x 2 1|x|');
  });

  test('grants to respond live on under the same permission, and only there', async () => {
    const responder = (more: string): string => user('a', may(`subscribe: svc, publish: x, ${more}`));
    const config = (more: string): string => accounts([responder(more), user('r')]);
    const live = world(config('allow_responses: {max: 5}'));
    const [a, r] = [await live.as('a'), await live.as('r')];
    await a.say('SUB svc 1');
    await r.say('SUB in 1', 'PUB svc in 1', 'q');
    await a.say('PUB in 1', '1');
    expect(await r.take()).toBe('MSG in 1 1|1|');
    live.reload(`max_payload: 1000\n${config('allow_responses: {max: 5}')}`);
    await a.say('PUB in 1', '2');
    expect(await r.take()).toBe('MSG in 1 1|2|');
    live.reload(config('allow_responses: {max: 4}'));
    expect(await a.say('PUB in 1', '3')).toBe(`-ERR 'Permissions Violation for Publish to "in"'|`);
    live.reload(accounts([user('a', may('subscribe: svc, publish: x')), user('r')]));
    await r.say('PUB svc in 1', 'q');
    expect(await a.say('PUB in 1', '4')).toContain(`-ERR 'Permissions Violation for Publish to "in"'|`);
    expect(await r.take()).toBe('');
  });

  test.each([
    ['the account', accounts([user('a')], [user('z')], ', limits {max_payload: 4}')],
    ['the server', `max_payload: 4\n${accounts([user('a')])}`],
  ])('less payload, by %s', async (_whose, after) => {
    const live = world(accounts([user('a')]));
    const a = await live.as('a');
    live.reload(after);
    expect(await a.say('PUB foo 4', 'xxxx', 'PING')).toBe('PONG|');
    expect(await a.say('PUB foo 5', 'xxxxx')).toBe(`-ERR 'Maximum Payload Violation'|<closed>`);
  });

  test('a shorter control line', async () => {
    const live = world(accounts([user('a')]));
    const a = await live.as('a');
    live.reload(`max_control_line: 100\n${accounts([user('a')])}`);
    expect(await a.say(`SUB ${'x'.repeat(200)} 1`)).toBe(`-ERR 'maximum control line exceeded'|<closed>`);
  });

  test('subject mappings', async () => {
    const config = (mappings: string): string =>
      accounts([user('a')], [user('z')], `, mappings: {${mappings}}`);
    const live = world(config(''));
    const a = await live.as('a');
    await a.say('SUB > 1');
    const seen = [];
    for (const mappings of ['', 'foo: bar', 'foo: baz', '']) {
      live.reload(config(mappings));
      seen.push(await a.say('PUB foo 1', 'm'));
    }
    expect(seen).toEqual(['foo', 'bar', 'baz', 'foo'].map((subject) => `MSG ${subject} 1 1|m|`));
  });
});

describe('between messages', () => {
  test('what is pipelined before is judged by the old configuration, what comes after by the new one', async () => {
    const live = world(accounts([user('a'), user('b')]));
    const [a, b] = [await live.as('a'), await live.as('b')];
    await a.say('SUB > 1');
    b.write(...Array.from({ length: 50 }, () => ['PUB foo 1', 'x']).flat());
    const before = (await a.take()).match(/MSG foo/g)?.length;
    b.write('PUB foo 1');
    await b.take();
    live.reload(accounts([user('a', may('subscribe: bar')), user('b')]));
    b.write('y', 'PUB bar 1', 'z');
    expect(before).toBe(50);
    expect(await a.take()).toBe(lost('">"', '1'));
    expect(await a.say('SUB bar 2', 'PING')).toBe('PONG|');
    await b.say('PUB bar 1', 'z');
    expect(await a.take()).toBe('MSG bar 2 1|z|');
  });

  test('never in the middle of one: a listener of decisions has to wait', async () => {
    const live = world(accounts([user('a')]));
    const a = await live.as('a');
    const thrown: unknown[] = [];
    live.server.guard.observe(() => {
      try {
        live.reload(accounts([user('a')]));
      } catch (error) {
        thrown.push(error);
      }
    });
    await a.say('PUB foo 1', 'x');
    expect(thrown).toHaveLength(1);
    expect(String(thrown[0])).toMatch(/between messages/);
  });

  test('a login that hashing holds up ends among the users of the new configuration', async () => {
    const slow = hashSync('p', 10);
    const live = world(accounts([user('a', '', slow), user('b', '', slow)]));
    const [a, b] = [live.client(), live.client()];
    for (const [client, name] of [
      [a, 'a'],
      [b, 'b'],
    ] as const)
      client.write(`CONNECT {"user":"${name}","pass":"p","verbose":false}`, 'SUB secret 1', 'PING');
    await a.take();
    live.reload(accounts([user('b', '', slow)]));
    const told = ['', ''];
    for (let turn = 0; turn < 400 && (told[0] === '' || told[1] === ''); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      told[0] += await a.take();
      told[1] += await b.take();
    }
    expect(told).toEqual([VIOLATION, 'PONG|']);
  });
});

describe('who is not concerned', () => {
  test('sees, byte for byte, what it would have seen without the change', async () => {
    const before = accounts([user('a'), user('b')], [user('z'), user('y')]);
    const after = accounts(
      [user('b', may('subscribe: none'))],
      [user('z'), user('y')],
      ', limits {max_conn: 3}',
    );
    const observe = async (reloads: boolean): Promise<string> => {
      const live = world(before);
      const [a, z, y] = [await live.as('a'), await live.as('z'), await live.as('y')];
      await a.say('SUB > 1');
      await z.say('SUB foo.* 1', 'SUB foo.* q 2', 'SUB in 3');
      await y.say('PUB foo.x in 2', 'hi');
      if (reloads) live.reload(after);
      await y.say('PUB foo.y in 2', 'ho', 'PUB in 1', 'r');
      return (await z.takeAll()) + (await y.takeAll()) + (await z.say('UNSUB 1', 'PING'));
    };
    expect(await observe(true)).toBe(await observe(false));
  });

  test('keeps its limits of deliveries', async () => {
    const live = world(accounts([user('a'), user('b')]));
    const [a, b] = [await live.as('a'), await live.as('b')];
    await a.say('SUB foo 1', 'UNSUB 1 2');
    await b.say('PUB foo 1', '1');
    live.reload(`max_payload: 1000\n${accounts([user('a'), user('b')])}`);
    await b.say('PUB foo 1', '2', 'PUB foo 1', '3');
    expect(await a.take()).toBe('MSG foo 1 1|1|MSG foo 1 1|2|');
  });
});

describe('what cannot change while a server runs', () => {
  const before = `server_name: n\n${accounts([user('a'), user('b')])}`;

  test.each([
    ['port: 4999', /Port/],
    ['host: 127.0.0.9', /Host/],
    ['max_subscriptions: 5', /MaxSubs/],
    ['max_pending: 5000000', /MaxPending/],
    ['no_auth_user: b', /NoAuthUser: old=, new=b/],
  ])('%s', async (line, named) => {
    const live = world(before);
    const a = await live.as('a');
    const { options } = live.server;
    const change = `${line}\nserver_name: n\n${accounts([user('b')])}`;
    expect(() => live.reload(change)).toThrow(ConfigError);
    expect(() => live.reload(change)).toThrow(named);
    expect(live.server.options).toBe(options);
    expect(await a.say('SUB foo 1', 'PUB foo 1', 'x')).toBe('MSG foo 1 1|x|');
    await live.as('a');
  });
});

describe('the request to reload', () => {
  const system = `SYS { users: [${user('s')}] }`;
  const config = (name: string): string =>
    `accounts { ${system}, A { users: [${user(name)}] } }\nsystem_account: SYS`;

  /** A server that finds this text where its configuration came from. */
  const started = (now: () => string): LiveWorld => world(config('a'), { source: () => parseConfig(now()) });

  test('of a system user is answered when the new configuration is in force', async () => {
    const live = started(() => config('b'));
    const [s, a] = [await live.as('s'), await live.as('a')];
    await s.say('SUB in 1');
    const answer = await s.say(`PUB $SYS.REQ.SERVER.${live.server.id}.RELOAD in 0`, '');
    expect(answer).toMatch(/^MSG in 1 \d+\|/);
    expect(answer).not.toContain('"error"');
    expect(await a.take()).toBe('<closed>');
    await live.as('b');
  });

  test('is answered with what is wrong, and changes nothing', async () => {
    const live = started(() => 'garbage: 1');
    const [s, a] = [await live.as('s'), await live.as('a')];
    await s.say('SUB in 1');
    const answer = await s.say(`PUB $SYS.REQ.SERVER.${live.server.id}.RELOAD in 0`, '');
    expect(answer).toContain('unknown field');
    expect(await a.take()).toBe('');
  });

  test('of anybody else reaches nobody', async () => {
    const live = started(() => config('b'));
    const a = await live.as('a');
    await a.say('SUB in 1');
    const answer = await a.say(`PUB $SYS.REQ.SERVER.${live.server.id}.RELOAD in 0`, '');
    expect(answer).toContain('NATS/1.0 503');
    await live.as('a');
  });
});
