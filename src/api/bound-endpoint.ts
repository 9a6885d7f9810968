import { NOT_TAKEN } from '../accounts/index.ts';
import { Message, type Viewed } from '../base/index.ts';
import {
  type AccountId,
  accountText,
  type Caller,
  type Principal,
  type RuleId,
  type ScopeRequest,
} from '../guard/index.ts';
import { jsError, type ReplySink } from '../jetstream/index.ts';
import { type ByteString, EMPTY_BYTES, toText } from '../subjects/index.ts';
import type { AuditLog, AuditOutcome, AuditRecord } from './audit.ts';
import { AfterWork, SILENT, type SubjectCall, type SubjectEndpoint } from './endpoint.ts';
import { apiErrorOf, errorText, responseText } from './errors.ts';
import { demandsMore, LEVEL_TOO_LOW } from './headers.ts';
import { bodyOf } from './payload.ts';
import { GuardedSink } from './reply-sink.ts';
import { type BoundTokens, patternTokens, subscriptionSubject } from './routes.ts';
import type { ScopeExchange } from './scope.ts';
import type { ApiHost, ApiRequest } from './view.ts';

const DOT = 0x2e;
const NOBODY = new Message();

/**
 * A row bound to one stream or consumer: the subscription has matched, so that a request costs neither a match nor,
 * while caller and policy stay the same, a decision. It is the call that its handler gets, used again and again.
 */
export class BoundEndpoint implements SubjectCall<BoundTokens, unknown> {
  readonly tokens: BoundTokens;
  body: unknown;
  message: Message = NOBODY;
  readonly #host: ApiHost;
  readonly #exchange: ScopeExchange;
  readonly #audit: AuditLog;
  readonly #row: SubjectEndpoint;
  readonly #account: AccountId;
  readonly #scope: ScopeRequest;
  readonly #checksLevel: boolean;
  /** Where in a subject begins what the row's last token stands for. */
  readonly #prefix: number;
  #principal: Principal | undefined;
  #caller: Caller | undefined;
  #generation = -1;
  #isDirect = false;
  #rule: RuleId | undefined;
  #context: unknown;

  constructor(
    host: ApiHost,
    exchange: ScopeExchange,
    audit: AuditLog,
    row: SubjectEndpoint,
    account: AccountId,
    names: BoundTokens,
    actual = names,
  ) {
    this.#host = host;
    this.#exchange = exchange;
    this.#audit = audit;
    this.#row = row;
    this.#account = account;
    this.#scope = { scope: row.scope, ...(row.control === undefined ? {} : { control: row.control }) };
    this.#checksLevel = row.subject.startsWith('$JS.API.');
    this.#prefix = subscriptionSubject(row, names).length - 1;
    this.tokens = this.#bind(names, actual);
  }

