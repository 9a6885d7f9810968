import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ByteString,
  beginningMark,
  EMPTY_BYTES,
  SubjectTrie,
  type TrieEntry,
  toBytes,
} from '../../src/subjects/index.ts';

const token = fc.constantFrom('a', 'b', 'c', 'd');
const literal = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => toBytes(tokens.join('.')));
const beginning = fc
  .array(token, { minLength: 1, maxLength: 4 })
  .map((tokens) => toBytes(`${tokens.join('.')}.`));

describe('SubjectTrie.mayStandBelow', () => {
  test('says no only where no literal subject stands, and then nearly always', () => {
    let some = 0;
    let none = 0;
    const step = fc.record({ subject: literal, stands: fc.boolean(), asked: beginning });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const trie = new SubjectTrie<TrieEntry>();
        const here = new Map<ByteString, TrieEntry>();
        for (const { subject, stands, asked } of steps) {
          const entry = here.get(subject) ?? { subject, queue: EMPTY_BYTES };
          if (stands) trie.insert(entry);
          else trie.remove(entry);
          if (stands) here.set(subject, entry);
          else here.delete(subject);
          const isThere = [...here.keys()].some((one) => one.startsWith(asked));
          const may = trie.mayStandBelow(beginningMark(asked));
          if (isThere) expect(may).toBe(true);
          else if (may) some++;
          else none++;
        }
      }),
      { numRuns: 100 },
    );
    expect(none).toBeGreaterThan(20 * some);
  });

  test('stays useful while subjects become many and few again', () => {
    const trie = new SubjectTrie<TrieEntry>();
    const entries = Array.from({ length: 3000 }, (_, at) => ({
      subject: toBytes(`many.${at}.x`),
      queue: EMPTY_BYTES,
    }));
    const mark = beginningMark(toBytes('other.'));
    expect(trie.mayStandBelow(mark)).toBe(false);
    for (const entry of entries) {
      trie.insert(entry);
      trie.mayStandBelow(mark);
    }
    const ruledOut = (): number =>
      Array.from({ length: 100 }, (_, at) =>
        trie.mayStandBelow(beginningMark(toBytes(`other.${at}.`))),
      ).filter((may) => !may).length;
    expect(trie.mayStandBelow(beginningMark(toBytes('many.17.')))).toBe(true);
    expect(ruledOut()).toBeGreaterThan(40);
    for (const entry of entries) trie.remove(entry);
    expect(ruledOut()).toBe(100);
  });
});
