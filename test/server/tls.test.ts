import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { ConfigError, startServer } from '../../src/index.ts';
import {
  CA,
  CONNECT,
  certFile,
  certificate,
  connectAs,
  dial,
  dialTls,
  SERVER_TLS,
  secure,
  start,
  VERIFYING_TLS,
} from './tls-world.ts';
import { frame, upgrade, websocketPort } from './websocket-world.ts';

const USERS = { authorization: { user: 'u', password: 'p' } };

/** A connection that heard INFO in clear, then went over to TLS. */
async function upgraded(port: number, client?: string) {
  const ear = await dial(port).hears('\r\n');
  return { clear: ear.info, ear: secure(ear, client) };
}

describe('tls on the client port', () => {
  it('says in INFO that it is required, and goes over to TLS', async () => {
    const server = await start({ tls: SERVER_TLS });
    const { clear, ear } = await upgraded(server.port);
    expect(clear).toMatchObject({ tls_required: true });
    expect(clear).not.toHaveProperty('tls_available');
    await ear.send(CONNECT).hears('connect_info');
    expect(ear.text).toMatch(/^PONG\r\n/);
    expect(ear.info).toMatchObject({ tls_required: true, remote_account: '$G' });
  });

  it('closes on whoever speaks in clear, and says nothing', async () => {
    const server = await start({ tls: SERVER_TLS });
    const ear = await dial(server.port).hears('\r\n');
    const greeting = ear.text;
    await ear.send(CONNECT).ends();
    expect(ear.text).toBe(greeting);
  });

  it('carries the official client, with payloads of many records', async () => {
    const server = await start({ tls: SERVER_TLS, ...USERS });
    const nc = await connect({ servers: server.url, tls: { ca: CA.toString() }, user: 'u', pass: 'p' });
    const sub = nc.subscribe('big', { max: 1 });
    const payload = new Uint8Array(500_000).fill(7);
    nc.publish('big', payload);
    // Not `toEqual`, which takes seconds for so many numbers.
    for await (const message of sub) expect(Buffer.compare(message.data, payload)).toBe(0);
    await nc.close();
  });

  it('offers it where clients may come without', async () => {
    const server = await start({ tls: SERVER_TLS, allow_non_tls: true });
    const { clear, ear } = await upgraded(server.port);
    expect(clear).toMatchObject({ tls_available: true });
    expect(clear).not.toHaveProperty('tls_required');
    await ear.send(CONNECT).hears('PONG');
    await dial(server.port).send(CONNECT).hears('PONG');
  });

  it.each([
    ['true', true],
    ['auto', 'auto'],
    ['a duration', '2s'],
  ])('begins with the handshake where handshake_first is %s', async (_, first) => {
    const server = await start({ tls: { ...SERVER_TLS, handshake_first: first } });
    const ear = dialTls(server.port);
    await ear.hears('INFO');
    await ear.send(CONNECT).hears('PONG');
    const official = await connect({
      servers: server.url,
      tls: { ca: CA.toString(), handshakeFirst: true },
    });
    await official.close();
  });

  it('sends INFO in clear to who has not begun in time, where there is a fallback', async () => {
    const server = await start({ tls: { ...SERVER_TLS, handshake_first: '20ms' } });
    const { ear } = await upgraded(server.port);
    await ear.send(CONNECT).hears('PONG');
    expect(ear.text.indexOf('PONG')).toBe(0);
  });

  it('is silent to who waits for INFO where the handshake goes first', async () => {
    const server = await start({ tls: { ...SERVER_TLS, handshake_first: true, timeout: 0.1 } });
    const ear = await dial(server.port).ends();
    expect(ear.text).toBe('');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a record', Buffer.from([0x16, 3, 1, 2, 0, 1])],
  ])('closes in time on who sends %s', async (_, bytes) => {
    const server = await start({ tls: { ...SERVER_TLS, timeout: 0.1 } });
    const ear = await dial(server.port).hears('\r\n');
    await ear.send(bytes).ends();
  });

  it('gives the time to log in from the end of the handshake on', async () => {
    const server = await start({
      tls: SERVER_TLS,
      authorization: { user: 'u', password: 'p', timeout: 0.1 },
    });
    const { ear } = await upgraded(server.port);
    await ear.ends();
    expect(ear.text).toBe("-ERR 'Authentication Timeout'\r\n");
  });

  it('turns away who comes too often in a second', async () => {
    const server = await start({ tls: { ...SERVER_TLS, connection_rate_limit: 2 } });
    const texts: string[] = [];
    for (let i = 0; i < 4; i++) texts.push((await dial(server.port).hears('INFO')).text);
    const last = await dial(server.port).ends();
    expect(last.text).toContain("-ERR 'Connection throttling is active. Please try again later.'");
    expect(texts[0]).not.toContain('-ERR');
  });
});