  receive(request: ApiRequest): unknown {
    const { restTokens } = this.#row;
    if (restTokens !== undefined && !hasTokens(request.message, this.#prefix, restTokens)) return NOT_TAKEN;
    this.message = request.message;
    this.#isDirect = request.direct;
    // The others are as frequent as messages, and set nothing free that an answer of theirs could be behind.
    if (this.#row.response === undefined) this.#judge(request);
    else this.#host.answering(() => this.#judge(request));
    return undefined;
  }

  #judge(request: ApiRequest): void {
    const isAdmitted = this.#isKnown(request) || this.#admit(request);
    this.#record(isAdmitted ? this.#serve() : 'refused', isAdmitted);
  }

  answer(header: Buffer | undefined, payload: Buffer | undefined): void {
    const { reply } = this.message;
    if (reply !== '') this.#host.answer(this.#account, this.#account, reply, header, payload);
  }

  answerFrom(bytes: Viewed, payloadStart: number, end: number): void {
    const { reply } = this.message;
    if (reply !== '') this.#host.answerFrom(this.#account, reply, bytes, payloadStart, end);
  }

  sink(): ReplySink {
    const { subject, reply } = this.message;
    if (this.#caller === undefined) throw new TypeError('a sink belongs to a request');
    return new GuardedSink(
      this.#host,
      this.#account,
      this.#caller,
      this.#scope,
      subject,
      this.#isDirect,
      reply,
      this.#generation,
    );
  }

  /**
   * Names bound once; the rest of the subject is cut out only when a handler reads it.
   * @param actual what the handler is told instead of the names in the subject.
   */
  #bind(names: BoundTokens, actual: BoundTokens): BoundTokens {
    const tokens: Record<string, ByteString> = {};
    let prefix = 0;
    for (const token of patternTokens(this.#row.subject)) {
      if (token.kind === 'rest') {
        const start = prefix;
        Object.defineProperty(tokens, token.name, { get: () => this.message.subject.slice(start) });
        break;
      }
      const value = token.kind === 'literal' ? token.text : (names[token.name] ?? EMPTY_BYTES);
      if (token.kind === 'one') tokens[token.name] = actual[token.name] ?? EMPTY_BYTES;
      prefix += value.length + 1;
    }
    return tokens;
  }

  #isKnown(request: ApiRequest): boolean {
    return request.principal === this.#principal && this.#host.policyGeneration() === this.#generation;
  }

  /**
   * Asks the guard. The asset's own account is the one acted for: whoever reached this subscription from elsewhere was
   * let in by that account's export, which is a decision of its own.
   */
  #admit(request: ApiRequest): boolean {
    const caller: Caller = { principal: request.caller.principal, account: this.#account };
    const { verdict, grant } = this.#host.guard.scope(caller, this.#scope, request.message.subject);
    this.#rule = verdict.rule;
    this.#principal = undefined;
    this.#caller = caller;
    if (grant === undefined) return false;
    this.#principal = caller.principal;
    this.#generation = this.#host.policyGeneration();
    this.#context = this.#exchange.contextFor(grant);
    return true;
  }

  #serve(): AuditOutcome {
    try {
      return this.#handle();
    } catch (thrown) {
      this.#fail(thrown);
      return 'error';
    }
  }

  #handle(): AuditOutcome {
    if (this.#checksLevel && demandsMore(this.message)) {
      if (this.#row.response !== undefined) throw jsError('JSRequiredApiLevelErr');
      this.answer(LEVEL_TOO_LOW, undefined);
      return 'error';
    }
    this.body = bodyOf(this.#row.request, this.message, this.#host.strict);
    const outcome = this.#row.handle(this.#context as never, this as never);
    if (outcome === SILENT) return 'answered';
    if (outcome instanceof AfterWork) throw new TypeError(`${this.#row.subject} cannot answer later`);
    this.answer(undefined, Buffer.from(responseText(this.#row.response ?? '', outcome), 'utf8'));
    return 'answered';
  }

  #fail(thrown: unknown): void {
    const { error, isBug } = apiErrorOf(thrown);
    if (isBug) this.#host.log.error(`API handler of ${this.#row.subject} failed`, thrown);
    if (this.#row.response === undefined) return;
    this.answer(undefined, Buffer.from(errorText(this.#row.response, error, this.#row.errorFields), 'utf8'));
  }

  #record(outcome: AuditOutcome, granted: boolean): void {
    if (this.#row.hot && granted) this.#audit.countOnly(outcome);
    else this.#audit.add(this.#recordOf(outcome, granted));
  }

  #recordOf(outcome: AuditOutcome, granted: boolean): AuditRecord {
    return {
      subject: toText(this.message.subject),
      account: accountText(this.#account),
      user: toText(this.#caller?.principal.user ?? EMPTY_BYTES),
      row: this.#row.subject,
      rule: this.#rule,
      granted,
      handled: granted,
      outcome,
    };
  }
}

/** Whether a subject has so many tokens from `at` on. */
function hasTokens(message: Message, at: number, count: number): boolean {
  const { subjectLength } = message;
  let dots = 0;
  for (let i = at; i < subjectLength; i++) if (message.subjectByte(i) === DOT) dots++;
  return dots + 1 === count && at < subjectLength;
}
