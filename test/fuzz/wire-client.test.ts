import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { WireClient } from '../../src/fuzz/wire-client.ts';

/** A socket whose other end is the test. */
class Line extends Duplex {
  written = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.latin1Slice();
    done();
  }

  async give(text: string): Promise<void> {
    this.push(Buffer.from(text, 'latin1'));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('WireClient reads frames however they are split', async () => {
  const text =
    'INFO {"a":1} \r\nMSG s 1 2\r\nhi\r\nMSG s 1 r 0\r\n\r\nHMSG s 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n' +
    "-ERR 'Invalid Subject'\r\n+OK\r\n";
  for (const size of [1, 2, 3, 7, text.length]) {
    const line = new Line();
    const client = new WireClient(line);
    for (let i = 0; i < text.length; i += size) await line.give(text.slice(i, i + size));
    expect(client.frames).toEqual([
      { op: 'INFO', text: '{"a":1}' },
      { op: 'MSG', subject: 's', sid: '1', reply: '', header: '', payload: 'hi' },
      { op: 'MSG', subject: 's', sid: '1', reply: 'r', header: '', payload: '' },
      { op: 'MSG', subject: 's', sid: '1', reply: '', header: 'NATS/1.0\r\n\r\n', payload: 'hi' },
      { op: 'ERR', text: "'Invalid Subject'" },
      { op: 'OTHER', text: '+OK' },
    ]);
  }
});

test('WireClient answers PING and counts its own barriers', async () => {
  const line = new Line();
  const client = new WireClient(line);
  const barrier = client.ping();
  await line.give('PING\r\nPONG\r\n');
  expect(await barrier).toBe(true);
  expect(line.written).toBe('PING\r\nPONG\r\n');
});

test('WireClient ends its barriers when the connection ends', async () => {
  const line = new Line();
  const client = new WireClient(line);
  const barrier = client.ping();
  line.destroy();
  expect(await barrier).toBe(false);
  expect(client.frames).toEqual([{ op: 'CLOSED' }]);
  expect(await client.ping()).toBe(false);
});

test('WireClient writes headers with their sizes', () => {
  const line = new Line();
  new WireClient(line).publish('s', 'r', [['K', 'v']], 'hi');
  expect(line.written).toBe('HPUB s r 18 20\r\nNATS/1.0\r\nK: v\r\n\r\nhi\r\n');
});
