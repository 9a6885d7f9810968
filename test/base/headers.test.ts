import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findHeader, headerValue, statusHeader, withHeader, withoutHeader } from '../../src/base/index.ts';

const block = (...lines: string[]): Buffer =>
  Buffer.from(`NATS/1.0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
const valueIn = (bytes: Buffer, key: string): string | undefined => headerValue(bytes, 0, bytes.length, key);

describe('headerValue', () => {
  test.each([
    [block('A: x'), 'A', 'x'],
    [block('A:x'), 'A', 'x'],
    [block('A:  x '), 'A', ' x '],
    [block('A:'), 'A', ''],
    [block('A: x', 'A: y'), 'A', 'x'],
    [block('a: x'), 'A', undefined],
    [block('AB: x'), 'A', undefined],
    [block('B: A: x'), 'A', undefined],
    [block(' A: x'), 'A', undefined],
    [block('A x'), 'A', undefined],
    [Buffer.from('NATS/1.0\nA: x\n\n'), 'A', 'x'],
    [Buffer.from('A: x\r\n\r\n'), 'A', undefined],
    [Buffer.from('NATS/1.0\r\nA: x'), 'A', 'x'],
    [Buffer.from('NATS/1.0\r\nA'), 'A', undefined],
    [Buffer.alloc(0), 'A', undefined],
  ])('of %j for %j is %j', (bytes, key, expected) => {
    expect(valueIn(bytes, key)).toBe(expected);
  });

  test('looks inside its range only', () => {
    const bytes = Buffer.concat([block('A: x'), Buffer.from('A: y\r\n')]);
    const end = block('A: x').length;
    expect(headerValue(bytes, 0, end, 'A')).toBe('x');
    expect(findHeader(bytes, 0, end, 'B')).toBeUndefined();
  });
});

describe('withoutHeader', () => {
  test('removes every copy in any case, wherever it stands', () => {
    const bytes = block(
      'Nats-Request-Info: 1',
      'X: y',
      'nats-request-info: 2',
      'NATS-REQUEST-INFO:3',
      'Nats-Request-Info-2: z',
    );
    expect(withoutHeader(bytes, 'Nats-Request-Info').toString()).toBe(
      block('X: y', 'Nats-Request-Info-2: z').toString(),
    );
  });

  test('removes one on the first line, and one without a line end', () => {
    expect(withoutHeader(Buffer.from('K: 1\r\nK: 2'), 'K').toString()).toBe('');
    expect(withoutHeader(Buffer.from('NATS/1.0\nk: 1\nA: 2\n'), 'K').toString()).toBe('NATS/1.0\nA: 2\n');
  });

  test('leaves a block without it as it is', () => {
    const bytes = block('A: x');
    expect(withoutHeader(bytes, 'K')).toEqual(bytes);
  });

  test('leaves nothing for a reader to find, whatever the bytes', () => {
    const piece = fc.constantFrom('Key', 'kEY', ':', ' ', 'v', '\r\n', '\n', '\r', 'NATS/1.0\r\n');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const clean = withoutHeader(Buffer.from(pieces.join('')), 'Key').toString('latin1');
        for (const line of clean.split('\n')) expect(line.toLowerCase().startsWith('key:')).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('withHeader adds a line at the end', () => {
  expect(withHeader(Buffer.alloc(0), 'K', 'v').toString()).toBe('NATS/1.0\r\nK: v\r\n\r\n');
  expect(withHeader(block('A: x'), 'K', 'v').toString()).toBe(block('A: x', 'K: v').toString());
  expect(withHeader(Buffer.from('junk'), 'K', 'v').toString()).toContain('K: v\r\n\r\n');
});

test('withHeader keeps non-ASCII bytes as they are', () => {
  const bytes = Buffer.concat([
    Buffer.from('NATS/1.0\r\nA: '),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('\r\n\r\n'),
  ]);
  expect(withHeader(bytes, 'K', 'v').includes(Buffer.from([0xff, 0xc3]))).toBe(true);
});

test('text cannot begin a line of its own', () => {
  const forged = withHeader(Buffer.alloc(0), 'K', 'v\u010d\u010aForged: yes');
  expect(valueIn(forged, 'Forged')).toBeUndefined();
  expect(valueIn(statusHeader('400 v\u010d\u010aForged: yes'), 'Forged')).toBeUndefined();
});

test('statusHeader writes what is read', () => {
  expect(statusHeader('404 No Messages').toString()).toBe('NATS/1.0 404 No Messages\r\n\r\n');
  expect(valueIn(statusHeader('503', [['Nats-Subject', 'a.b']]), 'Nats-Subject')).toBe('a.b');
});
