import type { Account, Sender } from '../accounts/index.ts';
import { copyBytes, limits, Message, type Viewed, viewOf } from '../base/index.ts';
import type { Runnable } from '../jetstream/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import { ReplyEmission } from './reply-emission.ts';
import { RouteCache } from './routes.ts';

/** Where emitted bytes wait. It starts over whenever the queue has run empty. */
const ARENA_BYTES = 256 * 1024;

/** The bytes of emissions, one behind the other. */
class Arena implements Viewed {
  bytes = Buffer.allocUnsafeSlow(ARENA_BYTES);
  view = viewOf(this.bytes);
  #used = 0;

  /** Room for so many bytes; @returns its offset in {@link bytes}. */
  take(bytes: number): number {
    if (this.#used + bytes > this.bytes.length) this.#replace(Math.max(bytes, ARENA_BYTES));
    const at = this.#used;
    this.#used += bytes;
    return at;
  }

  /** Nobody needs what was taken before. */
  startOver(): void {
    if (this.bytes.length > ARENA_BYTES) this.#replace(ARENA_BYTES);
    this.#used = 0;
  }

  #replace(size: number): void {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.bytes);
    this.#used = 0;
  }
}

/** A message that waits to be delivered in its account. One message object serves them all, one after the other. */
class Emission implements Runnable {
  readonly #message: Message;
  readonly #account: Account;
  readonly #subject: ByteString;
  readonly #reply: ByteString;
  readonly #buffer: Buffer;
  readonly #start: number;
  readonly #payloadStart: number;
  readonly #end: number;
  readonly #sender: Sender;

  constructor(
    message: Message,
    account: Account,
    sender: Sender,
    subject: ByteString,
    reply: ByteString,
    buffer: Buffer,
    start: number,
    payloadStart: number,
    end: number,
  ) {
    this.#message = message;
    this.#account = account;
    this.#sender = sender;
    this.#subject = subject;
    this.#reply = reply;
    this.#buffer = buffer;
    this.#start = start;
    this.#payloadStart = payloadStart;
    this.#end = end;
  }

  run(_budget: number): boolean {
    const message = this.#message;
    message.subject = this.#subject;
    message.reply = this.#reply;
    message.place(this.#buffer, this.#start, this.#payloadStart, this.#end);
    this.#account.deliver(this.#subject, message, this.#sender);
    return false;
  }
}

/** What the slice in hand has used up so far. */
interface Charge {
  units: number;
}

/** What a request set free, until its answer stands in line. */
interface SetAside {
  readonly account: Account;
  readonly item: Runnable;
  readonly once: boolean;
}

/** What waits on behalf of one account, first in first out. */
class Lane {
  #items: Runnable[] = [];
  #head = 0;
  readonly #queued = new Set<Runnable>();
  readonly #account: Account;
  #routes: RouteCache | undefined;

  constructor(account: Account) {
    this.#account = account;
  }

  /** Where answers to messages of the account go. */
  get routes(): RouteCache {
    this.#routes ??= new RouteCache(this.#account);
    return this.#routes;
  }

  get isEmpty(): boolean {
    return this.#head === this.#items.length;
  }

  push(item: Runnable): void {
    this.#items.push(item);
  }

