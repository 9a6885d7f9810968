import { describe, expect, it } from 'vitest';
import { maskedCrc } from '../../src/jetstream/archive/crc32c.ts';
import { FIRST_FRAME, FrameReader, framed } from '../../src/jetstream/archive/frames.ts';

/** The check value of CRC-32C: that of the nine digits. */
const CHECK = 0xe306_9283;

describe('maskedCrc', () => {
  it('is the checksum that the frame format wants', () => {
    const expected = (((CHECK >>> 15) | (CHECK << 17)) + 0xa282_ead8) >>> 0;
    expect(maskedCrc(Buffer.from('123456789'))).toBe(expected);
  });
});

describe('framed', () => {
  it('gives frames that a reader takes the same data out of, in pieces of any size', () => {
    const data = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 31) % 251));
    const frames = Buffer.concat([FIRST_FRAME, ...framed(data)]);
    for (const size of [1, 7, 1000, 65_536, frames.length]) {
      const taken: Buffer[] = [];
      const reader = new FrameReader((piece) => void taken.push(Buffer.from(piece)));
      for (let at = 0; at < frames.length; at += size) reader.push(frames.subarray(at, at + size));
      expect([size, reader.isBetween, Buffer.concat(taken).equals(data)]).toEqual([size, true, true]);
    }
  });

  it('passes over frames that mean nothing, and refuses those that are compressed or unknown', () => {
    const taken: string[] = [];
    const read = (...frames: Buffer[]): void => {
      const reader = new FrameReader((piece) => void taken.push(piece.latin1Slice()));
      reader.push(Buffer.concat([FIRST_FRAME, ...frames]));
    };
    read(Buffer.from('fe030000010203', 'hex'), ...framed(Buffer.from('a')), Buffer.from('99000000', 'hex'));
    expect(taken).toEqual(['a']);
    expect(() => read(Buffer.from('000500000000000000', 'hex'))).toThrow('restores its own only');
    expect(() => read(Buffer.from('020500000000000000', 'hex'))).toThrow('a frame is none');
    expect(() => read(Buffer.from('01ffffff', 'hex'))).toThrow('a frame is none');
  });
});
