import { formatInstant, type Instant, limits, type Random } from '../../base/index.ts';
import { type ByteString, toBytes, toText } from '../../subjects/index.ts';
import type { ConsumerConfigInput } from '../consumer/consumer-config.ts';
import type { ReplySink } from '../env.ts';
import { jsError } from '../errors.ts';
import type { JetStream } from '../jetstream.ts';
import type { StreamConfigInput } from '../stream/stream-schema.ts';
import { Restore } from './restore.ts';
import { Snapshot, type SnapshotOptions } from './snapshot.ts';

const ID_LENGTH = 22;
const TYPE = 'io.nats.jetstream.advisory.v1.';

/** Who asked, as events show it. */
type Client = Readonly<Record<string, unknown>>;

/** The backups and restores of one account that are under way. */
export class Transfers {
  readonly #jetstream: JetStream;
  readonly #snapshots = new Map<ByteString, Snapshot>();
  readonly #restores = new Map<ByteString, Restore>();
  #random: Random | undefined;

  constructor(jetstream: JetStream) {
    this.#jetstream = jetstream;
  }

  /** How many are under way. */
  get size(): number {
    return this.#snapshots.size + this.#restores.size;
  }

  /**
   * Begins to send the backup of a stream.
   * @param sink where the chunks go.
   * @throws JsError
   */
  snapshot(name: ByteString, options: SnapshotOptions, sink: ReplySink, client: Client): void {
    const stream = this.#jetstream.stream(name);
    if (stream.config.storage === 'memory') throw jsError('JSStreamSnapshotErrF', { err: 'no impl' });
    this.#checkRoom();
    const { env } = this.#jetstream;
    const began = env.clock.instant();
    const id = this.#newId();
    const snapshot = new Snapshot(stream, id, options, sink, () => {
      this.#snapshots.delete(id);
      env.assets.transferEnded(name, id);
      this.#advise('SNAPSHOT_COMPLETE', 'snapshot_complete', name, this.#span(began), client);
    });
    this.#snapshots.set(id, snapshot);
    env.assets.transferBegan('snapshot', name, id);
    this.#advise('SNAPSHOT_CREATE', 'snapshot_create', name, { state: stream.state() }, client);
    env.enqueue(snapshot);
  }

  /** A chunk of a backup was acknowledged. */
  acknowledge(stream: ByteString, id: ByteString, chunk: number): void {
    const snapshot = this.#snapshots.get(id);
    if (snapshot?.stream.name === stream) snapshot.acknowledge(chunk);
  }

  /**
   * Begins to wait for the chunks of a backup.
   * @returns the id under which they come.
   * @throws JsError
   */
  restore(
    name: ByteString,
    input: StreamConfigInput,
    client: Client,
    decodeConsumer: (json: ByteString) => ConsumerConfigInput,
  ): ByteString {
    const config = this.#jetstream.configFor(input);
    const isRestored = [...this.#restores.values()].some((restore) => restore.name === name);
    if (isRestored || this.#jetstream.streams.has(name)) throw jsError('JSStreamNameExistRestoreFailedErr');
    this.#checkRoom();
    const { env } = this.#jetstream;
    const id = this.#newId();
    const restore = new Restore(
      {
        jetstream: this.#jetstream,
        decodeConsumer,
        mayHold: (more) => this.#held() + more <= limits.RESTORE_HELD_BYTES,
        adopt: (stream) => this.#jetstream.adopt(stream),
        ended: (ended, isAbandoned) => {
          this.#restores.delete(id);
          env.assets.transferEnded(name, id);
          if (isAbandoned) return;
          const span = { ...this.#span(ended.began), bytes: ended.bytes };
          this.#advise('RESTORE_COMPLETE', 'restore_complete', name, span, client);
        },
      },
      id,
      config,
    );
    this.#restores.set(id, restore);
    env.assets.transferBegan('restore', name, id);
    this.#advise('RESTORE_CREATE', 'restore_create', name, {}, client);
    return id;
  }

  /** The restore that waits for chunks under an id; undefined when there is none. */
  restoring(stream: ByteString, id: ByteString): Restore | undefined {
    const restore = this.#restores.get(id);
    return restore?.name === stream ? restore : undefined;
  }

  /** Ends all of them; nothing of what was to be restored is left. */
  abortAll(): void {
    for (const snapshot of [...this.#snapshots.values()]) snapshot.abort();
    for (const restore of [...this.#restores.values()]) restore.abort();
  }

  #held(): number {
    let held = 0;
    for (const restore of this.#restores.values()) held += restore.held;
    return held;
  }

  #checkRoom(): void {
    if (this.size >= limits.TRANSFERS_PER_ACCOUNT) throw jsError('JSInsufficientResourcesErr');
  }

  #newId(): ByteString {
    this.#random ??= this.#jetstream.env.random.fork('transfers');
    return toBytes(this.#random.token(ID_LENGTH));
  }

  #span(began: Instant): Client {
    return { start: formatInstant(began), end: formatInstant(this.#jetstream.env.clock.instant()) };
  }

  #advise(event: string, type: string, stream: ByteString, body: Client, client: Client): void {
    const subject = `$JS.EVENT.ADVISORY.STREAM.${event}.${stream}` as ByteString;
    const { env } = this.#jetstream;
    const domain = env.domain === '' ? {} : { domain: env.domain };
    env.advise(subject, TYPE + type, { stream: toText(stream), ...body, client, ...domain });
  }
}
