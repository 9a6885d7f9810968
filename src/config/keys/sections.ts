import { applied, later, laterWith, type SectionKeys } from './spec.ts';

/** `authorization` */
export const AUTHORIZATION_KEYS = {
  user: applied('string', '', 'Name of the one user.', 'username'),
  password: applied('string', '', 'Password of the one user, plain or bcrypt.', 'pass'),
  token: applied('string', '', 'The one token, plain or bcrypt.'),
  timeout: applied('seconds or duration', '2s', 'How long a client may take to authenticate.'),
  users: applied('list', '', 'Users of the global account.'),
  default_permissions: applied(
    'map',
    '',
    'Permissions of users without any.',
    'default_permission',
    'permissions',
  ),
  auth_callout: laterWith(
    'no callout is asked: users of this file can log in, and nobody else',
    'map',
    'Ask a service who may connect.',
    'auth_hook',
  ),
  proxy_required: laterWith(
    'clients may also connect directly',
    'bool',
    'Accept clients through a trusted proxy only.',
  ),
} satisfies SectionKeys;

/** An item of `users` */
export const USER_KEYS = {
  user: applied('string', '', 'Name of the user.', 'username'),
  password: applied('string', '', 'Password, plain or bcrypt; absent means the empty one.', 'pass'),
  nkey: applied('U… public nkey', '', 'Key of a user who signs the nonce; excludes name and password.'),
  permissions: applied('map', '', 'What the user may do.', 'permission', 'authorization'),
  allowed_connection_types: applied(
    'list',
    'all',
    'Kinds of connection the user may use.',
    'connection_types',
    'clients',
  ),
  proxy_required: laterWith(
    'the user may also connect directly',
    'bool',
    'Accept through a trusted proxy only.',
  ),
} satisfies SectionKeys;

/** `permissions` */
export const PERMISSIONS_KEYS = {
  publish: applied('subject, list or map', 'all', 'What may be published to.', 'pub', 'import'),
  subscribe: applied('subject, list or map', 'all', 'What may be subscribed to.', 'sub', 'export'),
  allow_responses: applied(
    'bool or map',
    'false',
    'Publish to reply subjects received.',
    'publish_allow_responses',
  ),
} satisfies SectionKeys;

/** `publish` and `subscribe` of permissions */
export const SUBJECT_PERMISSION_KEYS = {
  allow: applied('subject or list', 'all', 'What is allowed; for subscriptions also "subject queue".'),
  deny: applied('subject or list', '', 'What is not, although allowed.'),
} satisfies SectionKeys;

/** `allow_responses` */
export const RESPONSES_KEYS = {
  max: applied(
    'int',
    '1',
    'Replies to one request; -1 is unlimited.',
    'max_msgs',
    'max_messages',
    'max_responses',
  ),
  expires: applied('duration', '2m', 'How long replies are allowed; -1 is unlimited.', 'expiration', 'ttl'),
} satisfies SectionKeys;

/** An account */
export const ACCOUNT_KEYS = {
  nkey: applied('A… public nkey', '', 'Public key of the account.'),
  users: applied('list', '', 'Users of the account.'),
  jetstream: applied('bool, enabled, disabled or map', 'off', 'Streams and consumers, with limits.'),
  default_permissions: applied('map', '', 'Permissions of users without any.'),
  limits: applied('map', 'unlimited', 'Limits of the account.'),
  exports: applied('list', '', 'What the account offers to others.'),
  imports: applied('list', '', 'What the account takes from others.'),
  mappings: applied('map', '', 'Subjects to the ones that messages of clients go to instead.', 'maps'),
  msg_trace: later('subject or map', 'Where message traces go.', 'trace_dest'),
} satisfies SectionKeys;

/** `limits` of an account */
export const ACCOUNT_LIMITS_KEYS = {
  max_connections: applied('int', '-1', 'Connections at a time.', 'max_conn'),
  max_subscriptions: applied('int', '-1', 'Subscriptions of one connection.', 'max_subs'),
  max_payload: applied('size', '-1', 'Largest message.', 'max_pay'),
  max_leafnodes: applied('int', '-1', 'Leafnode connections.', 'max_leafs'),
  max_imports: applied('int', '-1', 'Imports the account may have. Not a key of nats-server.'),
  max_exports: applied('int', '-1', 'Exports the account may have. Not a key of nats-server.'),
  wildcard_exports: applied('bool', 'true', 'Whether exports may have wildcards. Not a key of nats-server.'),
} satisfies SectionKeys;

