import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arguments,
  type OperationHandler,
  ProtocolParser,
  type Violation,
} from '../../src/protocol/index.ts';

/** Writes down what a parser tells of, with the bytes it points at. */
class Recorder implements OperationHandler {
  readonly seen: string[] = [];

  onConnect(buffer: Buffer, start: number, end: number): void {
    this.seen.push(`CONNECT ${buffer.latin1Slice(start, end)}`);
  }
  onPing(): void {
    this.seen.push('PING');
  }
  onPong(): void {
    this.seen.push('PONG');
  }
  onSubscribe(buffer: Buffer, args: Arguments): void {
    this.seen.push(`SUB ${texts(buffer, args)}`);
  }
  onUnsubscribe(buffer: Buffer, args: Arguments): void {
    this.seen.push(`UNSUB ${texts(buffer, args)}`);
  }
  onPublish(buffer: Buffer, ...at: [number, number, number, number, number, number, number]): void {
    const [s0, s1, r0, r1, header, payload, end] = at;
    const parts = [
      [s0, s1],
      [r0, r1],
      [header, payload],
      [payload, end],
    ] as const;
    this.seen.push(`PUB ${JSON.stringify(parts.map(([from, to]) => buffer.latin1Slice(from, to)))}`);
  }
  onPeerError(): void {
    this.seen.push('-ERR');
  }
  onViolation(violation: Violation): void {
    this.seen.push(`!${violation}`);
  }
}

function texts(buffer: Buffer, { count, starts, ends }: Arguments): string {
  return JSON.stringify(Array.from({ length: count }, (_, i) => buffer.latin1Slice(starts[i], ends[i])));
}

const LIMITS = { maxControlLine: 40, maxPayload: 12 };

interface Setup {
  readonly mustConnect?: boolean;
  readonly headers?: boolean;
}

function parserFor(recorder: Recorder, { mustConnect = false, headers = true }: Setup = {}): ProtocolParser {
  const parser = new ProtocolParser(recorder, { ...LIMITS });
  parser.mustConnect = mustConnect;
  parser.headersAllowed = headers;
  return parser;
}

function parsed(parts: readonly Buffer[], setup?: Setup): string[] {
  const recorder = new Recorder();
  const parser = parserFor(recorder, setup);
  for (const part of parts) parser.parse(Buffer.from(part));
  return recorder.seen;
}

const whole = (text: string, setup?: Setup): string[] => parsed([Buffer.from(text, 'latin1')], setup);

describe('ProtocolParser', () => {
  test.each([
    ['PING\r\n', ['PING']],
    ['ping\n', ['PING']],
    ['PONG\r\n', ['PONG']],
    ['+OK\r\nPING\r\n', ['PING']],
    ['INFO {}\r\nPING\r\n', ['PING']],
    ["-ERR 'x'\r\n", ['-ERR']],
    ['CONNECT {"a":1}\r\n', ['CONNECT {"a":1}']],
    ['CONNECT\t {"a":1} \r\n', ['CONNECT {"a":1} ']],
    ['CONNECT{}\r\n', ['CONNECT {}']],
    ['CONNECT\r\n', ['CONNECT ']],
    ['SUB a 1\r\n', ['SUB ["a","1"]']],
    ['SUB  a\tq  1 \r\n', ['SUB ["a","q","1"]']],
    ['SUB a\rq 1\r\n', ['SUB ["a","q","1"]']],
    ['SUB a\r 12\n', ['SUB ["a","1"]']],
    ['UNSUB 1\r\n', ['UNSUB ["1"]']],
    ['UNSUB 1 5\n', ['UNSUB ["1","5"]']],
    ['PUB a 2\r\nhi\r\n', ['PUB ["a","","","hi"]']],
    ['PUB a r 2\r\nhi\r\n', ['PUB ["a","r","","hi"]']],
    ['PUB a\rb 2\r\nhi\r\n', ['PUB ["a\\rb","","","hi"]']],
    ['PUB a 0\r\n\r\n', ['PUB ["a","","",""]']],
    ['PUB a 4\n\r\n\r\n\r\nPING\r\n', ['PUB ["a","","","\\r\\n\\r\\n"]', 'PING']],
    ['HPUB a 3 5\r\nabcde\r\n', ['PUB ["a","","abc","de"]']],
    ['HPUB a r 0 2\r\nhi\r\n', ['PUB ["a","r","","hi"]']],
    ['hpub a r 2 2\r\nhi\r\n', ['PUB ["a","r","hi",""]']],
    ['\r\n', ['!unknown-operation']],
    ['PUBX', ['!unknown-operation']],
    ['SUB\r\n', ['!unknown-operation']],
    ['MSG a 1 2\r\n', ['!unknown-operation']],
    ['SUB a\r\n', ['!malformed']],
    ['SUB a b c d\r\n', ['!malformed']],
    ['SUB a b c d e f g\r\n', ['!malformed']],
    ['UNSUB \r\n', ['!malformed']],
    ['UNSUB 1 2 3\r\n', ['!malformed']],
    ['PUB a\r\n', ['!malformed']],
    ['PUB a b c 1\r\n', ['!malformed']],
    ['PUB a x\r\n', ['!malformed']],
    ['PUB a -1\r\n', ['!malformed']],
    ['PUB a 0000000002\r\n', ['!malformed']],
    ['PUB a 13\r\n', ['!payload']],
    ['HPUB a 3 2\r\n', ['!malformed']],
    ['HPUB a 2\r\n', ['!malformed']],
    ['PUB a 2\r\nhix', ['!unknown-operation']],
    ['PUB a 2\r\nhi\rx', ['!unknown-operation']],
    [`SUB ${'x'.repeat(38)} 1\r\n`, [`SUB ["${'x'.repeat(38)}","1"]`]],
    [`SUB ${'x'.repeat(39)} 1\r\n`, ['!control-line']],
    [`SUB ${'x'.repeat(60)}`, ['!control-line']],
  ])('reads %j', (text, expected) => {
    expect(whole(text)).toEqual(expected);
  });

  test('takes nothing but CONNECT while that is required', () => {
    expect(whole('PING\r\n', { mustConnect: true })).toEqual(['!not-authorized']);
    expect(whole('x', { mustConnect: true })).toEqual(['!not-authorized']);
    expect(whole('CONNECT {}\r\n', { mustConnect: true })).toEqual(['CONNECT {}']);
    expect(whole('cx', { mustConnect: true })).toEqual(['!unknown-operation']);
  });

  test('takes HPUB with headers only', () => {
    expect(whole('HPUB a 0 2\r\nhi\r\n', { headers: false })).toEqual(['!headers']);
  });

  test('takes nothing after a violation', () => {
    const recorder = new Recorder();
    const parser = parserFor(recorder);
    for (const text of ['X', 'PING\r\n', 'PING\r\n']) parser.parse(Buffer.from(text));
    expect(recorder.seen).toEqual(['!unknown-operation']);
    expect(parser.heldBytes).toBe(0);
  });

  test('holds no more than the limits allow, whatever is announced', () => {
    const parser = parserFor(new Recorder());
    for (let i = 0; i < 1_000; i++) parser.parse(Buffer.from('P'));
    expect(parser.heldBytes).toBeLessThan(100);
    const waiting = parserFor(new Recorder());
    for (const byte of Buffer.from('PUB a 12\r\n12345678901')) waiting.parse(Buffer.from([byte]));
    expect(waiting.heldBytes).toBeLessThan(30);
  });

  test('does not touch the memory it was given once it returned', () => {
    const recorder = new Recorder();
    const parser = parserFor(recorder);
    const chunk = Buffer.from('PUB a 4\r\nab');
    parser.parse(chunk);
    chunk.fill(0x78);
    parser.parse(Buffer.from('cd\r\n'));
    expect(recorder.seen).toEqual(['PUB ["a","","","abcd"]']);
  });
});

