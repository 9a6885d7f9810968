import type { ByteString } from './bytes.ts';
import { LiteralBeginnings } from './literal-beginnings.ts';
import { isLiteral } from './subject.ts';

/** What can stand in the trie: an interest in a subject, alone (`queue` is empty) or as a member of a queue group. */
export interface TrieEntry {
  readonly subject: ByteString;
  readonly queue: ByteString;
}

/** One queue group among those that a subject matched; one member of it gets the message. */
export interface MatchedQueue<E> {
  readonly name: ByteString;
  readonly members: E[];
}

/**
 * Who is interested in one subject. A result may be kept by its holder and used as long as {@link SubjectTrie.isFresh}
 * says so, which costs two comparisons.
 */
export interface MatchResult<E> {
  readonly plain: E[];
  readonly queues: MatchedQueue<E>[];
  /** Everybody in it: plain ones and members of all groups. */
  entries: number;
  /**
   * True while the cache holds it: only then is it told of literal subscriptions to this very subject that come or go.
   * A result that was never cached is good for the moment it was asked for.
   */
  valid: boolean;
  /** The trie's wildcard generation this result was computed at. */
  readonly generation: number;
}

/** Counters of one trie, in the sense of nats-server's `/subsz`. */
export interface TrieStats {
  readonly count: number;
  readonly inserts: number;
  readonly removes: number;
  readonly matches: number;
  readonly cacheHits: number;
  readonly cached: number;
  /** Entries of all cached results together, and of the longest one. */
  readonly cachedEntries: number;
  readonly mostCachedEntries: number;
}

/** Marks of subjects seen lately; a power of two. */
const SEEN_SLOTS = 512;
/** Characters at a subject's end that its mark is made of: that is where reply subjects differ. */
const MARK_CHARACTERS = 12;
const FNV_PRIME = 0x01000193;

function fingerprint(subject: ByteString): number {
  let hash = subject.length;
  for (let i = Math.max(0, subject.length - MARK_CHARACTERS); i < subject.length; i++) {
    hash = Math.imul(hash ^ subject.charCodeAt(i), FNV_PRIME);
  }
  return (hash ^ (hash >>> 15)) | 0;
}

/** Entries that all cached results of a trie may have together. */
const MOST_CACHED_ENTRIES = 1_000_000;

/** Literal subjects that {@link SubjectTrie.mayStandBelow} walks over at most to count their beginnings. */
const MOST_COUNTED = 65_536;

/** From so many queue groups on they are looked up by name. */
const MANY_GROUPS = 32;
/** The names of the groups of results that have many, for as long as the result lives. */
const groupsByName = new WeakMap<object, Map<ByteString, MatchedQueue<unknown>>>();

/** One entry stands alone; only the second one on the same subject pays for a set. */
type Bucket<E> = E | Set<E>;

interface Node<E> {
  readonly children: Map<string, Node<E>>;
  /** The child that was asked for last, and its token: most subjects begin as the one before. */
  lastChild: Node<E> | undefined;
  lastToken: string;
  star: Node<E> | undefined;
  /** Entries whose subject ends here with `>`. */
  full: Bucket<E> | undefined;
  /** Entries whose subject ends exactly here. */
  here: Bucket<E> | undefined;
}

function newNode<E>(): Node<E> {
  return {
    children: new Map(),
    lastChild: undefined,
    lastToken: '',
    star: undefined,
    full: undefined,
    here: undefined,
  };
}

function added<E extends TrieEntry>(bucket: Bucket<E> | undefined, entry: E): Bucket<E> {
  if (bucket === undefined) return entry;
  if (bucket instanceof Set) return bucket.add(entry);
  return new Set([bucket, entry]);
}

/** The bucket without the entry; `undefined` when nothing is left. */
function removed<E extends TrieEntry>(bucket: Bucket<E> | undefined, entry: E): Bucket<E> | undefined {
  if (!(bucket instanceof Set)) return bucket === entry ? undefined : bucket;
  bucket.delete(entry);
  return bucket.size === 0 ? undefined : bucket;
}

function holds<E extends TrieEntry>(bucket: Bucket<E> | undefined, entry: E): boolean {
  return bucket instanceof Set ? bucket.has(entry) : bucket === entry;
}

/**
 * The interest of one account: literal subjects in one flat map, wildcard subjects in a token tree, and a bounded
 * cache of match results. A literal subscription that comes or goes invalidates one cached result, a wildcard one
 * invalidates all by raising the generation.
 */
