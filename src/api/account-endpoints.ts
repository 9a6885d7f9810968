import { type Endpoint, endpoint } from './endpoint.ts';
import { payloadIgnored } from './request-rule.ts';
import { domainOf } from './stream-replies.ts';

/** The rows about an account as a whole. */
export const ACCOUNT_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    subject: '$JS.API.INFO',
    door: 'system-service',
    scope: 'account',
    request: payloadIgnored(),
    response: 'account_info_response',
    doc: "The account's use of JetStream, its limits, and how many API requests it made.",
    effect: 'full',
    direct: 'answered',
    handle({ jetstream, house, stats }) {
      const used = jetstream.usage();
      const { limits } = jetstream;
      return {
        memory: used.memory,
        storage: used.storage,
        reserved_memory: used.reservedMemory,
        reserved_storage: used.reservedStorage,
        streams: used.streams,
        consumers: used.consumers,
        limits: {
          max_memory: limits.maxMemory,
          max_storage: limits.maxStorage,
          max_streams: limits.maxStreams,
          max_consumers: limits.maxConsumers,
          max_ack_pending: limits.maxAckPending,
          memory_max_stream_bytes: limits.memoryMaxStreamBytes,
          storage_max_stream_bytes: limits.storageMaxStreamBytes,
          max_bytes_required: limits.maxBytesRequired,
        },
        domain: domainOf(house),
        api: stats.toBody(),
      };
    },
  }),
];
