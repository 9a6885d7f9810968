import { describe, expect, it } from 'vitest';
import { ADVISORIES, FINDING_RULES } from '../../src/audit/docs.ts';
import { affects, parseVersion, type Version } from '../../src/audit/findings/versions.ts';
import { audit } from '../../src/audit/index.ts';
import { auditConfig } from '../../src/audit/source.ts';
import { fromTree } from '../../src/config/index.ts';

type Tree = Record<string, unknown>;

const HASH = '$2a$11$3kIDaCxw.Glsl1.u5nKa6eUnNDLV5HV9tIuUp7EHhMt6Nm9myW1aS';
const user = (name: string, permissions?: Tree): Tree => ({
  user: name,
  password: HASH,
  ...(permissions === undefined ? {} : { permissions }),
});
const accounts = (A: Tree, B: Tree = {}, more: Tree = {}): Tree => ({
  accounts: { A: { users: [user('a')], ...A }, B: { users: [user('b')], ...B } },
  ...more,
});
const one = (permissions: Tree, more: Tree = {}): Tree =>
  accounts({ users: [user('a', permissions)], ...more });
const take = (kind: string, subject: string, more: Tree = {}): Tree => ({
  [kind]: { account: 'A', subject },
  ...more,
});
const api = (subject: string, more: Tree = {}): Tree =>
  accounts({ jetstream: true, exports: [{ service: subject, ...more }] }, {}, { jetstream: true });

