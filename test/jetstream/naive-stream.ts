import { type ByteString, matches } from '../../src/subjects/index.ts';

/** What of a stream's configuration the model knows; a missing limit is none. Times are ms. */
export interface NaiveConfig {
  readonly retention: 'limits' | 'interest' | 'workqueue';
  readonly discard: 'old' | 'new';
  readonly discardNewPerSubject?: boolean;
  readonly maxMessages?: number;
  readonly maxBytes?: number;
  readonly maxPerSubject?: number;
  readonly maxAge?: number;
}

export interface NaiveMessage {
  readonly seq: number;
  readonly subject: string;
  readonly header: string;
  readonly payload: string;
  readonly at: number;
  /** When its own time to live ends. */
  readonly expires: number;
}

/** Somebody who wants to know of messages, and may keep them from being dropped. */
export interface NaiveReader {
  removed(seq: number): void;
  purged(): void;
  needs(seq: number, subject: string): boolean;
}

export interface Publish {
  readonly subject: string;
  readonly payload: string;
  readonly header?: string;
  readonly rollup?: 'sub' | 'all' | undefined;
  readonly ttl?: number | undefined;
}

/** Bytes that count besides content, in memory storage. */
const OVERHEAD = 16;

export function passes(filter: readonly string[], subject: string): boolean {
  return filter.length === 0 || filter.some((one) => matches(one as ByteString, subject as ByteString));
}

/** A stream as it is meant: one array, looked through from its start for every question. */
export class NaiveStream {
  config: NaiveConfig;
  kept: NaiveMessage[] = [];
  last = 0;
  now = 0;
  readonly readers: NaiveReader[] = [];
  #first = 0;

  constructor(config: NaiveConfig) {
    this.config = config;
  }

  get first(): number {
    return this.kept[0]?.seq ?? this.#first;
  }

  get bytes(): number {
    return this.kept.reduce((sum, one) => sum + costOf(one), 0);
  }

  onSubject(subject: string): NaiveMessage[] {
    return this.kept.filter((one) => one.subject === subject);
  }

  find(seq: number): NaiveMessage | undefined {
    return this.kept.find((one) => one.seq === seq);
  }

  matching(filter: readonly string[], from = 0): NaiveMessage[] {
    return this.kept.filter((one) => one.seq >= from && passes(filter, one.subject));
  }

  /** @returns what refused it, or undefined. */
  publish(input: Publish): string | undefined {
    const message: NaiveMessage = {
      seq: this.last + 1,
      subject: input.subject,
      header: input.header ?? '',
      payload: input.payload,
      at: this.now,
      expires: input.ttl === undefined ? Number.POSITIVE_INFINITY : this.now + input.ttl * 1000,
    };
    const isWanted =
      this.config.retention !== 'interest' ||
      this.readers.some((reader) => reader.needs(message.seq, message.subject));
    const refusal = isWanted ? this.#refusal(message) : undefined;
    if (refusal !== undefined) return refusal;
    this.last++;
    if (isWanted) this.kept.push(message);
    else if (this.kept.length === 0) this.#first = this.last + 1;
    if (isWanted) this.#enforce(message);
    // What nobody is interested in rolls up all the same (measured on 2.14.5).
    if (input.rollup !== undefined) this.#rollUp(message, input.rollup);
    return undefined;
  }

  #refusal(message: NaiveMessage): string | undefined {
    const { discard, discardNewPerSubject, maxMessages = 0, maxBytes = 0, maxPerSubject = 0 } = this.config;
    if (discard !== 'new') return undefined;
    const same = this.onSubject(message.subject);
    const replaces = maxPerSubject > 0 && same.length >= maxPerSubject;
    if (replaces && discardNewPerSubject === true) return 'maximum messages per subject exceeded';
    if (maxMessages > 0 && this.kept.length >= maxMessages && !replaces) return 'maximum messages exceeded';
    const freed = replaces && same[0] !== undefined ? costOf(same[0]) : 0;
    if (maxBytes > 0 && this.bytes + costOf(message) - freed > maxBytes) return 'maximum bytes exceeded';
    return undefined;
  }

  #enforce({ subject }: NaiveMessage): void {
    const { maxMessages = 0, maxBytes = 0, maxPerSubject = 0 } = this.config;
    const dropFirst = (of: NaiveMessage[]): void => {
      if (of[0] !== undefined) this.drop(of[0].seq);
    };
    while (maxPerSubject > 0 && this.onSubject(subject).length > maxPerSubject)
      dropFirst(this.onSubject(subject));
    while (maxMessages > 0 && this.kept.length > maxMessages) dropFirst(this.kept);
    while (maxBytes > 0 && this.bytes > maxBytes && this.kept.length > 0) dropFirst(this.kept);
  }

  #rollUp(message: NaiveMessage, kind: 'sub' | 'all'): void {
    const older = kind === 'all' ? this.kept : this.onSubject(message.subject);
    for (const { seq } of older) if (seq < message.seq) this.drop(seq);
  }

  /** Takes a message out and tells everybody. @returns whether it was there. */
  drop(seq: number): boolean {
    if (this.find(seq) === undefined) return false;
    this.kept = this.kept.filter((one) => one.seq !== seq);
    if (this.kept.length === 0) this.#first = this.last + 1;
    for (const reader of this.readers) reader.removed(seq);
    return true;
  }

  /** @returns how many went. */
  purge(filter: readonly string[], below: number, keep: number): number {
    const candidates = this.matching(filter);
    const going = candidates
      .slice(0, Math.max(0, candidates.length - keep))
      .filter((one) => below === 0 || one.seq < below);
    // A stream that is empty already stays as it is where not everything was to go (measured on 2.14.5).
    const isModest = this.kept.length === 0 && (keep > 0 || below === 1);
    const isAll = !isModest && filter.length === 0 && going.length === this.kept.length;
    for (const { seq } of going) this.drop(seq);
    if (isAll) {
      this.last = Math.max(this.last, below - 1);
      this.#first = this.last + 1;
    }
    for (const reader of this.readers) reader.purged();
    return going.length;
  }

  /** When the next message is too old; infinite when none ever is. */
  get nextDue(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.kept.map((one) => this.#dueOf(one)));
  }

  expire(): void {
    for (const one of this.kept) if (this.#dueOf(one) <= this.now) this.drop(one.seq);
  }

  #dueOf(one: NaiveMessage): number {
    const { maxAge } = this.config;
    return Math.min(one.expires, maxAge === undefined ? Number.POSITIVE_INFINITY : one.at + maxAge);
  }

  /** Drops what no reader needs any more, under interest retention. */
  sweep(): void {
    if (this.config.retention !== 'interest') return;
    for (const { seq, subject } of this.kept) {
      if (!this.readers.some((reader) => reader.needs(seq, subject))) this.drop(seq);
    }
  }

  /** A reader is done with a message. */
  settled(reader: NaiveReader, seq: number): void {
    const found = this.find(seq);
    if (found === undefined || this.config.retention === 'limits') return;
    const others = this.readers.filter((one) => one !== reader);
    const isNeeded = others.some((one) => one.needs(seq, found.subject));
    if (this.config.retention === 'interest' && isNeeded) return;
    this.drop(seq);
  }
}

function costOf({ subject, header, payload }: NaiveMessage): number {
  return subject.length + header.length + payload.length + OVERHEAD;
}
