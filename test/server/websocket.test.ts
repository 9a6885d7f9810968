import { wsconnect } from '@nats-io/nats-core';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ConfigError, startServer } from '../../src/index.ts';
import { CONNECT, connectAs, dial, type Ear, SERVER_TLS, secure, VERIFYING_TLS } from './tls-world.ts';
import {
  frame,
  framesIn,
  knock,
  type RequestForm,
  start,
  upgrade,
  upgradeRequest,
  websocketPort,
} from './websocket-world.ts';

// The official client takes the browser's WebSocket, which Node has from 22 on.
Object.assign(globalThis, { WebSocket });

const OPEN = { websocket: { port: -1, host: '127.0.0.1', no_tls: true } };
const withWebsocket = (more: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  ...rest,
  websocket: { ...OPEN.websocket, ...more },
});

/** The status line of the answer to a request. */
async function statusOf(port: number, form: RequestForm): Promise<number> {
  return Number(/^HTTP\/1.1 (\d+)/.exec((await upgrade(port, form)).text)?.[1]);
}

describe('a WebSocket', () => {
  it('carries the official client', async () => {
    const server = await start({ ...OPEN, authorization: { user: 'u', password: 'p' } });
    expect(server.urls).toEqual([server.url, expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/)]);
    const nc = await wsconnect({ servers: server.urls[1] ?? '', user: 'u', pass: 'p' });
    nc.subscribe('echo', { callback: (_, message) => void message.respond(message.data) });
    const payload = new Uint8Array(700_000).fill(9);
    const reply = await nc.request('echo', payload, { timeout: 10_000 });
    // Not `toEqual`, which takes seconds for so many numbers.
    expect(Buffer.compare(reply.data, payload)).toBe(0);
    await nc.close();
    await expect(wsconnect({ servers: server.urls[1] ?? '', user: 'u', pass: 'x' })).rejects.toThrow();
  });

  it('is one listener beside the client port, with an address of its own in INFO', async () => {
    const server = await start(OPEN);
    const port = websocketPort(server);
    const web = await upgrade(port);
    const tcp = await dial(server.port).hears('\r\n');
    expect([web.info['port'], tcp.info['port']]).toEqual([port, server.port]);
    await web.send(frame('CONNECT {"verbose":false}\r\nSUB x 1\r\nPING\r\n')).hears('PONG');
    await tcp.send('CONNECT {"verbose":false}\r\nPUB x 2\r\nhi\r\nPING\r\n').hears('PONG');
    await web.hears('MSG x 1 2\r\nhi\r\n');
  });

  it('sends one frame for one batch', async () => {
    const server = await start(OPEN);
    const ear = await upgrade(websocketPort(server));
    await ear.send(frame(CONNECT)).hears('connect_info');
    ear.send(frame('SUB foo 1\r\nPUB foo 2\r\nhi\r\nPUB foo 2\r\nho\r\nPING\r\n'));
    await ear.until(() => ear.text.endsWith('PONG\r\n'));
    expect(framesIn(ear.text).at(-1)).toEqual([0x82, 'MSG foo 1 2\r\nhi\r\nMSG foo 1 2\r\nho\r\nPONG\r\n']);
  });

  it('takes operations however frames cut them', async () => {
    const server = await start(OPEN);
    const ear = await upgrade(websocketPort(server));
    ear
      .send(frame('PI', { fin: false }))
      .send(frame('NG\r', { opcode: 0 }))
      .send(frame('\n', { opcode: 1 }));
    await ear.hears('PONG');
  });

  it('answers a ping with a pong, and a close frame with one', async () => {
    const server = await start(OPEN);
    const ear = await upgrade(websocketPort(server));
    await ear.send(frame('hello', { opcode: 9 })).hears('hello');
    await ear.send(frame(Buffer.from([3, 232]), { opcode: 8 })).ends();
    const [pong, close] = framesIn(ear.text).slice(-2);
    expect([pong, close]).toEqual([
      [0x8a, 'hello'],
      [0x88, '\x03\xe8'],
    ]);
  });

  it.each([
    ['the wrong password', connectAs({ user: 'u', pass: 'x' }), 1008, 'Authentication Failure'],
    [
      'too large a payload',
      `${connectAs({ user: 'u', pass: 'p' })}PUB x 9999999\r\n`,
      1009,
      'Maximum Message Payload Exceeded',
    ],
    ['a wrong protocol', 'CONNECT {"protocol":9}\r\n', 1002, 'Bad Client Protocol Version'],
  ])('ends with code and reason after %s', async (_, text, code, reason) => {
    const server = await start({ ...OPEN, authorization: { user: 'u', password: 'p' } });
    const socket = new WebSocket(server.urls[1] ?? '');
    const closed = new Promise((resolve) => {
      socket.on('close', (...how) => resolve([how[0], how[1].toString()]));
    });
    socket.on('open', () => socket.send(text));
    expect(await closed).toEqual([code, reason]);
  });

  it('is told that the server ends', async () => {
    const server = await startServer({ config: OPEN });
    const ear = await upgrade(websocketPort(server));
    await Promise.all([server.stop(), ear.ends()]);
    expect(framesIn(ear.text).at(-1)).toEqual([0x88, '\x03\xe9Server Shutdown']);
  });

  it('compresses where both want it, without context from message to message', async () => {
    const server = await start(withWebsocket({ compression: true }));
    const socket = new WebSocket(server.urls[1] ?? '', { perMessageDeflate: { threshold: 0 } });
    let heard = '';
    socket.on('message', (data) => {
      heard += data.toString();
    });
    await new Promise((resolve) => socket.on('open', resolve));
    expect(socket.extensions).toBe('permessage-deflate');
    const body = 'x'.repeat(300_000);
    socket.send(`CONNECT {"verbose":false}\r\nSUB foo 1\r\nPING\r\n`);
    await expect.poll(() => heard.includes('PONG')).toBe(true);
    socket.send(`PUB foo ${body.length}\r\n${body}\r\n`);
    await expect.poll(() => heard.endsWith(`${body}\r\n`)).toBe(true);
    socket.terminate();
    const plain = await upgrade(websocketPort(server));
    await plain.send(frame(CONNECT)).hears('PONG');
  });

  it('comes over TLS', async () => {
    const server = await start({ websocket: { port: -1, host: '127.0.0.1', tls: SERVER_TLS } });
    expect(server.urls[1]).toMatch(/^wss:/);
    const ear = secure(knock(websocketPort(server)));
    await ear.send(upgradeRequest()).hears('INFO');
    expect(ear.info).toMatchObject({ tls_required: true, tls_available: true });
    await ear.send(frame(CONNECT)).hears('PONG');
    await knock(websocketPort(server)).send(upgradeRequest()).ends();
    expect((await dial(server.port).hears('\r\n')).info).not.toHaveProperty('tls_required');
  });
});

