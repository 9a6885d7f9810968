import { connect as connectTcp } from 'node:net';
import { Ear, start } from './tls-world.ts';

export { start };

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** What a request to become a WebSocket may have otherwise than usual. */
export interface RequestForm {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Headers that are left out. */
  readonly without?: readonly string[];
}

/** The bytes of such a request. */
export function upgradeRequest({
  path = '/',
  method = 'GET',
  headers = {},
  without = [],
}: RequestForm = {}): string {
  const all: Record<string, string> = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

export interface FrameForm {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly compressed?: boolean;
  readonly masked?: boolean;
  /** A length that is not the one of the payload. */
  readonly claims?: bigint;
}

/** A frame as a client sends it; the mask is zero, so that payloads stay readable. */
export function frame(payload: string | Buffer, form: FrameForm = {}): Buffer {
  const { opcode = 2, fin = true, compressed = false, masked = true, claims } = form;
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = [(fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode];
  const bit = masked ? 0x80 : 0;
  const length = claims ?? BigInt(body.length);
  if (length < 126n) head.push(bit | Number(length));
  else if (length < 65_536n) head.push(bit | 126, Number(length >> 8n), Number(length & 255n));
  else {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(length);
    head.push(bit | 127, ...wide);
  }
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), body]);
}

/** The frames that a server sent behind its answer, as opcode and text. */
export function framesIn(text: string): [number, string][] {
  const bytes = Buffer.from(text, 'latin1');
  const frames: [number, string][] = [];
  let at = bytes.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= bytes.length) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    let [length, start] = [second & 0x7f, at + 2];
    if (length === 126) [length, start] = [bytes.readUInt16BE(at + 2), at + 4];
    else if (length === 127) [length, start] = [Number(bytes.readBigUInt64BE(at + 2)), at + 10];
    frames.push([first, bytes.subarray(start, start + length).toString('latin1')]);
    at = start + length;
  }
  return frames;
}

/** The port in one of a server's URLs for WebSockets. */
export function websocketPort({ urls }: { readonly urls: readonly string[] }): number {
  return Number(new URL(urls[1] ?? '').port);
}

/** A connection to a WebSocket port on which nothing was said yet. */
export function knock(port: number): Ear {
  return new Ear(connectTcp(port, '127.0.0.1'));
}

/** A WebSocket by hand: the request is sent, the answer awaited, with INFO where there is one. */
export async function upgrade(port: number, form: RequestForm = {}): Promise<Ear> {
  const ear = knock(port);
  ear.send(upgradeRequest(form));
  await ear.until(() => /INFO|^HTTP\/1.1 [345]/.test(ear.text) || ear.text.includes('deflate'), 'an answer');
  return ear;
}
