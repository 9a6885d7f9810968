import type { Message } from '../base/index.ts';
import type { AccountId, Caller, ScopeRequest } from '../guard/index.ts';
import type { ReplySink } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { ApiHost } from './view.ts';

/**
 * Where the answers to a waiting request go. Whether its caller may still have them is judged again at every one: by
 * generation first, so that the usual cost is one comparison.
 */
export class GuardedSink implements ReplySink {
  readonly subject: ByteString;
  readonly #host: ApiHost;
  readonly #account: AccountId;
  readonly #caller: Caller;
  readonly #request: ScopeRequest;
  readonly #asked: ByteString;
  readonly #isDirect: boolean;
  #generation: number;

  /**
   * @param account where the asset lives and the answers start.
   * @param asked the subject of the request, as it arrived.
   * @param isDirect whether that is what the caller published: nothing crossed on the way.
   */
  constructor(
    host: ApiHost,
    account: AccountId,
    caller: Caller,
    request: ScopeRequest,
    asked: ByteString,
    isDirect: boolean,
    reply: ByteString,
    generation: number,
  ) {
    this.subject = reply;
    this.#host = host;
    this.#account = account;
    this.#caller = caller;
    this.#request = request;
    this.#asked = asked;
    this.#isDirect = isDirect;
    this.#generation = generation;
  }

  interested(): boolean {
    return this.#mayStill() && this.#host.hasInterest(this.#account, this.subject);
  }

  send(message: Message): boolean {
    return this.#mayStill() && this.#host.deliver(this.#account, this.subject, message) > 0;
  }

  #mayStill(): boolean {
    const generation = this.#host.policyGeneration();
    if (generation === this.#generation) return true;
    const { guard } = this.#host;
    if (!guard.mayStillAsk(this.#caller.principal, this.#isDirect ? this.#asked : undefined)) return false;
    if (!guard.scope(this.#caller, this.#request, this.#asked).verdict.allowed) return false;
    this.#generation = generation;
    return true;
  }
}
