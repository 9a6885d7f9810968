/**
 * JetStream of one account: streams that keep messages, consumers that hand them out. It imports `base` and
 * `subjects` only and reaches the rest of the house through {@link JetStreamEnv}; it never learns who asks.
 */

export type { Restored } from './archive/restore.ts';
export { Consumer } from './consumer/consumer.ts';
export { type ConsumerAction, createConsumer, pauseConsumer } from './consumer/consumer-admin.ts';
export {
  type ConsumerConfig,
  type ConsumerConfigInput,
  ConsumerConfigRequest,
} from './consumer/consumer-config.ts';
export type { ConsumerInfo, SequenceInfo } from './consumer/consumer-info.ts';
export type { PullRequest } from './consumer/pull-request.ts';
export type { AssetObserver, JetStreamEnv, MemoryBudget, ReplySink, Runnable } from './env.ts';
export { JS_ERRORS, JsError, type JsErrorName, jsError } from './errors.ts';
export { JetStream } from './jetstream.ts';
export {
  type JetStreamLimits,
  type JetStreamUsage,
  SERVER_LIMITS,
  type ServerLimits,
  UNLIMITED,
} from './limits.ts';
export { finish, finished, type SlicedWork } from './sliced.ts';
export { LoadedStreams, savedStreams } from './state/fixture.ts';
export { StateError, StateReader, StateWriter } from './state/index.ts';
export { filterOf, SubjectFilter } from './store/filter.ts';
export { MessageStore, MessageView, type StoredMessage } from './store/store.ts';
export type { SubjectCounts } from './store/subject-page.ts';
export type { PurgeOptions } from './stream/purge.ts';
export { type MessageQuery, Stream } from './stream/stream.ts';
export { StreamDeletion } from './stream/stream-deletion.ts';
export { type StreamConfig, type StreamConfigInput, StreamConfigRequest } from './stream/stream-schema.ts';
export type { StateQuery, StreamState } from './stream/stream-state.ts';
