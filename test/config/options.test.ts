import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  configKeys,
  DEFAULTS,
  fromTree,
  globalJetStream,
  loadConfigFile,
  parseConfig,
  renderConfigDocs,
  type ServerOptions,
  UNLIMITED_JETSTREAM,
} from '../../src/config/index.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { configErrorOf, refusalOf } from './helpers.ts';

const USER_KEY = 'UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4';

const optionsOf = (text: string): ServerOptions => parseConfig(text, { file: 'x.conf' }).options;
const warningsOf = (text: string) => parseConfig(text, { file: 'x.conf' }).warnings;

/** The configuration that the advisory on account boundaries of JetStream shows. */
const ADVISORY = `
listen: '0.0.0.0:4233'
jetstream: {
  store_dir: './tmp'
}
accounts: {
  '$SYS': {
    users: [{user: 'sys', password: 'sys'}]
  },
  'TEST': {
    jetstream: true,
    users: [{user: 'a', password: 'a'}]
  },
  'TEST2': {
    jetstream: true,
    users: [{user: 'b', password: 'b'}]
  }
}
`;

describe('parseConfig', () => {
  it('reads the configuration of the advisory', () => {
    const options = optionsOf(ADVISORY);
    expect(options).toMatchObject({
      host: '0.0.0.0',
      port: 4233,
      systemAccount: '$SYS',
      jetstream: { storeDir: './tmp', domain: '', strict: true },
    });
    const rows = options.accounts.map((account) => [
      account.name,
      account.users.map((user) => [user.user, user.password]),
      account.jetstream,
    ]);
    expect(rows).toEqual([
      ['$SYS', [['sys', 'sys']], undefined],
      ['TEST', [['a', 'a']], UNLIMITED_JETSTREAM],
      ['TEST2', [['b', 'b']], UNLIMITED_JETSTREAM],
    ]);
    expect(globalJetStream(options)).toBeUndefined();
  });

  it.each<[string, Partial<ServerOptions>]>([
    ['listen: "[::1]:5"', { host: '::1', port: 5 }],
    ['listen: 5', { host: '0.0.0.0', port: 5 }],
    ['port: 0', { port: 4222 }],
    ['PORT: -1\nNet: localhost', { port: -1, host: 'localhost' }],
    ['max_payload: 1k\nmax_pending: 2MB', { maxPayload: 1000, maxPending: 2_097_152 }],
    ['max_payload: 0', { maxPayload: 1_048_576 }],
    ['max_connections: -1', { maxConnections: -1 }],
    ['ping_interval: "90s"', { pingIntervalMs: 90_000 }],
    ['write_deadline: 1500ms', { writeDeadlineMs: 1500 }],
    ['authorization { timeout: 0.5, user: a }', { authTimeoutMs: 500 }],
    ['authorization { timeout: "3s", user: a }', { authTimeoutMs: 3000 }],
    ['no_header_support: true', { headers: false }],
    ['no_fast_producer_stall: true', { fastProducerStall: false }],
    ['server_tags: [a, b]', { tags: ['a', 'b'] }],
    [
      'lame_duck_duration: "60s"\nlame_duck_grace_period: "5s"',
      { lameDuckDurationMs: 60_000, lameDuckGracePeriodMs: 5000 },
    ],
    ['jetstream: enabled', { jetstream: { domain: '', strict: true } }],
    [
      'jetstream { max_mem: 1G, max_file: "1G", strict: false }',
      { jetstream: { domain: '', strict: false, maxMemory: 1e9, maxStorage: 2 ** 30 } },
    ],
    ['store_dir: /a\njetstream: true', { jetstream: { domain: '', strict: true, storeDir: '/a' } }],
    ['accounts { S {} }\nsystem_account: S', { systemAccount: toBytes('S') }],
  ])('reads %j', (text, expected) => {
    expect(optionsOf(text)).toMatchObject(expected);
  });

  it('leaves off what is off', () => {
    expect(optionsOf('jetstream: disabled').jetstream).toBeUndefined();
    expect(optionsOf('jetstream { enabled: false }').jetstream).toBeUndefined();
    expect(optionsOf('no_system_account: true').systemAccount).toBeUndefined();
    expect(optionsOf('accounts { A { jetstream: false } }').accounts[0]?.jetstream).toBeUndefined();
    expect(optionsOf('server_name: ""')).toEqual(DEFAULTS);
  });

  it('gives trace_verbose the traces it needs', () => {
    expect(optionsOf('trace_verbose: on').log).toMatchObject({
      trace: true,
      traceVerbose: true,
      debug: false,
    });
  });

  it('keeps metadata under any name', () => {
    const { metadata } = optionsOf('server_metadata { "__proto__": a, b: c }');
    expect(Object.entries(metadata)).toEqual([
      ['__proto__', 'a'],
      ['b', 'c'],
    ]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });

  it('takes names and subjects as bytes', () => {
    const { accounts } = optionsOf('accounts { é { users: [{ user: ü, permissions { publish: "ö.>" } }] } }');
    expect(accounts[0]?.name).toBe(toBytes('é'));
    expect(accounts[0]?.users[0]).toMatchObject({
      user: toBytes('ü'),
      permissions: { publish: { allow: [{ subject: toBytes('ö.>') }] } },
    });
  });

  it('accepts accounts named like the parts of an object', () => {
    const { accounts } = optionsOf('accounts { "__proto__" { users: [{user: constructor}] }, toString {} }');
    expect(accounts.map((account) => account.name)).toEqual(['__proto__', 'toString']);
    expect(refusalOf('__proto__: 1\nconstructor: 2')).toBe(
      'x.conf:1:1: unknown field "__proto__"\nx.conf:2:1: unknown field "constructor"',
    );
  });

  it('reads the limits of an account', () => {
    const { accounts } = optionsOf(`accounts { A {
      limits { max_conn: 1, max_subs: 2, max_pay: 1kb, max_leafs: -7 }
      jetstream { max_mem: 5k, max_file: 0, streams: 2, max_bytes: true, mem_max_stream_bytes: 10 }
    } }`);
    expect(accounts[0]?.limits).toEqual({
      maxConnections: 1,
      maxSubscriptions: 2,
      maxPayload: 1024,
      maxLeafnodes: -1,
      maxImports: -1,
      maxExports: -1,
      wildcardExports: true,
      at: { file: 'x.conf', line: 2, column: 7 },
    });
    expect(accounts[0]?.jetstream).toEqual({
      ...UNLIMITED_JETSTREAM,
      maxMemory: 5000,
      maxStorage: 0,
      maxStreams: 2,
      maxBytesRequired: true,
      memoryMaxStreamBytes: 10,
    });
  });
});

describe('users', () => {
  const parts = (permissions = {}) => Object.keys(permissions).filter((key) => key !== 'at');

  it('of authorization stand in the options, with default permissions where they have none', () => {
    const { users } = optionsOf(`authorization {
      default_permissions { publish: d }
      users: [ {user: a, permissions { subscribe: s }}, {user: b}, {nkey: ${USER_KEY}} ]
    }`);
    const shown = users.map((user) => [user.user ?? user.nkey, parts(user.permissions)]);
    const places = users.map((user) => user.permissions?.at?.line);
    expect(places).toEqual([3, 2, 2]);
    expect(shown).toEqual([
      ['a', ['subscribe']],
      ['b', ['publish']],
      [USER_KEY, ['publish']],
    ]);
  });

  it('of a single user and of a token', () => {
    const single = optionsOf('authorization { user: a, pass: b, permissions { publish: p } }');
    expect(single.users).toMatchObject([{ user: 'a', password: 'b', permissions: { publish: {} } }]);
    expect(optionsOf('authorization { token: t }')).toMatchObject({ token: 't', users: [] });
  });

  it('have connection types in upper case', () => {
    const { users } = optionsOf(
      'authorization { users: [{user: a, connection_types: [standard, "WebSocket"]}] }',
    );
    expect(users[0]?.connectionTypes).toEqual(['STANDARD', 'WEBSOCKET']);
  });

  it('have queue permissions and responses', () => {
    const { users } = optionsOf(`authorization { users: [{user: a, permissions {
      subscribe { allow: ["a.> q.*", b], deny: c }
      allow_responses { max: 5, ttl: "1m" }
    }}] }`);
    expect(users[0]?.permissions).toMatchObject({
      subscribe: { allow: [{ subject: 'a.>', queue: 'q.*' }, { subject: 'b' }], deny: [{ subject: 'c' }] },
      responses: { max: 5, expiresMs: 60_000 },
    });
  });

  it.each([
    ['allow_responses: true', { deny: [{ subject: '>' }] }],
    ['allow_responses: true, publish: []', { deny: [{ subject: '>' }] }],
    ['allow_responses: true, publish { deny: x }', { deny: [{ subject: '>' }] }],
    ['allow_responses: false', undefined],
    ['allow_responses: true, publish: x', { allow: [{ subject: 'x' }] }],
  ])('with %s publish as measured', (permissions, expected) => {
    const { users } = optionsOf(`authorization { users: [{user: a, permissions { ${permissions} }}] }`);
    const publish = users[0]?.permissions?.publish;
    if (expected === undefined) expect(publish).toBeUndefined();
    else expect(publish).toMatchObject(expected);
  });
});

describe('globalJetStream', () => {
  it.each([
    ['port: 1', false],
    ['jetstream: true', true],
    ['jetstream: true\naccounts { "$SYS" {} }', true],
    ['jetstream: true\naccounts { S {} }\nsystem_account: S', true],
    ['jetstream: true\naccounts { A {} }', false],
    ['jetstream: true\naccounts { A {} }\nauthorization { users: [{user: a}] }', false],
    ['jetstream: true\nauthorization { users: [{user: a}] }', true],
  ])('of %j is %s', (text, on) => {
    expect(globalJetStream(optionsOf(text)) !== undefined).toBe(on);
  });
});

describe('checks across keys', () => {
  it.each(['operator: "x.jwt"', 'trusted_keys: ["x"]', 'authorization { auth_callout: { issuer: x } }'])(
    'a login that is not understood stays shut, also behind a thousand other warnings: %s',
    (login) => {
      const accounts = Array.from({ length: 1001 }, (_, i) => `A${i}: { exports: [] }`).join('\n');
      expect(parseConfig(login).options.foreignLogin).toBe(true);
      expect(parseConfig(`accounts {\n${accounts}\n}\n${login}`).options.foreignLogin).toBe(true);
      expect(parseConfig(`accounts {\n${accounts}\n}`).options.foreignLogin).toBeUndefined();
    },
  );

  it.each([
    [
      'max_payload: 100mb',
      'x.conf:1:1: max_payload (104857600) cannot be higher than max_pending (67108864)',
    ],
    [
      'port: 1\nlame_duck_grace_period: "3m"',
      'x.conf:2:1: lame duck grace period (3m0s) should be strictly lower than lame duck duration (2m0s)',
    ],
    ['no_auth_user: zz', 'x.conf:1:1: no_auth_user: "zz" present, but users/nkeys are not defined'],
    [
      'authorization { user: a, pass: b }\nno_auth_user: a',
      'x.conf:2:1: no_auth_user: "a" present, but users/nkeys are not defined',
    ],
    [
      'authorization { users: [{user: a}] }\nno_auth_user: zz',
      'x.conf:2:1: no_auth_user: "zz" not present as user or nkey in authorization block or account configuration',
    ],
    ['system_account: NOPE', 'x.conf:1:1: error resolving system account: account missing'],
    [
      'jetstream: true\naccounts { "$SYS" { jetstream: true } }',
      'x.conf:2:12: Not allowed to enable JetStream on the system account',
    ],
    [
      'accounts { A { users: [{user: a}] } }\nauthorization { token: t }',
      'x.conf:2:1: Can not have a token and accounts',
    ],
    [
      'accounts { A { users: [{user: a}] }, B { users: [{user: a}] } }',
      'x.conf:1:50: Duplicate user "a" detected',
    ],
    ['jetstream { domain: a.b }', 'x.conf:1:13: invalid domain name: may not contain ., * or >'],
    [
      'jetstream { domain: "a b" }',
      'x.conf:1:13: invalid domain name: derived "$JS.a b.API.>" is not a valid subject',
    ],
    ['port: 70000', 'x.conf:1:1: listen tcp: address 70000: invalid port'],
    ['# nothing', 'x.conf: config has no values or is empty'],
  ])('refuse %j', (text, message) => {
    expect(refusalOf(text)).toBe(message);
  });

  it('accept a no_auth_user by name or key', () => {
    expect(optionsOf('authorization { users: [{user: a}] }\nno_auth_user: a').noAuthUser).toBe('a');
    const byKey = `accounts { A { users: [{nkey: ${USER_KEY}}] } }\nno_auth_user: ${USER_KEY}`;
    expect(optionsOf(byKey).noAuthUser).toBe(USER_KEY);
  });

  it('keep a bounded number of problems', () => {
    const text = Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join('\n');
    expect(configErrorOf(() => parseConfig(text)).problems).toHaveLength(1000);
  });

  it('name every problem, one a line', () => {
    const error = configErrorOf(() =>
      parseConfig('port: x\nfoo: 1\naccounts { "$G" {}, B: 1 }', { file: 'x.conf' }),
    );
    expect(error.message.split('\n')).toEqual([
      'x.conf:1:1: interface conversion: interface {} is string, not int64',
      'x.conf:2:1: unknown field "foo"',
      'x.conf:3:12: "$G" is a Reserved Account',
      'x.conf:3:21: Expected map entries for accounts',
    ]);
    expect(error.problems[1]).toEqual({ file: 'x.conf', line: 2, column: 1, message: 'unknown field "foo"' });
  });
});

describe('warnings', () => {
  it('name each key that has no effect, and what that leaves open', () => {
    const warnings = warningsOf('prof_port: 8222\nproxies { trusted: x, foo: [1] }');
    expect(warnings.map((warning) => [warning.position?.line, warning.key, warning.message])).toEqual([
      [1, 'prof_port', '"prof_port" is accepted but not supported yet and has no effect'],
      [
        2,
        'proxies',
        '"proxies" is accepted but not supported yet and has no effect: connections are not checked for a trusted proxy',
      ],
    ]);
  });

  it('name plain passwords, not hashed ones', () => {
    const plain = 'Plaintext passwords detected, use nkeys or bcrypt';
    expect(warningsOf('authorization { user: a, pass: b }')).toEqual([{ key: 'password', message: plain }]);
    expect(warningsOf('authorization { token: t }')).toEqual([{ key: 'password', message: plain }]);
    expect(warningsOf(`authorization { user: a, pass: $2a$11$${'x'.repeat(53)} }`)).toEqual([]);
    expect(warningsOf(`authorization { users: [{nkey: ${USER_KEY}}] }`)).toEqual([]);
  });

  it('name a number where a duration is meant, which a check refuses', () => {
    const text = 'invalid use of field "ping_interval": ping_interval should be converted to a duration';
    const { options, warnings } = parseConfig('ping_interval: 5m');
    expect(options.pingIntervalMs).toBe(5_000_000_000);
    expect(warnings[0]?.message).toBe(`${text} (5m is the number 5000000, so 5000000 seconds)`);
    expect(refusalOf('ping_interval: 5', { file: 'x.conf', check: true })).toBe(`x.conf:1:1: ${text}`);
  });

  it('name a store directory, since nothing is stored', () => {
    expect(warningsOf('jetstream { store_dir: /x }')[0]).toMatchObject({
      key: 'store_dir',
      position: { line: 1 },
    });
    expect(warningsOf('store_dir: /x\njetstream: true')[0]?.message).toMatch(/held in memory/);
    expect(warningsOf('store_dir: /x')).toEqual([]);
  });

  it('name large payloads and empty tokens', () => {
    expect(warningsOf('max_payload: 9mb')[0]?.message).toMatch(/over 8.00 MB/);
    expect(warningsOf('authorization { token: "" }')[0]?.message).toMatch(/keeps nobody out/);
  });
});

describe('fromTree', () => {
  it('reads what the text would say', () => {
    const tree = {
      port: -1,
      jetstream: true,
      accounts: { A: { jetstream: { max_mem: 5 }, users: [{ user: 'a', password: '$NOT_A_VARIABLE' }] } },
    };
    const { options, digest } = fromTree(tree);
    expect(options.accounts[0]).toMatchObject({
      name: 'A',
      users: [{ user: 'a', password: '$NOT_A_VARIABLE' }],
    });
    expect(digest).toBe(parseConfig(JSON.stringify(tree)).digest);
  });

  it('takes an empty object as the defaults', () => {
    expect(fromTree({}).options).toEqual(DEFAULTS);
  });

  it.each<[unknown, string]>([
    [{ foo: 1 }, 'foo: unknown field "foo"'],
    [
      { accounts: { A: { users: [{ user: 'a' }, { user: 1 }] } } },
      'accounts.A.users.1.user: interface conversion: interface {} is int64, not string',
    ],
    [JSON.parse('{"__proto__": {"port": 1}}'), '__proto__: unknown field "__proto__"'],
    [{ port: null }, 'port: null is not a value that an option can have'],
    [{ port: Number.NaN }, 'port: NaN is not a number that an option can have'],
    [{ port: () => 1 }, 'port: a function is not a value that an option can have'],
    [
      { accounts: new URL('http://x') },
      'accounts: an object of a class is not a value that an option can have',
    ],
    ['port: 1', 'options have to be an object'],
    [undefined, 'a undefined is not a value that an option can have'],
  ])('refuses %j', (tree, message) => {
    expect(configErrorOf(() => fromTree(tree)).message).toBe(message);
  });

  it('refuses a tree that contains itself, and ignores what is inherited', () => {
    const loop: Record<string, unknown> = {};
    loop['accounts'] = loop;
    expect(configErrorOf(() => fromTree(loop)).message).toMatch(/nested deeper than/);
    expect(fromTree(Object.assign(Object.create(null), { port: 5 })).options.port).toBe(5);
  });
});

describe('loadConfigFile', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  it('reads a file, its includes and the environment it is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    folders.push(folder);
    writeFileSync(join(folder, 'main.conf'), 'include ./users.conf\nport: $PORT\n');
    writeFileSync(join(folder, 'users.conf'), 'authorization { users: [{user: a, pass: b}] }\n');
    const { options } = loadConfigFile(join(folder, 'main.conf'), { env: { PORT: '99' } });
    expect(options).toMatchObject({ port: 99, users: [{ user: 'a' }] });
  });

  it('refuses a file that is not there', () => {
    const error = configErrorOf(() => loadConfigFile('/nowhere/x.conf'));
    expect(error.message).toBe('open /nowhere/x.conf: no such file or directory');
  });
});

describe('configKeys', () => {
  it('has no name twice in a section, and every name in lower case', () => {
    const names = configKeys.flatMap((row) =>
      [row.key, ...row.aliases].map((name) => `${row.section} ${name}`),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const row of configKeys) expect(row.key).toBe(row.key.toLowerCase());
  });

  it('makes a page that names every key', () => {
    const page = renderConfigDocs();
    for (const row of configKeys) expect(page).toContain(`\`${row.key}\``);
  });
});
