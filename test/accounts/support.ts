import { Account, type AccountHouse, ClientInterest, type Receiver } from '../../src/accounts/index.ts';
import { Message, type Random } from '../../src/base/index.ts';
import { UNLIMITED_ACCOUNT } from '../../src/config/index.ts';
import {
  accountId,
  type ClientClaims,
  Guard,
  type Principal,
  type ResponseGrants,
} from '../../src/guard/index.ts';
import { ManualClock, SeededRandom } from '../../src/server/effects.ts';
import { HeapScheduler } from '../../src/server/scheduler.ts';
import { type ByteString, EMPTY_BYTES, toBytes } from '../../src/subjects/index.ts';

/** Accounts on a clock that the test moves, without connections or sockets. */
export class World {
  readonly clock = new ManualClock(1_000_000);
  readonly scheduler = new HeapScheduler(this.clock);
  readonly guard = new Guard({ system: undefined });
  readonly random: Random = new SeededRandom('accounts');
  /** What accounts queued, for {@link settle} to deliver. */
  readonly emitted: { account: Account; subject: ByteString; payload: Buffer }[] = [];

  account(name: string): Account {
    const house: AccountHouse = {
      clock: this.clock,
      scheduler: this.scheduler,
      guard: this.guard,
      emit: (account, subject, payload) => this.emitted.push({ account, subject, payload }),
    };
    return new Account(accountId(toBytes(name)), UNLIMITED_ACCOUNT, house, this.random.fork(name));
  }

  /** Moves the clock and runs what is due. */
  advance(ms: number): void {
    this.clock.skip(ms);
    this.scheduler.runDue();
  }

  subscribe(account: Account, receiver: Receiver, subject: string, sid: string, queue = ''): ClientInterest {
    const context = { guard: this.guard, nowMs: () => this.clock.now(), onExhausted: () => {} };
    const filtered = this.guard.subscribe(receiver.principal, toBytes(subject), toBytes(queue)).filtered;
    const interest = new ClientInterest(
      toBytes(subject),
      toBytes(queue),
      toBytes(sid),
      receiver,
      filtered,
      context,
    );
    account.add(interest);
    return interest;
  }
}

/** A receiver that writes down what it is sent. */
export class Mailbox implements Receiver {
  readonly principal: Principal;
  readonly echo = true;
  readonly isBehind = false;
  readonly responseGrants: ResponseGrants | undefined;
  readonly got: { sid: string; subject: string; reply: string; header: string; payload: string }[] = [];

  constructor(account: Account, client?: ClientClaims, permissions?: Principal['permissions']) {
    this.principal = {
      account: account.id,
      user: toBytes('u'),
      ...(client === undefined ? {} : { client }),
      ...(permissions === undefined ? {} : { permissions }),
    };
  }

  send(message: Message, sid: ByteString): boolean {
    const { subject, reply } = message;
    const header = message.copyHeader().toString('utf8');
    this.got.push({ sid, subject, reply, header, payload: message.payloadText() });
    return true;
  }

  /** The sender's side of this mailbox. */
  get sender() {
    return { principal: this.principal, receiver: this as Receiver, onReceiverBehind: () => {} };
  }
}

export function messageOf(subject: string, payload = '', reply = '', header = ''): Message {
  const message = new Message();
  message.subject = toBytes(subject);
  message.reply = reply === '' ? EMPTY_BYTES : toBytes(reply);
  const bytes = Buffer.from(header + payload);
  const headerLength = Buffer.byteLength(header);
  message.place(bytes, 0, headerLength, bytes.length);
  return message;
}
