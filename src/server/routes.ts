import type { Account, Interest, Mapping, Mappings } from '../accounts/index.ts';
import { limits } from '../base/index.ts';
import {
  type ByteString,
  bytesAt,
  EMPTY_BYTES,
  isPublishSubject,
  type MatchResult,
  type SubjectTransform,
} from '../subjects/index.ts';

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
  readonly subject: ByteString;
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
    this.subject = subject;
    this.account = account;
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

/**
 * A small direct-mapped cache from the bytes of a subject to its route: a steady publisher allocates no string. A
 * subject enters when it is seen for the second time; reply subjects, which come once each, never do.
 */
export class RouteCache {
  readonly #account: Account;
  readonly #routes: (Route | undefined)[] = new Array(limits.ROUTE_CACHE_ENTRIES);
  readonly #seen = new Int32Array(limits.ROUTE_CACHE_ENTRIES);
  #last: Route | undefined;

  constructor(account: Account) {
    this.#account = account;
  }

  /** The route of the subject that stands in a buffer. */
  find(buffer: Buffer, start: number, end: number): Route {
    const last = this.#last;
    if (last?.isAt(buffer, start, end)) return last;
    return this.#lookUp(buffer, start, end);
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
    const route = new Route(bytesAt(buffer, start, end), this.#account);
    if (this.#seen[slot] === hash) {
      route.keep();
      this.#routes[slot] = route;
    }
    this.#seen[slot] = hash;
    return route;
  }
}

/** The token between two offsets; empty when there is none. */
export function tokenAt(buffer: Buffer, start: number, end: number): ByteString {
  return end > start ? bytesAt(buffer, start, end) : EMPTY_BYTES;
}
