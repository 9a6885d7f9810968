/**
 * JetStream of one account: streams that keep messages, consumers that hand them out. It imports `base` and
 * `subjects` only and reaches the rest of the house through {@link JetStreamEnv}; it never learns who asks.
 */
export type { AssetObserver, Closable, JetStreamEnv, MemoryBudget, ReplySink, Runnable } from './env.ts';
export { JS_ERRORS, JsError, type JsErrorName, jsError } from './errors.ts';
export { filterOf, SubjectFilter } from './filter.ts';
export { JetStream } from './jetstream.ts';
export { type JetStreamLimits, type JetStreamUsage, UNLIMITED } from './limits.ts';
export { finish, finished, type SlicedWork } from './sliced.ts';
export { MessageStore, MessageView, type StoredMessage } from './store.ts';
export { Stream } from './stream.ts';
export { type StreamConfig, type StreamConfigInput, StreamConfigRequest } from './stream-schema.ts';
export type { StateQuery, StreamState } from './stream-state.ts';
