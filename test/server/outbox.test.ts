import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Outbox } from '../../src/server/outbox.ts';
import type { Transport } from '../../src/server/transport.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { messageOf } from '../accounts/support.ts';

/** A transport that writes when the test says so. */
class SlowTransport implements Transport {
  readonly connectionType = 'STANDARD';
  readonly remoteAddress = '';
  readonly remotePort = 0;
  readonly waiting: { bytes: Buffer; written: () => void }[] = [];
  out = '';

  write(bytes: Buffer, written: () => void): void {
    this.waiting.push({ bytes, written });
  }
  /** The operating system takes the oldest write. The bytes are read as late as that. */
  take(): boolean {
    const first = this.waiting.shift();
    if (first === undefined) return false;
    this.out += first.bytes.latin1Slice();
    first.written();
    return true;
  }
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

describe('Outbox', () => {
  test('writes everything once and in order, however slow the transport', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('line' as const), size: fc.integer({ min: 1, max: 30 }) }),
      fc.record({
        do: fc.constant('message' as const),
        size: fc.oneof(fc.nat(50), fc.nat(9_000), fc.constant(70_000)),
      }),
      fc.record({ do: fc.constantFrom('flush' as const, 'take' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const transports = [new SlowTransport(), new SlowTransport()];
        const outboxes = transports.map((transport) => new Outbox(transport, () => {}));
        const expected = ['', ''];
        steps.forEach((one, index) => {
          const which = index % 2;
          const outbox = outboxes[which];
          const letter = String.fromCharCode(97 + (index % 26));
          if (one.do === 'line') {
            const text = `${letter.repeat(one.size)}\r\n`;
            outbox?.line(Buffer.from(text));
            expected[which] += text;
          } else if (one.do === 'message') {
            const payload = letter.repeat(one.size);
            outbox?.message(messageOf('s', payload), toBytes('1'), true);
            expected[which] += `MSG s 1 ${one.size}\r\n${payload}\r\n`;
          } else if (one.do === 'flush') outbox?.flush();
          else transports[which]?.take();
          const pending = (expected[which] ?? '').length - (transports[which]?.out.length ?? 0);
          expect(outbox?.pendingBytes).toBe(pending);
        });
        outboxes.forEach((outbox, which) => {
          outbox.flush();
          while (transports[which]?.take());
          expect(transports[which]?.out).toBe(expected[which]);
          expect(outbox.pendingBytes).toBe(0);
          expect(outbox.isFlying).toBe(false);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('clear forgets what was not handed over', () => {
    const transport = new SlowTransport();
    const outbox = new Outbox(transport, () => {});
    outbox.line(Buffer.from('a'));
    outbox.flush();
    outbox.line(Buffer.from('b'));
    outbox.clear();
    outbox.flush();
    while (transport.take());
    expect(transport.out).toBe('a');
  });

  test('tells of progress whenever the transport wrote', () => {
    const transport = new SlowTransport();
    let told = 0;
    const outbox = new Outbox(transport, () => told++);
    for (const text of ['a', 'b']) {
      outbox.line(Buffer.from(text));
      outbox.flush();
    }
    expect(told).toBe(0);
    while (transport.take());
    expect(told).toBe(2);
  });
});
