import type { ScopeRequest } from '../guard/index.ts';
import type { ReplySink } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Endpoint, RequestCall, ServiceEndpoint } from './endpoint.ts';
import { GuardedSink } from './reply-sink.ts';
import type { BoundTokens } from './routes.ts';
import type { ApiHost, ApiRequest } from './view.ts';

/** One request to an endpoint in the system account, as its handler sees it. */
export class ServiceRequest implements RequestCall<BoundTokens, unknown> {
  readonly tokens: BoundTokens;
  readonly body: unknown;
  readonly #host: ApiHost;
  readonly #request: ApiRequest;
  readonly #row: ServiceEndpoint;

  constructor(host: ApiHost, request: ApiRequest, row: ServiceEndpoint, tokens: BoundTokens, body: unknown) {
    this.#host = host;
    this.#request = request;
    this.#row = row;
    this.tokens = tokens;
    this.body = body;
  }

  client(): Readonly<Record<string, unknown>> {
    return this.#request.clientInfo();
  }

  sink(subject: ByteString): ReplySink {
    const { caller, message } = this.#request;
    return new GuardedSink(
      this.#host,
      caller.account,
      caller,
      scopeRequestOf(this.#row, this.tokens),
      message.subject,
      false,
      subject,
      this.#host.policyGeneration(),
    );
  }
}

/** What a request asks of its row, for the guard: scope, the account that the subject names, and the control. */
export function scopeRequestOf(row: Endpoint, tokens: BoundTokens): ScopeRequest {
  const target = row.scope === 'named-account' ? tokens['account'] : undefined;
  return {
    scope: row.scope,
    ...(target === undefined ? {} : { target }),
    ...(row.control === undefined ? {} : { control: row.control }),
  };
}
