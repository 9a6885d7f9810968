import type { Clock, Instant } from '../../base/index.ts';
import { type ByteString, toBytes, toText } from '../../subjects/index.ts';
import { jsError } from '../errors.ts';
import type { StateReader, StateWriter } from '../state/index.ts';
import type { ConsumerAdvisories } from './consumer-advisories.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { WaitingPull } from './pull.ts';
import type { PullRequest } from './pull-request.ts';

const NEVER = Number.POSITIVE_INFINITY;
const PIN_LENGTH = 22;
const MAX_PRIORITY = 9;

/** What a request in its turn gets: the message, nothing now, or a status that ends its wait. */
export type Turn = 'takes' | 'waits' | Buffer;

/** What is said of a request that does not fit the consumer's priority policy (texts and order measured on 2.14.5). */
export function priorityComplaint(request: PullRequest, config: ConsumerConfig): string | undefined {
  const { priority_policy: policy = 'none', priority_groups: groups = [] } = config;
  const { min_pending: least = 0, min_ack_pending: leastAcks = 0, id = '', priority = 0 } = request;
  if (policy !== 'overflow' && (least !== 0 || leastAcks !== 0)) return 'Not a Overflow Priority consumer';
  if (policy !== 'pinned_client' && id !== '') return 'Not a Pinned Client Priority consumer';
  if (priority < 0 || priority > MAX_PRIORITY) return 'Priority must be between 0 and 9';
  if (policy === 'none' || isExempt(request, policy)) return undefined;
  if ((request.group ?? '') === '') return 'Priority Group missing';
  return groups.includes(request.group ?? '') ? undefined : 'Invalid Priority Group';
}

/**
 * A number instead of JSON names no group and is served as if it demanded nothing; but past a pinned client nobody is
 * served.
 */
function isExempt(request: PullRequest, policy: ConsumerConfig['priority_policy']): boolean {
  return request.isBare === true && policy !== 'pinned_client';
}

/** With policy `overflow`: a request is served once enough messages wait, or enough acknowledgements. */
export function overflowTurn(waiting: WaitingPull, pending: number, unsettled: number): Turn {
  const { minPending, minAckPending } = waiting;
  const isShort = minPending > 0 && minPending > pending + 1;
  const isIdle = minAckPending > 0 && minAckPending > unsettled;
  if (minPending > 0 && minAckPending > 0) return isShort && isIdle ? 'waits' : 'takes';
  return isShort || isIdle ? 'waits' : 'takes';
}

/**
 * With policy `pinned_client`: one client is served until it has not asked for a while or is unpinned; all its
 * messages carry the id that it has to show from then on. One pin serves all groups of a consumer (measured on 2.14.5).
 */
export class Pin {
  readonly #clock: Clock;
  readonly #advisories: ConsumerAdvisories;
  readonly #newId: (length: number) => string;
  #id = '';
  #group = '';
  #since: Instant | undefined;
  #expiresAt = NEVER;
  #timeoutMs = 0;

  constructor(clock: Clock, advisories: ConsumerAdvisories, newId: (length: number) => string) {
    this.#clock = clock;
    this.#advisories = advisories;
    this.#newId = newId;
  }

  /** What the pinned client has to show; empty while there is none. */
  get id(): string {
    return this.#id;
  }

  get since(): Instant | undefined {
    return this.#since;
  }

  /** When the pinned client has been silent for too long (ms). */
  get expiresAt(): number {
    return this.#expiresAt;
  }

  configure(config: ConsumerConfig): void {
    this.#timeoutMs = (config.priority_timeout ?? 0) / 1e6;
  }

  /** Notes that a request came in. @returns the status line that refuses it. */
  heard(request: PullRequest): string | undefined {
    const { id = '' } = request;
    if (this.#id === '' || id === '') return undefined;
    if (id !== this.#id) return '423 Nats-Pin-Id mismatch';
    this.#prolong();
    return undefined;
  }

  /** Whether a request is served; while nobody is pinned the first without an id becomes it. */
  turn(waiting: WaitingPull): Turn {
    if (waiting.pinId === '') {
      if (this.#id !== '') return 'waits';
      this.#pin(waiting);
    }
    return waiting.pinId === this.#id ? 'takes' : waiting.ending('423 Nats-Wrong-Pin-Id');
  }

  /** Lets whoever is pinned go because an administrator wants it, who is told of it even when nobody was. */
  unpin(group: string): void {
    this.#forget();
    this.#advisories.unpinned(group, 'admin');
  }

  /** Lets a client go that was silent for too long. */
  tend(now: number): void {
    if (this.#expiresAt > now) return;
    this.#forget();
    this.#advisories.unpinned(this.#group, 'timeout');
  }

  save(to: StateWriter): void {
    to.text(this.#id as ByteString);
    to.text(toBytes(this.#group));
    to.instant(this.#since);
    to.time(this.#expiresAt);
  }

  load(from: StateReader): void {
    this.#id = from.text();
    this.#group = toText(from.text());
    this.#since = from.instant();
    this.#expiresAt = from.deadline();
  }

  #pin(waiting: WaitingPull): void {
    this.#id = waiting.pinId = this.#newId(PIN_LENGTH);
    this.#group = waiting.group;
    this.#since = this.#clock.instant();
    this.#prolong();
    this.#advisories.pinned(this.#group, this.#id);
  }

  #prolong(): void {
    this.#expiresAt = this.#clock.now() + this.#timeoutMs;
  }

  #forget(): void {
    this.#id = '';
    this.#since = undefined;
    this.#expiresAt = NEVER;
  }
}

/**
 * Lets the pinned client of a priority group go, for an administrator.
 * @returns false when the policy pins nobody. @throws JsError when there is no such group.
 */
export function unpinGroup(pin: Pin | undefined, group: string, config: ConsumerConfig): boolean {
  const { priority_groups: groups = [], priority_policy: policy } = config;
  if (!groups.includes(group)) throw jsError('JSConsumerInvalidPriorityGroupErr');
  if (policy !== 'pinned_client') return false;
  pin?.unpin(group);
  return true;
}
