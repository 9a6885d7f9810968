import {
  formatDuration,
  integerText,
  limits,
  type Message,
  statusHeader,
  withHeader,
} from '../../base/index.ts';
import type { MemoryBudget, ReplySink } from '../env.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { Outlet, Progress } from './outlet.ts';
import { overflowTurn, type Pin, priorityComplaint, type Turn } from './priority.ts';
import { type PullPriority, WaitingPull, WaitQueue } from './pull.ts';
import type { PullRequest } from './pull-request.ts';
import { sendStatus } from './status.ts';

const NO_MESSAGES = statusHeader('404 No Messages');
const NO_MORE = '409 Exceeded MaxWaiting';
/** Stands for every id that is not the pinned client's. */
const STRANGER = '?';

/**
 * Where a pull consumer's requests are taken in, served and ended. Statuses, their order and their headers are
 * measured on 2.14.5.
 */
export class PullDesk implements Outlet {
  readonly queue: WaitQueue;
  readonly pin: Pin;
  #config: ConsumerConfig;
  #policy: ConsumerConfig['priority_policy'];

  constructor(config: ConsumerConfig, pin: Pin, memory: MemoryBudget) {
    this.#config = config;
    this.queue = new WaitQueue(memory);
    this.pin = pin;
    this.configure(config);
  }

  configure(config: ConsumerConfig): void {
    this.#config = config;
    this.#policy = config.priority_policy;
    this.queue.isRanked = config.priority_policy === 'prioritized';
    this.pin.configure(config);
  }

  get isOpen(): boolean {
    return this.queue.length > 0;
  }

  get nextDue(): number {
    return Math.min(this.queue.nextDue, this.pin.expiresAt);
  }

  /** How many requests wait for somebody who still listens. */
  count(): number {
    this.queue.prune();
    return this.queue.length;
  }

  /**
   * Takes a request in.
   * @param available messages that could be delivered now, repeated ones included.
   * @returns the status line that refuses it, `undefined` when it was taken.
   */
  take(request: PullRequest, sink: ReplySink, now: number, available: number): string | undefined {
    const refusal = refusalOf(request, this.#config) ?? this.pin.heard(request);
    if (refusal !== undefined) return refusal;
    const waiting = new WaitingPull(request, sink, now, this.#priorityOf(request));
    const noRoom = this.#noRoom(waiting, available);
    return noRoom === undefined && !this.queue.add(waiting) ? NO_MORE : noRoom;
  }

  /** A request that does not wait is in vain when there is nothing, or less than others wait for already. */
  #noRoom(waiting: WaitingPull, available: number): string | undefined {
    if (available === 0 && waiting.endsWhenDry) return '404 No Messages';
    if (available > 0 && waiting.noWait && this.queue.wantsMoreThan(available)) return '408 Requests Pending';
    const most = Math.min(this.#config.max_waiting ?? 0, limits.MAX_WAITING_PULLS);
    if (this.queue.length < most || this.count() < most) return undefined;
    return NO_MORE;
  }

  /**
   * What a request says for the policy, in texts of our own: parts of its body would keep all of it. An id that is not
   * the pinned client's now never will be.
   */
  #priorityOf({ group, id = '' }: PullRequest): PullPriority | undefined {
    const { priority_policy: policy = 'none', priority_groups: groups = [] } = this.#config;
    if (policy === 'none') return undefined;
    const isPinned = id !== '' && id === this.pin.id;
    return {
      group: groups.find((known) => known === group) ?? '',
      pinId: isPinned ? this.pin.id : id && STRANGER,
      asksForPin: policy === 'pinned_client',
    };
  }

  offer(message: Message, pending: number, unsettled: number): boolean {
    for (let left = this.queue.length; left > 0; left--) {
      if (!this.#seek(pending, unsettled)) return false;
      const waiting = this.queue.current();
      if (waiting === undefined) return false;
      const turn = this.#turn(waiting, message, pending, unsettled);
      if (turn === 'takes') return true;
      if (turn === 'waits') this.queue.pass();
      else this.#end(waiting, turn);
    }
    return false;
  }

  /** Passes over requests that wait for more than there is, or for a client to go. @returns whether others are there. */
  #seek(pending: number, unsettled: number): boolean {
    if (this.#policy === 'overflow') return this.queue.seek(pending + 1, unsettled);
    return this.#policy !== 'pinned_client' || this.pin.id === '' || this.queue.seek(0, 0);
  }

  /** What a request gets when the policy is asked first, and then whether the message fits. */
  #turn(waiting: WaitingPull, message: Message, pending: number, unsettled: number): Turn {
    if (this.#policy !== undefined && this.#policy !== 'prioritized') {
      const isOverflow = this.#policy === 'overflow';
      const turn = isOverflow ? overflowTurn(waiting, pending, unsettled) : this.pin.turn(waiting);
      if (turn === 'waits') return waiting.endsWhenDry ? NO_MESSAGES : turn;
      if (turn !== 'takes') return turn;
    }
    if (!waiting.limitsBytes || sizeOf(message) <= waiting.bytesLeft) return 'takes';
    return waiting.ending('409 Message Size Exceeds MaxBytes');
  }

  /**
   * Sends a message to the request whose turn it is, and passes the turn on. A request whose bytes are used up to the
   * last one ends without a status (measured on 2.14.5).
   */
  send(message: Message, now: number): void {
    const waiting = this.queue.current();
    if (waiting === undefined) return;
    waiting.messagesLeft--;
    waiting.served++;
    waiting.lastSentAt = now;
    if (waiting.limitsBytes) waiting.bytesLeft -= sizeOf(message);
    const isUsedUp = waiting.messagesLeft <= 0 || (waiting.limitsBytes && waiting.bytesLeft === 0);
    if (isUsedUp) this.queue.removeCurrent();
    else this.queue.pass();
    if (waiting.pinId !== '') showPin(message, waiting.pinId);
    waiting.sink.send(message);
    // Measured on 2.14.5: only a request with a bound of bytes hears that its messages are complete.
    if (isUsedUp && waiting.bytesLeft > 0) sendStatus(waiting.sink, waiting.ending('409 Batch Completed'));
  }

  /** Ends the request whose turn it is, if it does not wait. */
  dry(): boolean {
    const waiting = this.queue.current();
    if (waiting === undefined || !waiting.endsWhenDry) return false;
    this.#end(waiting, NO_MESSAGES);
    return true;
  }

  full(): void {
    // Requests just wait on.
  }

  /** Ends the request whose turn it is. */
  #end(waiting: WaitingPull, header: Buffer): void {
    this.queue.removeCurrent();
    sendStatus(waiting.sink, header);
  }