/** Scripts that are mostly right, with every kind of mistake. */
const piece = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      'PING\r\n',
      'SUB a 1\r\n',
      'SUB a q 1\n',
      'UNSUB 1\r\n',
      'PUB a 2\r\nhi\r\n',
      'HPUB a r 3 5\r\nabcde\r\n',
      'CONNECT {}\r\n',
      'pub a.b r 0\r\n\r\n',
      '+OK\r\n',
      'INFO {}\r\n',
      'PONG\n',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'PUB a 3\r\n',
      'PUB a 12\r\n123456789012\r\n',
      'PUB a 2\r\nhi\n',
      'SUB a\rb 1\r\n',
      'SUB a\r 12\n',
      'PING x\r\n',
      `SUB ${'x'.repeat(38)} 1\r\n`,
      ' ',
      '\r',
      '\n',
      'P',
      'SU',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('P', 'U', 'B', 'S', 'a', ' ', '\t', '\r', '\n', '1', '2', '\0', '\xff'),
      maxLength: 12,
    }),
  },
);
const script = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

describe('what the parser tells does not depend on how the bytes were cut', () => {
  test('into any pieces', () => {
    fc.assert(
      fc.property(
        script,
        fc.array(fc.nat(400), { maxLength: 20 }),
        fc.boolean(),
        (bytes, cuts, mustConnect) => {
          expect(parsed(cutAt(bytes, cuts), { mustConnect })).toEqual(parsed([bytes], { mustConnect }));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('into single bytes', () => {
    fc.assert(
      fc.property(script, (bytes) => {
        const bytewise = Array.from(bytes, (byte) => Buffer.from([byte]));
        expect(parsed(bytewise)).toEqual(parsed([bytes]));
      }),
      { numRuns: 1_500 },
    );
  });

  test('nor on suspensions', () => {
    fc.assert(
      fc.property(script, fc.array(fc.nat(400), { maxLength: 6 }), fc.nat(5), (bytes, cuts, every) => {
        const recorder = new Recorder();
        const parser = parserFor(recorder);
        const note = recorder.seen.push.bind(recorder.seen);
        recorder.seen.push = (...items: string[]) => {
          const length = note(...items);
          if (length % (every + 1) === 0) parser.suspend();
          return length;
        };
        for (const part of cutAt(bytes, cuts)) parser.parse(Buffer.from(part));
        for (let i = 0; i < 100 && parser.isSuspended; i++) parser.resume();
        expect([...recorder.seen]).toEqual(parsed([bytes]));
      }),
      { numRuns: 1_500 },
    );
  });
});
