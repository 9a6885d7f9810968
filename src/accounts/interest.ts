import type { Message } from '../base/index.ts';
import type { Guard, Principal, ResponseGrants } from '../guard/index.ts';
import type { ByteString, TrieEntry } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { mayAsk, type Passage } from './passage.ts';

/** A connection as accounts see it: somebody who can be sent to. */
export interface Receiver {
  readonly principal: Principal;
  /** Whether it wants its own messages back. */
  readonly echo: boolean;
  /** What allow_responses grants it; absent when it has no such permission. */
  readonly responseGrants: ResponseGrants | undefined;
  /** Queues a message for the wire; false when the connection is closing. */
  send(message: Message, sid: ByteString): boolean;
  /** Whether so much waits for it that its producers should pause. */
  readonly isBehind: boolean;
}

/** Who brought a message into an account: a connection, or the server itself on behalf of an account. */
export interface Sender {
  readonly principal: Principal;
  /** The connection's receiving side; absent when the server itself sends. */
  readonly receiver: Receiver | undefined;
  /**
   * The server tells something: an acknowledgement, an answer, an event, a copy. Where it goes was said by somebody
   * who may have no right to ask there, so no part of the server takes it for a request.
   */
  readonly onlyTells?: true;
  /** A receiver on the way is behind: the producer may have to wait for it. */
  onReceiverBehind(receiver: Receiver): void;
}

/** Anything that stands in an account's trie and can receive. */
export abstract class Interest implements TrieEntry {
  readonly subject: ByteString;
  readonly queue: ByteString;

  constructor(subject: ByteString, queue: ByteString) {
    this.subject = subject;
    this.queue = queue;
  }

  /** Whether a part of the server acts on what is published on it, be it in another account, but for this one. */
  actsOutside(_account: Account): boolean {
    return false;
  }

  /** Whether messages of stream imports are for it. */
  get drawsStreams(): boolean {
    return false;
  }

  /** Whether a message on this subject would come to somebody through it now. */
  wouldReach(_subject: ByteString): boolean {
    return true;
  }

  /** Whether it stands on literally this subject, in this queue group (empty: outside all groups). */
  standsFor(subject: ByteString, queue: ByteString): boolean {
    return this.subject === subject && this.queue === queue;
  }

  /** Whether it would take a message from this sender; asked before it is chosen from a queue group. */
  accepts(_sender: Sender): boolean {
    return true;
  }

  /** @returns how many received the message in the end. */
  abstract receive(message: Message, sender: Sender, passage: Passage | undefined): number;
}

/** A part of the server says that a message which matched its subscription is not for it after all. */
export const NOT_TAKEN: unique symbol = Symbol('not taken');

/**
 * Receives inside the server. The message is valid during the call only.
 * @returns {@link NOT_TAKEN}, or anything else when it was received.
 */
export type InternalReceive = (message: Message, sender: Sender, passage: Passage | undefined) => unknown;

/**
 * A part of the server that listens inside an account: API, stream ingest, acknowledgements. What serves requests takes
 * those that were published here or came over a service import; what stores messages takes those of stream imports and
 * answers as well (measured on 2.14.5).
 */
export class InternalInterest extends Interest {
  readonly #receive: InternalReceive;
  readonly #listens: boolean;

  /** @param listens whether it takes messages as a subscription does, not requests alone. */
  constructor(subject: ByteString, queue: ByteString, receive: InternalReceive, listens = false) {
    super(subject, queue);
    this.#receive = receive;
    this.#listens = listens;
  }

  override get drawsStreams(): boolean {
    return this.#listens;
  }

  /** It stands in the account that is asked; the exception is the one that the message comes from. */
  override actsOutside(): boolean {
    return true;
  }

  override receive(message: Message, sender: Sender, passage: Passage | undefined): number {
    if (!this.#listens && (sender.onlyTells === true || !mayAsk(passage))) return 0;
    return this.#receive(message, sender, passage) === NOT_TAKEN ? 0 : 1;
  }
}

/** What a client subscription needs of its surroundings. */
export interface ClientInterestContext {
  readonly guard: Guard;
  readonly nowMs: () => number;
  /** The subscription has delivered all it was to deliver. */
  readonly onExhausted: (interest: ClientInterest) => void;
}

/** A subscription of a connection. */
export class ClientInterest extends Interest {
  readonly sid: ByteString;
  readonly #receiver: Receiver;
  readonly #context: ClientInterestContext;
  /** Whether part of what it matches is denied, so that each delivery is judged. A reload may change it. */
  isFiltered: boolean;
  /** Messages delivered since SUB. */
  #delivered = 0;
  #max = 0;

  constructor(
    subject: ByteString,
    queue: ByteString,
    sid: ByteString,
    receiver: Receiver,
    filtered: boolean,
    context: ClientInterestContext,
  ) {
    super(subject, queue);
    this.sid = sid;
    this.#receiver = receiver;
    this.isFiltered = filtered;
    this.#context = context;
  }

  /** Limits it to so many deliveries in all (0: no limit). @returns whether it has had them already. */
  limitTo(max: number): boolean {
    this.#max = max;
    return max > 0 && this.#delivered >= max;
  }

  /** Who is subscribed. */
  get receiver(): Receiver {
    return this.#receiver;
  }

  /** Messages delivered since SUB. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Deliveries after which it ends; 0: no limit. */
  get max(): number {
    return this.#max;
  }

  override get drawsStreams(): boolean {
    return true;
  }

  override accepts(sender: Sender): boolean {
    return sender.receiver !== this.#receiver || this.#receiver.echo;
  }

  override receive(message: Message, sender: Sender, _passage: Passage | undefined): number {
    const receiver = this.#receiver;
    if (sender.receiver === receiver && !receiver.echo) return 0;
    if (this.isFiltered && !this.#isVisible(message)) return 0;
    if (this.#max > 0 && this.#delivered >= this.#max) return 0;
    if (!receiver.send(message, this.sid)) return 0;
    this.#delivered++;
    if (receiver.responseGrants !== undefined && message.hasReply) {
      receiver.responseGrants.grant(message.reply, this.#context.nowMs());
    }
    if (this.#max > 0 && this.#delivered >= this.#max) this.#context.onExhausted(this);
    if (receiver.isBehind) sender.onReceiverBehind(receiver);
    return 1;
  }

  /** A consumer's delivery has two subjects, the one it is routed on and the one it shows: both have to be allowed. */
  #isVisible(message: Message): boolean {
    const { guard } = this.#context;
    const { principal } = this.#receiver;
    if (!guard.deliver(principal, message.route, this.queue).allowed) return false;
    return message.subject === message.route || guard.deliver(principal, message.subject, this.queue).allowed;
  }
}
