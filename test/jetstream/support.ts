import type { Closable } from '../../src/base/index.ts';
import { type Clock, type Instant, Message } from '../../src/base/index.ts';
import type { JetStreamEnv, MemoryBudget, ReplySink, Runnable } from '../../src/jetstream/env.ts';
import { finish } from '../../src/jetstream/sliced.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import { SeededRandom } from '../../src/server/effects.ts';
import { HeapScheduler } from '../../src/server/scheduler.ts';
import { type ByteString, EMPTY_BYTES, matches, toBytes } from '../../src/subjects/index.ts';

const NO_BYTES = Buffer.alloc(0);

/** How many messages each subject of a stream has. */
export function allSubjects(stream: Stream): Record<string, number> {
  return finish(stream.subjectPage(toBytes('>'))).counts;
}

/** A message as a test saw it go out, with bytes of its own. */
export interface Seen {
  /** Where it was sent to; differs from `subject` for consumer deliveries. */
  readonly route: string;
  readonly subject: string;
  readonly reply: string;
  readonly header: string;
  readonly payload: string;
}

/** A clock that a test moves; tasks due run in order on the way. */
export class TestClock implements Clock {
  ms = 1_700_000_000_000;
  ns = 0;

  now(): number {
    return this.ms;
  }

  instant(): Instant {
    return { ms: this.ms, ns: this.ns };
  }
}

/** Memory with an end that a test can set. */
export class TestMemory implements MemoryBudget {
  used = 0;
  limit = Number.POSITIVE_INFINITY;

  reserve(bytes: number): boolean {
    if (this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.used -= bytes;
  }
}

interface Subscription {
  readonly subject: ByteString;
  readonly receive: (message: Message) => void;
}

interface Watch {
  readonly subject: ByteString;
  readonly changed: () => void;
}

/** A house of one account for tests: everything that goes out is recorded, nothing happens outside {@link drain}. */
export class TestEnv implements JetStreamEnv {
  readonly clock = new TestClock();
  readonly scheduler = new HeapScheduler(this.clock);
  readonly random = new SeededRandom('jetstream tests');
  readonly memory = new TestMemory();
  readonly serverName = 'test';
  readonly accountName = 'A';
  domain = '';
  /** Everything emitted or delivered, oldest first. */
  readonly seen: Seen[] = [];
  readonly advisories: { subject: string; type: string; body: Record<string, unknown> }[] = [];
  readonly assetEvents: string[] = [];
  /** Subjects somebody listens on; {@link listen} adds. Empty means nobody. */
  readonly #listeners = new Set<ByteString>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #watches = new Set<Watch>();
  #queue: Runnable[] = [];
  #pendingPublishes: Seen[] = [];

  readonly assets = {
    streamAdded: (stream: string): void => this.#note(`+${stream}`),
    streamRemoved: (stream: string): void => this.#note(`-${stream}`),
    consumerAdded: (stream: string, consumer: string): void => this.#note(`+${stream}/${consumer}`),
    consumerRemoved: (stream: string, consumer: string): void => this.#note(`-${stream}/${consumer}`),
    transferBegan: (kind: string, stream: string): void => this.#note(`+${kind} ${stream}`),
    transferEnded: (stream: string): void => this.#note(`-transfer ${stream}`),
  };

  #note(event: string): void {
    this.assetEvents.push(event);
  }

  emit(
    subject: ByteString,
    reply: ByteString,
    header: Buffer | undefined,
    payload: Buffer | undefined,
  ): void {
    const text = (bytes: Buffer | undefined): string => (bytes ?? NO_BYTES).latin1Slice();
    const sent = { route: subject, subject, reply, header: text(header), payload: text(payload) };
    this.seen.push(sent);
    this.#pendingPublishes.push(sent);
  }

  answer(to: Message, payload: Buffer): void {
    this.emit(to.reply, EMPTY_BYTES, undefined, payload);
  }

  ask(subject: ByteString, reply: ByteString, header: Buffer | undefined, payload: Buffer | undefined): void {
    this.emit(subject, reply, header, payload);
  }

  deliver(route: ByteString, message: Message): number {
    if (!this.hasInterest(route)) return 0;
    this.seen.push(record(route, message));
    return 1;
  }

