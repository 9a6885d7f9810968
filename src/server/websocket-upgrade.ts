import type { IncomingMessage } from 'node:http';
import { originOf, type WebsocketOptions } from '../config/index.ts';
import { type ByteString, toBytes } from '../subjects/index.ts';
import type { OfferedCredentials } from './transport.ts';

/** Why a request does not become a WebSocket: the status of the answer, and the words for the log. */
export interface UpgradeRefusal {
  readonly status: 400 | 403 | 404 | 405;
  readonly why: string;
}

/** Protocols that a path would choose, and that this server does not offer (GHSA-p957-7v2w-g93g). */
const NOT_OFFERED = ['mqtt', 'leafnode'];
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const STATUS_TEXTS: Readonly<Record<UpgradeRefusal['status'], string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
};

/**
 * Whether a request may become a WebSocket, in the order in which the real server looks (measured on 2.14.5). Paths
 * choose the protocol: those of protocols that are not offered do not answer, every other one speaks to clients.
 */
export function upgradeRefusal(
  request: IncomingMessage,
  options: WebsocketOptions,
): UpgradeRefusal | undefined {
  const { headers, method, url = '' } = request;
  const protocol = protocolIn(url);
  if (protocol !== undefined) return { status: 404, why: `${protocol} websocket endpoint not enabled` };
  if (method !== 'GET') return { status: 405, why: 'request method must be GET' };
  if (headers.host === undefined) return { status: 400, why: "'Host' missing in request" };
  const bad = (why: string): UpgradeRefusal => ({ status: 400, why });
  if (!hasToken(headers.upgrade, 'websocket')) return bad("invalid value for header 'Upgrade'");
  if (!hasToken(headers.connection, 'upgrade')) return bad("invalid value for header 'Connection'");
  const key = headers['sec-websocket-key'] ?? '';
  if (key === '') return bad('key missing');
  if (headers['sec-websocket-version'] !== '13') return bad('invalid version');
  if (!KEY.test(key)) return bad('invalid websocket key');
  const why = originRefusal(request, options);
  return why === undefined ? undefined : { status: 403, why: `origin not allowed: ${why}` };
}

/** The protocol that the first part of a path names, when it is not offered. */
function protocolIn(url: string): string | undefined {
  let path = url.split(/[?#]/, 1)[0] ?? '';
  try {
    path = decodeURIComponent(path);
  } catch {
    // A path that is no text names no protocol.
  }
  const first = path.split('/').find((part) => part !== '' && part !== '.' && part !== '..');
  return NOT_OFFERED.find((protocol) => protocol === first?.toLowerCase());
}

function hasToken(header: string | undefined, token: string): boolean {
  return (header ?? '').split(',').some((part) => part.trim().toLowerCase() === token);
}

/** Who sends no origin is no browser, and free to say what it likes (measured on 2.14.5). */
function originRefusal({ headers }: IncomingMessage, options: WebsocketOptions): string | undefined {
  const { origin } = headers;
  if (origin === undefined || origin === '') return undefined;
  const { sameOrigin, allowedOrigins, tls } = options;
  if (!sameOrigin && allowedOrigins === undefined) return undefined;
  const from = originOf(origin);
  if (from === undefined) return 'it is none';
  if (sameOrigin && from !== originOf(`${tls === undefined ? 'http' : 'https'}://${headers.host}`))
    return 'not same origin';
  if (allowedOrigins?.includes(from) === false) return 'not in the allowed list';
  return undefined;
}

/** The answer to a request that is refused; the connection ends behind it. */
export function refusalAnswer({ status }: UpgradeRefusal): string {
  const text = STATUS_TEXTS[status];
  return [
    `HTTP/1.1 ${status} ${text}`,
    'Content-Type: text/plain; charset=utf-8',
    'Sec-Websocket-Version: 13',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${text.length + 1}`,
    'Connection: close',
    '',
    `${text}\n`,
  ].join('\r\n');
}

/** What cookies say of who it is: where a name stands twice, the last one counts (measured on 2.14.5). */
export function offeredCredentials(
  request: IncomingMessage,
  { cookies }: WebsocketOptions,
): OfferedCredentials | undefined {
  if (cookies.user === undefined && cookies.password === undefined && cookies.token === undefined)
    return undefined;
  const values = new Map<string, string>();
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const value = part.slice(at + 1).trim();
    values.set(part.slice(0, at).trim(), /^".*"$/.test(value) ? value.slice(1, -1) : value);
  }
  const text = (name: string | undefined): string | undefined => {
    const value = name === undefined ? undefined : values.get(name);
    return value === undefined || value === '' ? undefined : Buffer.from(value, 'latin1').toString();
  };
  const [user, pass, authToken] = [text(cookies.user), text(cookies.password), text(cookies.token)];
  return {
    ...(user === undefined ? {} : { user: toBytes(user) as ByteString }),
    ...(pass === undefined ? {} : { pass }),
    ...(authToken === undefined ? {} : { authToken }),
  };
}
