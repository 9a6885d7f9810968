import type { Account, Interest, Mapping, Mappings } from '../accounts/index.ts';
import { limits, type Message } from '../base/index.ts';
import type { Guard, Principal } from '../guard/index.ts';
import {
  type ByteString,
  beginningMark,
  bytesAt,
  EMPTY_BYTES,
  isLiteral,
  isPublishSubject,
  type MatchResult,
  type SubjectTransform,
} from '../subjects/index.ts';

const DOT = 0x2e;
/** Branches that one connection remembers, and how many interests one may have to be looked for. */
const MOST_BRANCHES = 8;
/** Of so many subjects that come for the first time one is looked at: reply subjects come once and share nothing. */
const BRANCH_SAMPLE = 16;
const BRANCH_ENTRIES = 16;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Bytes at a subject's end that decide its slot; what is found there is compared byte by byte. */
const HASHED_BYTES = 24;
/** No subject is empty: this is never where a subject stands. */
const NOT_KEPT: Buffer = Buffer.alloc(0);

/**
 * What a connection remembers of a subject it published to: the verdict that allowed it and who was interested. Both
 * are good only as long as their generations say so.
 */
export class Route {
  readonly #subject: ByteString;
  readonly account: Account;
  /** The policy generation at which publishing was allowed; 0: not allowed, or not to be kept. */
  allowedAt = 0;
  #bytes = NOT_KEPT;
  #isPublishSubject: boolean | undefined;
  #result: MatchResult<Interest> | undefined;
  /** The account's mappings that the following fields were found in; others have come if it has others. */
  #mappings: Mappings | undefined;
  #mapping: Mapping | undefined;
  #targets: Map<SubjectTransform, Route> | undefined;

  constructor(subject: ByteString, account: Account) {
    this.#subject = subject;
    this.account = account;
  }

  /** The subject that it was found for. */
  get subject(): ByteString {
    return this.#subject;
  }

  /** Its subject stands in a buffer that a message was placed in, and is the message's. */
  name(message: Message, start: number, end: number): void {
    message.placeSubject(start, end, this.#subject);
  }

  /** Who is interested now. */
  get result(): MatchResult<Interest> {
    const known = this.#result;
    if (known !== undefined && this.account.isFresh(known)) return known;
    const found = this.account.match(this.subject);
    this.#result = found.entries > limits.ROUTE_ENTRIES ? undefined : found;
    return found;
  }

  /**
   * Where one message that is published here goes: this route, or the one of the subject that the account's mappings
   * make of it. Weights and chance are asked anew for each message.
   */
  get target(): Route {
    const { mappings } = this.account;
    if (mappings === undefined) return this;
    if (this.#mappings !== mappings) {
      this.#mappings = mappings;
      this.#mapping = mappings.find(this.subject);
      this.#targets = undefined;
    }
    return this.#mapping === undefined ? this : this.#mapped(this.#mapping);
  }

  #mapped(mapping: Mapping): Route {
    const transform = mapping.choose();
    if (transform === undefined) return this;
    const known = this.#targets?.get(transform);
    if (known !== undefined) return known;
    const target = new Route(mapping.apply(transform, this.subject), this.account);
    if (!transform.isDeterministic) return target;
    this.#targets ??= new Map();
    this.#targets.set(transform, target);
    return target;
  }

  /** Whether it names exactly one subject, as pedantic connections have to. */
  get isPublishSubject(): boolean {
    this.#isPublishSubject ??= isPublishSubject(this.subject);
    return this.#isPublishSubject;
  }

  /** Publishing to it was allowed, which holds for a policy generation. */
  keepVerdict(generation: number): void {
    this.allowedAt = generation;
  }

  /** Readies the route for being found again by the bytes of its subject. */
  keep(): void {
    this.#bytes = Buffer.from(this.subject, 'latin1');
  }

  /** Whether the subject is what stands in a buffer. */
  isAt(buffer: Buffer, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const length = end - start;
    if (bytes.length !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[i] !== buffer[start + i]) return false;
    return true;
  }
}

/** All subjects below a literal beginning (`a.b.`), or only those that go on with exactly one token. */
export interface Range {
  readonly beginning: ByteString;
  readonly isOneToken: boolean;
}

