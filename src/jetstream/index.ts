/**
 * JetStream of one account: streams that keep messages, consumers that hand them out. It imports `base` and
 * `subjects` only and reaches the rest of the house through {@link JetStreamEnv}; it never learns who asks.
 */

export type { Restored } from './archive/restore.ts';
export { Consumer } from './consumer.ts';
export { type ConsumerAction, createConsumer } from './consumer-admin.ts';
export {
  type ConsumerConfig,
  type ConsumerConfigInput,
  ConsumerConfigRequest,
} from './consumer-config.ts';
export type { ConsumerInfo, SequenceInfo } from './consumer-info.ts';
export type { AssetObserver, JetStreamEnv, MemoryBudget, ReplySink, Runnable } from './env.ts';
export { JS_ERRORS, JsError, type JsErrorName, jsError } from './errors.ts';
export { filterOf, SubjectFilter } from './filter.ts';
export { JetStream } from './jetstream.ts';
export { type JetStreamLimits, type JetStreamUsage, UNLIMITED } from './limits.ts';
export type { PullRequest } from './pull-request.ts';
export type { PurgeOptions } from './purge.ts';
export { finish, finished, type SlicedWork } from './sliced.ts';
export { LoadedStreams, savedStreams } from './state/fixture.ts';
export { StateError, StateReader, StateWriter } from './state/index.ts';
export { MessageStore, MessageView, type StoredMessage } from './store.ts';
export { type MessageQuery, Stream } from './stream.ts';
export { StreamDeletion } from './stream-deletion.ts';
export { type StreamConfig, type StreamConfigInput, StreamConfigRequest } from './stream-schema.ts';
export type { StateQuery, StreamState } from './stream-state.ts';
