import type { Clock, Closable, Message, Random, Scheduler } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** Something the run queue turns to: it does at most `budget` units of work and says whether it has more. */
export interface Runnable {
  run(budget: number): boolean;
}

/** Bytes of the process that all accounts' messages share. */
export interface MemoryBudget {
  /** Takes bytes; false (and nothing taken) when the process can hold no more. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/**
 * What one account's JetStream needs of the house. It never learns who asks: everything here acts inside the account
 * that owns the assets.
 */
export interface JetStreamEnv {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Chance of this account alone; fork it per stream and consumer. */
  readonly random: Random;
  readonly memory: MemoryBudget;
  /** The server's name, as leader of everything on a standalone server. */
  readonly serverName: string;
  /** The account's name, as advisories give it. */
  readonly accountName: string;
  /** The JetStream domain, empty when none is configured. */
  readonly domain: string;

  /**
   * Queues a message for the account; it goes out when the run queue is drained, never within this call. The bytes
   * are copied now.
   */
  emit(subject: ByteString, reply: ByteString, header: Buffer | undefined, payload: Buffer | undefined): void;
  /** As {@link emit}, to the reply subject of a message that is published in the account. It has one. */
  answer(to: Message, payload: Buffer): void;
  /** As {@link emit}, and the server's own APIs take it too, for a request that the account itself makes. */
  ask(subject: ByteString, reply: ByteString, header: Buffer | undefined, payload: Buffer | undefined): void;
  /**
   * Delivers a message in the account to whoever is interested in `route` (which may differ from
   * `message.subject`, what receivers see). Only from a {@link Runnable}, never from within a delivery.
   * @returns how many received it.
   */
  deliver(route: ByteString, message: Message): number;
  /** Whether anybody would receive a message sent to this subject now (wildcards and imports count). */
  hasInterest(subject: ByteString): boolean;
  /**
   * Whether a subscription stands on literally this subject: with a queue name a member of that queue group, without
   * one a subscription outside all groups (measured on 2.14.5: a group alone does not make a push consumer active).
   */
  hasLiteralInterest(subject: ByteString, queue?: ByteString): boolean;
  /** Calls back whenever {@link hasLiteralInterest} of this subject may have changed. */
  watchInterest(subject: ByteString, changed: () => void): Closable;
  /** Subscribes inside the account. The message is valid during the call only. */
  subscribe(subject: ByteString, receive: (message: Message) => void): Closable;
  /** Work was done at once that costs much more than a message does: who asks for more of it may have to wait. */
  worked(): void;
  /** Puts work into the account's lane of the run queue; putting it twice before it runs counts once. */
  enqueue(work: Runnable): void;
  /** Publishes an advisory or metric in the account: `type`, `id` and `timestamp` are filled in by the house. */
  advise(subject: ByteString, type: string, body: Record<string, unknown>): void;
  /** Told when assets come and go, so that the API's subscriptions inside the account exist exactly as long. */
  readonly assets: AssetObserver;
}

/** The API rows that live inside an account (`DIRECT.GET`, `MSG.NEXT`, acknowledgements) follow these. */
export interface AssetObserver {
  /** Also called when a stream's configuration changed. */
  streamAdded(stream: ByteString): void;
  streamRemoved(stream: ByteString): void;
  consumerAdded(stream: ByteString, consumer: ByteString): void;
  consumerRemoved(stream: ByteString, consumer: ByteString): void;
  /** A backup or restore began, and waits for acknowledgements or chunks under its id. */
  transferBegan(kind: 'snapshot' | 'restore', stream: ByteString, id: ByteString): void;
  transferEnded(stream: ByteString, id: ByteString): void;
}

/**
 * Where the answers to one waiting request go. Opaque to JetStream: the guard judges inside `send`, at the moment of
 * effect.
 */
export interface ReplySink {
  /** The reply subject of the request. */
  readonly subject: ByteString;
  /** Whether anybody still listens there. */
  interested(): boolean;
  /** Sends; only from a {@link Runnable}. @returns false when nobody received it. */
  send(message: Message): boolean;
}
