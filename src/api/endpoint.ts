import type { Message, TokensOf, Viewed } from '../base/index.ts';
import type { ControlId, Scope } from '../guard/index.ts';
import type { ReplySink, SlicedWork } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { RequestRule } from './request-rule.ts';
import type { ContextOf } from './scope.ts';

export type { TokensOf } from '../base/index.ts';

/**
 * Where an endpoint stands. `system-service`: in the system account, reached over the import that every account has.
 * `account-subject`: a subscription inside the account that owns the asset.
 */
export type Door = 'system-service' | 'account-subject';

/**
 * When the subscription of an account-subject endpoint exists: with a stream that allows direct access, with a
 * consumer (one that wants acknowledgements, one with flow control), or while a snapshot or restore runs.
 */
export type Lifetime =
  | 'direct-stream'
  | 'consumer'
  | 'acked-consumer'
  | 'flow-consumer'
  | 'snapshot'
  | 'restore';

/** What a handler is given besides its context. Valid during the call only. */
export interface ServiceCall<Tokens, Body> {
  readonly tokens: Tokens;
  readonly body: Body;
}

/** What a handler in the system account is given: who asks is known for events and for what comes later. */
export interface RequestCall<Tokens, Body> extends ServiceCall<Tokens, Body> {
  /** The caller as events show it (JSON-ready). */
  client(): Readonly<Record<string, unknown>>;
  /** Makes a sink for messages to a subject of the caller's account; the guard judges again at every one. */
  sink(subject: ByteString): ReplySink;
}

/** What a handler inside an account is given; the message is where it reads raw payloads. */
export interface SubjectCall<Tokens, Body> extends ServiceCall<Tokens, Body> {
  readonly message: Message;
  /** Answers once, with raw bytes. */
  answer(header: Buffer | undefined, payload: Buffer | undefined): void;
  /** As {@link answer}, with both in one buffer: the header block from its first byte on, the payload behind it. */
  answerFrom(bytes: Viewed, payloadStart: number, end: number): void;
  /** Makes a sink for answers that come later; the guard judges again at every one. */
  sink(): ReplySink;
}

/** The fields of a reply after `type`, in the server's order; `undefined` fields are left out. */
export type ResponseBody = Readonly<Record<string, unknown>>;

/** The answer comes after work in slices. */
export class AfterWork {
  readonly step: (budget: number) => boolean;
  /** The reply; only after the last step. */
  readonly body: () => ResponseBody;

  private constructor(step: (budget: number) => boolean, body: () => ResponseBody) {
    this.step = step;
    this.body = body;
  }

  /** Answers with what `body` makes of the work's result. */
  static of<T>(work: SlicedWork<T>, body: (result: T) => ResponseBody): AfterWork {
    return new AfterWork(
      (budget) => work.step(budget),
      () => body(work.result()),
    );
  }
}

/** Nothing is answered. */
export const SILENT: unique symbol = Symbol('silent');

export type Outcome = ResponseBody | AfterWork | typeof SILENT;

interface RowBase<S extends Scope, Subject extends string, Body> {
  readonly subject: Subject;
  /** Required, without a default: what the endpoint acts on, and so what its handler can reach. */
  readonly scope: S;
  readonly request: RequestRule<Body>;
  /** Name after `io.nats.jetstream.api.v1.`; none for raw messages. */
  readonly response?: string;
  /** Fields that accompany an error, because the server writes them even when empty. */
  readonly errorFields?: ResponseBody;
  readonly doc: string;
  /** Advisories that this endpoint's scope answers. */
  readonly advisories?: readonly string[];
  /** The control whose absence makes the guard forget the check (the lab only). */
  readonly control?: ControlId;
  /** `later`: the row answers with a real error, its effect is still to come. `none`: nothing to do on one server. */
  readonly effect: 'full' | 'later' | 'none';
}

/** A row whose endpoint stands in the system account. */
export interface ServiceRow<S extends Scope, Subject extends string, Body> extends RowBase<S, Subject, Body> {
  readonly door: 'system-service';
  /** `by-handler`: body and handler come before the check that the account has JetStream (measured per row). */
  readonly enabled?: 'first' | 'by-handler';
  /** A check between the empty-payload check and the decoding of the payload. */
  readonly beforeBody?: (context: ContextOf[S], tokens: TokensOf<Subject>) => void;
  /** Success is neither counted nor told in an audit event (measured on 2.14.5, for MSG.GET alone). */
  readonly quiet?: boolean;
  /** Answered even when a system user asks directly (others get system_response). */
  readonly direct?: 'answered';
  handle(context: ContextOf[S], call: RequestCall<TokensOf<Subject>, Body>): Outcome;
}

/** A row whose endpoint stands inside the account that owns the asset. */
export interface SubjectRow<S extends Scope, Subject extends string, Body> extends RowBase<S, Subject, Body> {
  readonly door: 'account-subject';
  readonly lives: Lifetime;
  /**
   * A request that nobody inside the account takes gets the 503 of no responders, because its subject does not cross
   * into the system account. Without this it ends there, unanswered (measured on 2.14.5).
   */
  readonly staysInside?: true;
  /** How many tokens stand for the last one of the subject; with any other number nobody is there. */
  readonly restTokens?: number;
  /** Counted, but without a record per message: acknowledgements are as many as messages. */
  readonly hot?: boolean;
  handle(context: ContextOf[S], call: SubjectCall<TokensOf<Subject>, Body>): Outcome;
}

/** A row of the table, its own types forgotten: dispatch gives each row what its row says. */
export type Endpoint = ServiceEndpoint | SubjectEndpoint;
export type ServiceEndpoint = ErasedRow & Omit<ServiceRow<never, string, never>, keyof ErasedRow>;
export type SubjectEndpoint = ErasedRow & Omit<SubjectRow<never, string, never>, keyof ErasedRow>;

/** What every row has in common, with the parts that depend on its types widened. */
interface ErasedRow {
  readonly scope: Scope;
  readonly request: RequestRule<unknown>;
  handle(context: never, call: never): Outcome;
}

/**
 * Declares an endpoint inside the system account. The compiler asks for a scope, gives the handler the context of that
 * scope, and reads the names of its tokens from the subject.
 */
export function endpoint<const S extends Scope, const Subject extends string, Body>(
  row: ServiceRow<S, Subject, Body>,
): ServiceEndpoint;
/** Declares an endpoint inside the account that owns the asset. */
export function endpoint<const S extends Scope, const Subject extends string, Body>(
  row: SubjectRow<S, Subject, Body>,
): SubjectEndpoint;
export function endpoint(row: ErasedRow): Endpoint {
  return row as Endpoint;
}
