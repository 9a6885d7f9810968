import type { LatencyOptions, Position, ResponseType } from '../config/index.ts';
import type { AccountId, DoorKind, ExportFacts } from '../guard/index.ts';
import { type ByteString, isSubsetOf } from '../subjects/index.ts';

export type { ResponseType } from '../config/index.ts';

/** How long a reply mapping lives without an answer, ms (measured on 2.14.5). */
const DEFAULT_RESPONSE_THRESHOLD_MS = 120_000;

/** To whom something is offered. */
export interface ExportTerms {
  /** The accounts it is offered to; absent: to every account. */
  readonly accounts?: readonly AccountId[];
  /** Which token (from 1) has to be the name of the importing account. */
  readonly accountTokenPosition?: number;
  readonly at?: Position;
}

/** How a service is offered besides. */
export interface ServiceTerms extends ExportTerms {
  readonly latency?: LatencyOptions;
}

/** Something an account offers to others. Terms may change while it stands; what it is may not. */
class Offer<K extends DoorKind, T extends ExportTerms> {
  readonly kind: K;
  readonly subject: ByteString;
  #facts: ExportFacts | undefined;
  #terms: T;
  #isOpen = true;

  constructor(kind: K, subject: ByteString, terms: T) {
    this.kind = kind;
    this.subject = subject;
    this.#terms = terms;
  }

  /** False from the moment it is withdrawn; a new offer of the same subject is another one. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get terms(): T {
    return this.#terms;
  }

  /** What the guard looks at. */
  get facts(): ExportFacts {
    this.#facts ??= { ...this.#terms, kind: this.kind, subject: this.subject };
    return this.#facts;
  }

  /** New terms for the same offer. Whoever changes them raises the guard's generation. */
  revise(terms: T): void {
    this.#terms = terms;
    this.#facts = undefined;
  }

  withdraw(): void {
    this.#isOpen = false;
  }

  covers(subject: ByteString): boolean {
    return isSubsetOf(subject, this.subject);
  }
}

/** Messages that an account lets others listen to. */
export class StreamExport extends Offer<'stream', ExportTerms> {
  constructor(subject: ByteString, terms: ExportTerms = {}) {
    super('stream', subject, terms);
  }
}

/** A service that an account offers to others. */
export class ServiceExport extends Offer<'service', ServiceTerms> {
  readonly responseType: ResponseType;
  /** How long a way back lives without an answer, ms. */
  readonly thresholdMs: number;

  constructor(
    subject: ByteString,
    responseType: ResponseType = 'singleton',
    thresholdMs = DEFAULT_RESPONSE_THRESHOLD_MS,
    terms: ServiceTerms = {},
  ) {
    super('service', subject, terms);
    this.responseType = responseType;
    this.thresholdMs = thresholdMs;
  }
}

/** What one account offers of one kind, by subject. */
export class Offers<E extends StreamExport | ServiceExport> {
  readonly #bySubject = new Map<ByteString, E>();

  /** Offers of the same subject replace each other. */
  add(offer: E): void {
    this.#bySubject.set(offer.subject, offer);
  }

  remove(offer: E): void {
    offer.withdraw();
    if (this.#bySubject.get(offer.subject) === offer) this.#bySubject.delete(offer.subject);
  }

  /** The offers that cover a subject: the very same subject alone, else all that contain it. */
  covering(subject: ByteString): readonly E[] {
    const same = this.#bySubject.get(subject);
    if (same !== undefined) return [same];
    return [...this.#bySubject.values()].filter((offer) => offer.covers(subject));
  }
}
