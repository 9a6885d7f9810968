import type { AccountId } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Endpoint, ResponseBody } from './endpoint.ts';
import { responseText, SYSTEM_RESPONSE } from './errors.ts';
import { publishAudit } from './events.ts';
import type { ApiHost, ApiRequest } from './view.ts';

/** What is kept of a request until it is answered, which may be long after the request itself is gone. */
export class Answer {
  readonly #host: ApiHost;
  readonly #system: AccountId | undefined;
  readonly #account: AccountId;
  readonly #subject: ByteString;
  readonly #reply: ByteString;
  readonly #request: string;
  readonly #client: Readonly<Record<string, unknown>> | null;

  /** @param system the account where the request arrived and its reply starts. */
  constructor(
    host: ApiHost,
    system: AccountId | undefined,
    request: ApiRequest,
    client: Readonly<Record<string, unknown>> | null,
  ) {
    this.#host = host;
    this.#system = system;
    this.#account = request.caller.account;
    this.#subject = request.message.subject;
    this.#reply = request.message.reply;
    this.#request = request.message.payloadText();
    this.#client = client;
  }

  /** The text of a reply of this row. */
  static text(row: Endpoint, body: ResponseBody): string {
    return responseText(row.response ?? SYSTEM_RESPONSE, body);
  }

  /** Sends the reply, where there is a reply subject, and behind it the audit event, where one is due. */
  send(text: string, isTold: boolean): void {
    if (this.#reply !== '' && this.#system !== undefined) {
      this.#host.answer(this.#account, this.#system, this.#reply, undefined, Buffer.from(text, 'utf8'));
    }
    if (!isTold) return;
    publishAudit(this.#host, {
      account: this.#account,
      subject: this.#subject,
      request: this.#request,
      response: text,
      client: this.#client,
    });
  }
}