/** For each kind of finding a configuration that has it, and its twin that has it not. */
const CASES: Record<keyof typeof FINDING_RULES, readonly [has: Tree, hasNot: Tree]> = {
  'guest-in-system-account': [
    { ...accounts({}), system_account: 'A', no_auth_user: 'a' },
    { ...accounts({}), system_account: 'A', no_auth_user: 'b' },
  ],
  'no-authorization': [{}, accounts({})],
  'open-beside-system-account': [
    { accounts: { S: { users: [user('s')] } }, system_account: 'S' },
    { accounts: { S: { users: [user('s')] } }, system_account: 'S', authorization: { users: [user('u')] } },
  ],
  'guest-unrestricted': [
    { ...accounts({}), no_auth_user: 'a' },
    { ...one({ publish: 'x' }), no_auth_user: 'a' },
  ],
  'guest-rights': [
    { ...one({ publish: 'x' }), no_auth_user: 'a' },
    { ...accounts({}), no_auth_user: 'a' },
  ],
  'empty-password': [accounts({ users: [{ user: 'a' }] }), accounts({})],
  'plain-secret': [accounts({ users: [{ user: 'a', password: 'secret' }] }), accounts({})],
  'weak-hash': [accounts({ users: [{ user: 'a', password: HASH.replace('$11$', '$04$') }] }), accounts({})],
  'exports-jetstream-api': [api('$JS.API.>'), api('$JS.API.STREAM.INFO.*')],
  'exports-jetstream-read': [api('$JS.API.STREAM.INFO.*'), api('$JS.API.STREAM.>')],
  'singleton-pull': [
    api('$JS.API.CONSUMER.MSG.NEXT.S.*'),
    api('$JS.API.CONSUMER.MSG.NEXT.S.*', { response_type: 'stream' }),
  ],
  'system-users': [{ ...accounts({}), system_account: 'A' }, accounts({})],
  'imports-from-system': [
    { ...accounts({ exports: [{ stream: 's' }] }, { imports: [take('stream', 's')] }), system_account: 'A' },
    accounts({ exports: [{ stream: 's' }] }, { imports: [take('stream', 's')] }),
  ],
  'system-exports': [
    { ...accounts({ exports: [{ stream: '$SYS.ACCOUNT.>' }] }), system_account: 'A' },
    { ...accounts({ exports: [{ stream: 'x.>' }] }), system_account: 'B' },
  ],
  'reads-inboxes': [
    accounts({ users: [user('a'), user('a2', { subscribe: '_INBOX.a2.>' })] }),
    accounts({ users: [user('a', { subscribe: '_INBOX.a.>' }), user('a2', { subscribe: '_INBOX.a2.>' })] }),
  ],
  'acknowledges-for-others': [
    accounts({ jetstream: true, users: [user('a'), user('a2')] }, {}, { jetstream: true }),
    accounts(
      {
        jetstream: true,
        users: [user('a', { publish: '$JS.ACK.S.a.>' }), user('a2', { publish: '$JS.ACK.S.b.>' })],
      },
      {},
      { jetstream: true },
    ),
  ],
  'reads-answers': [
    accounts(
      { users: [user('a'), user('a2')], exports: [{ service: 's' }] },
      { imports: [take('service', 's')] },
    ),
    accounts({ users: [user('a'), user('a2')], exports: [{ service: 's' }] }),
  ],
  'takes-requests': [
    accounts(
      { users: [user('a'), user('a2')], exports: [{ service: 's' }] },
      { imports: [take('service', 's')] },
    ),
    accounts(
      { users: [user('a'), user('a2', { subscribe: 'x' })], exports: [{ service: 's' }] },
      { imports: [take('service', 's')] },
    ),
  ],
  'deny-led-around': [
    accounts(
      { exports: [{ service: 's.*' }] },
      {
        users: [user('b', { publish: { deny: 's.secret' } })],
        imports: [take('service', 's.*'), take('service', 's.*', { to: 'other.*' })],
      },
    ),
    accounts(
      { exports: [{ service: 's.*' }] },
      {
        users: [user('b', { publish: { deny: ['s.secret', 'other.secret'] } })],
        imports: [take('service', 's.*'), take('service', 's.*', { to: 'other.*' })],
      },
    ),
  ],
  'deny-before-mapping': [
    one({ publish: { deny: 'in.*' } }, { mappings: { 'in.*': 'out.$1' } }),
    one({ publish: { deny: ['in.*', 'out.*'] } }, { mappings: { 'in.*': 'out.$1' } }),
  ],
  'deny-one-level': [
    one({ subscribe: { allow: 'foo.>', deny: 'foo.*' } }),
    one({ subscribe: { allow: 'foo.*', deny: 'foo.*' } }),
  ],
  'deny-without-parent': [one({ publish: { deny: 'foo.>' } }), one({ publish: { deny: ['foo.>', 'foo'] } })],
  'deny-queue-only': [one({ subscribe: { deny: 'foo workers' } }), one({ subscribe: { deny: 'foo' } })],
  'dead-allow': [
    one({ publish: { allow: ['a.b', 'c'], deny: 'a.*' } }),
    one({ publish: { allow: ['a.>', 'c'], deny: 'a.*' } }),
  ],
  'idle-deny': [
    one({ publish: { allow: 'a.>', deny: 'b' } }),
    one({ publish: { allow: 'a.>', deny: '*.b' } }),
  ],
  'allow-mapped-away': [
    one({ publish: { allow: ['in.x', 'out.>'] } }, { mappings: { 'in.*': 'out.$1' } }),
    one({ publish: { allow: ['in.x.y', 'out.>'] } }, { mappings: { 'in.*': 'out.$1' } }),
  ],
  'door-mapped-away': [
    accounts({ exports: [{ service: 's' }] }, { imports: [take('service', 's')], mappings: { s: 't' } }),
    accounts({ exports: [{ service: 's' }] }, { imports: [take('service', 's')], mappings: { t: 's' } }),
  ],
  // No configuration that is accepted has this; see below.
  'dead-import': [{}, {}],
  'import-nobody-uses': [
    accounts(
      { exports: [{ service: 's' }] },
      { imports: [take('service', 's')], users: [user('b', { publish: 'x' })] },
    ),
    accounts(
      { exports: [{ service: 's' }] },
      { imports: [take('service', 's')], users: [user('b', { publish: 's' })] },
    ),
  ],
  'service-nobody-answers': [
    accounts(
      { exports: [{ service: 's' }], users: [user('a', { subscribe: 's', publish: 'x' })] },
      { imports: [take('service', 's')] },
    ),
    accounts(
      { exports: [{ service: 's' }], users: [user('a', { subscribe: 's', allow_responses: true })] },
      { imports: [take('service', 's')] },
    ),
  ],
  'unused-export': [
    accounts({ exports: [{ stream: 's' }] }),
    accounts({ exports: [{ stream: 's' }] }, { imports: [take('stream', 's')] }),
  ],
  'private-unused': [
    accounts({ exports: [{ stream: 's', accounts: ['B', 'A'] }] }, { imports: [take('stream', 's')] }),
    accounts({ exports: [{ stream: 's', accounts: ['B'] }] }, { imports: [take('stream', 's')] }),
  ],
  'double-delivery': [
    accounts(
      { exports: [{ stream: 's.>' }] },
      { imports: [take('stream', 's.>', { prefix: 'p' }), take('stream', 's.*.x', { to: 'q.*' })] },
    ),
    accounts(
      { exports: [{ stream: 's.>' }] },
      { imports: [take('stream', 's.a', { prefix: 'p' }), take('stream', 's.b', { to: 'q' })] },
    ),
  ],
  'request-goes-twice': [
    accounts(
      { exports: [{ service: 's.>' }] },
      { imports: [take('service', 's.*'), take('service', 's.a.b', { to: 's.b' })] },
    ),
    accounts(
      { exports: [{ service: 's.>' }] },
      { imports: [take('service', 's.*'), take('service', 's.a.b', { to: 's.b.c' })] },
    ),
  ],
  'unlimited-responses': [one({ allow_responses: { max: -1 } }), one({ allow_responses: true })],
  'no-default-permissions': [
    accounts({ users: [user('a', { publish: 'x' }), user('a2')] }),
    accounts({ users: [user('a', { publish: 'x' }), user('a2')], default_permissions: { publish: 'y' } }),
  ],
};