/** Where the subject stands that branches were asked for last. One for all of them: it keeps a buffer of input alive. */
class Spot {
  buffer: Buffer = NOT_KEPT;
  start = 0;
  end = 0;
}

/**
 * The route of all subjects below a literal beginning on which the same subscriptions stand, as acknowledgements, the
 * keys of a bucket and the reply subjects of an inbox have: it is used for one subject after the other, and neither
 * matched nor judged anew for each. The subject becomes a text when somebody asks for it.
 */
export class Branch extends Route {
  readonly range: Range;
  readonly #bytes: Buffer;
  readonly #mark: number;
  readonly #spot: Spot;
  #matched: MatchResult<Interest>;
  /** Whether subjects below the beginning are told apart by now: it takes no more of them. */
  isDead = false;
  /** The policy generation at which the whole branch was judged, whatever came of it. */
  #judgedAt = 0;

  constructor(range: Range, account: Account, matched: MatchResult<Interest>, spot: Spot) {
    super(range.beginning, account);
    this.range = range;
    this.#bytes = Buffer.from(range.beginning, 'latin1');
    this.#mark = beginningMark(range.beginning);
    this.#matched = matched;
    this.#spot = spot;
  }

  /** The subject that it was found for last. */
  override get subject(): ByteString {
    const { buffer, start, end } = this.#spot;
    return bytesAt(buffer, start, end);
  }

  override name(message: Message, start: number, end: number): void {
    message.placeSubject(start, end);
  }

