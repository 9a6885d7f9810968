import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { type BulkheadServer, type StartOptions, startServer } from '../../src/index.ts';

const FOLDER = join(import.meta.dirname, '..', 'certs');
const PATIENCE_MS = 5_000;

/** The path of a file in `test/certs`. */
export function certFile(name: string): string {
  return join(FOLDER, name);
}

/** Certificate and key of the tests, by name. */
export function certificate(name: string): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(certFile(`${name}.pem`)), key: readFileSync(certFile(`${name}.key`)) };
}

export const CA = readFileSync(certFile('ca.pem'));

/** The keys of a `tls` block that serves with the certificate of the tests. */
export const SERVER_TLS = { cert_file: certFile('server.pem'), key_file: certFile('server.key') };

/** The same, and clients have to show a certificate. */
export const VERIFYING_TLS = { ...SERVER_TLS, ca_file: certFile('ca.pem'), verify: true };

/** A server that ends with the test. */
export async function start(
  config: Record<string, unknown>,
  options: Omit<StartOptions, 'config'> = {},
): Promise<BulkheadServer> {
  const server = await startServer({ ...options, config });
  onTestFinished(() => server.stop());
  return server;
}

/** What a socket was sent so far, one character a byte. */
export class Ear {
  text = '';
  isClosed = false;
  error: Error | undefined;
  readonly socket: Socket;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      this.#wake?.();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake?.();
    });
    onTestFinished(() => void socket.destroy());
  }

  send(text: string | Buffer): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return this;
  }

  /** Resolves when something holds; rejects when it does not in time. */
  async until(holds: () => boolean, what = 'what was expected'): Promise<this> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!holds()) {
      const left = deadline - performance.now();
      if (left <= 0 || (this.isClosed && !holds())) {
        throw new Error(
          `${what} did not come; closed: ${this.isClosed}, so far: ${JSON.stringify(this.text)}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this;
  }

  hears(part: string): Promise<this> {
    return this.until(() => this.text.includes(part), JSON.stringify(part));
  }

  ends(): Promise<this> {
    return this.until(() => this.isClosed, 'the end');
  }

  /** The INFO that stands in what was sent. */
  get info(): Record<string, unknown> {
    return JSON.parse(/INFO (\{.*\})/.exec(this.text)?.[1] ?? '{}');
  }
}

/** A plain TCP connection. */
export function dial(port: number): Ear {
  return new Ear(connectTcp(port, '127.0.0.1'));
}

/** Goes over to TLS on a connection; the socket of the ear is not read any more. */
export function secure(ear: Ear, client?: string): Ear {
  ear.socket.removeAllListeners('data');
  return new Ear(handshake(ear.socket, client));
}

/** A connection that begins with the handshake. */
export function dialTls(port: number, client?: string): Ear {
  return secure(dial(port), client);
}

function handshake(socket: Socket, client: string | undefined): TLSSocket {
  return connectTls({
    socket,
    ca: CA,
    servername: 'localhost',
    ...(client === undefined ? {} : certificate(client)),
  });
}

export const CONNECT = 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n';

/** A CONNECT with these fields, and a PING behind it. */
export function connectAs(fields: Record<string, string>): string {
  return `CONNECT ${JSON.stringify({ verbose: false, protocol: 1, ...fields })}\r\nPING\r\n`;
}
