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