describe('a request to become a WebSocket', () => {
  const FORMS: readonly [string, RequestForm, number][] = [
    ['as it should be', {}, 101],
    ['with a path', { path: '/nats?x=1' }, 101],
    ['for MQTT', { path: '/mqtt' }, 404],
    ['for MQTT in other words', { path: '//%6DQTT/?x' }, 404],
    ['for leafnodes', { path: '/leafnode' }, 404],
    ['that is no GET', { method: 'POST' }, 405],
    ['without Upgrade', { without: ['Upgrade'] }, 400],
    ['without Connection', { without: ['Connection'] }, 400],
    ['of another version', { headers: { 'Sec-WebSocket-Version': '12' } }, 400],
    ['without a key', { without: ['Sec-WebSocket-Key'] }, 400],
    ['with half a key', { headers: { 'Sec-WebSocket-Key': 'abc' } }, 400],
    ['without Host', { without: ['Host'] }, 400],
  ];

  it.each(FORMS)('%s', async (_, form, status) => {
    const server = await start(OPEN);
    expect(await statusOf(websocketPort(server), form)).toBe(status);
  });

  const ORIGINS: readonly [Record<string, unknown>, string, string, number][] = [
    [{}, 'http://evil', 'localhost', 101],
    [{ same_origin: true }, 'http://localhost', 'localhost', 101],
    [{ same_origin: true }, 'http://LOCALHOST:80', 'localhost', 101],
    [{ same_origin: true }, '', 'localhost', 101],
    [{ same_origin: true }, 'http://localhost:1', 'localhost:2', 403],
    [{ same_origin: true }, 'https://localhost', 'localhost', 403],
    [{ same_origin: true }, 'null', 'localhost', 403],
    [{ same_origin: true }, 'junk', 'localhost', 403],
    [{ allowed_origins: ['http://a.com', 'https://b.com:444'] }, 'http://A.com:80', 'x', 101],
    [{ allowed_origins: ['http://a.com', 'https://b.com:444'] }, 'https://b.com:444', 'x', 101],
    [{ allowed_origins: ['http://a.com', 'https://b.com:444'] }, 'https://b.com', 'x', 403],
    [{ allowed_origins: 'http://a.com' }, 'https://a.com', 'x', 403],
    [{ allowed_origins: 'http://a.com' }, 'http://a.com.evil.com', 'x', 403],
  ];

  it.each(ORIGINS)('with %j from %j at %j: %i', async (websocket, origin, host, status) => {
    const server = await start(withWebsocket(websocket));
    const headers = { Host: host, ...(origin === '' ? {} : { Origin: origin }) };
    expect(await statusOf(websocketPort(server), { headers })).toBe(status);
  });

  it('is answered with the headers of the configuration', async () => {
    const server = await start(withWebsocket({ headers: { 'X-Foo': 'bar' } }));
    expect((await upgrade(websocketPort(server))).text).toContain('\r\nX-Foo: bar\r\n');
  });

  it('has to come in time, and a login after it', async () => {
    const slow = { handshake_timeout: '100ms', authorization: { token: 't', timeout: 0.1 } };
    const server = await start(withWebsocket(slow));
    const port = websocketPort(server);
    const [silent, half] = [knock(port), knock(port).send('GET / HTTP/1.1\r\nHost: x\r\n')];
    await Promise.all([silent.ends(), half.ends()]);
    expect([silent.text, half.text]).toEqual(['', '']);
    const upgraded = await upgrade(port);
    await upgraded.ends();
    expect(upgraded.text).toContain("-ERR 'Authentication Timeout'");
  });
});

