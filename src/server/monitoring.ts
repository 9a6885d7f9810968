import type { Server as HttpServer, ServerOptions as HttpServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../base/index.ts';
import type { ServerOptions } from '../config/index.ts';
import { RuntimeAlarm } from './effects.ts';
import { type MonitoringHouse, MonitoringPages } from './monitoring-pages.ts';
import { monitoringCertificate } from './monitoring-tls.ts';

/** How patient monitoring is. Times are ms. */
export interface MonitoringPatience {
  /** From the first byte, or the end of the last answer, to the end of a request's head. */
  readonly requestMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /** How long one answer may take to be read. */
  readonly answerMs: number;
  /** Bytes of answers that may wait for their readers before others are told to come again. */
  readonly pendingBytes: number;
}

const PATIENCE: MonitoringPatience = {
  requestMs: 10_000,
  idleMs: 5_000,
  answerMs: 60_000,
  pendingBytes: limits.MONITOR_PENDING_BYTES,
};
/** How often connections that are late are looked for, ms. */
const CHECK_MS = 1_000;
/** How long a reader may hold up the end, ms. */
const CUT_MS = 200;

/** Monitoring cannot be offered as it is configured; the text is the real server's (measured on 2.14.5). */
export class MonitoringError extends Error {
  /** The system's code, such as `EADDRINUSE`. */
  readonly code: string | undefined;

  constructor(text: string, cause?: NodeJS.ErrnoException) {
    super(`Can't start monitoring: ${text}`, { cause });
    this.name = 'MonitoringError';
    this.code = cause?.code;
  }
}

/**
 * Offers monitoring over HTTP or HTTPS, where the configuration says so; and does nothing at all where it does not.
 * @param haste where it is less patient than usual.
 * @throws MonitoringError
 */
export async function openMonitoring(
  house: MonitoringHouse,
  options: ServerOptions,
  haste: Partial<MonitoringPatience> = {},
): Promise<Monitoring | undefined> {
  const patience = { ...PATIENCE, ...haste };
  const { httpPort, httpsPort, basePath, host = options.host } = options.monitoring;
  if (httpPort === 0 && httpsPort === 0) return undefined;
  if (httpPort !== 0 && httpsPort !== 0)
    throw new MonitoringError(`can't specify both HTTP (${httpPort}) and HTTPs (${httpsPort}) ports`);
  const isTls = httpsPort !== 0;
  const server = isTls ? await tlsServer(options, patience) : await plainServer(patience);
  const pages = new MonitoringPages(house, patience);
  server.on('request', (request, response) => pages.handle(request, response));
  server.maxConnections = limits.MONITOR_CONNECTIONS;
  server.maxRequestsPerSocket = limits.MONITOR_REQUESTS_PER_CONNECTION;
  // Otherwise each further request would get an answer of its own, and the connection stay for as long as they come.
  server.on('dropRequest', (_request, socket: Socket) => {
    if (socket.writable) socket.destroySoon();
  });
  server.setTimeout(patience.requestMs + patience.answerMs);
  const port = await listening(server, host, Math.max(0, httpPort, httpsPort));
  server.on('error', (error) => house.log.write('error', `Error in monitoring: ${error.message}`));
  house.view.http.offered({
    host,
    httpPort: isTls ? 0 : port,
    httpsPort: isTls ? port : 0,
    basePath,
  });
  const scheme = isTls ? 'https' : 'http';
  house.log.write('info', `Starting ${scheme} monitor on ${address(host, port)}`);
  return new Monitoring(server, house, scheme, host, port);
}

/** Monitoring that is offered. */
export class Monitoring {
  readonly port: number;
  /** Can be dialed from this host; pages are below it. */
  readonly url: string;
  readonly #server: HttpServer;
  readonly #house: MonitoringHouse;

  constructor(
    server: HttpServer,
    house: MonitoringHouse,
    scheme: 'http' | 'https',
    host: string,
    port: number,
  ) {
    this.#server = server;
    this.#house = house;
    this.port = port;
    const isAny = host === '0.0.0.0' || host === '::' || host === '';
    this.url = `${scheme}://${address(isAny ? '127.0.0.1' : host, port)}${house.view.http.basePath}`;
  }

  /** Ends it: answers under way are finished, or cut where they are not taken. */
  async close(): Promise<void> {
    this.#house.view.http.offered(undefined);
    const alarm = new RuntimeAlarm();
    alarm.arm(CUT_MS, () => this.#server.closeAllConnections());
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
    alarm.disarm();
  }
}

function httpOptions({ requestMs, idleMs }: MonitoringPatience): HttpServerOptions {
  return {
    maxHeaderSize: limits.MONITOR_HEAD_BYTES,
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, requestMs),
    insecureHTTPParser: false,
  };
}

/** The modules are loaded where monitoring is configured, and nowhere else. */
async function plainServer(patience: MonitoringPatience): Promise<HttpServer> {
  const { createServer } = await import('node:http');
  return createServer(httpOptions(patience));
}

async function tlsServer({ tls }: ServerOptions, patience: MonitoringPatience): Promise<HttpServer> {
  if (tls === undefined || tls.certificates.length === 0)
    throw new MonitoringError('TLS cert and key required for HTTPS');
  const { createServer } = await import('node:https');
  return createServer({
    ...httpOptions(patience),
    ...monitoringCertificate(tls),
    handshakeTimeout: tls.timeoutMs,
  });
}

async function listening(server: HttpServer, host: string, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: limits.MONITOR_CONNECTIONS }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const text = `can't listen to the monitor port: listen tcp ${address(host, port)}: ${reasonOf(error)}`;
    throw new MonitoringError(text, error);
  }
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** The system's errors in the words of the real server (measured on 2.14.5). */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
  EACCES: 'bind: permission denied',
};

function reasonOf(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message;
}

function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
