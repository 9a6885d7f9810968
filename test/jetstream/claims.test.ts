import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubjectClaims } from '../../src/jetstream/stream/claims.ts';
import { type ByteString, overlaps, toBytes } from '../../src/subjects/index.ts';

const token = fc.constantFrom('a', 'b', '*');
const pattern = fc
  .tuple(fc.array(token, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([tokens, isOpen]) => toBytes([...tokens, ...(isOpen ? ['>'] : [])].join('.')));

describe('SubjectClaims', () => {
  it('says what comparing with every claim says, as claims come and go', () => {
    const step = fc.record({ add: pattern, drop: fc.nat(12), ask: fc.array(pattern, { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const claims = new SubjectClaims();
        const there: ByteString[] = [];
        for (const { add, drop, ask } of steps) {
          claims.add(add);
          there.push(add);
          for (const gone of there.splice(drop, 1)) claims.remove(gone);
          const expected = ask.some((one) => there.some((other) => overlaps(one, other)));
          expect(claims.overlaps(ask)).toBe(expected);
        }
        for (const left of there) claims.remove(left);
        expect(claims.overlaps([toBytes('>')])).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('gives up where too much would have to be looked at', () => {
    const claims = new SubjectClaims();
    for (let i = 0; i < 3_000; i++) claims.add(toBytes(`a.${i}.b`));
    const hard = Array.from({ length: 1_000 }, (_, i) => toBytes(`*.*.c${i}`));
    expect(claims.overlaps(hard)).toBeUndefined();
    expect(claims.overlaps([toBytes('a.7.b')])).toBe(true);
  });
});