describe('a server with listeners of all kinds', () => {
  const ALL = { tls: SERVER_TLS, websocket: { port: -1, host: '127.0.0.1', no_tls: true } };

  it('shows in monitoring how each connection came', async () => {
    const server = await start({ ...ALL, http: '127.0.0.1:-1' });
    const { ear } = await upgraded(server.port);
    await ear.send(CONNECT).hears('PONG');
    const web = await upgrade(websocketPort(server));
    await web.send(frame(CONNECT)).hears('PONG');
    const page = server.monitor('/connz') as { connections: Record<string, unknown>[] };
    expect(page.connections.map(({ type, tls_version }) => [type, tls_version])).toEqual([
      ['nats', '1.3'],
      ['websocket', undefined],
    ]);
  });

  it('writes what is pending before it ends', async () => {
    const server = await start(ALL);
    const { ear } = await upgraded(server.port);
    await ear.send('CONNECT {"verbose":false}\r\nSUB big 1\r\nPING\r\n').hears('PONG');
    const body = 'x'.repeat(500_000);
    const web = await upgrade(websocketPort(server));
    await web.send(frame(CONNECT)).hears('PONG');
    web.text = '';
    await web.send(frame(`PUB big ${body.length}\r\n${body}\r\nPING\r\n`)).hears('PONG');
    await server.stop();
    await ear.ends();
    expect(ear.text).toContain(`MSG big 1 ${body.length}\r\n${body}\r\n`);
  });

  it('comes back on the same ports', async () => {
    const server = await start(ALL);
    const ports = [server.port, websocketPort(server)];
    await server.restart();
    expect([server.port, websocketPort(server)]).toEqual(ports);
    const { ear } = await upgraded(server.port);
    await ear.send(CONNECT).hears('PONG');
    await (await upgrade(websocketPort(server))).send(frame(CONNECT)).hears('PONG');
  });

  it('refuses to move its WebSockets while it runs', async () => {
    const server = await start(ALL);
    await expect(
      server.reload({ ...ALL, websocket: { ...ALL.websocket, compression: true } }),
    ).rejects.toThrow('config reload not supported for Websocket');
  });
});

describe('client certificates', () => {
  it('are asked for and checked', async () => {
    const server = await start({ tls: VERIFYING_TLS });
    const { clear, ear } = await upgraded(server.port, 'email');
    expect(clear).toMatchObject({ tls_required: true, tls_verify: true });
    await ear.send(CONNECT).hears('PONG');
  });

  it.each([
    ['nobody', undefined],
    ['another authority', 'stranger'],
    ['servers', 'server'],
  ])('of %s are refused', async (_, client) => {
    const server = await start({ tls: VERIFYING_TLS });
    const { ear } = await upgraded(server.port, client);
    await ear.send(CONNECT).ends();
    expect(ear.text).toBe('');
  });

  it('are held to pinned keys', async () => {
    const pinned = 'a887c3264f679b7a1790d263ef7f44929a15b2a7c20677a597861ef012428413';
    for (const [key, allowed] of [
      [keyDigest('email'), true],
      [pinned.replace(/^./, '0'), false],
    ] as const) {
      const server = await start({ tls: { ...VERIFYING_TLS, pinned_certs: [key] } });
      const { ear } = await upgraded(server.port, 'email');
      ear.send(CONNECT);
      await (allowed ? ear.hears('PONG') : ear.ends());
    }
  });
});

