import { toBytes } from '../../subjects/index.ts';
import type { OptionsOf } from '../request-options.ts';
import type { ReplyBody } from '../service.ts';
import type { SystemView } from '../view.ts';

/** What a health check may be asked for. */
export const HEALTHZ_OPTIONS = {
  'js-enabled': 'bool',
  'js-enabled-only': 'bool',
  'js-server-only': 'bool',
  'js-meta-only': 'bool',
  account: 'string',
  stream: 'string',
  consumer: 'string',
  details: 'bool',
} as const;

export type HealthzOptions = OptionsOf<typeof HEALTHZ_OPTIONS>;

/** What is wrong with something that was asked for by name. */
interface Complaint {
  readonly status: 'unavailable' | 'error';
  readonly code: number;
  readonly error: string;
  /** Kind and names of what is missing, for `details`. */
  readonly missing?: ReplyBody;
}

/** Whether the server works, and whether what is named exists (texts measured on 2.14.5). */
export function healthz(server: SystemView, options: HealthzOptions): ReplyBody {
  const complaint = complaintOf(server, options);
  if (complaint === undefined) return { status: 'ok', status_code: 200 };
  const { status, code, error, missing } = complaint;
  if (options.details !== true || missing === undefined) return { status, status_code: code, error };
  return { status: 'error', status_code: code, errors: [{ ...missing, error }] };
}

function complaintOf(server: SystemView, options: HealthzOptions): Complaint | undefined {
  const { account = '', stream = '', consumer = '' } = options;
  if (account === '' && stream !== '')
    return badRequest('"account" must not be empty when checking stream health');
  if (stream === '' && consumer !== '')
    return badRequest('"stream" must not be empty when checking consumer health');
  // Where JetStream is off nothing is amiss with it, whatever is asked for (measured on 2.14.5).
  if (account === '' || server.jetstream === undefined) return undefined;
  return missingAsset(server, account, stream, consumer);
}

function missingAsset(
  server: SystemView,
  account: string,
  stream: string,
  consumer: string,
): Complaint | undefined {
  const jetstream = server.accountNamed(toBytes(account))?.jetstream?.jetstream;
  if (jetstream === undefined)
    return notFound(`JetStream account "${account}" not found`, { type: 'ACCOUNT', account });
  if (stream === '') return undefined;
  const found = jetstream.streams.get(toBytes(stream));
  if (found === undefined)
    return notFound(`JetStream stream "${stream}" not found on account "${account}"`, {
      type: 'STREAM',
      account,
      stream,
    });
  if (consumer === '' || found.consumers.has(toBytes(consumer))) return undefined;
  return notFound(
    `JetStream consumer "${consumer}" not found for stream "${stream}" on account "${account}"`,
    { type: 'CONSUMER', account, stream, consumer },
  );
}

function badRequest(error: string): Complaint {
  return { status: 'error', code: 400, error };
}

function notFound(error: string, missing: ReplyBody): Complaint {
  return { status: 'unavailable', code: 404, error, missing };
}
