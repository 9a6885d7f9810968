import { type Account, withoutIdentity } from '../accounts/index.ts';
import { type Closable, formatInstant, Message } from '../base/index.ts';
import { accountText } from '../guard/index.ts';
import type { AssetObserver, JetStreamEnv, MemoryBudget, Runnable } from '../jetstream/index.ts';
import { type ByteString, EMPTY_BYTES } from '../subjects/index.ts';
import type { RunQueue } from './run-queue.ts';

/** Whether an account's JetStream may still act. Once it is switched off, nothing that it still does has an effect. */
export interface Power {
  isOn: boolean;
}

/** What the server gives an account's JetStream. */
export interface AccountEnvSetup {
  readonly account: Account;
  readonly runQueue: RunQueue;
  readonly memory: MemoryBudget;
  readonly serverName: string;
  readonly domain: string;
  readonly assets: AssetObserver;
  readonly power: Power;
  /** Told of work that took long: the input that caused it may be interrupted. */
  worked(): void;
}

/** The house of one account's JetStream: everything it does stays inside that account. */
export function accountEnv(setup: AccountEnvSetup): JetStreamEnv {
  const { account, runQueue, power } = setup;
  const { clock, scheduler } = account.house;
  /** A message that a stream takes without the line that says who sent it; streams take one after the other. */
  const bare = new Message();
  return {
    clock,
    scheduler,
    random: account.random.fork('jetstream'),
    memory: setup.memory,
    serverName: setup.serverName,
    accountName: accountText(account.id),
    domain: setup.domain,
    assets: setup.assets,
    emit: (subject, reply, header, payload) => {
      if (power.isOn) runQueue.emit(account, subject, reply, header, payload);
    },
    answer: (to, payload) => {
      if (power.isOn) runQueue.reply(account, to, payload);
    },
    ask: (subject, reply, header, payload) => {
      if (power.isOn) runQueue.emitFrom(account.ownSender, account, subject, reply, header, payload);
    },
    deliver: (route: ByteString, message: Message) => {
      if (!power.isOn) return 0;
      runQueue.delivered();
      return account.deliver(route, message, account.teller);
    },
    hasInterest: (subject) => account.hasInterest(subject),
    hasLiteralInterest: (subject, queue) => account.hasLiteralInterest(subject, queue),
    watchInterest: (subject, changed): Closable => account.watchInterest(subject, changed),
    subscribe: (subject, receive): Closable =>
      account.subscribe(subject, (message) => receive(withoutIdentity(message, bare)), true),
    worked: () => setup.worked(),
    enqueue: (work: Runnable) => {
      if (power.isOn) runQueue.enqueue(account, work);
    },
    advise: (subject, type, body) => {
      if (!power.isOn || !account.hasInterest(subject)) return;
      const event = {
        type,
        id: account.eventId(),
        timestamp: formatInstant(clock.instant()),
        ...body,
      };
      runQueue.emit(account, subject, EMPTY_BYTES, undefined, Buffer.from(JSON.stringify(event)));
    },
  };
}
