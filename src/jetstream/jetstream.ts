import type { ByteString } from '../subjects/index.ts';
import type { JetStreamEnv } from './env.ts';
import type { JetStreamLimits, JetStreamUsage } from './limits.ts';
import type { Stream } from './stream.ts';
import type { StreamConfigInput } from './stream-schema.ts';

/** SKELETON, being filled in: public signatures are final. */
export declare class JetStream {
  constructor(env: JetStreamEnv, limits: JetStreamLimits);
  readonly env: JetStreamEnv;
  readonly limits: JetStreamLimits;
  readonly streams: Map<ByteString, Stream>;
  stream(name: ByteString): Stream;
  createStream(input: StreamConfigInput, pedantic?: boolean): { stream: Stream; created: boolean };
  updateStream(name: ByteString, input: StreamConfigInput, pedantic?: boolean): Stream;
  deleteStream(name: ByteString): void;
  usage(): JetStreamUsage;
  deleteAll(): void;
}