const found = (tree: Tree): string[] => audit(fromTree(tree).options).findings.map(({ id }) => id);

describe('findingsOf', () => {
  const ids = Object.keys(FINDING_RULES).filter(
    (id) => id !== 'dead-import',
  ) as (keyof typeof FINDING_RULES)[];

  it.each(ids)('finds %s, and not in its twin', (id) => {
    const [has, hasNot] = CASES[id];
    expect(found(has)).toContain(id);
    expect(found(hasNot)).not.toContain(id);
  });

  it('finds dead-import, which a server refuses to load', () => {
    const { options } = fromTree(
      accounts({ exports: [{ stream: 's' }] }, { imports: [take('stream', 's')] }),
    );
    const withdrawn = options.accounts.map((account) => ({ ...account, exports: [] }));
    const report = audit({ ...options, accounts: withdrawn });
    expect(report.findings.map(({ id }) => id)).toContain('dead-import');
  });

  it('names the lines, and never a secret', () => {
    const text = 'accounts {\n  A { users: [\n    {user: a, password: hunter2}\n  ] }\n}\n';
    const report = auditConfig(text);
    const plain = report.findings.find(({ id }) => id === 'plain-secret');
    expect(plain?.at[0]).toMatchObject({ line: 3 });
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it('finds nothing in a configuration that follows the remedies', () => {
    const quiet = accounts(
      {
        users: [user('a', { publish: 'a.>', subscribe: ['_INBOX_a.>', 'req.>'] })],
        exports: [{ stream: 'a.>', accounts: ['B'] }],
      },
      { users: [user('b', { publish: 'b.>', subscribe: 'a.>' })], imports: [take('stream', 'a.>')] },
    );
    expect(found(quiet)).toEqual([]);
  });
});

describe('advisoryFindings', () => {
  it.each([
    ['2.9.10', { since: '2.2.0', fixed: ['2.10.27', '2.11.1'] }, true],
    ['2.10.26', { since: '2.2.0', fixed: ['2.10.27', '2.11.1'] }, true],
    ['2.10.27', { since: '2.2.0', fixed: ['2.10.27', '2.11.1'] }, false],
    ['2.11.0', { since: '2.2.0', fixed: ['2.10.27', '2.11.1'] }, true],
    ['2.12.0', { since: '2.2.0', fixed: ['2.10.27', '2.11.1'] }, false],
    ['2.1.9', { since: '2.2.0', fixed: ['2.10.27', '2.11.1'] }, false],
    ['v2.14.3-preview.1', { since: '2.0.0', fixed: ['2.12.12', '2.14.3'] }, false],
    ['2.14.2', { since: '2.0.0', fixed: ['2.12.12', '2.14.3'] }, true],
  ] as const)('%s in %j: %s', (version, range, expected) => {
    expect(affects(range, parseVersion(version) as Version)).toBe(expected);
  });

  it('are none on 2.14.5, and none without a version', () => {
    const { options } = fromTree(accounts({ jetstream: true }, {}, { jetstream: true }));
    const keys = ['leafnodes', 'websocket', 'operator', 'cluster', 'resolver'];
    for (const how of [{ serverVersion: '2.14.5' }, {}])
      expect(
        audit(options, { ...how, keys }).findings.filter(({ id }) => id.startsWith('advisory-')),
      ).toEqual([]);
    const old = audit(options, { serverVersion: '2.9.10', keys }).findings.map(({ reference }) => reference);
    expect(old).toContain('CVE-2025-30215');
    expect(old).toContain('CVE-2026-27889');
    expect(
      audit(options, { serverVersion: '2.9.10' }).findings.map(({ reference }) => reference),
    ).not.toContain('CVE-2026-27889');
  });

  it('have versions that can be read', () => {
    for (const { since, fixed } of ADVISORIES) {
      expect([since, ...fixed].map(parseVersion)).not.toContain(undefined);
    }
  });
});