  /** Ends requests that expired and sends heartbeats; only from a Runnable. */
  tend(now: number, progress: Progress): void {
    this.pin.tend(now);
    if (this.queue.nextDue > now) return;
    this.queue.tend((waiting) => {
      if (waiting.dueAt > now) return true;
      if (!waiting.sink.interested()) return false;
      if (waiting.expiresAt <= now) {
        sendStatus(waiting.sink, waiting.ending('408 Request Timeout'));
        return false;
      }
      sendStatus(waiting.sink, heartbeat(progress));
      waiting.lastSentAt = now;
      return true;
    });
  }

  /**
   * Ends every waiting request because the consumer or the server goes; only from a Runnable. Only the latter tells what
   * remained (measured on 2.14.5).
   */
  farewell(why: 'Consumer Deleted' | 'Server Shutdown'): void {
    this.queue.tend((waiting) => {
      const status = why === 'Consumer Deleted' ? statusHeader(`409 ${why}`) : waiting.ending(`409 ${why}`);
      if (waiting.sink.interested()) sendStatus(waiting.sink, status);
      return false;
    });
  }
}

/** The bytes that `max_bytes` counts: subject, reply, header and payload. */
function sizeOf(message: Message): number {
  return message.subject.length + message.replyLength + message.size;
}

/** Adds to a message whose client is pinned. */
function showPin(message: Message, id: string): void {
  const own = message.buffer.subarray(message.headerStart, message.payloadStart);
  const header = withHeader(own, 'Nats-Pin-Id', id);
  const payload = message.buffer.subarray(message.payloadStart, message.end);
  const all = Buffer.concat([header, payload]);
  message.place(all, 0, header.length, all.length);
}

function heartbeat({ consumerSeq, streamSeq }: Progress): Buffer {
  return statusHeader('100 Idle Heartbeat', [
    ['Nats-Last-Consumer', String(consumerSeq)],
    ['Nats-Last-Stream', String(streamSeq)],
  ]);
}

/** Why a request may not even wait, as a status line. */
function refusalOf(request: PullRequest, config: ConsumerConfig): string | undefined {
  const { batch = 1, expires = 0, max_bytes: bytes = 0, idle_heartbeat: beat = 0 } = request;
  const exceeds = (value: number, most: number | undefined): boolean => most !== undefined && value > most;
  if (exceeds(batch, config.max_batch))
    return `409 Exceeded MaxRequestBatch of ${integerText(config.max_batch ?? 0)}`;
  if (exceeds(expires, config.max_expires)) {
    return `409 Exceeded MaxRequestExpires of ${formatDuration(config.max_expires ?? 0)}`;
  }
  if (exceeds(bytes, config.max_bytes))
    return `409 Exceeded MaxRequestMaxBytes of ${integerText(config.max_bytes ?? 0)}`;
  if (beat > 0 && beat * 2 > expires) return '400 Bad Request - heartbeat value too large';
  const complaint = priorityComplaint(request, config);
  return complaint === undefined ? undefined : `400 Bad Request - ${complaint}`;
}
