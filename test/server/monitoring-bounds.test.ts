import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { limits, type Timer } from '../../src/base/index.ts';
import { DEFAULTS, type ServerOptions } from '../../src/config/index.ts';
import { accountId } from '../../src/guard/index.ts';
import { SILENT } from '../../src/server/index.ts';
import { type Monitoring, type MonitoringPatience, openMonitoring } from '../../src/server/monitoring.ts';
import { MonitoringBook } from '../../src/server/monitoring-book.ts';
import type { MonitoringHouse } from '../../src/server/monitoring-pages.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { get, monitored } from './monitoring-support.ts';

/** More than the buffers between two sockets hold, so that a page of this length waits for its reader. */
const LONG = 16_000_000;
/** Short enough that a test can wait for the end of it. */
const IMPATIENT = { requestMs: 80, idleMs: 40, answerMs: 80, pendingBytes: LONG / 2 };
const OPTIONS: ServerOptions = {
  ...DEFAULTS,
  monitoring: { host: '127.0.0.1', httpPort: -1, httpsPort: 0, basePath: '' },
};

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Monitoring of a server of which only the names of accounts are known. */
async function impatient(): Promise<Monitoring> {
  return opened(IMPATIENT, 0).then(({ monitoring }) => monitoring);
}

/** The same with a page as long as is wanted, and the deadlines of its readers in hand. */
async function opened(
  patience: MonitoringPatience,
  megabytes: number,
): Promise<{ monitoring: Monitoring; deadlines: (() => void)[] }> {
  const name = 'n'.repeat(1_000_000);
  const all = Array.from({ length: megabytes }, (_, at) => ({ id: accountId(toBytes(`${at}${name}`)) }));
  const deadlines: (() => void)[] = [];
  const after = (_: number, task: () => void): Timer => {
    deadlines.push(task);
    return { cancel: () => undefined };
  };
  const clock = { now: () => 0, instant: () => ({ ms: 0, ns: 0 }) };
  const view = { http: new MonitoringBook(), id: 'x', clock, accounts: () => all };
  const house = { view, log: SILENT, after } as unknown as MonitoringHouse;
  const monitoring = await openMonitoring(house, OPTIONS, patience);
  if (monitoring === undefined) throw new Error('not open');
  ends.push(() => monitoring.close());
  return { monitoring, deadlines };
}

/** A connection, and everything it has received. */
class Raw {
  readonly socket: Socket;
  text = '';

  constructor(url: string | undefined) {
    const { hostname, port } = new URL(url ?? '');
    this.socket = connect(Number(port), hostname);
    this.socket.on('error', () => undefined);
    ends.push(() => this.socket.destroy());
  }

  /** Reads until the other side ends it. */
  async ended(): Promise<string> {
    this.socket.on('data', (chunk: Buffer) => {
      this.text += chunk.latin1Slice();
    });
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.text;
  }

  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      const [chunk] = (await once(this.socket, 'data')) as [Buffer];
      this.text += chunk.latin1Slice();
    }
  }

  write(bytes: string | Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }
}

const GET = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;