/** `jetstream` of an account */
export const ACCOUNT_JETSTREAM_KEYS = {
  max_memory: applied('size', '-1', 'Bytes in memory streams; 0 is none.', 'max_mem', 'mem', 'memory'),
  max_store: applied(
    'size',
    '-1',
    'Bytes in file streams; 0 is none.',
    'max_file',
    'max_disk',
    'store',
    'disk',
  ),
  max_streams: applied('int', '-1', 'Number of streams.', 'streams'),
  max_consumers: applied('int', '-1', 'Consumers of one stream.', 'consumers'),
  max_bytes_required: applied(
    'bool',
    'false',
    'Every stream has to say its max_bytes.',
    'max_stream_bytes',
    'max_bytes',
  ),
  memory_max_stream_bytes: applied('size', '-1', 'Bytes of one memory stream.', 'mem_max_stream_bytes'),
  disk_max_stream_bytes: applied('size', '-1', 'Bytes of one file stream.', 'store_max_stream_bytes'),
  max_ack_pending: applied('int', '-1', 'Unacknowledged messages of a consumer.'),
  cluster_traffic: later('system or owner', 'Account that carries replication.'),
} satisfies SectionKeys;

/** `limits` of `jetstream` */
export const JETSTREAM_LIMITS_KEYS = {
  max_ack_pending: applied('int', '0', 'Unacknowledged messages of a consumer; 0 or less is unlimited.'),
  max_request_batch: applied('int', '0', 'Messages of one pull request; 0 or less is unlimited.'),
  duplicate_window: applied('duration', '0s', 'Longest duplicate window; 0s or less is unlimited.'),
  batch: applied('map', '', 'Limits of batches.'),
  max_ha_assets: later('int', 'Replicated assets of a server.'),
} satisfies SectionKeys;

/** `batch` of `limits` of `jetstream` */
export const JETSTREAM_BATCH_KEYS = {
  max_msgs: applied('int', '1000', 'Messages of one atomic batch.'),
  max_inflight_per_stream: applied('int', '50', 'Atomic, or fast, batches open on one stream.'),
  max_inflight_total: applied('int', '1000', 'Atomic, or fast, batches open in one account.'),
  timeout: applied('duration', '10s', 'How long a batch may be without news.'),
} satisfies SectionKeys;

/** `jetstream` of the server */
export const JETSTREAM_KEYS = {
  enabled: applied('bool', 'true', 'Whether JetStream is on.'),
  store_dir: applied('string', '', 'Accepted; everything is held in memory.', 'store', 'storedir'),
  max_memory_store: applied(
    'size',
    '',
    'Bytes in memory streams of all accounts.',
    'max_mem',
    'max_mem_store',
  ),
  max_file_store: applied('size', '', 'Bytes in file streams of all accounts.', 'max_file'),
  domain: applied('string', '', 'JetStream domain.'),
  strict: applied('bool', 'true', 'Refuse unknown fields in API requests.'),
  unique_tag: later('string', 'Placement by tag.'),
  extension_hint: later('string', 'Hint for a leafnode.'),
  limits: applied('map', '', 'Limits of streams, consumers and batches of every account.'),
  max_outstanding_catchup: later('size', 'Bytes under way to a replica.'),
  max_buffered_size: later('size', 'Bytes waiting to be stored.'),
  max_buffered_msgs: later('int', 'Messages waiting to be stored.'),
  request_queue_limit: later('int', 'API requests that may wait.'),
  info_queue_limit: later('int', 'Info requests that may wait.'),
  meta_compact: later('int', 'Compaction of the meta log.'),
  meta_compact_size: later('size', 'Compaction of the meta log by size.'),
  meta_compact_sync: later('bool', 'Compaction of the meta log, synchronous.'),
  max_concurrent_io: later('int', 'Disk operations at a time.'),
  sync_interval: later('duration or always', 'How often files are synced.', 'sync'),
  key: laterWith(
    'nothing is written to disk',
    'string',
    'Encryption key of the store.',
    'ek',
    'encryption_key',
  ),
  prev_key: later('string', 'Encryption key before.', 'prev_ek', 'prev_encryption_key'),
  cipher: later('string', 'Cipher of the store.'),
  tpm: later('map', 'Encryption key from a TPM.'),
} satisfies SectionKeys;
