import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Guard } from '../../src/guard/index.ts';
import { type ByteString, matches, toBytes } from '../../src/subjects/index.ts';
import { principalOf, side } from './support.ts';

const guard = new Guard({ system: undefined });
const token = fc.constantFrom('a', 'b', 'c', '*', '>');
const subject = fc.oneof(
  fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.')),
  fc.constantFrom('', '.', 'a.', '.a', 'a..b', 'a.b.', '>', '*'),
);
const pattern = fc
  .array(fc.constantFrom('a', 'b', 'c', '*'), { minLength: 1, maxLength: 4 })
  .chain((tokens) => fc.constantFrom(tokens.join('.'), [...tokens.slice(1), '>'].join('.')));
const entry = fc.tuple(pattern, fc.constantFrom('', '', '', ' q', ' *')).map((parts) => parts.join(''));

test('a long list decides as its entries do one by one, and names the first that decides', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 9, maxLength: 40 }),
      fc.array(subject, { maxLength: 10 }),
      fc.constantFrom('', 'q', 'r'),
      (texts, subjects, queue) => {
        const { deny = [] } = side(undefined, texts);
        const lines = deny.map((each, line) => ({ ...each, at: { file: 'x', line, column: 1 } }));
        const principal = principalOf({ subscribe: { deny: lines } });
        for (const asked of subjects) {
          const found: (number | undefined)[] = [];
          const listening = guard.observe((decision) => found.push(decision.reasons.at(-1)?.at?.line), {
            every: true,
            reasons: true,
          });
          guard.deliver(principal, toBytes(asked), toBytes(queue));
          listening.close();
          const speaks = (of: ByteString | undefined): boolean =>
            of === undefined || (queue !== '' && (of === '*' || of === queue));
          const first = lines.find(
            (each) => speaks(each.queue) && matches(each.subject, asked as ByteString),
          );
          expect(found, asked).toEqual([first?.at.line]);
        }
      },
    ),
    { numRuns: 500 },
  );
});
