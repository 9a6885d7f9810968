/**
 * The bounds of the server that are not configuration keys, in one place. A bound that a configuration key sets has
 * its default in `config/defaults.ts`; the trie, which imports nothing, has the bounds of its cache in its own file.
 */

/** Routes (subject → verdict and match result) kept per connection; a power of two. */
export const ROUTE_CACHE_ENTRIES = 64;
/** Receivers of a match result that a route keeps; longer ones are looked up in the account each time. */
export const ROUTE_ENTRIES = 1024;
/** Largest number that a sequence, a size or a duration may be: beyond it doubles lose integers. */
export const MAX_SAFE = Number.MAX_SAFE_INTEGER;
/**
 * Largest sequence that a request can name to begin or go on with; a larger one means this one. No stream that takes
 * one message after the other comes from here to where doubles lose integers.
 */
export const MAX_SEQUENCE = 2 ** 52;
/** Units of work (items, and deliveries that items make) before the run queue turns to another account. */
export const RUN_QUEUE_SLICE = 256;
/** Units of work of all accounts before the event loop gets a turn again. */
export const RUN_QUEUE_TURN = 4096;
/** CPU milliseconds after which what came together from one connection goes on in the next turn of the event loop. */
export const INPUT_TURN_MS = 10;
/** Live reply mappings between one exporting and one importing account; the oldest goes first. */
export const REPLY_MAPPINGS_PER_IMPORTER = 100_000;
/** Bytes of reply subjects in these mappings. */
export const REPLY_BYTES_PER_IMPORTER = 16 * 1024 * 1024;
/** Replies that allow_responses grants one connection at a time, and the bytes of their subjects; the oldest goes first. */
export const RESPONSE_GRANTS = 65_536;
export const RESPONSE_GRANT_BYTES = 8 * 1024 * 1024;
/** Accounts a message may pass on its way; a chain of imports longer than this is cut. */
export const MAX_CROSSINGS = 16;
/** Tokens of a subject that is listened on: matching goes one step deeper for each. More than 4 KiB of subject can hold. */
export const MAX_SUBJECT_TOKENS = 2048;
/** Subjects of a stream, or filters of a consumer or a request: all of them are compared with each other. */
export const MAX_ASSET_SUBJECTS = 1000;
/** Places looked at to find out whether a stream overlaps another one of its account. */
export const MAX_SUBJECT_COMPARISONS = 2_000_000;
/** Characters of the configuration of one stream or consumer: listings show hundreds in one reply. */
export const MAX_ASSET_CONFIG = 256 * 1024;
/** What a stream and a consumer are charged for besides messages and configuration, bytes. */
export const STREAM_BYTES = 8 * 1024;
export const CONSUMER_BYTES = 4 * 1024;
/** What a stream is charged for each token of its subjects, bytes. */
export const SUBJECT_TOKEN_BYTES = 160;
/** What a stream is charged for its mirror and each of its sources: what brings the messages, bytes (measured). */
export const SOURCE_BYTES = 3 * 1024;
/** What a consumer that tells subjects apart is charged for each subject of its stream, bytes. */
export const CONSUMER_SUBJECT_BYTES = 16;
/** Bytes of subjects, and missing sequences, that one STREAM.INFO reports; the rest is on the next page, or left out. */
export const MAX_INFO_SUBJECT_BYTES = 8 * 1024 * 1024;
export const MAX_INFO_DELETED = 1_000_000;
/** Messages that one publish or update takes out before it returns; what is more goes from the run queue. */
export const DROPS_AT_ONCE = 4096;
/** Consumers that the deletion of a stream takes along at once; of more it deletes some at a time first. */
export const CONSUMERS_AT_ONCE = 256;
/** Work on the subjects of a STREAM.INFO that is done before the request returns; more goes from the run queue. */
export const SUBJECTS_AT_ONCE = 2048;
/** Longest name of a stream or consumer, in bytes (measured on 2.14.5). */
export const MAX_NAME_LENGTH = 255;
/** Message ids remembered per stream inside the duplicate window; the oldest goes first. */
export const MAX_DEDUPE_IDS = 4_000_000;
/** Longest message id that is remembered, in bytes: what a header block of 64 KiB can hold. */
export const MAX_MSG_ID_LENGTH = 65_536;
/** Nesting depth of configuration maps and arrays, and of API JSON. */
export const MAX_NESTING = 64;
/** Characters of one configuration, all included files and environment values together. */
export const MAX_CONFIG_CHARS = 32 * 1024 * 1024;
/** Files that one configuration may include, and how deep includes may nest. */
export const MAX_CONFIG_INCLUDES = 1_000;
export const MAX_INCLUDE_DEPTH = 16;
/** Problems, and warnings, of one configuration that are kept; the rest is left out. */
export const MAX_CONFIG_FINDINGS = 1_000;
/** Values of one configuration with every variable written out: variables that hold variables grow fast. */
export const MAX_CONFIG_VALUES = 2_000_000;
/** Pairs of imports that touch each other, looked at for cycles when a configuration is read. */
export const MAX_IMPORT_LINKS = 5_000_000;
/** Log lines a second about refusals, and events in the system account; the rest is counted and summed up. */
export const REFUSALS_TOLD_PER_SECOND = 10;
/** API requests remembered by the audit record; the oldest goes first. */
export const API_AUDIT_RECORDS = 1024;
/** Pull requests that wait at one consumer, whatever its `max_waiting` says. */
export const MAX_WAITING_PULLS = 8192;
/** What a waiting pull request is charged for besides its reply subject, bytes. */
export const WAITING_PULL_BYTES = 768;
/** Of more waiting requests than this only so many are asked at once whether their clients are still there. */
export const PRUNED_AT_ONCE = 512;
/** Shortest interval of idle heartbeats to a pull request, in milliseconds. */
export const MIN_PULL_HEARTBEAT_MS = 10;
/** Decisions and arrivals kept of one rehearsed action. */
export const MAX_REHEARSED = 10_000;
/** Connections or accounts on one page of monitoring, whatever a request asks for. */
export const MONITOR_PAGE = 65_536;
/** Subscriptions that one monitoring reply lists; the rest is left out. */
export const MONITOR_SUBSCRIPTIONS = 65_536;
/** Closed connections remembered by the whole server, and by each account for its own view. */
export const CLOSED_CONNECTIONS = 10_000;
export const CLOSED_CONNECTIONS_PER_ACCOUNT = 100;
/** Events about failed logins in one second; the rest is counted and left out: strangers must not make the server talk. */
export const AUTH_EVENTS_PER_SECOND = 100;
/** Connections to monitoring at a time, the bytes of one request's head, and the requests of one connection. */
export const MONITOR_CONNECTIONS = 64;
export const MONITOR_HEAD_BYTES = 8 * 1024;
export const MONITOR_REQUESTS_PER_CONNECTION = 1_000;
/** Bytes of answers that wait for readers of monitoring; while there are more, who asks is told to come again. */
export const MONITOR_PENDING_BYTES = 64 * 1024 * 1024;
/** Handshakes of TLS that begin in one turn of the event loop: each takes about a millisecond of it. */
export const TLS_HANDSHAKES_PER_TURN = 4;
/** Bytes that one client may send over a WebSocket before it has logged in, beyond one protocol line; every piece counts. */
export const STRANGER_BYTES = 64 * 1024;
/** What a piece counts at least: so much it takes in memory, however small it is. */
export const STRANGER_PIECE_BYTES = 64;
/** Bytes of one WebSocket message, inflated, at most: many operations, or one of the largest payload that is allowed. */
export const WEBSOCKET_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Frames of one WebSocket message, and pieces of the stream that wait for the end of a frame. */
export const WEBSOCKET_FRAGMENTS = 4096;
export const WEBSOCKET_PIECES = 32 * 1024;
/** Bytes of the request that opens a WebSocket, with its headers. */
export const UPGRADE_REQUEST_BYTES = 16 * 1024;
/** Bytes of header block and payload of one message in a state that is loaded: what a server may be configured to take. */
export const MAX_STORED_MESSAGE = 64 * 1024 * 1024;
/** Bytes of one part of a stream's backup: a message of the largest kind, or what one consumer or a stream remembers. */
export const MAX_STATE_PART = 65 * 1024 * 1024;
/** Backups and restores of one account at a time, and the bytes of consumers and other parts a restore holds meanwhile. */
export const TRANSFERS_PER_ACCOUNT = 16;
export const RESTORE_HELD_BYTES = 256 * 1024 * 1024;
/** Messages of one atomic batch, and atomic batches open on one stream (the defaults of 2.14.5, measured). */
export const BATCH_MESSAGES = 1000;
export const BATCHES_PER_STREAM = 50;
/** Batches of one kind open in one account; the real server counts all accounts together. */
export const BATCHES_PER_ACCOUNT = 1000;
/** Bytes of messages that wait in the open atomic batches of one account. */
export const BATCH_BYTES_PER_ACCOUNT = 256 * 1024 * 1024;
/** What a message that waits in a batch, and an open batch, are charged for besides their bytes. */
export const BATCH_MESSAGE_BYTES = 256;
export const BATCH_BYTES = 1024;
/** Milliseconds after which a batch without news is abandoned. */
export const BATCH_TIMEOUT_MS = 10_000;
/** Bytes of a batch's id. */
export const BATCH_ID_BYTES = 64;
/** Messages of fast batches in one stream that go without acknowledgement, shared by its batches (measured on 2.14.5). */
export const FAST_BATCH_FLOW = 500;
