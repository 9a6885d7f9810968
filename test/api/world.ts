import { ApiDispatch, type ApiHost, type ApiRequest } from '../../src/api/index.ts';
import { type Closable, Message, type Viewed } from '../../src/base/index.ts';
import {
  type AccountId,
  accountBytes,
  accountId,
  type Caller,
  type ControlId,
  Guard,
  type Verdict,
} from '../../src/guard/index.ts';
import { type AssetObserver, JetStream, type Runnable, UNLIMITED } from '../../src/jetstream/index.ts';
import { type ByteString, matches, toBytes } from '../../src/subjects/index.ts';
import { TestEnv } from '../jetstream/support.ts';

const REVOKED: Verdict = { allowed: false, rule: 'scope-system-only', cacheable: true, filtered: false };

export type AccountName = 'OWNER' | 'OTHER' | 'PLAIN' | 'SYS';

export interface Sent {
  readonly account: string;
  readonly subject: string;
  readonly header: string;
  readonly payload: string;
}

export interface AskOptions {
  readonly header?: string;
  /** Absent: a subject of its own; empty: none. */
  readonly reply?: string;
  /** Whether anybody listens on the reply; true unless said. */
  readonly gone?: boolean;
}

interface Subscription {
  readonly account: string;
  readonly subject: ByteString;
  readonly receive: (request: ApiRequest) => void;
}

/** One account's JetStream, whose assets open the API's endpoints. */
class AccountEnv extends TestEnv {
  readonly #world: World;
  readonly #account: string;

  constructor(world: World, id: AccountId) {
    super();
    this.#world = world;
    this.#account = accountBytes(id);
    const assets: AssetObserver = world.dispatch.assetObserverFor(id);
    Object.assign(this, { assets });
  }

  override emit(subject: ByteString, _reply: ByteString, header?: Buffer, payload?: Buffer): void {
    this.#world.note(this.#account, subject, header, payload);
  }

  override enqueue(work: Runnable): void {
    this.#world.enqueue(work);
  }
}

/**
 * The smallest house that the API can stand in: two accounts with JetStream, one without, and the system account.
 * Nothing happens outside {@link ask}: it sends a request, runs the queue dry, and returns what went to its reply.
 */
export class World implements ApiHost {
  readonly sent: Sent[] = [];
  readonly bugs: unknown[] = [];
  readonly guard: ApiHost['guard'];
  readonly serverName = 'S1';
  readonly version = '2.14.5';
  readonly domain = '';
  readonly strict: boolean;
  readonly log = { error: (_text: string, cause: unknown): void => void this.bugs.push(cause) };
  readonly clock = { now: () => 1_700_000_000_000, instant: () => ({ ms: 1_700_000_000_000, ns: 0 }) };
  readonly dispatch: ApiDispatch;
  readonly ids: Readonly<Record<AccountName, AccountId>>;
  readonly listened = new Set<string>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #jetstreams = new Map<string, JetStream>();
  readonly #guard: Guard;
  #revoked = false;
  #queue: Runnable[] = [];
  #asked = 0;

  constructor(options: { strict?: boolean; controlsOff?: readonly ControlId[] } = {}) {
    const id = (name: AccountName): AccountId => accountId(toBytes(name));
    this.ids = { OWNER: id('OWNER'), OTHER: id('OTHER'), PLAIN: id('PLAIN'), SYS: id('SYS') };
    this.strict = options.strict ?? true;
    this.#guard = new Guard({ system: this.ids.SYS, controlsOff: options.controlsOff ?? [] });
    this.guard = {
      scope: (caller, request, subject) =>
        this.#revoked ? { verdict: REVOKED } : this.#guard.scope(caller, request, subject),
      mayStillAsk: (principal, asked) => this.#guard.mayStillAsk(principal, asked),
    };
    this.dispatch = new ApiDispatch(this);
    this.dispatch.start(this.ids.SYS);
    for (const name of ['OWNER', 'OTHER'] as const) {
      this.#jetstreams.set(name, new JetStream(new AccountEnv(this, this.ids[name]), UNLIMITED));
    }
  }

  jetStreamOf(account: AccountId): JetStream | undefined {
    return this.#jetstreams.get(accountBytes(account));
  }

