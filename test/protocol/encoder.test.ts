import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Message } from '../../src/base/index.ts';
import { Chunk, encodedBound, encodeMessage, errorLine } from '../../src/protocol/index.ts';
import type { ByteString } from '../../src/subjects/index.ts';

interface Plain {
  readonly subject: string;
  readonly reply: string;
  readonly sid: string;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly before: number;
}

function naive({ subject, reply, sid, header, payload }: Plain, headers: boolean): Buffer {
  const withHeader = headers && header.length > 0;
  const sizes = withHeader ? `${header.length} ${header.length + payload.length}` : `${payload.length}`;
  const start = `${withHeader ? 'HMSG' : 'MSG'} ${subject} ${sid} ${reply === '' ? '' : `${reply} `}${sizes}\r\n`;
  return Buffer.concat([
    Buffer.from(start, 'latin1'),
    withHeader ? header : Buffer.alloc(0),
    payload,
    Buffer.from('\r\n'),
  ]);
}

function encoded(plain: Plain, headers: boolean, at: number): Buffer {
  const { subject, reply, sid, header, payload, before } = plain;
  const message = new Message();
  message.subject = subject as ByteString;
  message.reply = reply as ByteString;
  const bytes = Buffer.concat([Buffer.alloc(before, 0x21), header, payload, Buffer.alloc(3, 0x21)]);
  message.place(bytes, before, before + header.length, before + header.length + payload.length);
  const bound = encodedBound(message, sid as ByteString);
  const chunk = new Chunk(at + bound);
  const end = encodeMessage(chunk, at, message, sid as ByteString, headers);
  expect(end - at).toBeLessThanOrEqual(bound);
  return chunk.bytes.subarray(at, end);
}

const token = fc.string({ unit: fc.constantFrom('a', '.', 'Z', '\xff', '$'), minLength: 1, maxLength: 120 });
const size = fc.oneof(
  fc.nat(20),
  fc.nat(600),
  fc.constantFrom(509, 510, 511, 512, 513, 514, 515, 516, 4096, 70_000),
);
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);

test('encodeMessage writes what a naive encoder writes', () => {
  const plain = fc.record({
    subject: token,
    reply: fc.oneof(fc.constant(''), token),
    sid: token,
    header: fc.oneof(fc.constant(0), size).map(bytesOf),
    payload: size.map(bytesOf),
    before: fc.nat(9),
  });
  fc.assert(
    fc.property(plain, fc.boolean(), fc.nat(7), (one, headers, at) => {
      expect(encoded(one, headers, at).equals(naive(one, headers))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('one Message object serves several buffers', () => {
  const message = new Message();
  message.subject = 'a' as ByteString;
  const chunk = new Chunk(256);
  for (const text of ['one', 'two', 'three']) {
    const bytes = Buffer.from(text);
    message.place(bytes, 0, 0, bytes.length);
    const end = encodeMessage(chunk, 0, message, '1' as ByteString, true);
    expect(chunk.bytes.latin1Slice(0, end)).toBe(`MSG a 1 ${text.length}\r\n${text}\r\n`);
  }
});

test('errorLine keeps the bytes of a subject', () => {
  expect(errorLine('x "f\xc3\xb6"')).toEqual(Buffer.from('-ERR \'x "f\xc3\xb6"\'\r\n', 'latin1'));
});
