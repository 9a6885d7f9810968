import { applied, type SectionKeys } from './spec.ts';

/** An item of `exports` */
export const EXPORT_KEYS = {
  stream: applied('subject', '', 'Offers the messages of these subjects.'),
  service: applied('subject', '', 'Answers requests on these subjects.'),
  accounts: applied('list', 'all', 'The only accounts that may import it.'),
  response_type: applied(
    'singleton, stream or chunked',
    'singleton',
    'Answers to one request of a service: one, or any number up to an empty one.',
    'response',
  ),
  response_threshold: applied(
    'duration',
    '2m',
    'How long a service may take to answer.',
    'threshold',
    'response_max_time',
    'response_time',
  ),
  latency: applied('subject or map', '', 'Where the latency of a singleton service is published.'),
  account_token_position: applied('int', '', 'The token, from 1, that has to be the name of the importer.'),
  allow_trace: applied('bool', 'false', 'Whether message traces may cross with a request.'),
} satisfies SectionKeys;

/** `latency` of an export */
export const LATENCY_KEYS = {
  subject: applied('subject', '', 'Where metrics are published, in the exporting account.'),
  sampling: applied('1-100, "n%" or headers', '100', 'Percent of the requests, or those whose headers ask.'),
} satisfies SectionKeys;

/** An item of `imports` */
export const IMPORT_KEYS = {
  stream: applied('map', '', 'Takes messages of another account.'),
  service: applied('map', '', 'Sends requests to another account.'),
  prefix: applied('subject', '', 'Goes before the subject of a stream in this account.'),
  to: applied('subject', '', 'The subject in this account; `$n` or `{{wildcard(n)}}` for its wildcards.'),
  share: applied('bool', 'false', 'Whether the service learns more of the requester than the account.'),
  allow_trace: applied('bool', 'false', 'Whether message traces may come in with a stream.'),
} satisfies SectionKeys;

/** `stream` and `service` of an import */
export const IMPORT_SOURCE_KEYS = {
  account: applied('string', '', 'The exporting account.'),
  subject: applied('subject', '', 'The subject there.'),
} satisfies SectionKeys;

/** A destination of a subject mapping */
export const MAPPING_DESTINATION_KEYS = {
  destination: applied('subject', '', 'With `$n` and `{{function(…)}}` of the wildcards.', 'dest'),
  weight: applied('int or "n%"', '', 'Percent of the messages; what is left keeps its subject.'),
  cluster: applied('string', '', 'Only in the cluster of this name.'),
} satisfies SectionKeys;