  jetStreamNamed(name: ByteString): JetStream | undefined {
    return this.#jetstreams.get(name);
  }

  policyGeneration(): number {
    return this.#guard.generation;
  }

  eventId(): string {
    return 'ID';
  }

  answering(handle: () => void): void {
    handle();
  }

  answer(
    _worker: AccountId,
    account: AccountId,
    subject: ByteString,
    header?: Buffer,
    payload?: Buffer,
  ): void {
    this.note(accountBytes(account), subject, header, payload);
  }

  answerFrom(
    account: AccountId,
    subject: ByteString,
    { bytes }: Viewed,
    payloadStart: number,
    end: number,
  ): void {
    const header = Buffer.from(bytes.subarray(0, payloadStart));
    this.note(accountBytes(account), subject, header, Buffer.from(bytes.subarray(payloadStart, end)));
  }

  deliver(account: AccountId, route: ByteString, message: Message): number {
    if (!this.hasInterest(account, route)) return 0;
    this.note(accountBytes(account), route, message.copyHeader(), message.copyPayload());
    return 1;
  }

  hasInterest(_account: AccountId, subject: ByteString): boolean {
    return this.listened.has(subject);
  }

  enqueue(...args: [Runnable] | [AccountId, Runnable]): void {
    this.#queue.push(args[args.length - 1] as Runnable);
  }

  subscribe(account: AccountId, subject: ByteString, receive: (request: ApiRequest) => void): Closable {
    const subscription = { account: accountBytes(account), subject, receive };
    this.#subscriptions.add(subscription);
    return { close: () => void this.#subscriptions.delete(subscription) };
  }

  note(account: string, subject: string, header: Buffer | undefined, payload: Buffer | undefined): void {
    this.sent.push({
      account,
      subject,
      header: header?.toString('latin1') ?? '',
      payload: payload?.toString('utf8') ?? '',
    });
  }

  caller(name: AccountName): Caller {
    return {
      principal: { account: this.ids[name], user: toBytes(name.toLowerCase()) },
      account: this.ids[name],
    };
  }

  /** Sends a request as a client of an account would, and returns the answers. */
  ask(from: AccountName, subject: string, body: unknown = '', options: AskOptions = {}): Sent[] {
    const reply = options.reply ?? `_INBOX.${this.#asked++}`;
    if (!options.gone) this.listened.add(reply);
    const before = this.sent.length;
    this.#deliver(from, requestMessage(subject, reply, body, options.header));
    this.drain();
    return this.sent.slice(before).filter((sent) => sent.subject === reply);
  }

  /** The one JSON answer, or undefined for silence. */
  json(
    from: AccountName,
    subject: string,
    body: unknown = '',
    options: AskOptions = {},
  ): Record<string, unknown> | undefined {
    const [first] = this.ask(from, subject, body, options);
    return first === undefined ? undefined : (JSON.parse(first.payload) as Record<string, unknown>);
  }

  /** From now on the guard allows nothing. */
  revoke(): void {
    this.#guard.policyChanged();
    this.#revoked = true;
  }

  message(subject: string): Message {
    return requestMessage(subject, '', '');
  }

  drain(): void {
    while (this.#queue.length > 0) {
      const works = this.#queue;
      this.#queue = [];
      for (const work of works) if (work.run(64)) this.#queue.push(work);
    }
  }

  /** To the account's own subscriptions, and over its import into the system account. */
  #deliver(from: AccountName, message: Message): void {
    for (const subscription of [...this.#subscriptions]) {
      const isHere = subscription.account === from;
      if (!isHere && subscription.account !== 'SYS') continue;
      if (!matches(subscription.subject, message.subject)) continue;
      subscription.receive({
        message,
        principal: this.caller(from).principal,
        caller: this.caller(from),
        direct: isHere,
        clientInfo: () => ({ acc: from }),
      });
    }
  }
}

function requestMessage(subject: string, reply: string, body: unknown, header = ''): Message {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = header === '' ? Buffer.alloc(0) : Buffer.from(`NATS/1.0\r\n${header}\r\n\r\n`);
  const bytes = Buffer.concat([head, Buffer.from(text)]);
  const message = new Message();
  message.subject = toBytes(subject);
  message.reply = toBytes(reply);
  message.place(bytes, 0, head.length, bytes.length);
  return message;
}
