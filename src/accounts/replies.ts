import { limits, type Random } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import type { ServiceExport } from './exports.ts';
import type { ServiceImport } from './imports.ts';
import type { LatencyMeasure } from './latency.ts';
import type { Passage } from './passage.ts';
import { ReplyMapping } from './reply-mapping.ts';

const TOKEN_LENGTH = 6;
const MEASURED_TOKEN_LENGTH = 8;

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
  readonly #byThreshold = new Map<number, ExpiryQueue<ReplyMapping>>();
  #way: Passage | undefined;
  #size = 0;
  /** What requesters made it keep: the reply subjects they named, and headers that metrics will show. */
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
      shares: false,
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
    this.#bytes += mapping.bytes;
    while (this.#isFull) this.#dropOldest();
    return mapping;
  }

  /** An answer came: the mapping lives for another threshold. */
  renew(mapping: ReplyMapping): void {
    const queue = this.#queueOf(mapping.offer.thresholdMs);
    queue.remove(mapping);
    queue.add(mapping);
  }

  close(mapping: ReplyMapping): void {
    if (!mapping.isOpen) return;
    mapping.isOpen = false;
    this.#queueOf(mapping.offer.thresholdMs).remove(mapping);
    this.#size--;
    this.#bytes -= mapping.bytes;
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

  #queueOf(thresholdMs: number): ExpiryQueue<ReplyMapping> {
    let queue = this.#byThreshold.get(thresholdMs);
    if (queue === undefined) {
      queue = new ExpiryQueue(this.#account.house);
      this.#byThreshold.set(thresholdMs, queue);
    }
    return queue;
  }
}
