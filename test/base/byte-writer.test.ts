import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter, viewOf } from '../../src/base/index.ts';

/** One step of writing, and the text that it is to give. */
type Step = { readonly write: (to: ByteWriter) => void; readonly text: string };

const latin1 = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 400 })
  .map((codes) => String.fromCharCode(...codes));

const text = latin1.map((written): Step => ({ write: (to) => to.text(written), text: written }));

const copied = fc.tuple(latin1, latin1, latin1).map(([before, written, after]): Step => {
  const bytes = Buffer.from(before + written + after, 'latin1');
  const end = before.length + written.length;
  return { write: (to) => to.copy({ bytes, view: viewOf(bytes) }, before.length, end), text: written };
});

const number = fc.tuple(fc.maxSafeNat(), fc.integer({ min: 1, max: 20 })).map(
  ([value, digits]): Step => ({
    write: (to) => to.number(value, digits),
    text: String(value).padStart(digits, '0'),
  }),
);

const steps = fc.array(fc.oneof(text, copied, number), { maxLength: 8 });

describe('ByteWriter', () => {
  test('puts texts, numbers and bytes one behind the other, however long', () => {
    const writer = new ByteWriter(256);
    fc.assert(
      fc.property(steps, (all) => {
        const wanted = all.map((step) => step.text).join('');
        writer.begin(wanted.length);
        for (const step of all) step.write(writer);
        expect(writer.bytes.latin1Slice(0, writer.end)).toBe(wanted);
      }),
      { numRuns: 300 },
    );
  });

  test.each([0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1])(
    'number writes %d',
    (value) => {
      const writer = new ByteWriter(32);
      writer.number(value);
      expect(writer.bytes.latin1Slice(0, writer.end)).toBe(String(value));
    },
  );

  test('begin keeps what stands before the place where it starts over', () => {
    const writer = new ByteWriter(32);
    writer.begin(10);
    writer.text('beginning');
    writer.begin(16, 5);
    writer.text('!');
    expect(writer.bytes.latin1Slice(0, writer.end)).toBe('begin!');
  });

  test('begin goes back to its usual buffer after a long text', () => {
    const writer = new ByteWriter(32);
    const usual = writer.bytes;
    writer.begin(1000);
    expect(writer.bytes.length).toBe(1000);
    writer.begin(32);
    expect(writer.bytes).toBe(usual);
  });
});