function keyDigest(name: string): string {
  const { publicKey } = new X509Certificate(certificate(name).cert);
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

describe('reload', () => {
  it('serves later connections with other certificates, earlier ones go on', async () => {
    const server = await start({ tls: SERVER_TLS });
    const { ear: early } = await upgraded(server.port);
    await early.send(CONNECT).hears('PONG');
    await server.reload({ tls: { cert_file: certFile('server2.pem'), key_file: certFile('server2.key') } });
    const { ear: late } = await upgraded(server.port);
    await late.send(CONNECT).hears('PONG');
    const names = [early, late].map(({ socket }) => (socket as TLSSocket).getPeerCertificate().subject.CN);
    expect(names).toEqual(['localhost', 'localhost two']);
    early.text = '';
    await early.send('PING\r\n').hears('PONG');
  });

  it('keeps what it has when a certificate cannot be read', async () => {
    const server = await start({ tls: SERVER_TLS });
    const bad = { tls: { ...SERVER_TLS, cert_file: '/nowhere.pem' }, max_payload: 1000 };
    await expect(server.reload(bad)).rejects.toThrow('open /nowhere.pem: no such file or directory');
    const { clear, ear } = await upgraded(server.port);
    expect(clear).toMatchObject({ max_payload: 1_048_576 });
    await ear.send(CONNECT).hears('PONG');
  });
});

const REFUSED: readonly [string, Record<string, unknown>, string][] = [
  [
    'no such certificate',
    { cert_file: '/nope/x.pem', key_file: certFile('server.key') },
    'error parsing X509 certificate/key pair: open /nope/x.pem: no such file or directory',
  ],
  [
    'no such key',
    { cert_file: certFile('server.pem'), key_file: '/nope/k' },
    'error parsing X509 certificate/key pair: open /nope/k: no such file or directory',
  ],
  [
    'a folder',
    { cert_file: certFile('.'), key_file: certFile('server.key') },
    'error parsing X509 certificate/key pair: read',
  ],
  ['no key', { cert_file: certFile('server.pem') }, "missing 'key_file' in TLS configuration"],
  ['no certificate', { key_file: certFile('server.key') }, "missing 'cert_file' in TLS configuration"],
  [
    'another key',
    { cert_file: certFile('server.pem'), key_file: certFile('email.key') },
    'error parsing X509 certificate/key pair: tls: private key does not match public key',
  ],
  [
    'switched',
    { cert_file: certFile('server.key'), key_file: certFile('server.key') },
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  ],
  [
    'no key in it',
    { cert_file: certFile('server.pem'), key_file: certFile('server.pem') },
    'tls: found a certificate rather than a key in the PEM for the private key',
  ],
  [
    'no PEM',
    { cert_file: certFile('make.sh'), key_file: certFile('server.key') },
    'tls: failed to find any PEM data in certificate input',
  ],
  ['no such authority', { ...SERVER_TLS, ca_file: '/nope/ca' }, 'open /nope/ca: no such file or directory'],
  ['no authority', { ...SERVER_TLS, ca_file: certFile('make.sh') }, 'failed to parse root ca certificate'],
  [
    'a verify that is no truth value',
    { ...SERVER_TLS, verify: 1 },
    "error parsing tls config, expected 'verify' to be a boolean",
  ],
  [
    'a bad timeout',
    { ...SERVER_TLS, timeout: 'foo' },
    'error parsing tls config, \'timeout\' time: invalid duration "foo"',
  ],
  [
    'an old version',
    { ...SERVER_TLS, min_version: '1.1' },
    'error parsing tls config: unsupported TLS version: TLS 1.1',
  ],
  [
    'a bad handshake_first',
    { ...SERVER_TLS, handshake_first: 'bla' },
    'field "handshake_first"\'s value "bla" is invalid',
  ],
  ['an unknown cipher', { ...SERVER_TLS, cipher_suites: ['X'] }, 'unrecognized cipher X'],
  [
    'a weak cipher',
    { ...SERVER_TLS, cipher_suites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] },
    "insecure cipher suites configured without 'allow_insecure_cipher_suites' option set: TLS_RSA_WITH_AES_128_CBC_SHA",
  ],
  ['an unknown curve', { ...SERVER_TLS, curve_preferences: ['X'] }, 'unrecognized curve preference X'],
  ['an unknown key', { ...SERVER_TLS, foo: 1 }, 'error parsing tls config, unknown field "foo"'],
  [
    'a bad pin',
    { ...SERVER_TLS, pinned_certs: ['X'] },
    "error parsing tls config, 'pinned_certs' key x does not look like hex-encoded sha256 of DER encoded SubjectPublicKeyInfo",
  ],
];

describe('a tls block is refused in the words of nats-server', () => {
  it.each(REFUSED)('%s', async (_, tls, text) => {
    const failure = await startServer({ config: { tls } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as ConfigError).problems).toHaveLength(1);
    expect((failure as ConfigError).message).toContain(text);
  });

  it.each([
    [
      {
        ...SERVER_TLS,
        cipher_suites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
        curve_preferences: ['CurveP384'],
        min_version: '1.2',
      },
    ],
    [{ certs: [SERVER_TLS], min_version: '1.3' }],
  ])('while %j is served', async (tls) => {
    const server = await start({ tls });
    const { ear } = await upgraded(server.port);
    await ear.send(connectAs({})).hears('PONG');
  });
});
