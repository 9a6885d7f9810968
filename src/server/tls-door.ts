import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { certificateNames } from '../auth/index.ts';
import { type Certificates, readCertificates, type TlsOptions } from '../config/index.ts';
import { certificateEnd } from './certificate-view.ts';
import { HandshakeQueue } from './handshake-queue.ts';
import { carriesTls, type ListenerHost } from './listener.ts';
import { tlsSettings } from './tls-context.ts';
import type { TlsFacts } from './transport.ts';

/** The first byte of a handshake; no operation of the protocol and no HTTP request begins with it. */
export const HANDSHAKE_BYTE = 0x16;
/** Certificates of a client that are looked at. */
const MAX_CHAIN = 8;
const SECOND_MS = 1_000;

/** What comes of a handshake. */
export interface HandshakeEvents {
  secured(socket: TLSSocket, facts: TlsFacts): void;
  failed(why: string): void;
}

interface Pending extends HandshakeEvents {
  readonly first: boolean;
}

/** Serves TLS on sockets of one listener: handshakes with their time limit, client certificates, pinned keys. */
export class TlsDoor {
  #options: TlsOptions;
  readonly #server: TlsServer;
  readonly #host: ListenerHost;
  readonly #queue = new HandshakeQueue();
  /** Handshakes under way, by the client's address and port: two connections never share these. */
  readonly #pending = new Map<string, Pending>();
  #certificateEnd = '';
  #windowStart = 0;
  #inWindow = 0;

  /** @throws {ConfigError} when certificates cannot be used. */
  constructor(options: TlsOptions, host: ListenerHost) {
    this.#options = options;
    this.#host = host;
    const certificates = readCertificates(options);
    this.#server = createServer(tlsSettings(options, certificates));
    this.#certificateEnd = endOf(certificates);
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => {
      this.#take(socket)?.failed(reasonOf(error));
      socket.destroy();
    });
  }

  get options(): TlsOptions {
    return this.#options;
  }

  /** When the certificate that it shows first ends, RFC 3339. */
  get certificateEnd(): string {
    return this.#certificateEnd;
  }

  /**
   * Prepares other certificates and settings for handshakes to come.
   * @returns what puts them in force. @throws {ConfigError} when they cannot be used; then nothing has changed.
   */
  prepare(options: TlsOptions): () => void {
    const certificates = readCertificates(options);
    const settings = tlsSettings(options, certificates);
    return () => {
      this.#options = options;
      this.#certificateEnd = endOf(certificates);
      this.#server.setSecureContext(settings);
      Object.assign(this.#server, {
        requestCert: options.verify,
        rejectUnauthorized: options.verify,
      });
    };
  }

  /** Whether there have been as many handshakes in this second as there may be. */
  get isThrottling(): boolean {
    const { connectionRateLimit } = this.#options;
    if (connectionRateLimit === 0) return false;
    const now = this.#host.wireNow();
    if (now - this.#windowStart >= SECOND_MS) {
      this.#windowStart = now;
      this.#inWindow = 0;
    }
    this.#inWindow++;
    return this.#inWindow > connectionRateLimit;
  }

  /**
   * Goes over to TLS on a socket, whose own data nobody listens to any more. What was read of it has to be put back
   * before.
   * @param timeoutMs how long it may take.
   */
  handshake(socket: Socket, first: boolean, timeoutMs: number, events: HandshakeEvents): void {
    let isOver = false;
    const over = (tell: () => void): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      if (this.#pending.get(key) === pending) this.#pending.delete(key);
      tell();
    };
    const fail = (why: string): void => {
      over(() => events.failed(why));
      socket.destroy();
    };
    const pending: Pending = {
      first,
      secured: (secure, facts) => over(() => events.secured(secure, facts)),
      failed: fail,
    };
    const key = keyOf(socket);
    this.#pending.set(key, pending);
    carriesTls(socket);
    const timer = this.#host.after(timeoutMs, () => fail('i/o timeout'));
    socket.once('close', () => fail('connection reset by peer'));
    this.#queue.begin(() => {
      if (!isOver && !socket.destroyed) this.#server.emit('connection', socket);
    });
  }

  #secured(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy());
    const pending = this.#take(socket);
    if (pending === undefined) return void socket.destroy();
    const chain = this.#options.verify ? chainOf(socket) : [];
    const own = chain[0];
    if (this.#options.pinnedKeys !== undefined && !this.#isPinned(socket))
      return pending.failed('certificate not pinned');
    pending.secured(socket, {
      version: (socket.getProtocol() ?? '').replace('TLSv', ''),
      cipherSuite: socket.getCipher().standardName,
      first: pending.first,
      chain,
      ...(own === undefined ? {} : { certificate: certificateNames(own) }),
    });
  }

  #isPinned(socket: TLSSocket): boolean {
    const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
    if (key === undefined) return false;
    return this.#options.pinnedKeys?.includes(createHash('sha256').update(key).digest('hex')) === true;
  }

  #take(socket: Socket): Pending | undefined {
    return this.#pending.get(keyOf(socket));
  }
}

/** Why a handshake failed, in one line: the library's own text has places in its sources. */
function reasonOf(error: Error & { readonly reason?: string }): string {
  return error.reason === undefined ? (error.message.split('\n')[0] ?? '') : `tls: ${error.reason}`;
}

function endOf({ pairs: [first] }: Certificates): string {
  return first === undefined ? '' : certificateEnd(first.cert);
}

function keyOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

/**
 * The client's certificates in DER, its own first. The authority at the end is the server's own copy and not the
 * client's, and so left out.
 */
function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < MAX_CHAIN) {
    const { raw, issuerCertificate: issuer } = certificate;
    if (chain.length > 0 && (issuer === undefined || issuer.raw.equals(raw))) break;
    chain.push(raw);
    certificate = issuer;
  }
  return chain;
}
