import type { Account } from '../accounts/index.ts';
import type { Message } from '../base/index.ts';
import type { Runnable } from '../jetstream/index.ts';
import { EMPTY_BYTES } from '../subjects/index.ts';
import type { RouteCache } from './routes.ts';

/**
 * An answer to a message that waits to be delivered in its account. Subject and payload stand one behind the other in a
 * buffer: no text is made of a reply subject, which comes once.
 */
export class ReplyEmission implements Runnable {
  readonly #message: Message;
  readonly #account: Account;
  readonly #routes: RouteCache;
  readonly #buffer: Buffer;
  readonly #start: number;
  readonly #subjectEnd: number;
  readonly #end: number;

  /** @param message serves all emissions, one after the other. */
  constructor(
    message: Message,
    account: Account,
    routes: RouteCache,
    buffer: Buffer,
    start: number,
    subjectEnd: number,
    end: number,
  ) {
    this.#message = message;
    this.#account = account;
    this.#routes = routes;
    this.#buffer = buffer;
    this.#start = start;
    this.#subjectEnd = subjectEnd;
    this.#end = end;
  }

  run(_budget: number): boolean {
    const message = this.#message;
    const buffer = this.#buffer;
    const route = this.#routes.find(buffer, this.#start, this.#subjectEnd);
    message.reply = EMPTY_BYTES;
    message.place(buffer, this.#subjectEnd, this.#subjectEnd, this.#end);
    route.name(message, this.#start, this.#subjectEnd);
    this.#account.deliverTo(route.result, undefined, message, this.#account.teller);
    return false;
  }
}
