import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { dial, dialTls, type Ear, SERVER_TLS, secure, start, VERIFYING_TLS } from '../server/tls-world.ts';
import { frame, framesIn, knock, type RequestForm, upgradeRequest } from '../server/websocket-world.ts';
import { freePort, realServer } from './targets.ts';

/** How clients begin: what they do, and what they heard in the end. */
type Visit = (port: number) => Promise<Ear>;

const LOGIN = 'CONNECT {"verbose":false}\r\nPING\r\n';
const AWAITED_MS = 350;
const LATE_MS = 250;

async function heardBy(visit: Visit, port: number): Promise<string> {
  const ear = await visit(port);
  await sleep(AWAITED_MS);
  const text = ear.text.replace(/INFO (\{.*\}) ?\r\n/g, (_all, json: string) => {
    const info = JSON.parse(json) as Record<string, unknown>;
    return `INFO ${['auth_required', 'tls_required', 'tls_verify', 'tls_available'].filter((key) => key in info)}\n`;
  });
  return `${text}${ear.isClosed ? '(closed)' : ''}`;
}

const VISITS: Readonly<Record<string, Visit>> = {
  'in clear': async (port) => dial(port).send(LOGIN),
  'in clear, late': async (port) => {
    const ear = dial(port);
    await sleep(LATE_MS);
    return ear.send(LOGIN);
  },
  'with the handshake': async (port) => dialTls(port).send(LOGIN),
  'with the handshake behind INFO': async (port) => {
    const ear = dial(port);
    await sleep(LATE_MS);
    return ear.text === '' ? ear : secure(ear).send(LOGIN);
  },
  'with a certificate': async (port) => {
    const ear = dial(port);
    await sleep(LATE_MS);
    return (ear.text === '' ? dialTls(port, 'alice') : secure(ear, 'alice')).send(LOGIN);
  },
};

const TIMES = { timeout: 0.6 };
const LISTENERS: Readonly<Record<string, Record<string, unknown>>> = {
  required: { tls: { ...SERVER_TLS, ...TIMES } },
  offered: { tls: { ...SERVER_TLS, ...TIMES }, allow_non_tls: true },
  first: { tls: { ...SERVER_TLS, ...TIMES, handshake_first: true } },
  'first, with a fallback': { tls: { ...SERVER_TLS, ...TIMES, handshake_first: '150ms' } },
  'first, with a fallback to none': {
    tls: { ...SERVER_TLS, ...TIMES, handshake_first: '150ms' },
    allow_non_tls: true,
  },
  'first, none allowed': { tls: { ...SERVER_TLS, ...TIMES, handshake_first: true }, allow_non_tls: true },
  'with certificates': { tls: { ...VERIFYING_TLS, ...TIMES } },
};

describe('TLS begins as on the real server', () => {
  it.each(Object.entries(LISTENERS))('%s', async (_name, config) => {
    const real = await realServer(JSON.stringify(config));
    const ours = await start({ host: '127.0.0.1', ...config });
    try {
      const told = async (port: number) =>
        Promise.all(Object.entries(VISITS).map(async ([name, visit]) => [name, await heardBy(visit, port)]));
      const [expected, got] = await Promise.all([told(real.port), told(ours.port)]);
      expect(expected.some(([, text]) => text?.includes('PONG'))).toBe(true);
      expect(got).toEqual(expected);
    } finally {
      await real.stop();
    }
  });
});

/** The path of leafnodes is offered there and not here. */
const UPGRADES: readonly RequestForm[] = [
  {},
  { path: '/nats' },
  { path: '/mqtt' },
  { method: 'POST' },
  { without: ['Upgrade'] },
  { without: ['Connection'] },
  { without: ['Sec-WebSocket-Key'] },
  { without: ['Sec-WebSocket-Version'] },
  { headers: { 'Sec-WebSocket-Version': '8' } },
  { headers: { Origin: 'http://a.example' } },
  { headers: { Origin: 'http://b.example' } },
  { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } },
  { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' } },
];

describe('WebSockets', () => {
  const web = { host: '127.0.0.1', no_tls: true, compression: true, allowed_origins: ['http://a.example'] };

  it('are answered as by the real server', async () => {
    const ports = [await freePort(), await freePort()] as const;
    const real = await realServer(JSON.stringify({ websocket: { ...web, port: ports[0] } }));
    await start({ websocket: { ...web, port: ports[1] } });
    try {
      for (const form of UPGRADES) {
        const [expected, got] = await Promise.all(ports.map((port) => answerTo(form, port)));
        expect({ form, ...got }).toEqual({ form, ...expected });
      }
    } finally {
      await real.stop();
    }
  });

  it.each([
    ['a command', [frame(LOGIN)]],
    ['a command in pieces', [frame('CONNECT {}\r\nPI', { fin: false }), frame('NG\r\n', { opcode: 0 })]],
    ['a text', [frame(LOGIN, { opcode: 1 })]],
    ['a ping of its own', [frame('hi', { opcode: 9 }), frame(LOGIN)]],
    ['a close', [frame(Buffer.from([3, 232]), { opcode: 8 })]],
    ['a frame without mask', [frame(LOGIN, { masked: false })]],
    ['a frame of an unknown kind', [frame('x', { opcode: 3 })]],
    ['a continuation of nothing', [frame('x', { opcode: 0 })]],
    ['a long ping', [frame('x'.repeat(126), { opcode: 9 })]],
  ])('take %s as the real server does', async (_what, sent) => {
    const ports = [await freePort(), await freePort()] as const;
    const real = await realServer(JSON.stringify({ websocket: { ...web, port: ports[0] } }));
    await start({ websocket: { ...web, port: ports[1] } });
    try {
      const [expected, got] = await Promise.all(ports.map((port) => framesOf(sent, port)));
      expect(got).toEqual(expected);
    } finally {
      await real.stop();
    }
  });
});

/** Status, and the headers that say what is spoken. Who is refused is closed here; there it may ask again. */
async function answerTo(form: RequestForm, port: number) {
  const ear = knock(port).send(upgradeRequest(form));
  await sleep(AWAITED_MS);
  const [head = ''] = ear.text.split('\r\n\r\n');
  const [status = '', ...headers] = head.split('\r\n');
  const spoken = headers
    .filter((line) => /^(?:sec-websocket|upgrade)/i.test(line))
    .map((line) => line.toLowerCase());
  return { status, spoken: spoken.sort() };
}

/** What came back in frames for the protocol, and PONGs. A close because of a bad frame has its words here only. */
async function framesOf(sent: readonly Buffer[], port: number) {
  const ear = knock(port).send(upgradeRequest());
  await ear.hears('INFO');
  for (const each of sent) ear.send(each);
  await sleep(AWAITED_MS);
  const frames = framesIn(ear.text).filter(([, text]) => !text.startsWith('INFO'));
  const ofKind = (kind: number): string[] =>
    frames.flatMap(([first, text]) => ((first & 15) === kind ? [text] : []));
  return { said: ofKind(2).join(''), pongs: ofKind(10), isClosed: ear.isClosed };
}