describe('who comes in by a WebSocket', () => {
  const TENANTS = {
    accounts: {
      A: { users: [{ user: 'a', password: 'pa' }] },
      B: { users: [{ user: 'b', password: 'pb' }] },
    },
  };

  /** The account that somebody lands in, or undefined. */
  async function accountOf(ear: Ear, text: string, wrap = frame): Promise<unknown> {
    ear.send(wrap(text));
    await ear.until(() => /remote_account|-ERR/.test(ear.text));
    return /"remote_account":"([^"]*)"/.exec(ear.text)?.[1];
  }
  const byTcp = (port: number, text: string) => accountOf(dial(port), text, (x) => Buffer.from(x));
  const byWeb = async (port: number, text: string, cookie?: string) =>
    accountOf(await upgrade(port, cookie === undefined ? {} : { headers: { Cookie: cookie } }), text);

  it('is told by its own no_auth_user, which is nobody elsewhere', async () => {
    const server = await start(withWebsocket({ no_auth_user: 'b' }, TENANTS));
    expect(await byWeb(websocketPort(server), CONNECT)).toBe('B');
    expect(await byTcp(server.port, CONNECT)).toBeUndefined();
    // The first operation without CONNECT is the same way in.
    const ear = await upgrade(websocketPort(server));
    await ear.send(frame('PING\r\n')).hears('PONG');
    await dial(server.port).send('PING\r\n').hears("-ERR 'Authorization Violation'");
  });

  it('is told by its own before that of the server', async () => {
    const server = await start(withWebsocket({ no_auth_user: 'b' }, { ...TENANTS, no_auth_user: 'a' }));
    expect(await byWeb(websocketPort(server), CONNECT)).toBe('B');
    expect(await byTcp(server.port, CONNECT)).toBe('A');
  });

  it('is the guest of the server where it has none of its own', async () => {
    const server = await start(withWebsocket({}, { ...TENANTS, no_auth_user: 'a' }));
    expect(await byWeb(websocketPort(server), CONNECT)).toBe('A');
  });

  it('is held to the login of the listener where it has one', async () => {
    const login = { authorization: { username: 'w', password: 'wp' } };
    const server = await start(withWebsocket(login, { authorization: { user: 'u', password: 'p' } }));
    const [own, others] = [connectAs({ user: 'w', pass: 'wp' }), connectAs({ user: 'u', pass: 'p' })];
    const port = websocketPort(server);
    expect(await Promise.all([byWeb(port, own), byWeb(port, others), byWeb(port, CONNECT)])).toEqual([
      '$G',
      undefined,
      undefined,
    ]);
    expect(await Promise.all([byTcp(server.port, own), byTcp(server.port, others)])).toEqual([
      undefined,
      '$G',
    ]);
  });

  it('is of the kind WEBSOCKET', async () => {
    const users = [
      { user: 'w', allowed_connection_types: ['WEBSOCKET'] },
      { user: 's', allowed_connection_types: ['STANDARD'] },
    ];
    const server = await start(withWebsocket({}, { accounts: { A: { users } } }));
    const [w, s] = [connectAs({ user: 'w' }), connectAs({ user: 's' })];
    expect([await byWeb(websocketPort(server), w), await byTcp(server.port, w)]).toEqual(['A', undefined]);
    expect([await byWeb(websocketPort(server), s), await byTcp(server.port, s)]).toEqual([undefined, 'A']);
  });

  const COOKIES: readonly [string, Record<string, string>, boolean][] = [
    ['u=u; p=p', {}, true],
    ['u="u"; p="p"', {}, true],
    ['u=x; p=p; u=u', {}, true],
    ['u=u; p=p; u=x', {}, false],
    ['U=u; p=p', {}, false],
    ['u=%75; p=p', {}, false],
    ['u=u; p=p', { user: 'zz', pass: 'z' }, false],
    ['u=zz; p=zz', { user: 'u', pass: 'p' }, true],
    ['u=u; p=bad', { pass: 'p' }, true],
  ];

  it.each(COOKIES)('may show cookies: %j and CONNECT %j', async (cookie, fields, enters) => {
    const cookies = withWebsocket(
      { user_cookie: 'u', pass_cookie: 'p' },
      { authorization: { user: 'u', password: 'p' } },
    );
    const server = await start(cookies);
    expect(await byWeb(websocketPort(server), connectAs(fields), cookie)).toBe(enters ? '$G' : undefined);
  });

  it('may show a cookie with the token; on its own it is no CONNECT', async () => {
    const server = await start(withWebsocket({ token_cookie: 't' }, { authorization: { token: 'tok' } }));
    expect(await byWeb(websocketPort(server), CONNECT, 't=tok')).toBe('$G');
    expect(await byWeb(websocketPort(server), CONNECT, 't=x')).toBeUndefined();
    const silent = await upgrade(websocketPort(server), { headers: { Cookie: 't=tok' } });
    await silent.send(frame('PING\r\n')).hears("-ERR 'Authorization Violation'");
  });

  it('may be told by a certificate that only this listener asks for', async () => {
    const tls = { ...VERIFYING_TLS, verify_and_map: true };
    const users = [{ user: 'email@example.com' }, { user: 'named', password: 'x' }];
    const server = await start({
      websocket: { port: -1, host: '127.0.0.1', tls },
      accounts: { A: { users } },
    });
    const ear = secure(knock(websocketPort(server)), 'email');
    await ear.send(upgradeRequest()).hears('INFO');
    expect(await accountOf(ear, CONNECT)).toBe('A');
    expect(await byTcp(server.port, connectAs({ user: 'email@example.com' }))).toBeUndefined();
    expect(await byTcp(server.port, connectAs({ user: 'named', pass: 'x' }))).toBe('A');
  });
});