  hasInterest(subject: ByteString): boolean {
    for (const own of this.#listeners) if (matches(own, subject)) return true;
    for (const own of this.#subscriptions) if (matches(own.subject, subject)) return true;
    return false;
  }

  hasLiteralInterest(subject: ByteString): boolean {
    return this.#listeners.has(subject);
  }

  watchInterest(subject: ByteString, changed: () => void): Closable {
    const watch = { subject, changed };
    this.#watches.add(watch);
    return { close: () => this.#watches.delete(watch) };
  }

  subscribe(subject: ByteString, receive: (message: Message) => void): Closable {
    const subscription = { subject, receive };
    this.#subscriptions.add(subscription);
    return { close: () => this.#subscriptions.delete(subscription) };
  }

  /** How often work was reported that took long. */
  labours = 0;
  readonly worked = (): void => {
    this.labours++;
  };

  enqueue(work: Runnable): void {
    if (!this.#queue.includes(work)) this.#queue.push(work);
  }

  advise(subject: ByteString, type: string, body: Record<string, unknown>): void {
    this.advisories.push({ subject, type, body });
  }

  /** Adds a listener, as a client's subscription would. */
  listen(subject: string): Closable {
    const bytes = toBytes(subject);
    this.#listeners.add(bytes);
    this.#changed(bytes);
    return {
      close: () => {
        this.#listeners.delete(bytes);
        this.#changed(bytes);
      },
    };
  }

  #changed(subject: ByteString): void {
    for (const watch of [...this.#watches]) if (watch.subject === subject) watch.changed();
  }

  /** Publishes as a client would: every internal subscription that matches receives the message once. */
  publish(subject: string, payload = '', options: { reply?: string; header?: string } = {}): void {
    const message = messageOf(toBytes(subject), options.header ?? '', payload, toBytes(options.reply ?? ''));
    for (const own of [...this.#subscriptions])
      if (matches(own.subject, message.subject)) own.receive(message);
  }

  /** Publishes with a reply subject, drains, and reads the answer as JSON. */
  request(subject: string, payload = '', header = ''): Record<string, unknown> {
    const reply = `_INBOX.${this.seen.length}`;
    this.publish(subject, payload, { reply, header });
    this.drain();
    const answer = this.seen.findLast((one) => one.subject === reply);
    if (answer === undefined) throw new Error(`nobody answered ${subject}`);
    return JSON.parse(answer.payload) as Record<string, unknown>;
  }

  /** Runs the run queue until it is empty, handing emitted messages to internal subscriptions on the way. */
  drain(budget = 256): void {
    for (let turns = 0; this.#queue.length > 0 || this.#pendingPublishes.length > 0; turns++) {
      if (turns > 100_000) throw new Error('the run queue does not become empty');
      this.#route();
      const queue = this.#queue;
      this.#queue = [];
      for (const work of queue) if (work.run(budget)) this.enqueue(work);
    }
  }

  #route(): void {
    const publishes = this.#pendingPublishes;
    this.#pendingPublishes = [];
    for (const one of publishes) {
      this.publish(one.subject, one.payload, { reply: one.reply, header: one.header });
    }
  }

  /** Moves the clock on by milliseconds, running what falls due in order, and drains after each task. */
  advance(ms: number): void {
    const target = this.clock.ms + ms;
    for (;;) {
      const due = this.scheduler.nextDue();
      if (due === undefined || due > target) break;
      this.clock.ms = Math.max(due, this.clock.ms);
      this.scheduler.runDue();
      this.drain();
    }
    this.clock.ms = target;
  }

  /** Takes what was sent so far to subjects that start with a prefix, and forgets all of it. */
  take(prefix = ''): Seen[] {
    return this.seen.splice(0).filter((one) => one.route.startsWith(prefix));
  }
}

function record(route: ByteString, message: Message): Seen {
  return {
    route,
    subject: message.subject,
    reply: message.reply,
    header: message.buffer.latin1Slice(message.headerStart, message.payloadStart),
    payload: message.buffer.latin1Slice(message.payloadStart, message.end),
  };
}

/** A message whose header block and payload (one character per byte) stand in a buffer of their own. */
export function messageOf(
  subject: ByteString,
  header: string,
  payload: string,
  reply = '' as ByteString,
): Message {
  const message = new Message();
  message.subject = subject;
  message.reply = reply;
  const buffer = Buffer.from(header + payload, 'latin1');
  message.place(buffer, 0, header.length, buffer.length);
  return message;
}

/** A header block from `[key, value]` pairs. */
export function header(...fields: [string, string][]): string {
  return `NATS/1.0\r\n${fields.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`;
}

/** A sink that records what was sent to it; {@link gone} makes it refuse. */
export class TestSink implements ReplySink {
  readonly subject: ByteString;
  readonly seen: Seen[] = [];
  gone = false;

  constructor(subject = '_INBOX.sink') {
    this.subject = toBytes(subject);
  }

  interested(): boolean {
    return !this.gone;
  }

  send(message: Message): boolean {
    if (this.gone) return false;
    this.seen.push(record(this.subject, message));
    return true;
  }
}
