import { limits, type Random, type Timer } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Account } from './account.ts';
import type { ServiceExport } from './exports.ts';
import type { ServiceImport } from './imports.ts';
import type { LatencyMeasure } from './latency.ts';
import type { Passage } from './passage.ts';
import { ReplyMapping } from './reply-mapping.ts';

const TOKEN_LENGTH = 6;
const MEASURED_TOKEN_LENGTH = 8;

/** The ways back of one threshold, in order of expiry, with one timer for all. */
class ExpiryQueue {
  readonly #account: Account;
  readonly #thresholdMs: number;
  /** The first expires first: all live equally long, and who is renewed goes to the end. */
  readonly #open = new Map<ByteString, ReplyMapping>();
  #timer: Timer | undefined;

  constructor(account: Account, thresholdMs: number) {
    this.#account = account;
    this.#thresholdMs = thresholdMs;
  }

  get size(): number {
    return this.#open.size;
  }

  get oldest(): ReplyMapping | undefined {
    const first = this.#open.values().next();
    return first.done ? undefined : first.value;
  }

  add(mapping: ReplyMapping): void {
    this.#open.set(mapping.subject, mapping);
    if (this.#timer === undefined) this.#wakeAt(this.#account.house.clock.now() + this.#thresholdMs);
  }

  remove(mapping: ReplyMapping): boolean {
    return this.#open.delete(mapping.subject);
  }

  renew(mapping: ReplyMapping): void {
    if (this.#open.delete(mapping.subject)) this.#open.set(mapping.subject, mapping);
  }

  #wakeAt(ms: number): void {
    this.#timer = this.#account.house.scheduler.at(ms, () => this.#sweep());
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#account.house.clock.now();
    for (const mapping of this.#open.values()) {
      if (mapping.expiresAt > now) {
        this.#wakeAt(mapping.expiresAt);
        return;
      }
      mapping.expire();
    }
  }
}

/**
 * The ways back from one exporting account to one importing account: bounded in number, bytes and time. Each pair has
 * its own, so that no account's requests push out another's.
 */
export class ReplyMappings {
  readonly #account: Account;
  readonly #importer: Account;
  readonly #random: Random;
  readonly #prefix: string;
  readonly #measuredSuffix: string;
  readonly #byThreshold = new Map<number, ExpiryQueue>();
  #way: Passage | undefined;
  #size = 0;
  /** Length of all the reply subjects that requesters named. */
  #bytes = 0;

  constructor(account: Account, importer: Account, random: Random) {
    this.#account = account;
    this.#importer = importer;
    this.#random = random;
    this.#prefix = `_R_.${random.token(TOKEN_LENGTH)}.`;
    this.#measuredSuffix = `.${random.token(MEASURED_TOKEN_LENGTH)}.T`;
  }

  get size(): number {
    return this.#size;
  }

  /** The way of every answer of this pair. */
  get way(): Passage {
    this.#way ??= {
      kind: 'response',
      from: this.#account.id,
      through: this,
      previous: undefined,
      depth: 1,
    };
    return this.#way;
  }

  /** Opens a way back for one request that came through `door` to `offer`. */
  open(
    original: ByteString,
    door: ServiceImport,
    offer: ServiceExport,
    measure: LatencyMeasure | undefined,
  ): ReplyMapping {
    const suffix = measure === undefined ? '' : this.#measuredSuffix;
    const subject = `${this.#prefix}${this.#random.token(TOKEN_LENGTH)}${suffix}` as ByteString;
    const ends = { importer: this.#importer, exporter: this.#account };
    const mapping = new ReplyMapping(subject, original, ends, door, offer, this, measure);
    this.#queueOf(offer.thresholdMs).add(mapping);
    this.#account.add(mapping);
    this.#size++;
    this.#bytes += original.length;
    while (this.#isFull) this.#dropOldest();
    return mapping;
  }

  /** An answer came: the mapping lives for another threshold. */
  renew(mapping: ReplyMapping): void {
    this.#byThreshold.get(mapping.offer.thresholdMs)?.renew(mapping);
  }

  close(mapping: ReplyMapping): void {
    if (this.#byThreshold.get(mapping.offer.thresholdMs)?.remove(mapping) !== true) return;
    this.#size--;
    this.#bytes -= mapping.original.length;
    this.#account.remove(mapping);
  }

  /** The newest one always has its place. */
  get #isFull(): boolean {
    const size = this.#size;
    return (
      size > limits.REPLY_MAPPINGS_PER_IMPORTER || (size > 1 && this.#bytes > limits.REPLY_BYTES_PER_IMPORTER)
    );
  }

  /** There are as many queues as thresholds in the configuration: a handful. */
  #dropOldest(): void {
    let oldest: ReplyMapping | undefined;
    for (const queue of this.#byThreshold.values()) {
      const first = queue.oldest;
      if (first !== undefined && (oldest === undefined || first.usedAt < oldest.usedAt)) oldest = first;
    }
    oldest?.close();
  }

  #queueOf(thresholdMs: number): ExpiryQueue {
    let queue = this.#byThreshold.get(thresholdMs);
    if (queue === undefined) {
      queue = new ExpiryQueue(this.#account, thresholdMs);
      this.#byThreshold.set(thresholdMs, queue);
    }
    return queue;
  }
}
