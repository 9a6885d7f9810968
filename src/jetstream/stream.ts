import type { Instant, Message } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Consumer } from './consumer.ts';
import type { JetStream } from './jetstream.ts';
import type { SlicedWork } from './sliced.ts';
import type { MessageStore, StoredMessage } from './store.ts';
import type { StreamConfig } from './stream-schema.ts';
import type { StateQuery, StreamState } from './stream-state.ts';

/** SKELETON, being filled in: public signatures are final. */
export declare class Stream {
  readonly jetstream: JetStream;
  readonly name: ByteString;
  readonly config: StreamConfig;
  readonly created: Instant;
  readonly store: MessageStore;
  readonly consumers: Map<ByteString, Consumer>;
  /** The filter of subjects is paged by offset and limit; `total` is how many subjects match. */
  state(query?: StateQuery): StreamState;
  ingest(message: Message): void;
  purge(options?: { filter?: ByteString; seq?: number; keep?: number }): SlicedWork<number>;
  deleteMessage(seq: number, erase: boolean): void;
  getMessage(query: { seq?: number; lastBySubject?: ByteString; nextBySubject?: ByteString }): StoredMessage | undefined;
  consumer(name: ByteString): Consumer;
  addConsumer(consumer: Consumer): void;
  deleteConsumer(name: ByteString): void;
  acknowledged(consumer: Consumer, seq: number): void;
}
