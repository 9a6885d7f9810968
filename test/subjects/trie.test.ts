import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ByteString,
  type MatchResult,
  matches,
  SubjectTrie,
  type TrieEntry,
} from '../../src/subjects/index.ts';

const b = (text: string) => text as ByteString;

interface Entry extends TrieEntry {
  readonly id: number;
}

let ids = 0;
const entry = (subject: string, queue = ''): Entry => ({ subject: b(subject), queue: b(queue), id: ++ids });

const plainOf = (result: MatchResult<Entry>): number[] =>
  result.plain.map(({ id }) => id).sort((x, y) => x - y);
const queuesOf = (result: MatchResult<Entry>): string[] =>
  result.queues
    .map(({ name, members }) => `${name}:${members.map(({ id }) => id).sort((x, y) => x - y)}`)
    .sort();

function naive(entries: Iterable<Entry>, subject: ByteString): { plain: number[]; queues: string[] } {
  const found = [...entries].filter((candidate) => matches(candidate.subject, subject));
  const names = [...new Set(found.map(({ queue }) => queue))].filter((queue) => queue !== '');
  return {
    plain: found
      .filter(({ queue }) => queue === '')
      .map(({ id }) => id)
      .sort((x, y) => x - y),
    queues: names
      .map((name) => {
        const members = found.filter(({ queue }) => queue === name).map(({ id }) => id);
        return `${name}:${members.sort((x, y) => x - y)}`;
      })
      .sort(),
  };
}

describe('SubjectTrie', () => {
  test('match agrees with a list under random insertions, removals and matches', () => {
    const token = fc.constantFrom('a', 'b', '*');
    const pattern = fc
      .tuple(fc.array(token, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([tokens, full]) => [...tokens, ...(full ? ['>'] : [])].join('.'));
    const command = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('insert' as const),
          pattern,
          queue: fc.constantFrom('', '', 'q', 'r'),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat() }) },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('match' as const),
          tokens: fc.array(fc.constantFrom('a', 'b', 'c', '*', '>', ''), { minLength: 1, maxLength: 5 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), which: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (commands, bound) => {
        const trie = new SubjectTrie<Entry>(bound);
        const model: Entry[] = [];
        const held: { subject: ByteString; result: MatchResult<Entry> }[] = [];
        for (const step of commands) {
          if (step.do === 'insert') {
            const added = entry(step.pattern, step.queue);
            trie.insert(added);
            trie.insert(added);
            model.push(added);
          } else if (step.do === 'remove') {
            const [gone] = model.splice(step.which % Math.max(1, model.length), 1);
            if (gone !== undefined) expect(trie.remove(gone)).toBe(true);
            if (gone !== undefined) expect(trie.remove(gone)).toBe(false);
          } else if (step.do === 'again') {
            const known = model[step.which % Math.max(1, model.length)];
            if (known !== undefined) trie.insert(known);
          } else {
            const subject = b(step.tokens.join('.'));
            const result = trie.match(subject);
            expect({ plain: plainOf(result), queues: queuesOf(result) }).toEqual(naive(model, subject));
            held.push({ subject, result });
          }
          expect(trie.size).toBe(model.length);
          for (const { subject, result } of held) {
            if (!trie.isFresh(result)) continue;
            expect({ plain: plainOf(result), queues: queuesOf(result) }).toEqual(naive(model, subject));
          }
        }
        expect([...trie.entries()].map(({ id }) => id).sort()).toEqual(model.map(({ id }) => id).sort());
        for (const one of model) trie.remove(one);
        expect([...trie.entries()]).toEqual([]);
        expect(trie.match(b('a.b')).plain).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('match puts > first, then what goes through *, then the token itself', () => {
    const trie = new SubjectTrie<Entry>();
    for (const subject of ['a.b', 'a.*', 'a.>', '*.b', '>', '*.*']) trie.insert(entry(subject));
    expect(trie.match(b('a.b')).plain.map(({ subject }) => subject)).toEqual([
      '>',
      '*.b',
      '*.*',
      'a.>',
      'a.b',
      'a.*',
    ]);
  });

  test('the same queue name on different filters is one group', () => {
    const trie = new SubjectTrie<Entry>();
    for (const subject of ['a.b', 'a.*', 'a.>']) trie.insert(entry(subject, 'q'));
    const { queues } = trie.match(b('a.b'));
    expect(queues).toHaveLength(1);
    expect(queues[0]?.members).toHaveLength(3);
  });

  test('match serves the cache until interest changes', () => {
    const trie = new SubjectTrie<Entry>();
    trie.insert(entry('a'));
    expect(trie.isFresh(trie.match(b('a'))), 'once is not kept').toBe(false);
    const first = trie.match(b('a'));
    expect(trie.match(b('a'))).toBe(first);
    trie.insert(entry('b'));
    expect(trie.match(b('a')), 'another literal does not matter').toBe(first);
    trie.insert(entry('a'));
    expect(trie.isFresh(first)).toBe(false);
    const second = trie.match(b('a'));
    expect(second).not.toBe(first);
    trie.insert(entry('*'));
    expect(trie.isFresh(second), 'a wildcard may concern everybody').toBe(false);
  });

  test('the cache is bounded', () => {
    const trie = new SubjectTrie<Entry>(8);
    trie.insert(entry('>'));
    for (let i = 0; i < 1_000; i++) trie.match(b(`s.${i}`));
    expect(trie.stats().cached).toBeLessThanOrEqual(8);
  });

  test('remove leaves no nodes behind', () => {
    const trie = new SubjectTrie<Entry>();
    const before = JSON.stringify([...trie.entries()]);
    for (let i = 0; i < 500; i++) {
      const one = entry(`x.${i}.*.y`);
      trie.insert(one);
      trie.remove(one);
    }
    expect(JSON.stringify([...trie.entries()])).toBe(before);
    expect(trie.size).toBe(0);
  });

  test('hasLiteral tells literal interest only', () => {
    const trie = new SubjectTrie<Entry>();
    trie.insert(entry('a.*'));
    trie.insert(entry('a.b'));
    expect(trie.hasLiteral(b('a.b'), b(''))).toBe(true);
    expect(trie.hasLiteral(b('a.c'), b(''))).toBe(false);
    expect(trie.hasLiteral(b('a.b'), b('q'))).toBe(false);
    trie.insert(entry('a.b', 'q'));
    expect(trie.hasLiteral(b('a.b'), b('q'))).toBe(true);
  });
});
