import { type Closable, limits } from '../base/index.ts';
import { type AccountId, accountText, type Grant, type Verdict } from '../guard/index.ts';
import { type AssetObserver, jsError } from '../jetstream/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import { AccountSubjects } from './account-subjects.ts';
import { Answer } from './answer.ts';
import { AuditLog, type AuditOutcome } from './audit.ts';
import { AfterWork, type Endpoint, type ServiceEndpoint, SILENT } from './endpoint.ts';
import { apiErrorOf, errorText, SYSTEM_RESPONSE } from './errors.ts';
import { demandsMore } from './headers.ts';
import { bodyOf } from './payload.ts';
import { type BoundTokens, Routes } from './routes.ts';
import { AccountContext, ScopeExchange } from './scope.ts';
import { ServiceRequest, scopeRequestOf } from './service-request.ts';
import { StatsBook } from './stats.ts';
import { ENDPOINTS } from './table.ts';
import type { ApiHost, ApiRequest } from './view.ts';

const ALL_REQUESTS = '$JS.API.>' as ByteString;

type Finish = (text: string, isError: boolean) => void;

/**
 * The way of an API request: match its subject, bind the tokens, ask the guard, exchange the grant for a context,
 * decode, handle, reply; and a record of each.
 */
export class ApiDispatch {
  readonly audit = new AuditLog(limits.API_AUDIT_RECORDS);
  readonly stats = new StatsBook();
  readonly #host: ApiHost;
  readonly #rows: readonly Endpoint[];
  readonly #routes: Routes;
  readonly #exchange: ScopeExchange;
  #system: AccountId | undefined;
  #subscription: Closable | undefined;

  constructor(host: ApiHost, rows: readonly Endpoint[] = ENDPOINTS) {
    this.#host = host;
    this.#rows = rows;
    this.#routes = new Routes(rows);
    this.#exchange = new ScopeExchange(host, this.stats);
  }

  /** Opens the service in the system account. */
  start(system: AccountId): void {
    this.#system = system;
    this.#subscription = this.#host.subscribe(system, ALL_REQUESTS, (request) => this.receive(request));
  }

  stop(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
  }

  /** Opens and closes the endpoints inside one account as its streams and consumers come and go. */
  assetObserverFor(account: AccountId): AssetObserver {
    return new AccountSubjects(this.#host, this.#exchange, this.audit, this.#rows, account);
  }

  /** Serves one request that reached the system account. */
  receive(request: ApiRequest): void {
    const route = this.#routes.find(request.message.subject);
    if (route === undefined) this.#unserved(request, undefined, undefined);
    else if (route.row.door === 'system-service') {
      const { row, tokens } = route;
      this.#host.answering(() => this.#judge(request, row, tokens));
    }
    // What stands in the owner's account has been served there; here only system users get an answer.
    else if (request.direct) this.#unserved(request, route.row, undefined);
  }

  #judge(request: ApiRequest, row: ServiceEndpoint, tokens: BoundTokens): void {
    const { caller, message, direct } = request;
    const { verdict, grant } = this.#host.guard.scope(caller, scopeRequestOf(row, tokens), message.subject);
    if (grant === undefined) this.#record(request, row, verdict, false, 'refused');
    else if (direct && row.scope === 'account' && row.direct !== 'answered')
      this.#unserved(request, row, verdict);
    // Measured on 2.14.5: a system user's own request is not even answered when it has a header.
    else if (direct && message.hasHeader) this.#record(request, row, verdict, false, 'silent');
    else this.#record(request, row, verdict, true, this.#serve(request, row, tokens, grant));
  }

  /** A subject without endpoint: silence for tenants, an error for those who ask in the system account itself. */
  #unserved(request: ApiRequest, row: Endpoint | undefined, verdict: Verdict | undefined): void {
    if (request.direct) {
      const text = errorText(SYSTEM_RESPONSE, jsError('JSNotEnabledForAccountErr'));
      new Answer(this.#host, this.#system, request, null).send(text, true);
    }
    this.#record(request, row, verdict, false, row === undefined ? 'unknown-subject' : 'error');
  }

  #serve(request: ApiRequest, row: ServiceEndpoint, tokens: BoundTokens, grant: Grant): AuditOutcome {
    const context = this.#exchange.contextFor(grant);
    const answer = new Answer(this.#host, this.#system, request, request.direct ? {} : request.clientInfo());
    const finish = this.#finisher(row, context, answer);
    try {
      const outcome = this.#handle(request, row, tokens, context);
      if (outcome === SILENT) return 'silent';
      if (outcome instanceof AfterWork) this.#later(request, row, outcome, finish);
      else finish(Answer.text(row, outcome), false);
      return 'answered';
    } catch (thrown) {
      finish(this.#failure(row, thrown), true);
      return 'error';
    }
  }

  /** Counts and sends what a request is answered with. */
  #finisher(row: ServiceEndpoint, context: unknown, answer: Answer): Finish {
    return (text, isError) => {
      const isTold = isError || !row.quiet;
      if (isTold) {
        if (context instanceof AccountContext) context.stats.count(isError);
        this.stats.server.count(isError);
      }
      answer.send(text, isTold);
    };
  }

  #handle(
    request: ApiRequest,
    row: ServiceEndpoint,
    tokens: BoundTokens,
    context: unknown,
  ): ReturnType<Endpoint['handle']> {
    if (demandsMore(request.message)) throw jsError('JSRequiredApiLevelErr');
    if (row.enabled !== 'by-handler' && context instanceof AccountContext) context.requireJetStream();
    const beforeBody = (): void => row.beforeBody?.(context as never, tokens as never);
    const body = bodyOf(row.request, request.message, this.#host.strict, beforeBody);
    return row.handle(context as never, new ServiceRequest(this.#host, request, row, tokens, body) as never);
  }

  /** Runs sliced work from the run queue and answers behind its last slice. */
  #later(request: ApiRequest, row: ServiceEndpoint, after: AfterWork, finish: Finish): void {
    const host = this.#host;
    const slice = (budget: number): boolean => {
      try {
        if (!after.step(budget)) return true;
        finish(Answer.text(row, after.body()), false);
      } catch (thrown) {
        finish(this.#failure(row, thrown), true);
      }
      return false;
    };
    host.enqueue(request.caller.account, {
      run: (budget) => {
        let isMore = false;
        host.answering(() => {
          isMore = slice(budget);
        });
        return isMore;
      },
    });
  }

  #failure(row: ServiceEndpoint, thrown: unknown): string {
    const { error, isBug } = apiErrorOf(thrown);
    if (isBug) this.#host.log.error(`API handler of ${row.subject} failed`, thrown);
    return errorText(row.response ?? SYSTEM_RESPONSE, error, row.errorFields);
  }

  #record(
    request: ApiRequest,
    row: Endpoint | undefined,
    verdict: Verdict | undefined,
    handled: boolean,
    outcome: AuditOutcome,
  ): void {
    const { principal, account } = request.caller;
    this.audit.add({
      subject: toText(request.message.subject),
      account: accountText(account),
      user: toText(principal.user),
      row: row?.subject,
      rule: verdict?.rule,
      granted: verdict?.allowed ?? false,
      handled,
      outcome,
    });
  }
}
