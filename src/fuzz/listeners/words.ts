import fc from 'fast-check';

/** What makes some sense at a listener: strangers begin with it, or with a part of it. */
export type Words = readonly (string | Buffer)[];

export const LINES: Words = [
  'PING\r\n',
  'CONNECT {',
  'CONNECT {}\r\n',
  'CONNECT {"user":"u","pass":"wrong"}\r\n',
  'SUB x 1\r\n',
  'PUB x 999999\r\n',
  'HPUB x 4294967295 4294967295\r\n',
  'INFO {}\r\n',
  '+OK\r\n',
  "-ERR 'x'\r\n",
  '\r\n',
];

/** The beginning of a TLS handshake. */
export const HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);

export const UPGRADE = request(
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Extensions: permessage-deflate',
);

export const ASKS: Words = [
  UPGRADE,
  'GET / HTTP/1.1\r\nHost: x\r\n',
  'GET /mqtt HTTP/1.1\r\n\r\n',
  'GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n',
];

/** Questions for monitoring: options of every kind, with numbers at their ends. */
export const QUESTIONS: Words = [
  ...[
    '/varz',
    '/connz?subs=detail&limit=9223372036854775807&offset=9223372036854775807',
    '/subsz?test=%00&subs=1',
  ].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`),
  'GET /jsz?accounts=1&acc=%ff HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n',
  'HEAD /connz HTTP/1.0\r\n\r\n',
  'DELETE /varz HTTP/1.1\r\nHost: x\r\n\r\n',
  ...ASKS,
];

export const FRAMES: Words = [
  frame('PING\r\n', 2, {}),
  frame('CONNECT {"user":', 2, { isPart: true }),
  frame('x'.repeat(200), 2, { isCompressed: true, isPart: true }),
  frame('x', 2, { claims: 2n ** 40n }),
  frame('', 9, {}),
  frame('', 0, { isPart: true }),
  frame('x', 2, { isClear: true }),
];

function request(...headers: readonly string[]): string {
  return ['GET / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');
}

interface FrameForm {
  /** More of the message follows. */
  readonly isPart?: boolean;
  readonly isCompressed?: boolean;
  /** Without the mask that clients have to use. */
  readonly isClear?: boolean;
  /** A length that is not the one of the payload. */
  readonly claims?: bigint;
}

/** A WebSocket frame; the mask is zero. */
function frame(
  payload: string,
  opcode: number,
  { isPart, isCompressed, isClear, claims }: FrameForm,
): Buffer {
  const mask = isClear ? 0 : 0x80;
  const first = (isPart ? 0 : 0x80) | (isCompressed ? 0x40 : 0) | opcode;
  const length = Buffer.alloc(claims === undefined ? 3 : 9);
  length[0] = mask | (claims === undefined ? 126 : 127);
  if (claims === undefined) length.writeUInt16BE(payload.length, 1);
  else length.writeBigUInt64BE(claims, 1);
  return Buffer.concat([
    Buffer.from([first]),
    length,
    Buffer.alloc(isClear ? 0 : 4),
    Buffer.from(payload, 'latin1'),
  ]);
}

const MOST_PIECES = 6;
const MUCH = 2 ** 20;

/** What one stranger sends: pieces, cut and changed at random; now and then so much that it has to be cut off. */
export function pieces(words: Words): fc.Arbitrary<Buffer[]> {
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
    .map(([bytes, times]) => Buffer.alloc(Math.min(times * bytes.length, MUCH), bytes));
  return fc.array(fc.oneof({ weight: 3, arbitrary: word }, cut, bent, noise, much), {
    maxLength: MOST_PIECES,
  });
}