  /** Puts an item that may already wait; it waits once. */
  pushOnce(item: Runnable): void {
    if (this.#queued.has(item)) return;
    this.#queued.add(item);
    this.#items.push(item);
  }

  /** Runs up to a slice of items; what they deliver is charged to the account. */
  runSlice(charge: Charge, onError: (error: unknown) => void): void {
    charge.units = 0;
    while (!this.isEmpty && charge.units < limits.RUN_QUEUE_SLICE) {
      const item = this.#shift();
      charge.units++;
      try {
        if (item.run(Math.max(1, limits.RUN_QUEUE_SLICE - charge.units))) {
          this.pushOnce(item);
          charge.units = Math.max(charge.units, limits.RUN_QUEUE_SLICE);
        }
      } catch (error) {
        onError(error);
      }
    }
  }

  clear(): void {
    this.#items.length = 0;
    this.#head = 0;
    this.#queued.clear();
  }

  #shift(): Runnable {
    const item = this.#items[this.#head++] as Runnable;
    if (this.#queued.size > 0) this.#queued.delete(item);
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

/**
 * What the server's own parts emit waits here until the delivery in hand is over, so that a chain of republishing
 * streams goes through a queue and not through the stack. Accounts take turns.
 */
export class RunQueue {
  readonly #lanes = new Map<Account, Lane>();
  /** Lanes with something in them, in turn. */
  #active: Lane[] = [];
  readonly #arena = new Arena();
  readonly #message = new Message();
  readonly #charge: Charge = { units: 0 };
  /** While a request is handled: what it set free so far. */
  #aside: SetAside[] | undefined;
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get isEmpty(): boolean {
    return this.#active.length === 0;
  }

  /** Queues what the server tells an account. The bytes are copied now. */
  emit(
    account: Account,
    subject: ByteString,
    reply: ByteString,
    header: Buffer | undefined,
    payload: Buffer | undefined,
  ): void {
    this.emitFrom(account.teller, account, subject, reply, header, payload);
  }

  /** As {@link emit}, from a sender of the account that may also ask. */
  emitFrom(
    sender: Sender,
    account: Account,
    subject: ByteString,
    reply: ByteString,
    header: Buffer | undefined,
    payload: Buffer | undefined,
  ): void {
    const item = this.#emission(sender, account, subject, reply, header, payload);
    if (this.#aside === undefined) this.#activate(account).push(item);
    else this.#aside.push({ account, item, once: false });
  }

  /** Queues the answer to a message of an account, to the message's reply subject. The bytes are copied now. */
  reply(account: Account, to: Message, payload: Buffer): void {
    const { replyLength } = to;
    const arena = this.#arena;
    const start = arena.take(replyLength + payload.length);
    const subjectEnd = start + replyLength;
    const { bytes } = arena;
    if (to.replyStart < 0) bytes.latin1Write(to.reply, start, replyLength);
    else copyBytes(to.replyBytes, to.replyStart, to.replyStart + replyLength, arena, start);
    copySmall(payload, bytes, subjectEnd);
    const end = subjectEnd + payload.length;
    const lane = this.#activate(account);
    const item = new ReplyEmission(this.#message, account, lane.routes, bytes, start, subjectEnd, end);
    if (this.#aside === undefined) lane.push(item);
    else this.#aside.push({ account, item, once: false });
  }

  /** Queues work for an account; work that already waits is not queued twice. */
  enqueue(account: Account, work: Runnable): void {
    if (this.#aside === undefined) this.#activate(account).pushOnce(work);
    else this.#aside.push({ account, item: work, once: true });
  }

  /**
   * Handles a request. What it sets free in any account (messages, events, work) stands in line only when `handle` is
   * over, and so behind what was answered by then with {@link answer}.
   */
  answering(handle: () => void): void {
    if (this.#aside !== undefined) return handle();
    const aside: SetAside[] = [];
    this.#aside = aside;
    try {
      handle();
    } finally {
      this.#aside = undefined;
      for (const { account, item, once } of aside) {
        if (once) this.#activate(account).pushOnce(item);
        else this.#activate(account).push(item);
      }
    }
  }

  /**
   * Queues an answer that starts in `account`, in the line of the account that it was worked out for: nobody waits for
   * the answers of others.
   */
  answer(
    worker: Account,
    account: Account,
    subject: ByteString,
    header: Buffer | undefined,
    payload: Buffer | undefined,
  ): void {
    const { teller } = account;
    this.#activate(worker).push(this.#emission(teller, account, subject, EMPTY_BYTES, header, payload));
  }

  /** As {@link answer} inside one account, with header block and payload in one buffer from its first byte on. */
  answerFrom(account: Account, subject: ByteString, bytes: Viewed, payloadStart: number, end: number): void {
    const arena = this.#arena;
    const at = arena.take(end);
    copyBytes(bytes, 0, end, arena, at);
    const { teller } = account;
    this.#activate(account).push(
      new Emission(
        this.#message,
        account,
        teller,
        subject,
        EMPTY_BYTES,
        arena.bytes,
        at,
        at + payloadStart,
        at + end,
      ),
    );
  }

  /** One more delivery by the item that runs: an item that delivers a lot is not cheaper than many that deliver one. */
  delivered(): void {
    this.#charge.units++;
  }

  /** Runs what waits, account by account. @returns whether something is left for the next turn of the event loop. */
  drain(): boolean {
    // Whoever asks in the middle of a request comes too early: what it set aside stands in the arena.
    if (this.#aside !== undefined) return true;
    let left: number = limits.RUN_QUEUE_TURN;
    while (this.#active.length > 0 && left > 0) {
      const turn = this.#active;
      this.#active = [];
      for (const lane of turn) {
        lane.runSlice(this.#charge, this.#onError);
        left -= this.#charge.units;
        if (!lane.isEmpty) this.#line(lane);
      }
    }
    if (this.#active.length > 0) return true;
    this.#arena.startOver();
    return false;
  }

  /** Forgets what waits on behalf of an account that is no more. */
  drop(account: Account): void {
    const lane = this.#lanes.get(account);
    this.#lanes.delete(account);
    if (lane === undefined) return;
    lane.clear();
    this.#active = this.#active.filter((other) => other !== lane);
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#lanes.clear();
    this.#active = [];
  }

  #emission(
    sender: Sender,
    account: Account,
    subject: ByteString,
    reply: ByteString,
    header: Buffer | undefined,
    payload: Buffer | undefined,
  ): Emission {
    const headerLength = header?.length ?? 0;
    const size = headerLength + (payload?.length ?? 0);
    const start = this.#arena.take(size);
    const { bytes: buffer } = this.#arena;
    if (header !== undefined) copySmall(header, buffer, start);
    if (payload !== undefined) copySmall(payload, buffer, start + headerLength);
    const payloadStart = start + headerLength;
    const end = start + size;
    return new Emission(this.#message, account, sender, subject, reply, buffer, start, payloadStart, end);
  }

  #activate(account: Account): Lane {
    let lane = this.#lanes.get(account);
    if (lane === undefined) {
      lane = new Lane(account);
      this.#lanes.set(account, lane);
    }
    if (lane.isEmpty) this.#line(lane);
    return lane;
  }

  /** An account stands in line once: one that emits to itself may have joined while its slice ran. */
  #line(lane: Lane): void {
    if (!this.#active.includes(lane)) this.#active.push(lane);
  }
}

/** Most emissions are acknowledgements of some dozen bytes, for which a loop beats a call into the runtime. */
function copySmall(from: Buffer, to: Buffer, at: number): void {
  if (from.length > 96) from.copy(to, at);
  else for (let i = 0; i < from.length; i++) to[at + i] = from[i] as number;
}
