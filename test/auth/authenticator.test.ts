import { createUser } from '@nats-io/nkeys';
import { hashSync } from '@node-rs/bcrypt';
import { describe, expect, test } from 'vitest';
import { Authenticator, type Credentials, type Finding } from '../../src/auth/index.ts';
import { parseConfig } from '../../src/config/index.ts';
import { toBytes } from '../../src/subjects/index.ts';

const NONCE = 'AAAAAAAAAAAAAAA';

function authenticator(config: string): Authenticator {
  return new Authenticator(parseConfig(config).options);
}

async function finding(config: string, credentials: Credentials, nonce = NONCE): Promise<string> {
  const found: Finding = await authenticator(config).authenticate(credentials, nonce);
  const { identity } = found;
  return identity === undefined ? found.found : `${found.found} ${identity.account}/${identity.user}`;
}

const user = (name: string, pass?: string): Credentials => ({
  user: toBytes(name),
  ...(pass === undefined ? {} : { pass }),
});

const ACCOUNTS = 'accounts { A { users: [{user: a, password: x}] }, B { users: [{user: b, password: y}] } }';

describe('passwords and tokens', () => {
  test.each([
    ['port: 4222', {}, 'open $G/'],
    ['port: 4222', user('anybody', 'x'), 'open $G/anybody'],
    [ACCOUNTS, user('a', 'x'), 'credentials A/a'],
    [ACCOUNTS, user('b', 'y'), 'credentials B/b'],
    [ACCOUNTS, user('a', 'y'), 'wrong'],
    [ACCOUNTS, user('a', ''), 'wrong'],
    [ACCOUNTS, user('a'), 'wrong'],
    [ACCOUNTS, user('nobody', 'x'), 'wrong'],
    [ACCOUNTS, user('__proto__', 'x'), 'wrong'],
    [ACCOUNTS, { pass: 'x' }, 'wrong'],
    [ACCOUNTS, { authToken: 'x' }, 'wrong'],
    [ACCOUNTS, { jwt: 'x.y.z' }, 'wrong'],
    [ACCOUNTS, {}, 'none'],
    ['authorization { token: t }', { authToken: 't' }, 'credentials $G/'],
    ['authorization { token: t }', { authToken: 'T' }, 'wrong'],
    ['authorization { token: t }', user('t'), 'wrong'],
    ['authorization { token: t }', {}, 'none'],
    ['operator: "x.jwt"', {}, 'none'],
    ['operator: "x.jwt"', user('anybody', 'x'), 'wrong'],
    ['authorization { auth_callout: { issuer: x } }', {}, 'none'],
    ['authorization { user: "ü", password: "ö" }', user('ü', 'ö'), 'credentials $G/\xc3\xbc'],
    ['authorization { user: "ü", password: "ö" }', user('u', 'ö'), 'wrong'],
  ] as const)('%s with %j: %s', async (config, credentials, expected) => {
    expect(await finding(config, credentials)).toBe(expected);
  });
});

describe('bcrypt', () => {
  const hash = hashSync('secret', 4);
  const config = `authorization { users: [{user: h, password: "${hash}"}, {user: p, password: plain}] }`;

  test.each([
    ['h', 'secret', 'credentials $G/h'],
    ['h', 'Secret', 'wrong'],
    ['h', hash, 'wrong'],
    ['h', '', 'wrong'],
    ['p', 'plain', 'credentials $G/p'],
    ['p', 'secret', 'wrong'],
    ['nobody', 'secret', 'wrong'],
  ])('%s with %s: %s', async (name, pass, expected) => {
    expect(await finding(config, user(name, pass))).toBe(expected);
  });

  test('an unknown user takes a verification too', () => {
    const auth = authenticator(config);
    expect(auth.authenticate(user('nobody', 'x'), NONCE)).toBeInstanceOf(Promise);
    expect(auth.authenticate(user('p', 'x'), NONCE)).toBeInstanceOf(Promise);
  });

  test('a hashed token', async () => {
    const tokens = `authorization { token: "${hash}" }`;
    expect(await finding(tokens, { authToken: 'secret' })).toBe('credentials $G/');
    expect(await finding(tokens, { authToken: 'other' })).toBe('wrong');
    expect(await finding(tokens, { authToken: hash })).toBe('wrong');
  });
});

describe('nkeys', () => {
  const key = createUser();
  const nkey = key.getPublicKey();
  const config = `accounts { A { users: [{nkey: ${nkey}}, {user: a, password: x}] } }\nno_auth_user: a`;
  const sign = (text: string): string => Buffer.from(key.sign(Buffer.from(text))).toString('base64url');

  test('a signature of the nonce lets in', async () => {
    expect(await finding(config, { nkey, sig: sign(NONCE) })).toBe(`credentials A/${nkey}`);
    const padded = Buffer.from(key.sign(Buffer.from(NONCE))).toString('base64');
    expect(await finding(config, { nkey, sig: padded })).toBe(`credentials A/${nkey}`);
  });

  test.each([
    ['another nonce', { nkey, sig: sign('other') }],
    ['another key', { nkey: createUser().getPublicKey(), sig: sign(NONCE) }],
    ['no signature', { nkey }],
    ['an empty signature', { nkey, sig: '' }],
    ['a short signature', { nkey, sig: sign(NONCE).slice(0, 40) }],
    ['the key and a password', { nkey, user: toBytes('a'), pass: 'x' }],
  ])('%s does not, and does not become the guest', async (_what, credentials) => {
    expect(await finding(config, credentials)).toBe('wrong');
  });

  test('a signature without a challenge does not', async () => {
    const found = await authenticator(config).authenticate({ nkey, sig: sign('') }, undefined);
    expect(found.found).toBe('wrong');
  });

  test('INFO carries a challenge only where somebody has a key', () => {
    expect(authenticator(config).needsNonce).toBe(true);
    expect(authenticator(ACCOUNTS).needsNonce).toBe(false);
  });
});

describe('guests', () => {
  const named = `${ACCOUNTS}\nno_auth_user: b`;
  const system = 'accounts { $SYS { users: [{user: admin, password: s}] } }';

  test.each([
    [named, {}, 'guest B/b'],
    [named, user('b'), 'wrong'],
    [named, user('a', 'y'), 'wrong'],
    [named, { pass: 'x' }, 'wrong'],
    [named, { nkey: 'UX', sig: 'x' }, 'wrong'],
    [named, { jwt: 'x' }, 'wrong'],
    [named, user('a', 'x'), 'credentials A/a'],
    [system, {}, 'guest $G/'],
    [system, user('admin', 's'), 'credentials $SYS/admin'],
    [system, user('admin', 'x'), 'wrong'],
    [`${system}\nauthorization { timeout: 1 }`, {}, 'none'],
    [
      'accounts { $SYS { users: [{user: admin, password: s}] }, A { users: [{user: a, password: x}] } }',
      {},
      'none',
    ],
  ] as const)('%s with %j: %s', async (config, credentials, expected) => {
    expect(await finding(config, credentials)).toBe(expected);
  });

  test('INFO does not ask for credentials where no_auth_user is configured', () => {
    expect(authenticator(named)).toMatchObject({ isRequired: true, isAnnounced: false, hasGuest: true });
    expect(authenticator(ACCOUNTS)).toMatchObject({ isRequired: true, isAnnounced: true, hasGuest: false });
    expect(authenticator(system)).toMatchObject({ isRequired: true, isAnnounced: true, hasGuest: true });
  });
});
