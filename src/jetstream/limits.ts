import { limits } from '../base/index.ts';

/** JetStream limits of one account; -1 is unlimited, 0 for a storage kind is none. Sizes are bytes. */
export interface JetStreamLimits {
  readonly maxMemory: number;
  readonly maxStorage: number;
  readonly maxStreams: number;
  readonly maxConsumers: number;
  readonly maxAckPending: number;
  readonly maxBytesRequired: boolean;
  readonly memoryMaxStreamBytes: number;
  readonly storageMaxStreamBytes: number;
}

/** What the configuration of the server bounds for everybody (`jetstream { limits { … } }`); 0 is no bound. */
export interface ServerLimits {
  /** Unacknowledged messages of a consumer. */
  readonly maxAckPending: number;
  /** Messages of one pull request. */
  readonly maxRequestBatch: number;
  readonly duplicateWindowNs: number;
  /** Messages of one atomic batch. */
  readonly batchMessages: number;
  /** Open batches of one kind, in a stream and in an account. */
  readonly batchesPerStream: number;
  readonly fastBatchesPerStream: number;
  readonly batchesPerAccount: number;
  /** How long a batch may be without news, ms. */
  readonly batchTimeoutMs: number;
}

/** The bounds of a configuration that says nothing about them. */
export const SERVER_LIMITS: ServerLimits = {
  maxAckPending: 0,
  maxRequestBatch: 0,
  duplicateWindowNs: 0,
  batchMessages: limits.BATCH_MESSAGES,
  batchesPerStream: limits.BATCHES_PER_STREAM,
  fastBatchesPerStream: limits.BATCHES_PER_ACCOUNT,
  batchesPerAccount: limits.BATCHES_PER_ACCOUNT,
  batchTimeoutMs: limits.BATCH_TIMEOUT_MS,
};

/** What one account's JetStream holds, as account info reports it. Sizes are bytes. */
export interface JetStreamUsage {
  readonly memory: number;
  readonly storage: number;
  readonly reservedMemory: number;
  readonly reservedStorage: number;
  readonly streams: number;
  readonly consumers: number;
}

/**
 * How many consumers a stream may have; -1 is unlimited. Measured on 2.14.5: the account's limit counts for each
 * stream by itself, and only lowers the stream's own.
 */
export function consumersAllowed(
  inStream: number,
  { maxConsumers }: { readonly maxConsumers: number },
): number {
  if (maxConsumers <= 0) return inStream > 0 ? inStream : -1;
  return inStream > 0 ? Math.min(inStream, maxConsumers) : maxConsumers;
}

export const UNLIMITED: JetStreamLimits = {
  maxMemory: -1,
  maxStorage: -1,
  maxStreams: -1,
  maxConsumers: -1,
  maxAckPending: -1,
  maxBytesRequired: false,
  memoryMaxStreamBytes: -1,
  storageMaxStreamBytes: -1,
};
