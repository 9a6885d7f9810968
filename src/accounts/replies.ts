import { limits, type Message, type Random, type Timer } from '../base/index.ts';
import { Allowance } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { crossResponse } from './crossing.ts';
import type { ServiceExport } from './exports.ts';
import { Interest, type Passage, type Sender } from './interest.ts';

const PREFIX_LENGTH = 6;
const SUFFIX_LENGTH = 6;
const UNLIMITED = -1;

/**
 * The way back for the answers to one request: a subject in the exporting account that nobody can guess, alive until
 * it is used up, ends, or expires.
 */
export class ReplyMapping extends Interest {
  readonly exporter: Account;
  readonly importer: Account;
  /** The reply subject that the requester named. */
  readonly original: ByteString;
  readonly offer: ServiceExport;
  readonly allowance: Allowance;
  readonly #mappings: ReplyMappings;

  constructor(
    subject: ByteString,
    original: ByteString,
    importer: Account,
    exporter: Account,
    offer: ServiceExport,
    mappings: ReplyMappings,
  ) {
    super(subject, EMPTY_BYTES);
    this.original = original;
    this.importer = importer;
    this.exporter = exporter;
    this.offer = offer;
    this.#mappings = mappings;
    const uses = offer.responseType === 'singleton' ? 1 : UNLIMITED;
    this.allowance = new Allowance(uses, exporter.house.clock.now() + offer.thresholdMs);
  }

  override receive(message: Message, sender: Sender, _passage: Passage | undefined): number {
    const { house } = this.exporter;
    const verdict = house.guard.response(this.allowance, house.clock.now(), sender.principal, this.subject);
    const isLast = this.offer.responseType === 'singleton' || message.size === 0;
    if (!verdict.allowed || isLast) this.close();
    if (!verdict.allowed) return 0;
    const received = crossResponse(this, message, sender);
    if (!isLast && received > 0) this.#mappings.renew(this);
    else this.close();
    return received;
  }

  /** Takes the way back away. */
  close(): void {
    this.#mappings.close(this);
  }
}

/**
 * The ways back from one exporting account to one importing account: bounded in number and time, one timer for all.
 * Each pair has its own, so that no account's requests push out another's.
 */
export class ReplyMappings {
  readonly #account: Account;
  readonly #importer: Account;
  readonly #random: Random;
  readonly #prefix: string;
  /** In order of expiry, as long as exports have the same threshold; use is judged one by one in any case. */
  readonly #open = new Map<ByteString, ReplyMapping>();
  /** Length of all the reply subjects that requesters named. */
  #bytes = 0;
  #timer: Timer | undefined;

  constructor(account: Account, importer: Account, random: Random) {
    this.#account = account;
    this.#importer = importer;
    this.#random = random;
    this.#prefix = `_R_.${random.token(PREFIX_LENGTH)}.`;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens a way back for one request to `offer` of the exporting account. */
  open(original: ByteString, offer: ServiceExport): ReplyMapping {
    const subject = `${this.#prefix}${this.#random.token(SUFFIX_LENGTH)}` as ByteString;
    const mapping = new ReplyMapping(subject, original, this.#importer, this.#account, offer, this);
    this.#open.set(subject, mapping);
    this.#account.add(mapping);
    this.#bytes += original.length;
    while (this.#isFull) this.#oldest()?.close();
    this.#watchExpiry(offer.thresholdMs);
    return mapping;
  }

  /** An answer came: the mapping lives for another threshold. */
  renew(mapping: ReplyMapping): void {
    mapping.allowance.renew(this.#account.house.clock.now() + mapping.offer.thresholdMs);
    if (this.#open.delete(mapping.subject)) this.#open.set(mapping.subject, mapping);
  }

  close(mapping: ReplyMapping): void {
    if (!this.#open.delete(mapping.subject)) return;
    this.#bytes -= mapping.original.length;
    this.#account.remove(mapping);
  }

  /** The newest one always has its place. */
  get #isFull(): boolean {
    const { size } = this.#open;
    return (
      size > limits.REPLY_MAPPINGS_PER_IMPORTER || (size > 1 && this.#bytes > limits.REPLY_BYTES_PER_IMPORTER)
    );
  }

  #oldest(): ReplyMapping | undefined {
    const first = this.#open.values().next();
    return first.done ? undefined : first.value;
  }

  #watchExpiry(thresholdMs: number): void {
    if (this.#timer !== undefined) return;
    const { clock, scheduler } = this.#account.house;
    this.#timer = scheduler.at(clock.now() + thresholdMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#account.house.clock.now();
    for (const mapping of this.#open.values()) {
      if (mapping.allowance.isAlive(now)) break;
      mapping.close();
    }
    const oldest = this.#oldest();
    if (oldest !== undefined) this.#watchExpiry(oldest.offer.thresholdMs);
  }
}
