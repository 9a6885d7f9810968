import { formatDuration, limits, type Message, statusHeader } from '../base/index.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import { type WaitingPull, WaitQueue } from './pull.ts';
import type { PullRequest } from './pull-request.ts';
import { sendStatus } from './status.ts';

/**
 * Where a pull consumer's requests are taken in, served and ended. Statuses, their order and their headers are
 * measured on 2.14.5.
 */
export class PullDesk {
  readonly queue = new WaitQueue();

  /** When a request expires or wants a heartbeat (ms). */
  get nextDue(): number {
    return this.queue.nextDue;
  }

  /** How many requests wait for somebody who still listens. */
  count(): number {
    this.queue.prune();
    return this.queue.length;
  }

  /**
   * Takes a request in.
   * @param isDry whether there is nothing to deliver now.
   * @returns the status line that refuses it, `undefined` when it was taken.
   */
  take(
    waiting: WaitingPull,
    request: PullRequest,
    config: ConsumerConfig,
    isDry: boolean,
  ): string | undefined {
    const refusal = refusalOf(request, config) ?? this.#noRoom(waiting, config, isDry);
    if (refusal === undefined) this.queue.add(waiting);
    return refusal;
  }

  #noRoom(waiting: WaitingPull, config: ConsumerConfig, isDry: boolean): string | undefined {
    if (isDry && waiting.endsWhenDry) return '404 No Messages';
    const most = Math.min(config.max_waiting ?? 0, limits.MAX_WAITING_PULLS);
    if (this.queue.length < most || this.count() < most) return undefined;
    return '409 Exceeded MaxWaiting';
  }

  /** Whether a message fits into what the request may still get; a request it does not fit ends. */
  admits(waiting: WaitingPull, message: Message): boolean {
    if (!waiting.limitsBytes || sizeOf(message) <= waiting.bytesLeft) return true;
    this.endCurrent(waiting.ending('409 Message Size Exceeds MaxBytes'));
    return false;
  }

  /**
   * Sends a message to the request whose turn it is, and passes the turn on. A request whose bytes are used up to the
   * last one ends without a status (measured on 2.14.5).
   */
  send(waiting: WaitingPull, message: Message, now: number): void {
    waiting.messagesLeft--;
    waiting.served++;
    waiting.lastSentAt = now;
    if (waiting.limitsBytes) waiting.bytesLeft -= sizeOf(message);
    const isUsedUp = waiting.messagesLeft === 0 || (waiting.limitsBytes && waiting.bytesLeft === 0);
    if (isUsedUp) this.queue.removeCurrent();
    else this.queue.rotate();
    waiting.sink.send(message);
  }

  /** Ends the request whose turn it is; only from a Runnable. */
  endCurrent(header: Buffer): void {
    const waiting = this.queue.current();
    if (waiting === undefined) return;
    this.queue.removeCurrent();
    sendStatus(waiting.sink, header);
  }

  /** Ends requests that expired and sends heartbeats; only from a Runnable. */
  tend(now: number, lastConsumer: number, lastStream: number): void {
    if (this.queue.nextDue > now) return;
    this.queue.tend((waiting) => {
      if (!waiting.sink.interested()) return false;
      if (waiting.expiresAt <= now) {
        sendStatus(waiting.sink, waiting.ending('408 Request Timeout'));
        return false;
      }
      if (waiting.heartbeatMs > 0 && waiting.lastSentAt + waiting.heartbeatMs <= now) {
        sendStatus(waiting.sink, heartbeat(lastConsumer, lastStream));
        waiting.lastSentAt = now;
      }
      return true;
    });
  }

  /** Tells every waiting request that the consumer is gone; only from a Runnable. */
  farewell(): void {
    this.queue.tend((waiting) => {
      if (waiting.sink.interested()) sendStatus(waiting.sink, statusHeader('409 Consumer Deleted'));
      return false;
    });
  }
}

/** The bytes that `max_bytes` counts: subject, reply, header and payload. */
function sizeOf(message: Message): number {
  return message.subject.length + message.reply.length + message.size;
}

function heartbeat(lastConsumer: number, lastStream: number): Buffer {
  return statusHeader('100 Idle Heartbeat', [
    ['Nats-Last-Consumer', String(lastConsumer)],
    ['Nats-Last-Stream', String(lastStream)],
  ]);
}

/** Why a request may not even wait, as a status line. */
function refusalOf(request: PullRequest, config: ConsumerConfig): string | undefined {
  const { batch = 1, expires = 0, max_bytes: bytes = 0, idle_heartbeat: beat = 0 } = request;
  const exceeds = (value: number, most: number | undefined): boolean => most !== undefined && value > most;
  if (exceeds(batch, config.max_batch)) return `409 Exceeded MaxRequestBatch of ${config.max_batch}`;
  if (exceeds(expires, config.max_expires)) {
    return `409 Exceeded MaxRequestExpires of ${formatDuration(config.max_expires ?? 0)}`;
  }
  if (exceeds(bytes, config.max_bytes)) return `409 Exceeded MaxRequestMaxBytes of ${config.max_bytes}`;
  if (beat > 0 && beat * 2 > expires) return '400 Bad Request - heartbeat value too large';
  return undefined;
}