export class SubjectTrie<E extends TrieEntry> {
  readonly #literals = new Map<ByteString, Bucket<E>>();
  readonly #root: Node<E> = newNode();
  /** Where literals stand; counted once somebody asks. */
  #beginnings: LiteralBeginnings | undefined;
  readonly #cache = new Map<ByteString, MatchResult<E>>();
  readonly #cacheBound: number;
  /** Entries of all cached results together. */
  #cachedEntries = 0;
  readonly #seen = new Int32Array(SEEN_SLOTS);
  #generation = 0;
  #count = 0;
  #inserts = 0;
  #removes = 0;
  #matches = 0;
  #cacheHits = 0;

  /** @param cacheBound how many match results are kept at most. */
  constructor(cacheBound = 4096) {
    this.#cacheBound = cacheBound;
  }

  get size(): number {
    return this.#count;
  }

  /** Adds an entry. The subject has to be valid; adding the same entry twice does nothing. */
  insert(entry: E): void {
    const before = this.#count;
    if (isLiteral(entry.subject)) this.#insertLiteral(entry);
    else this.#insertWildcard(entry);
    if (this.#count !== before) this.#inserts++;
  }

  /** Takes an entry out; returns whether it was there. */
  remove(entry: E): boolean {
    const found = isLiteral(entry.subject) ? this.#removeLiteral(entry) : this.#removeWildcard(entry);
    if (found) {
      this.#count--;
      this.#removes++;
    }
    return found;
  }

  /**
   * Who is interested in a published subject; served from the cache where possible. A subject is remembered when it is
   * seen for the second time: reply subjects come once each and would push out everything else.
   */
  match(subject: ByteString): MatchResult<E> {
    this.#matches++;
    const cached = this.#cache.get(subject);
    if (cached !== undefined && this.isFresh(cached)) {
      this.#cacheHits++;
      return cached;
    }
    const result = this.#compute(subject);
    if (cached !== undefined || this.#wasSeen(subject)) this.#remember(subject, result);
    return result;
  }

  /**
   * Who is interested in every subject that goes on from a literal beginning (`a.b.`) with whole tokens, literal
   * subscriptions aside ({@link standsOn}); undefined when that is not the same for all of them.
   * @param isOneToken only subjects that go on with exactly one token.
   */
  matchBelow(beginning: ByteString, isOneToken = false): MatchResult<E> | undefined {
    const result = this.#newResult();
    if (!collectBelow(this.#root, beginning, 0, isOneToken, result)) return undefined;
    result.valid = true;
    return result;
  }

  /**
   * Whether an entry may stand on a literal subject below a beginning: false is certain.
   * @param mark of the beginning.
   */
  mayStandBelow(mark: number): boolean {
    const { size } = this.#literals;
    if (size === 0) return false;
    if (this.#beginnings === undefined || this.#beginnings.isTooSmallFor(size)) {
      if (size > MOST_COUNTED) return this.#beginnings?.has(mark) ?? true;
      this.#beginnings = new LiteralBeginnings(size);
      for (const subject of this.#literals.keys()) this.#beginnings.add(subject);
    }
    return this.#beginnings.has(mark);
  }

  /** Whether an entry stands on literally this subject. */
  standsOn(subject: ByteString): boolean {
    return this.#literals.has(subject);
  }

  /** Whether a result obtained earlier still says who is interested. */
  isFresh(result: MatchResult<E>): boolean {
    return result.valid && result.generation === this.#generation;
  }

  /**
   * Whether an entry stands on exactly this literal subject (wildcards that cover it do not count): a member of this
   * queue group, or with an empty queue one outside all groups.
   */
  hasLiteral(subject: ByteString, queue: ByteString): boolean {
    const bucket = this.#literals.get(subject);
    if (bucket === undefined) return false;
    for (const entry of each(bucket)) if (entry.queue === queue) return true;
    return false;
  }

  /** All entries, in no particular order. */
  *entries(): IterableIterator<E> {
    for (const bucket of this.#literals.values()) yield* each(bucket);
    yield* walkEntries(this.#root);
  }

  stats(): TrieStats {
    let most = 0;
    for (const result of this.#cache.values()) most = Math.max(most, result.entries);
    return {
      count: this.#count,
      inserts: this.#inserts,
      removes: this.#removes,
      matches: this.#matches,
      cacheHits: this.#cacheHits,
      cached: this.#cache.size,
      cachedEntries: this.#cachedEntries,
      mostCachedEntries: most,
    };
  }

  #insertLiteral(entry: E): void {
    const bucket = this.#literals.get(entry.subject);
    if (holds(bucket, entry)) return;
    if (bucket === undefined) this.#beginnings?.add(entry.subject);
    this.#literals.set(entry.subject, added(bucket, entry));
    this.#count++;
    this.#forget(entry.subject);
  }

  #removeLiteral(entry: E): boolean {
    const bucket = this.#literals.get(entry.subject);
    if (!holds(bucket, entry)) return false;
    const rest = removed(bucket, entry);
    if (rest === undefined) {
      this.#literals.delete(entry.subject);
      this.#beginnings?.remove(entry.subject);
    }
    this.#forget(entry.subject);
    return true;
  }

  #insertWildcard(entry: E): void {
    let node = this.#root;
    const tokens = entry.subject.split('.');
    const last = tokens.length - 1;
    for (let i = 0; i <= last; i++) {
      const token = tokens[i] as string;
      if (token === '>' && i === last) {
        if (holds(node.full, entry)) return;
        node.full = added(node.full, entry);
        this.#wildcardsChanged();
        return;
      }
      node = childFor(node, token);
    }
    if (holds(node.here, entry)) return;
    node.here = added(node.here, entry);
    this.#wildcardsChanged();
  }

  #wildcardsChanged(): void {
    this.#count++;
    this.#generation++;
  }

  #removeWildcard(entry: E): boolean {
    const found = removeFrom(this.#root, entry, entry.subject.split('.'));
    if (found) this.#generation++;
    return found;
  }

  /** Whether the subject was probably asked for not long ago; notes it either way. */
  #wasSeen(subject: ByteString): boolean {
    const mark = fingerprint(subject);
    const slot = mark & (SEEN_SLOTS - 1);
    if (this.#seen[slot] === mark) return true;
    this.#seen[slot] = mark;
    return false;
  }

  #forget(subject: ByteString): void {
    const cached = this.#cache.get(subject);
    if (cached === undefined) return;
    cached.valid = false;
    this.#cachedEntries -= cached.entries;
    this.#cache.delete(subject);
  }

  #remember(subject: ByteString, result: MatchResult<E>): void {
    this.#forget(subject);
    while (this.#isCacheFull(result)) {
      const oldest = this.#cache.keys().next();
      if (oldest.done) break;
      this.#forget(oldest.value);
    }
    this.#cache.set(subject, result);
    this.#cachedEntries += result.entries;
    result.valid = true;
  }

  /** Whether something has to go first: many subscribers on many subjects make results that are long as well. */
  #isCacheFull({ entries }: MatchResult<E>): boolean {
    if (this.#cache.size >= this.#cacheBound) return true;
    return this.#cachedEntries + entries > MOST_CACHED_ENTRIES;
  }

  #compute(subject: ByteString): MatchResult<E> {
    const result = this.#newResult();
    if (isPublishable(subject)) collectMatches(this.#root, subject, 0, this.#literals.get(subject), result);
    return result;
  }

  #newResult(): MatchResult<E> {
    return { plain: [], queues: [], entries: 0, valid: false, generation: this.#generation };
  }
}

/** A published subject may hold `*` or `>` as ordinary tokens; only empty ones keep it from matching wildcards. */
function isPublishable(subject: ByteString): boolean {
  return subject !== '' && !subject.startsWith('.') && !subject.endsWith('.') && !subject.includes('..');
}

function childFor<E>(node: Node<E>, token: string): Node<E> {
  if (token === '*') {
    node.star ??= newNode();
    return node.star;
  }
  let child = node.children.get(token);
  if (child === undefined) {
    child = newNode();
    node.children.set(token, child);
  }
  return child;
}

/** The child for the token between two offsets; without a new string when it is the one asked for last. */
function childAt<E>(node: Node<E>, subject: string, from: number, end: number): Node<E> | undefined {
  const { lastChild, lastToken } = node;
  if (lastChild !== undefined && lastToken.length === end - from && subject.startsWith(lastToken, from)) {
    return lastChild;
  }
  const token = subject.slice(from, end);
  const child = node.children.get(token);
  if (child !== undefined) {
    node.lastChild = child;
    node.lastToken = token;
  }
  return child;
}

function isEmpty<E>(node: Node<E>): boolean {
  return (
    node.here === undefined && node.full === undefined && node.star === undefined && node.children.size === 0
  );
}

/** Removes an entry below a node and prunes what became empty; returns whether it was found. */
function removeFrom<E extends TrieEntry>(root: Node<E>, entry: E, tokens: string[]): boolean {
  const isFull = tokens[tokens.length - 1] === '>';
  const steps = isFull ? tokens.slice(0, -1) : tokens;
  const path: Node<E>[] = [root];
  let node = root;
  for (const token of steps) {
    const child = token === '*' ? node.star : node.children.get(token);
    if (child === undefined) return false;
    path.push(child);
    node = child;
  }
  const bucket = isFull ? node.full : node.here;
  if (!holds(bucket, entry)) return false;
  if (isFull) node.full = removed(bucket, entry);
  else node.here = removed(bucket, entry);
  prune(path, steps);
  return true;
}

/** Takes the empty nodes at the end of a path away. */
function prune<E>(path: readonly Node<E>[], steps: readonly string[]): void {
  for (let depth = steps.length; depth > 0 && isEmpty(path[depth] as Node<E>); depth--) {
    const parent = path[depth - 1] as Node<E>;
    const token = steps[depth - 1] as string;
    if (token === '*') parent.star = undefined;
    else {
      parent.children.delete(token);
      parent.lastChild = undefined;
    }
  }
}

/**
 * Collects what matches the tokens from an offset on. `literal` is what stands on the subject itself, for the way
 * through the tree that takes no wildcard. The order is the real server's: `>` first, then what goes through `*`, then
 * through the token itself; at the last token the literal before `*` (measured on 2.14.5).
 */
function collectMatches<E extends TrieEntry>(
  node: Node<E>,
  subject: string,
  from: number,
  literal: Bucket<E> | undefined,
  result: MatchResult<E>,
): void {
  collect(node.full, result);
  const dot = subject.indexOf('.', from);
  const end = dot === -1 ? subject.length : dot;
  const child = node.children.size === 0 ? undefined : childAt(node, subject, from, end);
  if (dot === -1) {
    collect(literal, result);
    collect(child?.here, result);
    collect(node.star?.here, result);
    return;
  }
  if (node.star !== undefined) collectMatches(node.star, subject, end + 1, undefined, result);
  if (child !== undefined) collectMatches(child, subject, end + 1, literal, result);
  else collect(literal, result);
}

/**
 * Collects what matches all that comes below a beginning, in the order of {@link collectMatches}.
 * @returns false when something there tells subjects apart.
 */
function collectBelow<E extends TrieEntry>(
  node: Node<E>,
  beginning: string,
  from: number,
  isOneToken: boolean,
  result: MatchResult<E>,
): boolean {
  collect(node.full, result);
  if (from === beginning.length) {
    if (isOneToken) collect(node.star?.here, result);
    return node.children.size === 0 && (isOneToken || node.star === undefined);
  }
  const end = beginning.indexOf('.', from);
  const child = childAt(node, beginning, from, end);
  if (node.star !== undefined && !collectBelow(node.star, beginning, end + 1, isOneToken, result))
    return false;
  return child === undefined || collectBelow(child, beginning, end + 1, isOneToken, result);
}

function collect<E extends TrieEntry>(bucket: Bucket<E> | undefined, result: MatchResult<E>): void {
  if (bucket === undefined) return;
  if (bucket instanceof Set) for (const entry of bucket) collectOne(entry, result);
  else collectOne(bucket, result);
}

/** The same queue name on different filters is one group (measured on 2.14.5). */
function collectOne<E extends TrieEntry>(entry: E, result: MatchResult<E>): void {
  result.entries++;
  if (entry.queue === '') {
    result.plain.push(entry);
    return;
  }
  const group = groupNamed(result, entry.queue);
  if (group === undefined) result.queues.push({ name: entry.queue, members: [entry] });
  else group.members.push(entry);
}

/** Where many groups have gathered their names are looked up; who subscribes with many names makes no search long. */
function groupNamed<E>(result: MatchResult<E>, name: ByteString): MatchedQueue<E> | undefined {
  const { queues } = result;
  if (queues.length < MANY_GROUPS) return queues.find((group) => group.name === name);
  const known = groupsByName.get(queues) ?? new Map<ByteString, MatchedQueue<unknown>>();
  groupsByName.set(queues, known);
  for (let i = known.size; i < queues.length; i++) {
    const group = queues[i] as MatchedQueue<E>;
    known.set(group.name, group);
  }
  return known.get(name) as MatchedQueue<E> | undefined;
}

function* each<E extends TrieEntry>(bucket: Bucket<E> | undefined): IterableIterator<E> {
  if (bucket instanceof Set) yield* bucket;
  else if (bucket !== undefined) yield bucket;
}

function* walkEntries<E extends TrieEntry>(node: Node<E>): IterableIterator<E> {
  yield* each(node.here);
  yield* each(node.full);
  if (node.star !== undefined) yield* walkEntries(node.star);
  for (const child of node.children.values()) yield* walkEntries(child);
}
