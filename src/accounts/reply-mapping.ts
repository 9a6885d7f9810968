import type { Message } from '../base/index.ts';
import { Allowance } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { crossResponse } from './crossing.ts';
import type { Expiring } from './expiry-queue.ts';
import type { ServiceExport } from './exports.ts';
import type { DoorEnds, ServiceImport } from './imports.ts';
import { Interest, type Sender } from './interest.ts';
import type { LatencyMeasure } from './latency.ts';
import type { Passage } from './passage.ts';
import type { ReplyMappings } from './replies.ts';

const UNLIMITED = -1;

/**
 * The way back for the answers to one request: a subject in the account that answers which nobody can guess, alive until
 * it is used up, ends, expires, or the door that the request came through is closed.
 */
export class ReplyMapping extends Interest implements Expiring<ReplyMapping> {
  readonly exporter: Account;
  readonly importer: Account;
  /** The reply subject that the requester named. */
  readonly original: ByteString;
  readonly door: ServiceImport;
  readonly offer: ServiceExport;
  readonly #allowance: Allowance;
  readonly #mappings: ReplyMappings;
  readonly #measure: LatencyMeasure | undefined;
  /** When the request came, or the last answer, ms since the epoch. */
  usedAt: number;
  /** False once it was taken away. */
  isOpen = true;
  earlier: ReplyMapping | undefined;
  later: ReplyMapping | undefined;

  constructor(
    subject: ByteString,
    original: ByteString,
    { importer, exporter }: DoorEnds,
    door: ServiceImport,
    offer: ServiceExport,
    mappings: ReplyMappings,
    measure: LatencyMeasure | undefined,
  ) {
    super(subject, EMPTY_BYTES);
    this.original = original;
    this.importer = importer;
    this.exporter = exporter;
    this.door = door;
    this.offer = offer;
    this.#mappings = mappings;
    this.#measure = measure;
    this.usedAt = exporter.house.clock.now();
    const uses = offer.responseType === 'singleton' ? 1 : UNLIMITED;
    this.#allowance = new Allowance(uses, this.expiresAt);
  }

  /** What its request made it keep. */
  get bytes(): number {
    return this.original.length + (this.#measure?.bytes ?? 0);
  }

  /** When it ends unless an answer comes, ms since the epoch. */
  get expiresAt(): number {
    return this.usedAt + this.offer.thresholdMs;
  }

  get way(): Passage {
    return this.#mappings.way;
  }

  /** Who answers is in the account, or answered over the next hop: no import leads from elsewhere to a way back. */
  override receive(message: Message, sender: Sender, passage: Passage | undefined): number {
    if (passage !== undefined && passage.kind !== 'response') return 0;
    const { house } = this.exporter;
    if (this.door.offerFor(sender.principal) !== this.offer) this.#allowance.withdraw();
    const verdict = house.guard.response(this.#allowance, house.clock.now(), sender.principal, this.subject);
    const isLast = this.offer.responseType === 'singleton' || message.size === 0;
    if (!verdict.allowed || isLast) this.close();
    if (!verdict.allowed) return 0;
    const received = crossResponse(this, message, sender);
    this.#measure?.end(received > 0 ? 'answered' : 'requester-gone', sender, passage);
    if (!isLast && received > 0) this.#renew();
    else this.close();
    return received;
  }

  override wouldReach(_subject: ByteString): boolean {
    return this.importer.hasInterest(this.original);
  }

  /** Takes the way back away. */
  close(): void {
    this.#mappings.close(this);
  }

  /** Nobody answered in time. */
  expire(): void {
    this.close();
    this.#measure?.end(this.wouldReach(this.subject) ? 'timed-out' : 'requester-gone');
  }

  /** It may have been taken away while its answer crossed. */
  #renew(): void {
    if (!this.isOpen) return;
    this.usedAt = this.exporter.house.clock.now();
    this.#allowance.renew(this.expiresAt);
    this.#mappings.renew(this);
  }
}
