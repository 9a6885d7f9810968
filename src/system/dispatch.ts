import type { Account, Passage, Sender } from '../accounts/index.ts';
import { type Closable, JsonError, type Message, patternTokens } from '../base/index.ts';
import type { Caller, Grant, ScopeRequest } from '../guard/index.ts';
import { type ByteString, bytesAt, tokensOf } from '../subjects/index.ts';
import { Answerer } from './answer.ts';
import { decodeOptions, isMeant } from './request-options.ts';
import { ScopeExchange } from './scope.ts';
import type { ServerStamp } from './server-info.ts';
import { type Outcome, type ReplyBody, type Service, ServiceError, SILENT } from './service.ts';
import { SERVICES } from './table.ts';
import type { SystemView } from './view.ts';

/** Names and values of a row's tokens in one request. */
type BoundTokens = Readonly<Record<string, ByteString>>;

/** One request as it arrived. */
interface Arrived {
  readonly message: Message;
  readonly sender: Sender;
  readonly passage: Passage | undefined;
  readonly tokens: BoundTokens;
}

/**
 * The way of a request to a service of the system account: bind the tokens of its subject, ask the guard, exchange the
 * grant for a context, decode, handle, reply. Who is not allowed is not answered.
 */
export class ServiceDispatch {
  readonly #view: SystemView;
  readonly #exchange: ScopeExchange;
  readonly #answerer: Answerer;
  readonly #rows: readonly Service[];
  #subscriptions: Closable[] = [];

  constructor(view: SystemView, stamp: ServerStamp, rows: readonly Service[] = SERVICES) {
    this.#view = view;
    this.#exchange = new ScopeExchange(view);
    this.#answerer = new Answerer(view, stamp);
    this.#rows = rows;
  }

  /** Opens the services in the system account. */
  start(system: Account): void {
    this.#subscriptions = this.#rows.map((row) => this.#open(system, row));
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions = [];
  }

  #open(system: Account, row: Service): Closable {
    const pattern = patternTokens(row.subject);
    const names = pattern.map((token) =>
      token.kind === 'literal' || token.name === 'server' ? '' : token.name,
    );
    return system.subscribe(serviceSubject(row, this.#view.id), (message, sender, passage) => {
      if (message.reply === '') return;
      this.#judge(row, { message, sender, passage, tokens: bind(names, message.subject) });
    });
  }

  #judge(row: Service, arrived: Arrived): void {
    const { message, sender, passage, tokens } = arrived;
    const caller: Caller = {
      principal: sender.principal,
      account: passage?.from ?? sender.principal.account,
    };
    const request = scopeRequestOf(row, tokens, this.#isOffered(passage));
    const { grant } = this.#view.guard.scope(caller, request, message.subject);
    if (grant !== undefined) this.#serve(row, arrived, grant);
  }

  /** Whether a request came over an export that was written down, not over one that is simply there. */
  #isOffered(passage: Passage | undefined): boolean {
    if (passage === undefined) return false;
    const { through } = passage;
    return 'subject' in through && this.#view.isOffered(through.subject as ByteString);
  }

  #serve(row: Service, { message, tokens }: Arrived, grant: Grant): void {
    const reply = this.#answerer.to(row, message.reply, grant.caller.account);
    try {
      const text = bytesAt(message.buffer, message.payloadStart, message.end);
      const options = decodeOptions(row.request, text);
      if (row.request.filtered && !isMeant(this.#view, options)) return;
      const context = this.#exchange.contextFor(grant);
      const outcome: Outcome = row.handle(context as never, { tokens, options, text } as never);
      if (outcome instanceof Promise) this.#later(row, outcome, reply);
      else if (outcome !== SILENT) reply.send(outcome);
    } catch (thrown) {
      this.#failed(row, thrown, reply);
    }
  }

  #later(row: Service, outcome: Promise<ReplyBody | undefined>, reply: ReturnType<Answerer['to']>): void {
    const answered = outcome.then(
      (body) => reply.send(body),
      (thrown: unknown) => this.#failed(row, thrown, reply),
    );
    void answered.then(() => this.#view.settle());
  }

  #failed(row: Service, thrown: unknown, reply: ReturnType<Answerer['to']>): void {
    if (thrown instanceof JsonError) {
      if (row.badRequest !== 'silent') reply.badRequest(thrown.message);
    } else if (thrown instanceof ServiceError) reply.fail(thrown.code, thrown.message);
    else {
      this.#view.logError(`service ${row.subject} failed`, thrown);
      reply.fail(500, 'internal error');
    }
  }
}

/** The subject that a row listens on: of the services addressed to one server, the one with this server's id. */
export function serviceSubject(row: Pick<Service, 'subject'>, serverId: string): ByteString {
  const words = patternTokens(row.subject).map((token) => {
    if (token.kind === 'literal') return token.text;
    return token.name === 'server' ? serverId : '*';
  });
  return words.join('.') as ByteString;
}

/** What a request asks of its row, for the guard. The account is what the subject says, whatever stands in the body. */
export function scopeRequestOf(
  row: Pick<Service, 'scope'>,
  tokens: BoundTokens,
  offered = false,
): ScopeRequest {
  const target = row.scope === 'named-account' ? tokens['account'] : undefined;
  return {
    scope: row.scope,
    ...(target === undefined ? {} : { target }),
    ...(offered && row.scope !== 'account' ? { offered } : {}),
  };
}

function bind(names: readonly string[], subject: ByteString): BoundTokens {
  const tokens: Record<string, ByteString> = {};
  for (const [at, word] of tokensOf(subject).entries()) {
    const name = names[at];
    if (name !== undefined && name !== '') tokens[name] = word;
  }
  return tokens;
}