  /**
   * Makes it the route of the subject in a buffer.
   * @returns false when that does not belong here, or is one that has to be looked at for itself.
   */
  takes(buffer: Buffer, start: number, end: number): boolean {
    const bytes = this.#bytes;
    if (end - start <= bytes.length) return false;
    for (let i = bytes.length - 1; i >= 0; i--) if (bytes[i] !== buffer[start + i]) return false;
    if (this.account.mappings !== undefined || !this.#isFresh()) return false;
    const from = start + bytes.length;
    if (!(this.range.isOneToken ? isToken(buffer, from, end) : hasWholeTokens(buffer, from, end)))
      return false;
    this.#spot.buffer = buffer;
    this.#spot.start = start;
    this.#spot.end = end;
    return !this.account.mayStandBelow(this.#mark) || !this.account.standsOn(this.subject);
  }

  override get result(): MatchResult<Interest> {
    return this.#matched;
  }

  override get target(): Route {
    return this;
  }

  override get isPublishSubject(): boolean {
    return isPublishSubject(this.subject);
  }

  /** Whether the guard lets the principal publish to the whole branch; asked once in a policy generation. */
  admits(guard: Guard, principal: Principal): boolean {
    if (this.#judgedAt === guard.generation) return false;
    this.#judgedAt = guard.generation;
    const verdict = guard.publishBelow(principal, this.range.beginning);
    if (verdict?.allowed === true) this.allowedAt = guard.generation;
    return this.allowedAt === guard.generation;
  }

  /** A verdict about one subject says nothing about the others. */
  override keepVerdict(): void {
    // Not kept.
  }

  #isFresh(): boolean {
    if (this.account.isFresh(this.#matched)) return true;
    const matched = this.account.matchBelow(this.range.beginning, this.range.isOneToken);
    this.isDead = matched === undefined || matched.entries > limits.ROUTE_ENTRIES;
    if (matched === undefined || this.isDead) return false;
    this.#matched = matched;
    return true;
  }
}

/** Whether no token is empty: such a subject matches no wildcard. */
function hasWholeTokens(buffer: Buffer, start: number, end: number): boolean {
  let before = DOT;
  for (let i = start; i < end; i++) {
    const byte = buffer[i] as number;
    if (byte === DOT && before === DOT) return false;
    before = byte;
  }
  return before !== DOT;
}

function isToken(buffer: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (buffer[i] === DOT) return false;
  return end > start;
}

/** The narrowest range of which somebody in a match wants everything. */
function rangeOf({ plain, entries }: MatchResult<Interest>): Range | undefined {
  if (entries > BRANCH_ENTRIES) return undefined;
  let longest = EMPTY_BYTES;
  let isOneToken = false;
  for (const { subject } of plain) {
    const isNarrow = subject.endsWith('.*');
    if (!isNarrow && !subject.endsWith('.>')) continue;
    const beginning = subject.slice(0, -1) as ByteString;
    if (beginning.length < longest.length || !isLiteral(beginning)) continue;
    isOneToken = isNarrow || (isOneToken && beginning === longest);
    longest = beginning;
  }
  return longest === '' ? undefined : { beginning: longest, isOneToken };
}

function isSame(a: Range | undefined, b: Range): boolean {
  return a?.beginning === b.beginning && a.isOneToken === b.isOneToken;
}

/**
 * A small direct-mapped cache from the bytes of a subject to its route: a steady publisher allocates no string. A
 * subject enters when it is seen for the second time; reply subjects, which come once each, never do.
 */
export class RouteCache {
  readonly #account: Account;
  readonly #routes: (Route | undefined)[] = new Array(limits.ROUTE_CACHE_ENTRIES);
  readonly #seen = new Int32Array(limits.ROUTE_CACHE_ENTRIES);
  #last: Route | undefined;
  /** What many subjects went over, the one used last first. */
  readonly #branches: Branch[] = [];
  readonly #spot = new Spot();
  /** Where no branch was to be had: it is not tried again while nothing has changed. */
  #barren: Range | undefined;
  #barrenAt = -1;
  #unknown = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  /** The route of the subject that stands in a buffer. */
  find(buffer: Buffer, start: number, end: number): Route {
    const last = this.#last;
    if (last?.isAt(buffer, start, end)) return last;
    const branch = this.#branches[0];
    if (branch?.takes(buffer, start, end)) return branch;
    if (branch?.isDead) this.#branches.shift();
    return this.#lookUp(buffer, start, end);
  }

  /** Another branch that has this subject. */
  #otherBranch(buffer: Buffer, start: number, end: number): Branch | undefined {
    for (let i = 1; i < this.#branches.length; i++) {
      const branch = this.#branches[i] as Branch;
      if (!branch.takes(buffer, start, end)) continue;
      this.#branches.splice(i, 1);
      this.#branches.unshift(branch);
      return branch;
    }
    return undefined;
  }

  /** Looks whether a subject that was not seen before shares its way with others. */
  #branchOff(route: Route): void {
    if (this.#account.mappings !== undefined) return;
    const { result } = route;
    const range = rangeOf(result);
    if (range === undefined || route.subject.length <= range.beginning.length) return;
    if (this.#branches.some((branch) => isSame(branch.range, range))) return;
    if (isSame(this.#barren, range) && result.generation === this.#barrenAt) return;
    const matched = this.#account.matchBelow(range.beginning, range.isOneToken);
    if (matched === undefined || matched.entries > limits.ROUTE_ENTRIES) {
      this.#barren = range;
      this.#barrenAt = result.generation;
      return;
    }
    this.#branches.unshift(new Branch(range, this.#account, matched, this.#spot));
    if (this.#branches.length > MOST_BRANCHES) this.#branches.pop();
  }

  #lookUp(buffer: Buffer, start: number, end: number): Route {
    let hash = FNV_OFFSET ^ (end - start);
    for (let i = Math.max(start, end - HASHED_BYTES); i < end; i++)
      hash = Math.imul(hash ^ (buffer[i] as number), FNV_PRIME);
    const slot = (hash ^ (hash >>> 16)) & (limits.ROUTE_CACHE_ENTRIES - 1);
    const known = this.#routes[slot];
    if (known?.isAt(buffer, start, end)) {
      this.#last = known;
      return known;
    }
    const branch = this.#otherBranch(buffer, start, end);
    if (branch !== undefined) return branch;
    const route = new Route(bytesAt(buffer, start, end), this.#account);
    if (this.#seen[slot] === hash) {
      route.keep();
      this.#routes[slot] = route;
    } else if (this.#unknown++ % BRANCH_SAMPLE === 0) this.#branchOff(route);
    this.#seen[slot] = hash;
    return route;
  }
}

/** The token between two offsets; empty when there is none. */
export function tokenAt(buffer: Buffer, start: number, end: number): ByteString {
  return end > start ? bytesAt(buffer, start, end) : EMPTY_BYTES;
}
