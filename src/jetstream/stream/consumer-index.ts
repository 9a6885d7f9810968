import { type ByteString, EMPTY_BYTES, SubjectTrie } from '../../subjects/index.ts';
import type { StreamConsumer } from '../consumer/stream-consumer.ts';

/** Up to so many consumers with filters are simply asked one after the other: most streams have no more. */
const MOST_ASKED = 8;

/** What happened to a stream's messages so far: enough for who was not told of each to count again. */
export interface Tally {
  /** Messages that consumers were told of, and the sequence of the last of them. */
  readonly stored: number;
  readonly lastStored: number;
  /** The highest sequence that was ever taken out. */
  readonly highestRemoved: number;
}

/** One filter of one consumer. */
interface FilterEntry {
  readonly subject: ByteString;
  readonly queue: ByteString;
  readonly consumer: StreamConsumer;
}

/**
 * Which consumers of a stream a message concerns. Those with filters are found by the subject, so that consumers of
 * other subjects cost nothing. Those of all messages are told of each only while somebody waits at them: the others
 * rest, and count again from the {@link Tally} when they are looked at. A resting one that waits for acknowledgements
 * is still told of what is removed.
 */
export class ConsumerIndex {
  /** Consumers of all messages; each is awake or rests, and rests with or without acknowledgements to come. */
  readonly #unfiltered = new Set<StreamConsumer>();
  readonly #awake = new Set<StreamConsumer>();
  readonly #holding = new Set<StreamConsumer>();
  /** Consumers with filters, and their filters once they are many. */
  readonly #filtered = new Map<StreamConsumer, readonly FilterEntry[]>();
  #trie: SubjectTrie<FilterEntry> | undefined;
  readonly #tally = { stored: 0, lastStored: 0, highestRemoved: 0 };

  /** What a resting consumer counts by. */
  get tally(): Tally {
    return this.#tally;
  }

  /** Files a consumer under its filter; it is there once, whatever it was filed under before. */
  add(consumer: StreamConsumer): void {
    this.remove(consumer);
    if (consumer.filter.all) {
      this.#unfiltered.add(consumer);
      this.#awake.add(consumer);
      return;
    }
    const entries = consumer.filter.patterns.map((subject) => ({ subject, queue: EMPTY_BYTES, consumer }));
    this.#filtered.set(consumer, entries);
    if (this.#trie !== undefined) for (const entry of entries) this.#trie.insert(entry);
    else if (this.#filtered.size > MOST_ASKED) this.#trie = this.#plant();
  }

  remove(consumer: StreamConsumer): void {
    this.#unfiltered.delete(consumer);
    this.#awake.delete(consumer);
    this.#holding.delete(consumer);
    for (const entry of this.#filtered.get(consumer) ?? []) this.#trie?.remove(entry);
    this.#filtered.delete(consumer);
    if (this.#filtered.size === 0) this.#trie = undefined;
  }

  /** A resting consumer wants to be told of every message again. */
  rejoin(consumer: StreamConsumer): void {
    if (!this.#unfiltered.has(consumer)) return;
    this.#awake.add(consumer);
    this.#holding.delete(consumer);
  }

  /** A message was stored. */
  stored(seq: number, subject: ByteString): void {
    this.#tally.stored++;
    this.#tally.lastStored = seq;
    for (const consumer of this.#awake) if (!consumer.onStored(seq, subject)) this.#rest(consumer);
    if (this.#trie !== undefined) {
      for (const entry of this.#trie.match(subject).plain) entry.consumer.onStored(seq, subject);
    } else if (this.#filtered.size > 0) {
      for (const consumer of this.#filtered.keys()) consumer.onStored(seq, subject);
    }
  }

  /** A message went; it is already out of the store. */
  removed(seq: number, subject: ByteString): void {
    if (seq > this.#tally.highestRemoved) this.#tally.highestRemoved = seq;
    for (const consumer of this.#awake) consumer.onRemoved(seq, subject);
    if (this.#holding.size > 0) this.#tellHolders(seq, subject);
    if (this.#trie !== undefined) {
      for (const entry of this.#trie.match(subject).plain) entry.consumer.onRemoved(seq, subject);
    } else if (this.#filtered.size > 0) {
      for (const consumer of this.#filtered.keys()) consumer.onRemoved(seq, subject);
    }
  }

  /** Everything up to a sequence may have gone. */
  purged(lastSeq: number): void {
    this.#tally.highestRemoved = Math.max(this.#tally.highestRemoved, lastSeq);
  }

  /** Whether a consumer, other than `except`, still has to see or acknowledge a message. */
  needs(seq: number, subject: ByteString, except?: StreamConsumer): boolean {
    for (const consumer of this.#unfiltered) {
      if (consumer !== except && consumer.needs(seq, subject)) return true;
    }
    if (this.#trie === undefined) {
      for (const consumer of this.#filtered.keys()) {
        if (consumer !== except && consumer.needs(seq, subject)) return true;
      }
      return false;
    }
    for (const { consumer } of this.#trie.match(subject).plain) {
      if (consumer !== except && consumer.needs(seq, subject)) return true;
    }
    return false;
  }

  #rest(consumer: StreamConsumer): void {
    this.#awake.delete(consumer);
    if (consumer.rest(this)) this.#holding.add(consumer);
  }

  #tellHolders(seq: number, subject: ByteString): void {
    for (const consumer of this.#holding) {
      if (!consumer.onRemoved(seq, subject)) this.#holding.delete(consumer);
    }
  }

  #plant(): SubjectTrie<FilterEntry> {
    const trie = new SubjectTrie<FilterEntry>();
    for (const entries of this.#filtered.values()) for (const entry of entries) trie.insert(entry);
    return trie;
  }
}