describe('a request', () => {
  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('with %s is refused', async (method) => {
    const { status, headers } = await get(await monitored(''), '/varz', method);
    expect({ status, allow: headers.allow, connection: headers.connection }).toEqual({
      status: 405,
      allow: 'GET, HEAD',
      connection: 'close',
    });
  });

  it('with HEAD gets the head of the page', async () => {
    const server = await monitored('');
    const [head, page] = [await get(server, '/healthz', 'HEAD'), await get(server, '/healthz')];
    expect({ ...head, headers: head.headers['content-length'] }).toEqual({
      ...page,
      headers: page.headers['content-length'],
      body: '',
    });
  });

  it('with a body is refused, and the rest of it not read', async () => {
    const server = await monitored('');
    expect((await get(server, '/varz', 'GET', 'abc')).status).toBe(400);
    const head = 'GET /varz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n';
    expect(await new Raw(server.monitoringUrl).write(head).ended()).toMatch(/^HTTP\/1.1 400 /);
  });

  it('with a head beyond the bound is refused', async () => {
    const server = await monitored('');
    const long = new Raw(server.monitoringUrl).write(
      `GET /varz?${'x'.repeat(limits.MONITOR_HEAD_BYTES)} HTTP/1.1\r\n`,
    );
    expect(await long.ended()).toMatch(/^HTTP\/1.1 431 /);
    const short = 'x'.repeat(limits.MONITOR_HEAD_BYTES / 2);
    expect((await get(server, `/varz?${short}`)).status).toBe(200);
  });

  it('that is no HTTP ends its own connection and nothing else', async () => {
    const { url } = await impatient();
    const part = fc.oneof(
      fc.constantFrom(
        'GET ',
        'HEAD ',
        '/varz',
        ' HTTP/1.1\r\n',
        'Host: x\r\n',
        '\r\n',
        'CONNECT {}\r\n',
        '\0',
      ),
      fc.constantFrom(
        'Transfer-Encoding: chunked\r\n',
        'Content-Length: -1\r\n',
        'Upgrade: x\r\n',
        '\x16\x03\x01',
      ),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        const raw = new Raw(url).write(Buffer.from(parts.join(''), 'latin1'));
        raw.socket.end();
        await raw.ended();
        await new Raw(url).write(GET('/ipqueuesz')).until(' 200 ');
      }),
      { numRuns: 40 },
    );
  });
});

describe('a connection', () => {
  it.each([
    ['that says nothing', ''],
    ['that stops in the middle of a head', 'GET /varz HTTP/1.1\r\nHost:'],
  ])('%s is closed in time', async (_, bytes) => {
    const { url } = await impatient();
    const raw = new Raw(url);
    if (bytes !== '') raw.write(bytes);
    expect(await raw.ended()).not.toContain(' 200 ');
  });

  it('may ask again, and is closed when it does not', async () => {
    const raw = new Raw((await impatient()).url).write(GET('/ipqueuesz'));
    await raw.until('{}');
    raw.text = '';
    raw.write(GET('/nothing'));
    expect(await raw.ended()).toContain(' 404 ');
  });

  it('that does not take its answer is cut, and until then others are told to come again', async () => {
    const patience = { requestMs: 60_000, idleMs: 60_000, answerMs: 60_000, pendingBytes: LONG / 2 };
    const { monitoring, deadlines } = await opened(patience, LONG / 1_000_000);
    const { url } = monitoring;
    const reader = new Raw(url).write(GET('/accountz'));
    // Who sees the beginning of an answer, and reads no further, has been answered.
    await once(reader.socket, 'readable');
    expect(await new Raw(url).write(GET('/ipqueuesz')).ended()).toContain(' 503 ');
    for (const passed of deadlines.splice(0)) passed();
    expect((await reader.ended()).length).toBeLessThan(LONG);
    await new Raw(url).write(GET('/ipqueuesz')).until(' 200 ');
  });

  it('beyond the number that there may be is not served; when one has gone there is room', async () => {
    const server = await monitored('');
    const url = server.monitoringUrl;
    const held = Array.from({ length: limits.MONITOR_CONNECTIONS }, () =>
      new Raw(url).write(GET('/healthz')),
    );
    for (const each of held) await each.until('{"status":"ok"}');
    expect(await new Raw(url).write(GET('/healthz')).ended()).toBe('');
    held[0]?.socket.end();
    await held[0]?.ended();
    expect((await get(server, '/healthz')).status).toBe(200);
  });

  it('does not hold up the end of the server', async () => {
    const server = await monitored('');
    const url = server.monitoringUrl;
    const open = [new Raw(url), new Raw(url).write('GET /varz'), new Raw(url).write(GET('/healthz'))];
    await open[2]?.until('ok');
    await server.stop();
    for (const each of open) await each.ended();
    await expect(once(new Raw(url).socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
