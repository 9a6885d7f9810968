import type { PermissionEntry } from '../config/index.ts';
import { type ByteString, matches, tokensOf } from '../subjects/index.ts';

/** Lists up to this length are looked through one by one: that is quicker than an index, and takes no memory. */
const SHORT_LIST = 8;

/**
 * The first entry of a list that speaks of this queue (empty: of no queue) and matches the subject, read as a literal.
 * @param plainToo whether entries without queue speak of it.
 */
export function firstMatch(
  entries: readonly PermissionEntry[],
  subject: ByteString,
  queue: ByteString,
  plainToo: boolean,
): PermissionEntry | undefined {
  if (entries.length > SHORT_LIST) return indexOf(entries).first(subject, queue, plainToo);
  for (const entry of entries)
    if (concerns(entry, queue, plainToo) && matches(entry.subject, subject)) return entry;
  return undefined;
}

/** An entry without queue speaks of plain and queue subscriptions alike, one with a queue of that queue only. */
export function concerns(entry: PermissionEntry, queue: ByteString, plainToo: boolean): boolean {
  return entry.queue === undefined ? plainToo : queue !== '' && matches(entry.queue, queue);
}

/** Made when a long list is first asked, and gone with the list: configurations are never changed in place. */
const indexes = new WeakMap<readonly PermissionEntry[], EntryIndex>();

function indexOf(entries: readonly PermissionEntry[]): EntryIndex {
  let index = indexes.get(entries);
  if (index === undefined) {
    index = new EntryIndex(entries);
    indexes.set(entries, index);
  }
  return index;
}

/** One token of some entries' subjects. */
class Node {
  readonly next = new Map<string, Node>();
  /** Entries that end here, as places in the list. */
  readonly ends: number[] = [];
  /** Entries that go on with `>` as their last token. */
  readonly open: number[] = [];
}

/** A long list, token by token: what is asked of it does not take longer with its length. */
class EntryIndex {
  readonly #entries: readonly PermissionEntry[];
  readonly #root = new Node();

  constructor(entries: readonly PermissionEntry[]) {
    this.#entries = entries;
    for (const [place, { subject }] of entries.entries()) this.#learn(place, tokensOf(subject));
  }

  first(subject: ByteString, queue: ByteString, plainToo: boolean): PermissionEntry | undefined {
    const tokens = tokensOf(subject);
    if (tokens.includes('' as ByteString)) return undefined;
    let nodes = [this.#root];
    let first = Number.POSITIVE_INFINITY;
    const take = (places: readonly number[]): void => {
      for (const place of places) {
        const entry = this.#entries[place];
        if (place < first && entry !== undefined && concerns(entry, queue, plainToo)) first = place;
      }
    };
    for (const token of tokens) {
      for (const node of nodes) take(node.open);
      nodes = following(nodes, token);
      if (nodes.length === 0) break;
    }
    for (const node of nodes) take(node.ends);
    return this.#entries[first];
  }

  #learn(place: number, tokens: readonly ByteString[]): void {
    let node = this.#root;
    for (const [i, token] of tokens.entries()) {
      if (token === '>' && i === tokens.length - 1) {
        node.open.push(place);
        return;
      }
      let next = node.next.get(token);
      if (next === undefined) {
        next = new Node();
        node.next.set(token, next);
      }
      node = next;
    }
    node.ends.push(place);
  }
}

/** Where a token leads to: by its own name and by `*`. A published `*` has both names and goes there once. */
function following(nodes: readonly Node[], token: ByteString): Node[] {
  const found: Node[] = [];
  for (const { next } of nodes) {
    const named = next.get(token);
    const any = token === '*' ? undefined : next.get('*');
    if (named !== undefined) found.push(named);
    if (any !== undefined) found.push(any);
  }
  return found;
}
