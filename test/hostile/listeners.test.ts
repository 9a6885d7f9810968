import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BulkheadServer } from '../../src/index.ts';
import {
  CONNECT,
  dial,
  dialTls,
  Ear,
  SERVER_TLS,
  secure,
  start,
  VERIFYING_TLS,
} from '../server/tls-world.ts';
import { frame, knock, upgradeRequest, websocketPort } from '../server/websocket-world.ts';

/**
 * Strangers at every listener: bytes that make no sense, or begin to make some and stop, in pieces, with and without an
 * end. The promises: each is closed in time, what it holds of memory is bounded, and nobody else notices.
 */
const TIME = 0.15;
const PATIENCE_MS = 2_000;
const STRANGERS = 25;
const SEED = 20_261_122;
/** What all strangers of a run may make the process hold, bytes: twenty times what they may send in one connection. */
const MOST_HELD = 32 * 1024 * 1024;

const LOGIN = { authorization: { user: 'u', password: 'p', timeout: TIME } };
const HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
const WEB = {
  port: -1,
  host: '127.0.0.1',
  handshake_timeout: '150ms',
  compression: true,
  authorization: { token: 't', timeout: TIME },
};
const TLS = { ...SERVER_TLS, timeout: TIME };

/** A listener, and how somebody gets as far as a stranger can. */
interface Listener {
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly arrive: (server: BulkheadServer) => Ear;
  /** What makes some sense there: strangers begin with it, or with a part of it. */
  readonly words: readonly (string | Buffer)[];
}

const LINES = [
  'PING\r\n',
  'CONNECT {',
  'CONNECT {}\r\n',
  'SUB x 1\r\n',
  'PUB x 999999\r\n',
  'INFO {}\r\n',
  '+OK\r\n',
  '\r\n',
];
const FRAMES = [
  frame('PING\r\n'),
  frame('CONNECT {"user":', { fin: false }),
  frame('x'.repeat(200), { compressed: true, fin: false }),
  frame('x', { claims: 2n ** 40n }),
  frame('', { opcode: 9 }),
  frame('x', { masked: false }),
];
const ASKS = [
  upgradeRequest(),
  'GET / HTTP/1.1\r\nHost: x\r\n',
  'GET /mqtt HTTP/1.1\r\n\r\n',
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n`,
];

const LISTENERS: readonly Listener[] = [
  { name: 'TCP', config: LOGIN, arrive: ({ port }) => dial(port), words: LINES },
  {
    name: 'TLS in clear',
    config: { ...LOGIN, tls: TLS },
    arrive: ({ port }) => dial(port),
    words: [HELLO, ...LINES],
  },
  {
    name: 'TLS offered',
    config: { ...LOGIN, tls: TLS, allow_non_tls: true },
    arrive: ({ port }) => dial(port),
    words: [HELLO, ...LINES],
  },
  {
    name: 'TLS first',
    config: { ...LOGIN, tls: { ...TLS, handshake_first: true } },
    arrive: ({ port }) => dial(port),
    words: [HELLO, ...LINES],
  },
  {
    name: 'inside TLS',
    config: { ...LOGIN, tls: { ...TLS, timeout: 2, handshake_first: true } },
    arrive: ({ port }) => dialTls(port),
    words: LINES,
  },
  {
    name: 'TLS with certificates',
    config: { ...LOGIN, tls: { ...VERIFYING_TLS, timeout: TIME, handshake_first: true } },
    arrive: ({ port }) => dialTls(port, 'stranger'),
    words: LINES,
  },
  {
    name: 'HTTP',
    config: { websocket: { ...WEB, no_tls: true } },
    arrive: (server) => knock(websocketPort(server)),
    words: ASKS,
  },
  {
    name: 'inside a WebSocket',
    config: { websocket: { ...WEB, no_tls: true } },
    arrive: (server) =>
      knock(websocketPort(server)).send(
        upgradeRequest({ headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } }),
      ),
    words: FRAMES,
  },
  {
    name: 'a WebSocket over TLS, in clear',
    config: { websocket: { ...WEB, tls: TLS } },
    arrive: (server) => knock(websocketPort(server)),
    words: [HELLO, ...ASKS],
  },
  {
    name: 'a WebSocket over TLS',
    config: { websocket: { ...WEB, handshake_timeout: '2s', tls: TLS } },
    arrive: (server) => secure(knock(websocketPort(server))).send(upgradeRequest()),
    words: FRAMES,
  },
];

/** What one stranger sends: pieces, cut and changed at random; now and then so much that it has to be cut off. */
function pieces(words: readonly (string | Buffer)[]): fc.Arbitrary<Buffer[]> {
  const word = fc.constantFrom(
    ...words.map((each) => (typeof each === 'string' ? Buffer.from(each, 'latin1') : each)),
  );
  const cut = fc.tuple(word, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1)));
  const bent = fc.tuple(word, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[at % copy.length] = value;
    return copy;
  });
  const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  const much = fc
    .tuple(word, fc.integer({ min: 1_000, max: 20_000 }))
    .map(([bytes, times]) => Buffer.alloc(Math.min(times * bytes.length, 2 ** 20), bytes));
  return fc.array(fc.oneof({ weight: 3, arbitrary: word }, cut, bent, noise, much), { maxLength: 6 });
}

/** Resolves when the server has closed, or rejects in time. */
async function ended(ear: Ear, sent: readonly Buffer[]): Promise<void> {
  const start = performance.now();
  while (!ear.isClosed) {
    if (performance.now() - start > PATIENCE_MS)
      throw new Error(
        `still open after ${PATIENCE_MS} ms: ${JSON.stringify(Buffer.concat(sent).toString('latin1').slice(0, 200))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const held = (): number => {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
};

describe('strangers', () => {
  it.each(LISTENERS)(
    'at $name are closed in time, bounded, and disturb nobody',
    async ({ config, arrive, words }) => {
      const server = await start(config);
      const canary = new Ear(server.socket() as never);
      canary.send('CONNECT {"verbose":false,"user":"u","pass":"p"}\r\nPING\r\n');
      await canary.hears('PONG');
      const before = held();
      const scripts = [[], ...fc.sample(pieces(words), { seed: SEED, numRuns: STRANGERS })];
      const ends = scripts.map(async (script) => {
        const ear = arrive(server);
        for (const piece of script) {
          if (ear.isClosed) break;
          ear.send(piece);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await ended(ear, script);
      });
      const outcome = Promise.allSettled(ends);
      for (let i = 0; i < 5; i++) {
        canary.text = '';
        await canary.send('PING\r\n').hears('PONG');
        expect(held() - before).toBeLessThan(MOST_HELD);
      }
      const failures = (await outcome).flatMap((each) =>
        each.status === 'rejected' ? [String(each.reason)] : [],
      );
      expect(failures, `seed ${SEED}`).toEqual([]);
      // Nobody of them is left, and whoever comes next is served.
      expect(server.disconnect(({ user }) => user === undefined)).toBe(0);
      canary.text = '';
      await canary.send('PING\r\n').hears('PONG');
    },
  );

  it('are a test that can fail: who is let in is not closed', async () => {
    const server = await start({});
    const ear = dial(server.port).send(CONNECT);
    await ear.hears('PONG');
    await expect(ended(ear, [])).rejects.toThrow('still open');
  });
});
