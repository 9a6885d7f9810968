import { type Account, clientInfo, type Passage, type Sender } from '../accounts/index.ts';
import type { ApiHost, ApiRequest } from '../api/index.ts';
import type { Clock, Closable, Message } from '../base/index.ts';
import { type AccountId, accountBytes, type Caller, type Guard, type Principal } from '../guard/index.ts';
import type { JetStream, Runnable } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { NATS_VERSION } from '../version.ts';
import type { Directory } from './directory.ts';
import { causeText, type LogSink } from './log.ts';
import type { RunQueue } from './run-queue.ts';

/** What the API's house is built from. */
export interface ApiHostSetup {
  readonly guard: Guard;
  readonly accounts: Directory;
  readonly jetStreams: ReadonlyMap<Account, JetStream>;
  readonly runQueue: RunQueue;
  readonly clock: Clock;
  readonly log: LogSink;
  readonly serverName: string;
  readonly domain: string;
  readonly strict: boolean;
  /** Told behind every request: who asks for a lot at once may have to wait. */
  worked(): void;
}

/** A request as the API sees it: the message, and beside it who asks. */
class IncomingRequest implements ApiRequest {
  readonly message: Message;
  readonly direct: boolean;
  readonly #sender: Sender;
  readonly #passage: Passage | undefined;

  constructor(message: Message, sender: Sender, passage: Passage | undefined) {
    this.message = message;
    this.#sender = sender;
    this.#passage = passage;
    this.direct = passage === undefined;
  }

  get principal(): Principal {
    return this.#sender.principal;
  }

  get caller(): Caller {
    const { principal } = this.#sender;
    return { principal, account: this.#passage?.from ?? principal.account };
  }

  clientInfo(): Readonly<Record<string, unknown>> {
    return clientInfo(this.#sender, this.#passage);
  }
}

/** What the server gives the API: the view declared in `api/view.ts` and nothing more. */
export function apiHost(setup: ApiHostSetup): ApiHost {
  const { accounts, runQueue, jetStreams, guard, log } = setup;
  /** The name may come from a subject and be nobody's. */
  const jetStreamNamed = (name: ByteString): JetStream | undefined => {
    const account = accounts.named(name);
    return account === undefined ? undefined : jetStreams.get(account);
  };
  return {
    guard,
    clock: setup.clock,
    log: { error: (message, cause) => log.write('error', `${message}: ${causeText(cause)}`) },
    serverName: setup.serverName,
    version: NATS_VERSION,
    domain: setup.domain,
    strict: setup.strict,
    jetStreamOf: (id) => jetStreamNamed(accountBytes(id)),
    jetStreamNamed,
    policyGeneration: () => guard.generation,
    eventId: (id) => accounts.of(id).eventId(),
    answering: (handle) => {
      runQueue.answering(handle);
      setup.worked();
    },
    answer: (worker, id, subject, header, payload) =>
      runQueue.answer(accounts.of(worker), accounts.of(id), subject, header, payload),
    answerFrom: (id, subject, bytes, payloadStart, end) =>
      runQueue.answerFrom(accounts.of(id), subject, bytes, payloadStart, end),
    deliver: (id, route, message) => {
      const account = accounts.of(id);
      runQueue.delivered();
      return account.deliver(route, message, account.teller);
    },
    hasInterest: (id, subject) => accounts.of(id).hasInterest(subject),
    enqueue: (id, work: Runnable) => runQueue.enqueue(accounts.of(id), work),
    subscribe: (id: AccountId, subject: ByteString, receive: (request: ApiRequest) => unknown): Closable =>
      accounts
        .of(id)
        .subscribe(subject, (message, sender, passage) =>
          receive(new IncomingRequest(message, sender, passage)),
        ),
  };
}
