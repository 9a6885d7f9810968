import type { TokensOf } from '../base/index.ts';
import type { Scope } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { OptionRule } from './request-options.ts';
import type { ContextOf } from './scope.ts';

/** What a handler is given besides its context. Valid during the call only. */
export interface ServiceCall<Tokens, Options> {
  readonly tokens: Tokens;
  readonly options: Options;
  /** The payload as it came, for the services whose request is not JSON. */
  readonly text: ByteString;
}

/** A JSON-ready object; `undefined` fields are left out. */
export type ReplyBody = Readonly<Record<string, unknown>>;

/** Nothing is answered. */
export const SILENT: unique symbol = Symbol('silent');

export type Outcome = ReplyBody | number | undefined | typeof SILENT | Promise<ReplyBody | undefined>;

/** The request failed; the reply says so in the `error` of its envelope. */
export class ServiceError extends Error {
  readonly code: number;

  constructor(message: string, code = 500) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
  }
}

/**
 * How a service answers: `data` and `statsz` inside an envelope that names the server, `done` with the envelope alone,
 * `bare` with the body itself, `number` with a number in digits, `connections-event` with the event about an account's
 * connections.
 */
export type AnswerForm = 'data' | 'statsz' | 'done' | 'bare' | 'number' | 'connections-event';

/** One service of the system account: everything there is to say about it. */
export interface ServiceRow<S extends Scope, Subject extends string, Options> {
  readonly subject: Subject;
  /** Required, without a default: what the service tells about, and so what its handler can reach. */
  readonly scope: S;
  /** What may stand in the request. */
  readonly request: OptionRule<Options>;
  readonly answer: AnswerForm;
  /** What a request that is not JSON gets. Default: an error, code 400. */
  readonly badRequest?: 'silent';
  readonly doc: string;
  /** Advisories that it answers. */
  readonly advisories?: readonly string[];
  /** `none`: answers truthfully that there is nothing, as a server without clusters does. */
  readonly effect: 'full' | 'none';
  handle(context: ContextOf[S], call: ServiceCall<TokensOf<Subject>, Options>): Outcome;
}

/** A row, its own types forgotten: dispatch gives each row what its row says. */
export interface Service extends Omit<ServiceRow<never, string, never>, 'scope' | 'request' | 'handle'> {
  readonly scope: Scope;
  readonly request: OptionRule<unknown>;
  handle(context: never, call: never): Outcome;
}

/**
 * Declares a service. The compiler asks for a scope, gives the handler the context of that scope, and reads the names
 * of its tokens from the subject.
 */
export function service<const S extends Scope, const Subject extends string, Options>(
  row: ServiceRow<S, Subject, Options>,
): Service {
  return row as unknown as Service;
}

/** A service of the server as a whole without its subject; it has two, see {@link onServer}. */
type OnServerRow<Options> = Omit<ServiceRow<'system', string, Options>, 'subject' | 'scope'>;

/** A service that all servers answer together (`PING`) and each one alone under its id. */
export function onServer<Options>(name: string, row: OnServerRow<Options>): Service[] {
  const forms = [`$SYS.REQ.SERVER.PING.${name}`, `$SYS.REQ.SERVER.<server>.${name}`];
  return forms.map((subject) => service({ ...row, subject, scope: 'system' }));
}
