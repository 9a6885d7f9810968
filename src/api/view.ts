import type { Clock, Closable, Message, Viewed } from '../base/index.ts';
import type { AccountId, Caller, Grant, Principal, Scope, ScopeRequest, Verdict } from '../guard/index.ts';
import type { JetStream, Runnable } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** The guard as the API sees it: it decides, and where it allows it mints the grant. */
export interface ScopeGuard {
  scope<S extends Scope>(caller: Caller, request: ScopeRequest<S>, subject: ByteString): ScopeDecision<S>;
  /**
   * Whether what a principal asked for earlier is still to be done for it.
   * @param asked what it published; undefined where that is not known.
   */
  mayStillAsk(principal: Principal, asked: ByteString | undefined): boolean;
}

/** A verdict, and the grant that goes with an allowing one. */
export interface ScopeDecision<S extends Scope> {
  readonly verdict: Verdict;
  readonly grant?: Grant<S>;
}

/** Where the API reports what went wrong inside it. */
export interface ApiLog {
  error(message: string, cause: unknown): void;
}

/** What the API needs of the server. `server` implements it; nothing else of the server is visible from here. */
export interface ApiHost {
  readonly guard: ScopeGuard;
  readonly clock: Clock;
  readonly log: ApiLog;
  readonly serverName: string;
  /** The version that replies show, such as `2.14.5`. */
  readonly version: string;
  /** The JetStream domain, empty when none is configured. */
  readonly domain: string;
  /** Unknown fields in requests are errors (configuration `jetstream.strict`). */
  readonly strict: boolean;

  /** The account's JetStream; undefined when it has none. */
  jetStreamOf(account: AccountId): JetStream | undefined;
  /** The JetStream of the account with this name; undefined when there is none. */
  jetStreamNamed(name: ByteString): JetStream | undefined;
  /** Raised by every change of policy; what was decided under an older one is decided again. */
  policyGeneration(): number;
  /** A fresh unique id of 22 letters and digits, from the account's own chance. */
  eventId(account: AccountId): string;

  /**
   * Handles one request, or one slice of it. What it sets free (messages, events, work) stands in line only behind what
   * was answered when `handle` is over.
   */
  answering(handle: () => void): void;
  /**
   * Queues what a request is answered with, in the line of the account that it was worked out for: it goes out when the
   * run queue is drained, never within this call.
   * @param account where the answer starts.
   */
  answer(
    worker: AccountId,
    account: AccountId,
    subject: ByteString,
    header: Buffer | undefined,
    payload: Buffer | undefined,
  ): void;
  /** As {@link answer} inside one account, with header block and payload in one buffer from its first byte on. */
  answerFrom(account: AccountId, subject: ByteString, bytes: Viewed, payloadStart: number, end: number): void;
  /** Delivers now; only from a {@link Runnable}. @returns how many received it. */
  deliver(account: AccountId, route: ByteString, message: Message): number;
  /** Whether anybody would receive a message sent to this subject in the account now. */
  hasInterest(account: AccountId, subject: ByteString): boolean;
  /** Puts work into the account's lane of the run queue. */
  enqueue(account: AccountId, work: Runnable): void;
  /**
   * Subscribes inside the account. Request and message are valid during the call only; what `receive` returns
   * `NOT_TAKEN` for has not been received.
   */
  subscribe(account: AccountId, subject: ByteString, receive: (request: ApiRequest) => unknown): Closable;
}

/** One request as it arrives. The object may be used again for the next one: keep parts, not the whole. */
export interface ApiRequest {
  readonly message: Message;
  /** Who asks. */
  readonly principal: Principal;
  /** Who asks, and on behalf of which account. */
  readonly caller: Caller;
  /** The request was published in the very account where the endpoint stands: nothing crossed into it. */
  readonly direct: boolean;
  /** The caller as events show it (JSON-ready, the server's field order); made when asked for. */
  clientInfo(): Readonly<Record<string, unknown>>;
}

/** The API level of 2.14, which requests may demand in a header. */
export const API_LEVEL = 4;
