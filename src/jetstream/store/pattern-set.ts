import { type ByteString, EMPTY_BYTES, SubjectTrie, type TrieEntry } from '../../subjects/index.ts';

/** From more patterns on a subject is asked of all at once: reading one costs as much as so many looks at its bytes. */
export const MANY_PATTERNS = 32;

/** Many patterns at once: to ask whether one of them matches a subject takes no longer for being asked of a thousand. */
export class PatternSet {
  readonly #trie = new SubjectTrie<TrieEntry>(0);

  constructor(patterns: readonly ByteString[]) {
    for (const subject of patterns) this.#trie.insert({ subject, queue: EMPTY_BYTES });
  }

  matches(subject: ByteString): boolean {
    return this.#trie.match(subject).entries > 0;
  }
}
