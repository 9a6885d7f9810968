import { describe, expect, it } from 'vitest';
import { connectAs, dial, secure, start, VERIFYING_TLS } from './tls-world.ts';

/** Measured on 2.14.5: the outcome of a login with `verify_and_map`, by configuration, certificate and CONNECT. */
const TLS = { ...VERIFYING_TLS, verify_and_map: true };
const SAN = [
  'email@example.com',
  'client.example.com',
  'spiffe://example.com/user',
  'CN=bob,OU=users,DC=example,DC=com',
];
const accounts = Object.fromEntries(SAN.map((user, index) => [`A${index}`, { users: [{ user }] }]));
const NAMED = { accounts };
const WITH_PASSWORD = {
  authorization: {
    users: [
      { user: 'email@example.com', password: 'pw' },
      { user: 'x', password: 'y' },
    ],
  },
};
const SINGLE = { authorization: { user: 'email@example.com', password: 'pw' } };
const GUEST = {
  accounts: { A: { users: [{ user: 'email@example.com' }, { user: 'g' }] } },
  no_auth_user: 'g',
};
const WEB_ONLY = {
  accounts: { A: { users: [{ user: 'email@example.com', allowed_connection_types: ['WEBSOCKET'] }] } },
};

const LOGINS: readonly [
  string,
  Record<string, unknown>,
  string,
  Record<string, string>,
  string | undefined,
][] = [
  ['an email address', NAMED, 'email', {}, 'A0'],
  ['a host', NAMED, 'dns', {}, 'A1'],
  ['a URI', NAMED, 'uri', {}, 'A2'],
  ['a subject', NAMED, 'dc', {}, 'A3'],
  ['nobody', NAMED, 'alice', {}, undefined],
  ['whom it names, not whom CONNECT names', NAMED, 'email', { user: 'client.example.com' }, 'A0'],
  ['a user whose password is missing', WITH_PASSWORD, 'email', {}, undefined],
  ['a user with the password', WITH_PASSWORD, 'email', { pass: 'pw' }, '$G'],
  ['a user, with the password of another', WITH_PASSWORD, 'email', { user: 'x', pass: 'y' }, undefined],
  ['nobody, with the password of somebody', WITH_PASSWORD, 'dns', { user: 'x', pass: 'y' }, undefined],
  ['the single user, by password only', SINGLE, 'dns', { user: 'email@example.com', pass: 'pw' }, '$G'],
  ['the single user, without password', SINGLE, 'email', {}, undefined],
  ['a user beside a guest', GUEST, 'email', {}, 'A'],
  ['nobody, who is no guest either', GUEST, 'dns', {}, undefined],
  ['nobody, who names the guest', GUEST, 'dns', { user: 'g' }, undefined],
  ['a user of other connections', WEB_ONLY, 'email', {}, undefined],
  ['anybody where there are no users', {}, 'dns', {}, '$G'],
  ['anybody with the token', { authorization: { token: 't' } }, 'email', { auth_token: 't' }, '$G'],
];

describe('a certificate that is mapped to a user stands for', () => {
  it.each(LOGINS)('%s', async (_, config, client, fields, account) => {
    const server = await start({ ...config, tls: TLS });
    const ear = secure(await dial(server.port).hears('\r\n'), client);
    await ear.send(connectAs(fields)).until(() => /remote_account|-ERR/.test(ear.text));
    expect(/"remote_account":"([^"]*)"/.exec(ear.text)?.[1]).toBe(account);
  });

  it('nobody who comes without TLS, by name or by saying nothing', async () => {
    const server = await start({ ...GUEST, tls: TLS, allow_non_tls: true });
    for (const text of [
      connectAs({ user: 'email@example.com' }),
      connectAs({}),
      connectAs({ user: 'g' }),
      'PING\r\n',
    ]) {
      const ear = await dial(server.port).send(text).ends();
      expect(ear.text).toContain("-ERR 'Authorization Violation'");
    }
  });

  it('nobody where certificates are only checked', async () => {
    const server = await start({ ...NAMED, tls: VERIFYING_TLS });
    const login = async (fields: Record<string, string>) => {
      const ear = secure(await dial(server.port).hears('\r\n'), 'email');
      await ear.send(connectAs(fields)).until(() => /remote_account|-ERR/.test(ear.text));
      return ear.text.includes('remote_account');
    };
    expect([await login({}), await login({ user: 'email@example.com' })]).toEqual([false, true]);
  });
});