const REFUSED: readonly [string, Record<string, unknown>, string][] = [
  ['neither TLS nor no_tls', { websocket: { port: -1 } }, 'websocket requires TLS configuration'],
  ['an unknown key', withWebsocket({ foo: 1 }), 'unknown field "foo"'],
  ['no map', { websocket: true }, 'Expected websocket to be a map, got bool'],
  ['a bad address', withWebsocket({ listen: 'x' }), 'could not parse address string "x"'],
  ['no origin', withWebsocket({ allowed_origins: '::junk' }), 'unable to parse allowed origin'],
  ['a bad time', withWebsocket({ handshake_timeout: 'foo' }), 'time: invalid duration "foo"'],
  [
    'a guest without users',
    withWebsocket({ no_auth_user: 'x' }),
    'no_auth_user: "x" present, but users/nkeys are not defined',
  ],
  [
    'an unknown guest',
    withWebsocket({ no_auth_user: 'x' }, { accounts: { A: { users: [{ user: 'a' }] } } }),
    'no_auth_user: "x" not present as user or nkey in authorization block or account configuration',
  ],
  [
    'a login beside users',
    withWebsocket({ authorization: { user: 'x' } }, { accounts: { A: { users: [{ user: 'a' }] } } }),
    'websocket authentication username not compatible with presence of users/nkeys',
  ],
  [
    'JWT by cookie',
    withWebsocket({ jwt_cookie: 'x' }),
    'trusted operators or trusted keys configuration is required for JWT authentication via cookie "x"',
  ],
  [
    'a header of the protocol',
    withWebsocket({ headers: { 'Sec-WebSocket-Accept': 'x' } }),
    'websocket: invalid header "Sec-WebSocket-Accept", "Sec-WebSocket-" prefix not allowed',
  ],
  [
    'a header with a line in it',
    withWebsocket({ headers: { a: 'x\r\ny: z' } }),
    'websocket: invalid header "a"',
  ],
];

describe('a websocket block is refused', () => {
  it.each(REFUSED)('%s', async (_, config, text) => {
    const failure = await startServer({ config }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as ConfigError).message).toContain(text);
  });

  it('a port in use leaves nothing open', async () => {
    const server = await start(OPEN);
    const taken = { websocket: { port: websocketPort(server), host: '127.0.0.1', no_tls: true } };
    await expect(startServer({ config: taken })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
