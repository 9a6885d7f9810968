import { formatInstant } from '../base/index.ts';
import type { AccountId } from '../guard/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import { encodeJson } from './encode.ts';
import type { ApiHost } from './view.ts';

const SUBJECT = '$JS.EVENT.ADVISORY.API' as ByteString;
const TYPE = 'io.nats.jetstream.advisory.v1.api_audit';

/** What an API request and its answer were, as the event about it shows them. */
export interface AnsweredRequest {
  readonly account: AccountId;
  readonly subject: ByteString;
  /** The payload as text. */
  readonly request: string;
  readonly response: string;
  /** The caller, `null` for a request that no endpoint served. */
  readonly client: Readonly<Record<string, unknown>> | null;
}

/** Publishes the audit event of an answered request in the account that asked, when anybody there listens. */
export function publishAudit(host: ApiHost, answered: AnsweredRequest): void {
  if (!host.hasInterest(answered.account, SUBJECT)) return;
  const event = {
    type: TYPE,
    id: host.eventId(answered.account),
    timestamp: formatInstant(host.clock.instant()),
    server: host.serverName,
    client: answered.client,
    subject: toText(answered.subject),
    request: answered.request === '' ? undefined : answered.request,
    response: answered.response,
    domain: host.domain === '' ? undefined : host.domain,
  };
  const payload = Buffer.from(encodeJson(event), 'utf8');
  host.answer(answered.account, answered.account, SUBJECT, undefined, payload);
}
